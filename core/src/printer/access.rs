//! Who may do what: role bindings, certificates, admission.

use super::document::{count, is_set, joined, list, named, text, text_or};
use super::{Printer, View};
use crate::clock::Duration;
use serde_json::{Value, json};

pub(super) fn printer(kind: &str, _view: &View) -> Option<Printer> {
    let (columns, cells): (_, fn(&Value, &View) -> Vec<Value>) = match kind {
        "RoleBinding" | "ClusterRoleBinding" => ("Name|Role|Age|+Users|+Groups|+ServiceAccounts", binding),
        "CertificateSigningRequest" => ("Name|Age|SignerName|Requestor|RequestedDuration|Condition", certificate_request),
        "ClusterTrustBundle" => ("Name|SignerName", trust_bundle),
        "MutatingWebhookConfiguration" | "ValidatingWebhookConfiguration" => ("Name|Webhooks|Age", webhooks),
        "ValidatingAdmissionPolicy" => ("Name|Validations|ParamKind|Age", validating_policy),
        "MutatingAdmissionPolicy" => ("Name|Mutations|ParamKind|Age", mutating_policy),
        "ValidatingAdmissionPolicyBinding" | "MutatingAdmissionPolicyBinding" => ("Name|PolicyName|ParamRef|Age", policy_binding),
        _ => return None,
    };
    Some(Printer { columns, cells })
}

fn binding(document: &Value, view: &View) -> Vec<Value> {
    let role = format!("{}/{}", text(document, "/roleRef/kind"), text(document, "/roleRef/name"));
    let mut cells = vec![named(document), json!(role), view.age(document)];
    if view.wide {
        let subjects = list(document, "/subjects");
        let of_kind = |kind: &str| subjects.iter().filter(move |subject| text(subject, "/kind") == kind).collect::<Vec<_>>();
        for kind in ["User", "Group"] {
            cells.push(json!(joined(of_kind(kind).into_iter().map(|subject| text(subject, "/name")), ", ")));
        }
        let account = |subject: &Value| format!("{}/{}", text(subject, "/namespace"), text(subject, "/name"));
        cells.push(json!(of_kind("ServiceAccount").into_iter().map(account).collect::<Vec<_>>().join(", ")));
    }
    cells
}

fn certificate_request(document: &Value, view: &View) -> Vec<Value> {
    let requested = document.pointer("/spec/expirationSeconds").and_then(Value::as_i64);
    let requested = requested.map_or("<none>".to_owned(), |seconds| {
        super::human_duration(Duration::from_secs(u64::try_from(seconds).unwrap_or_default()))
    });
    vec![
        named(document),
        view.age(document),
        json!(text_or(document, "/spec/signerName", "<none>")),
        json!(text(document, "/spec/username")),
        json!(requested),
        json!(certificate_state(document)),
    ]
}

fn certificate_state(document: &Value) -> String {
    let has = |kind: &str| list(document, "/status/conditions").iter().any(|condition| text(condition, "/type") == kind);
    let decision = if has("Denied") {
        "Denied"
    } else if has("Approved") {
        "Approved"
    } else {
        "Pending"
    };
    let failed = if has("Failed") { ",Failed" } else { "" };
    let issued = if text(document, "/status/certificate").is_empty() { "" } else { ",Issued" };
    format!("{decision}{failed}{issued}")
}

fn trust_bundle(document: &Value, _: &View) -> Vec<Value> {
    vec![named(document), json!(text_or(document, "/spec/signerName", "<none>"))]
}

fn webhooks(document: &Value, view: &View) -> Vec<Value> {
    vec![named(document), json!(count(document, "/webhooks")), view.age(document)]
}

fn validating_policy(document: &Value, view: &View) -> Vec<Value> {
    policy(document, count(document, "/spec/validations"), view)
}

fn mutating_policy(document: &Value, view: &View) -> Vec<Value> {
    policy(document, count(document, "/spec/mutations"), view)
}

fn policy(document: &Value, rules: usize, view: &View) -> Vec<Value> {
    let parameters = match document.pointer("/spec/paramKind").filter(|kind| !kind.is_null()) {
        Some(kind) => format!("{}/{}", text(kind, "/apiVersion"), text(kind, "/kind")),
        None => "<unset>".to_owned(),
    };
    vec![named(document), json!(rules), json!(parameters), view.age(document)]
}

fn policy_binding(document: &Value, view: &View) -> Vec<Value> {
    let parameters = document.pointer("/spec/paramRef").filter(|reference| !reference.is_null());
    let shown = match parameters.map(|reference| (text(reference, "/namespace"), text(reference, "/name"))) {
        Some((namespace, name)) if !name.is_empty() => format!("{}/{name}", if namespace.is_empty() { "*" } else { namespace }),
        Some(_) if parameters.is_some_and(|reference| is_set(reference, "/selector")) => {
            go_selector(parameters.and_then(|reference| reference.get("selector")).unwrap_or(&Value::Null))
        }
        _ => "<unset>".to_owned(),
    };
    vec![named(document), json!(text(document, "/spec/policyName")), json!(shown), view.age(document)]
}

/// A label selector as its generated Go type prints itself.
fn go_selector(selector: &Value) -> String {
    let labels = selector.get("matchLabels").and_then(Value::as_object);
    let labels: String =
        labels.into_iter().flatten().map(|(key, value)| format!("{key}: {},", value.as_str().unwrap_or_default())).collect();
    let requirement = |requirement: &Value| {
        let values = joined(list(requirement, "/values").iter().filter_map(Value::as_str), " ");
        let (key, operator) = (text(requirement, "/key"), text(requirement, "/operator"));
        format!("LabelSelectorRequirement{{Key:{key},Operator:{operator},Values:[{values}],}},")
    };
    let expressions: String = list(selector, "/matchExpressions").iter().map(requirement).collect();
    format!(
        "&LabelSelector{{MatchLabels:map[string]string{{{labels}}},MatchExpressions:[]LabelSelectorRequirement{{{expressions}}},}}"
    )
}
