//! Containers, volumes and tolerations, as Pods and Pod templates describe them.

use super::sheet::Sheet;
use super::{list, or_none, rfc1123, text};
use crate::jsonpath::go_value;
use serde_json::Value;

/// Containers under a title. `statuses` is empty for a template; `level` indents all of it.
pub(super) fn containers(title: &str, containers: &[Value], statuses: &[Value], level: usize, sheet: &mut Sheet) {
    let none = if containers.is_empty() { " <none>" } else { "" };
    sheet.line(level, format!("{title}:{none}"));
    for container in containers {
        let status = statuses.iter().find(|status| status["name"] == container["name"]);
        // In a template kubectl indents names by one space only.
        let indent = if level > 0 { " " } else { "" };
        sheet.line(1, format!("{indent}{}:", text(container, "/name")));
        basics(container, status, sheet);
        for (title, field) in [("Command", "/command"), ("Args", "/args")] {
            words(title, list(container, field), sheet);
        }
        if let Some(status) = status {
            state(status, sheet);
        }
        resources(container, sheet);
        for (title, field) in [("Liveness", "livenessProbe"), ("Readiness", "readinessProbe"), ("Startup", "startupProbe")] {
            if let Some(described) = container.get(field).filter(|probe| probe.is_object()) {
                sheet.line(2, format!("{title}:\t{}", probe(described)));
            }
        }
        environment(list(container, "/env"), sheet);
        mounts(list(container, "/volumeMounts"), sheet);
    }
}

fn basics(container: &Value, status: Option<&Value>, sheet: &mut Sheet) {
    if let Some(status) = status {
        sheet.line(2, format!("Container ID:\t{}", text(status, "/containerID")));
    }
    sheet.line(2, format!("Image:\t{}", text(container, "/image")));
    if let Some(status) = status {
        sheet.line(2, format!("Image ID:\t{}", text(status, "/imageID")));
    }
    let ports = |field: &str| {
        let port = |port: &Value| {
            let protocol = if text(port, "/protocol").is_empty() { "TCP" } else { text(port, "/protocol") };
            let name = text(port, "/name");
            let suffix = if name.is_empty() || field == "hostPort" { String::new() } else { format!(" ({name})") };
            format!("{}/{protocol}{suffix}", port[field].as_i64().unwrap_or_default())
        };
        list(container, "/ports").iter().map(port).collect::<Vec<_>>().join(", ")
    };
    for (title, ports) in [("Port", ports("containerPort")), ("Host Port", ports("hostPort"))] {
        let plural = if ports.contains(',') { "s" } else { "" };
        sheet.line(2, format!("{title}{plural}:\t{}", or_none(&ports)));
    }
}

fn words(title: &str, words: &[Value], sheet: &mut Sheet) {
    if words.is_empty() {
        return;
    }
    sheet.line(2, format!("{title}:"));
    for line in words.iter().filter_map(Value::as_str).flat_map(|word| word.split('\n')) {
        sheet.line(3, line);
    }
}

fn state(status: &Value, sheet: &mut Sheet) {
    one_state("State", &status["state"], sheet);
    if status["lastState"]["terminated"].is_object() {
        one_state("Last State", &status["lastState"], sheet);
    }
    let ready = if status["ready"] == true { "True" } else { "False" };
    sheet.line(2, format!("Ready:\t{ready}"));
    sheet.line(2, format!("Restart Count:\t{}", status["restartCount"].as_i64().unwrap_or_default()));
}

fn one_state(title: &str, state: &Value, sheet: &mut Sheet) {
    let running = &state["running"];
    let terminated = &state["terminated"];
    if running.is_object() {
        sheet.line(2, format!("{title}:\tRunning"));
        return sheet.line(3, format!("Started:\t{}", rfc1123(text(running, "/startedAt"))));
    }
    let (word, detail) = if terminated.is_object() { ("Terminated", terminated) } else { ("Waiting", &state["waiting"]) };
    sheet.line(2, format!("{title}:\t{word}"));
    if !text(detail, "/reason").is_empty() {
        sheet.line(3, format!("Reason:\t{}", text(detail, "/reason")));
    }
    if !terminated.is_object() {
        return;
    }
    if !text(terminated, "/message").is_empty() {
        sheet.line(3, format!("Message:\t{}", text(terminated, "/message")));
    }
    sheet.line(3, format!("Exit Code:\t{}", terminated["exitCode"].as_i64().unwrap_or_default()));
    sheet.line(3, format!("Started:\t{}", rfc1123(text(terminated, "/startedAt"))));
    sheet.line(3, format!("Finished:\t{}", rfc1123(text(terminated, "/finishedAt"))));
}

fn resources(container: &Value, sheet: &mut Sheet) {
    for (title, field) in [("Limits", "/resources/limits"), ("Requests", "/resources/requests")] {
        let Some(amounts) = container.pointer(field).and_then(Value::as_object).filter(|amounts| !amounts.is_empty()) else {
            continue;
        };
        sheet.line(2, format!("{title}:"));
        amounts.iter().for_each(|(name, amount)| sheet.line(3, format!("{name}:\t{}", go_value(amount))));
    }
}

/// `http-get http://:80/ delay=0s timeout=1s period=10s #success=1 #failure=3`
fn probe(probe: &Value) -> String {
    let number = |field: &str, otherwise: i64| probe[field].as_i64().unwrap_or(otherwise);
    let timing = format!(
        "delay={}s timeout={}s period={}s #success={} #failure={}",
        number("initialDelaySeconds", 0),
        number("timeoutSeconds", 1),
        number("periodSeconds", 10),
        number("successThreshold", 1),
        number("failureThreshold", 3)
    );
    let port = |handler: &Value| go_value(&handler["port"]);
    let what = if let Some(get) = probe.get("httpGet") {
        let scheme = if text(get, "/scheme").is_empty() { "HTTP" } else { text(get, "/scheme") };
        format!("http-get {}://{}:{}{}", scheme.to_lowercase(), text(get, "/host"), port(get), text(get, "/path"))
    } else if let Some(socket) = probe.get("tcpSocket") {
        format!("tcp-socket {}:{}", text(socket, "/host"), port(socket))
    } else if let Some(grpc) = probe.get("grpc") {
        format!("grpc <pod>:{} {}", port(grpc), text(grpc, "/service"))
    } else if probe.get("exec").is_some() {
        format!("exec {}", go_value(&probe["exec"]["command"]))
    } else {
        "unknown".to_owned()
    };
    format!("{what} {timing}")
}

fn environment(variables: &[Value], sheet: &mut Sheet) {
    sheet.line(2, if variables.is_empty() { "Environment:\t<none>" } else { "Environment:" });
    for variable in variables {
        let name = text(variable, "/name");
        let from = &variable["valueFrom"];
        let value = if let Some(field) = from.get("fieldRef") {
            format!(" (v1:{})", text(field, "/fieldPath"))
        } else if let Some(key) = from.get("configMapKeyRef") {
            format!(
                "<set to the key '{}' of config map '{}'>\tOptional: {}",
                text(key, "/key"),
                text(key, "/name"),
                key["optional"] == true
            )
        } else if let Some(key) = from.get("secretKeyRef") {
            format!(
                "<set to the key '{}' in secret '{}'>\tOptional: {}",
                text(key, "/key"),
                text(key, "/name"),
                key["optional"] == true
            )
        } else {
            text(variable, "/value").replace('\n', "\n\t")
        };
        sheet.line(3, format!("{name}:\t{value}"));
    }
}

fn mounts(mounts: &[Value], sheet: &mut Sheet) {
    sheet.line(2, if mounts.is_empty() { "Mounts:\t<none>" } else { "Mounts:" });
    let mut mounts: Vec<&Value> = mounts.iter().collect();
    mounts.sort_by_key(|mount| text(mount, "/mountPath"));
    for mount in mounts {
        let mode = if mount["readOnly"] == true { "ro" } else { "rw" };
        let path = text(mount, "/subPath");
        let path = if path.is_empty() { String::new() } else { format!(",path={path:?}") };
        sheet.line(3, format!("{} from {} ({mode}{path})", text(mount, "/mountPath"), text(mount, "/name")));
    }
}

/// The volumes that network scenes use; others by their type.
pub(super) fn volumes(volumes: &[Value], level: usize, sheet: &mut Sheet) {
    let indent = "  ".repeat(level);
    if volumes.is_empty() {
        return sheet.line(0, format!("{indent}Volumes:\t<none>"));
    }
    sheet.line(0, format!("{indent}Volumes:"));
    for volume in volumes {
        sheet.line(level + 1, format!("{}:", text(volume, "/name")));
        let mut row = |title: &str, value: &str| sheet.line(level + 2, format!("{title}:\t{value}"));
        if let Some(map) = volume.get("configMap") {
            row("Type", "ConfigMap (a volume populated by a ConfigMap)");
            row("Name", text(map, "/name"));
            row("Optional", if map["optional"] == true { "true" } else { "false" });
        } else if let Some(secret) = volume.get("secret") {
            row("Type", "Secret (a volume populated by a Secret)");
            row("SecretName", text(secret, "/secretName"));
            row("Optional", if secret["optional"] == true { "true" } else { "false" });
        } else if volume.get("emptyDir").is_some() {
            row("Type", "EmptyDir (a temporary directory that shares a pod's lifetime)");
            row("Medium", text(volume, "/emptyDir/medium"));
            row("SizeLimit", "<unset>");
        } else if let Some(path) = volume.get("hostPath") {
            row("Type", "HostPath (bare host directory volume)");
            row("Path", text(path, "/path"));
            row("HostPathType", text(path, "/type"));
        } else if volume.get("projected").is_some() {
            row("Type", "Projected (a volume that contains injected data from multiple sources)");
            row("TokenExpirationSeconds", "3607");
            row("ConfigMapName", "kube-root-ca.crt");
            row("Optional", "false");
            row("DownwardAPI", "true");
        } else {
            row(
                "Type",
                volume
                    .as_object()
                    .and_then(|fields| fields.keys().find(|key| *key != "name"))
                    .map_or("<unknown>", String::as_str),
            );
        }
    }
}

/// `node.kubernetes.io/not-ready:NoExecute op=Exists for 300s`
pub(super) fn toleration(toleration: &Value) -> String {
    let (key, value, effect) = (text(toleration, "/key"), text(toleration, "/value"), text(toleration, "/effect"));
    let mut shown = key.to_owned();
    if !value.is_empty() {
        shown.push_str(&format!("={value}"));
    }
    if !effect.is_empty() {
        shown.push_str(&format!(":{effect}"));
    }
    if toleration["operator"] == "Exists" && value.is_empty() {
        shown.push_str(if shown.is_empty() { "op=Exists" } else { " op=Exists" });
    }
    if let Some(seconds) = toleration["tolerationSeconds"].as_i64() {
        shown.push_str(&format!(" for {seconds}s"));
    }
    shown
}
