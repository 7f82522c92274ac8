//! `gcloud`: `compute ssh`, `container clusters create` as far as the API's refusal, `config`. The rest is refused honestly.
//! The laptop's configuration has a project and a region and no zone, so gcloud looks up an instance's zone by itself.

use super::ssh;
use crate::api::Cloud;
use crate::shell::Process;

pub async fn run(process: Process) -> i32 {
    let arguments: Vec<String> = process.arguments().to_vec();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["compute", "ssh", rest @ ..] => compute_ssh(process, rest).await,
        ["container", "clusters", "create", rest @ ..] => create_cluster(process, rest).await,
        ["config", "get-value" | "get", property, ..] => get_property(&process, property).await,
        ["config", "list", ..] => list_properties(&process).await,
        [] => {
            process.print_error("ERROR: (gcloud) Command name argument expected.\n").await;
            2
        }
        _ => {
            let command: Vec<&str> = words.iter().take_while(|word| !word.starts_with('-')).copied().collect();
            process.print_error(format!("hoplab: gcloud {} is not simulated\n", command.join(" "))).await;
            1
        }
    }
}

/// Flags as `--name value` or `--name=value`, other words, and what stands after `--`.
#[derive(Default)]
struct Flags {
    values: Vec<(String, String)>,
    words: Vec<String>,
    after: Vec<String>,
}

impl Flags {
    fn value(&self, name: &str) -> Option<&str> {
        self.values.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// `Err` is gcloud's message.
    fn parse(command: &str, words: &[&str], with_value: &[&str], without: &[&str]) -> Result<Self, String> {
        let mut flags = Self::default();
        let mut rest = words.iter();
        while let Some(&word) = rest.next() {
            if word == "--" {
                flags.after = rest.map(|&word| word.to_owned()).collect();
                break;
            }
            let Some(flag) = word.strip_prefix("--").or(word.strip_prefix('-')) else {
                flags.words.push(word.to_owned());
                continue;
            };
            let (name, value) = flag.split_once('=').map_or((flag, None), |(name, value)| (name, Some(value)));
            let value = match (with_value.contains(&name), without.contains(&name), value) {
                (true, _, Some(value)) => value,
                (true, _, None) => rest
                    .next()
                    .copied()
                    .ok_or_else(|| format!("ERROR: ({command}) argument --{name}: expected one argument\n"))?,
                (false, true, _) => "",
                (false, false, _) => return Err(format!("ERROR: ({command}) unrecognized arguments: {word}\n")),
            };
            flags.values.push((name.to_owned(), value.to_owned()));
        }
        Ok(flags)
    }
}

fn cloud(process: &Process) -> Option<Cloud> {
    process.world.borrow().cluster().cloud.clone()
}

/// What gcloud says where no project is configured: this cluster is not in Google's cloud.
async fn no_project(process: &Process, command: &str) -> i32 {
    let text = format!(
        "ERROR: ({command}) The required property [project] is not currently set.\nIt can be set on a per-command basis by re-running \
         your command with the [--project] flag.\n\nYou may set it for your current workspace by running:\n\n  \
         $ gcloud config set project VALUE\n\nor it can be set temporarily by the environment variable [CLOUDSDK_CORE_PROJECT]\n"
    );
    process.print_error(text).await;
    1
}

async fn compute_ssh(process: Process, words: &[&str]) -> i32 {
    let with_value = ["command", "zone", "project", "ssh-flag", "ssh-key-file", "account", "configuration", "verbosity"];
    let without = ["tunnel-through-iap", "internal-ip", "quiet", "q", "dry-run", "plain", "force-key-file-overwrite"];
    let flags = match Flags::parse("gcloud.compute.ssh", words, &with_value, &without) {
        Ok(flags) => flags,
        Err(message) => {
            process.print_error(message).await;
            return 2;
        }
    };
    let Some(target) = flags.words.first() else {
        let text = "ERROR: (gcloud.compute.ssh) argument [USER@]INSTANCE: Must be specified.\n";
        process.print_error(text).await;
        return 2;
    };
    if let Some(extra) = flags.words.get(1) {
        process.print_error(format!("ERROR: (gcloud.compute.ssh) unrecognized arguments: {extra}\n")).await;
        return 2;
    }
    let Some(cloud) = cloud(&process) else {
        return no_project(&process, "gcloud.compute.ssh").await;
    };
    let instance = target.rsplit('@').next().unwrap_or(target);
    let project = flags.value("project").unwrap_or(&cloud.project);
    let here = project == cloud.project;
    let node = ssh::find_node(&process, instance).filter(|name| name == instance && here);
    let (node, zone) = match (node, flags.value("zone")) {
        (Some(node), None) => {
            let text = format!("No zone specified. Using zone [{}] for instance: [{instance}].\n", cloud.zone);
            process.print_error(text).await;
            (node, cloud.zone.as_str())
        }
        (Some(node), Some(zone)) if zone == cloud.zone => (node, zone),
        (None, None) => {
            let text = format!("ERROR: (gcloud.compute.ssh) Underspecified resource [{instance}]. Specify the [--zone] flag.\n");
            process.print_error(text).await;
            return 1;
        }
        (_, Some(zone)) => {
            let resource = format!("projects/{project}/zones/{zone}/instances/{instance}");
            let text =
                format!("ERROR: (gcloud.compute.ssh) Could not fetch resource:\n - The resource '{resource}' was not found\n");
            process.print_error(text).await;
            return 1;
        }
    };
    if flags.has("dry-run") {
        process.print(format!("/usr/bin/ssh -t {node}.{zone}.{project}\n")).await;
        return 0;
    }
    let after: Vec<&str> = flags.after.iter().map(String::as_str).skip_while(|word| word.starts_with('-')).collect();
    let command = flags.value("command").map(str::to_owned).or((!after.is_empty()).then(|| after.join(" ")));
    ssh::log_in(process, node, command).await
}

async fn create_cluster(process: Process, words: &[&str]) -> i32 {
    let flag =
        |name: &str| words.iter().any(|word| word.strip_prefix("--").is_some_and(|word| word.split('=').next() == Some(name)));
    if words.first().is_none_or(|word| word.starts_with('-')) {
        process.print_error("ERROR: (gcloud.container.clusters.create) argument NAME: Must be specified.\n").await;
        return 2;
    }
    if cloud(&process).is_none() {
        return no_project(&process, "gcloud.container.clusters.create").await;
    }
    if flag("enable-dataplane-v2") && flag("enable-network-policy") {
        // The GKE API's own refusal: Dataplane V2 brings its policy enforcement along.
        let text = "ERROR: (gcloud.container.clusters.create) ResponseError: code=400, message=Enabling NetworkPolicy for clusters with \
                    DatapathProvider=ADVANCED_DATAPATH is not allowed.\n";
        process.print_error(text).await;
        return 1;
    }
    process.print_error("hoplab: creating clusters is not simulated; this cluster is already there\n").await;
    1
}

/// The region of a zone: `us-central1` of `us-central1-a`.
fn region(zone: &str) -> &str {
    zone.rsplit_once('-').map_or(zone, |(region, _)| region)
}

async fn get_property(process: &Process, property: &str) -> i32 {
    let value = cloud(process).and_then(|cloud| match property {
        "project" | "core/project" => Some(cloud.project),
        "compute/region" => Some(region(&cloud.zone).to_owned()),
        _ => None,
    });
    match value {
        Some(value) => process.print(format!("{value}\n")).await,
        None => process.print_error("(unset)\n").await,
    }
    0
}

async fn list_properties(process: &Process) -> i32 {
    if let Some(cloud) = cloud(process) {
        process.print(format!("[compute]\nregion = {}\n[core]\nproject = {}\n", region(&cloud.zone), cloud.project)).await;
    }
    process.print_error("\nYour active configuration is: [default]\n").await;
    0
}
