//! Volumes, claims, classes and CSI drivers.

use super::document::{count, flag, given_or, is_set, joined, list, name, named, scalar, text};
use super::{Printer, View};
use serde_json::{Value, json};

pub(super) fn printer(kind: &str, view: &View) -> Option<Printer> {
    let (columns, cells): (_, fn(&Value, &View) -> Vec<Value>) = match kind {
        "PersistentVolume" if view.minor < 29 => {
            ("Name|Capacity|Access Modes|Reclaim Policy|Status|Claim|StorageClass|Reason|Age|+VolumeMode", volume)
        }
        "PersistentVolume" => (
            "Name|Capacity|Access Modes|Reclaim Policy|Status|Claim|StorageClass|VolumeAttributesClass|Reason|Age|+VolumeMode",
            volume,
        ),
        "PersistentVolumeClaim" if view.minor < 29 => {
            ("Name|Status|Volume|Capacity|Access Modes|StorageClass|Age|+VolumeMode", claim)
        }
        "PersistentVolumeClaim" => {
            ("Name|Status|Volume|Capacity|Access Modes|StorageClass|VolumeAttributesClass|Age|+VolumeMode", claim)
        }
        "StorageClass" => ("Name|Provisioner|ReclaimPolicy|VolumeBindingMode|AllowVolumeExpansion|Age", storage_class),
        "VolumeAttributesClass" => ("Name|DriverName|Age", volume_attributes_class),
        "VolumeAttachment" => ("Name|Attacher|PV|Node|Attached|Age", volume_attachment),
        "CSINode" => ("Name|Drivers|Age", csi_node),
        "CSIDriver" => {
            ("Name|AttachRequired|PodInfoOnMount|StorageCapacity|TokenRequests|RequiresRepublish|Modes|Age", csi_driver)
        }
        "CSIStorageCapacity" => ("Name|StorageClassName|Capacity", csi_storage_capacity),
        _ => return None,
    };
    Some(Printer { columns, cells })
}

fn phase(document: &Value) -> &str {
    if is_set(document, "/metadata/deletionTimestamp") { "Terminating" } else { text(document, "/status/phase") }
}

fn quantity(document: &Value, path: &str) -> String {
    document.pointer(path).filter(|quantity| !quantity.is_null()).map_or("0".to_owned(), scalar)
}

/// `RWO,ROX`: always in this order, each once.
fn access_modes(document: &Value, path: &str) -> String {
    let short = [("ReadWriteOnce", "RWO"), ("ReadOnlyMany", "ROX"), ("ReadWriteMany", "RWX"), ("ReadWriteOncePod", "RWOP")];
    let modes = list(document, path);
    joined(short.into_iter().filter(|(mode, _)| modes.iter().any(|given| given == mode)).map(|(_, short)| short), ",")
}

/// An annotation of old names the class before the field does.
fn class(document: &Value) -> &str {
    let annotation = document.pointer("/metadata/annotations").and_then(|all| all.get("volume.beta.kubernetes.io/storage-class"));
    annotation.and_then(Value::as_str).unwrap_or_else(|| text(document, "/spec/storageClassName"))
}

fn volume(document: &Value, view: &View) -> Vec<Value> {
    let claim = match document.pointer("/spec/claimRef").filter(|claim| !claim.is_null()) {
        Some(claim) => format!("{}/{}", text(claim, "/namespace"), text(claim, "/name")),
        None => String::new(),
    };
    let mut cells = vec![
        named(document),
        json!(quantity(document, "/spec/capacity/storage")),
        json!(access_modes(document, "/spec/accessModes")),
        json!(text(document, "/spec/persistentVolumeReclaimPolicy")),
        json!(phase(document)),
        json!(claim),
        json!(class(document)),
    ];
    cells.extend(attributes_class(document, view));
    cells.extend([json!(text(document, "/status/reason")), view.age(document)]);
    cells.push(json!(given_or(document, "/spec/volumeMode", "<unset>")));
    cells
}

fn claim(document: &Value, view: &View) -> Vec<Value> {
    let volume = text(document, "/spec/volumeName");
    let (capacity, modes) = match volume {
        "" => (String::new(), String::new()),
        _ => (quantity(document, "/status/capacity/storage"), access_modes(document, "/status/accessModes")),
    };
    let mut cells =
        vec![named(document), json!(phase(document)), json!(volume), json!(capacity), json!(modes), json!(class(document))];
    cells.extend(attributes_class(document, view));
    cells.extend([view.age(document), json!(given_or(document, "/spec/volumeMode", "<unset>"))]);
    cells
}

fn attributes_class(document: &Value, view: &View) -> Option<Value> {
    (view.minor >= 29).then(|| json!(given_or(document, "/spec/volumeAttributesClassName", "<unset>")))
}

fn name_of_default(document: &Value, annotations: &[&str]) -> String {
    let all = document.pointer("/metadata/annotations");
    let default = annotations.iter().any(|key| all.and_then(|all| all.get(key)).and_then(Value::as_str) == Some("true"));
    format!("{}{}", name(document), if default { " (default)" } else { "" })
}

fn storage_class(document: &Value, view: &View) -> Vec<Value> {
    let marks = ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"];
    vec![
        json!(name_of_default(document, &marks)),
        json!(text(document, "/provisioner")),
        json!(given_or(document, "/reclaimPolicy", "Delete")),
        json!(given_or(document, "/volumeBindingMode", "Immediate")),
        json!(flag(document, "/allowVolumeExpansion")),
        view.age(document),
    ]
}

fn volume_attributes_class(document: &Value, view: &View) -> Vec<Value> {
    let marks = ["storage.alpha.kubernetes.io/is-default-volume-attributes-class"];
    vec![json!(name_of_default(document, &marks)), json!(text(document, "/driverName")), view.age(document)]
}

fn volume_attachment(document: &Value, view: &View) -> Vec<Value> {
    let texts = ["/spec/attacher", "/spec/source/persistentVolumeName", "/spec/nodeName"].map(|path| json!(text(document, path)));
    let mut cells = vec![named(document)];
    cells.extend(texts);
    cells.extend([json!(flag(document, "/status/attached")), view.age(document)]);
    cells
}

fn csi_node(document: &Value, view: &View) -> Vec<Value> {
    vec![named(document), json!(count(document, "/spec/drivers")), view.age(document)]
}

fn csi_driver(document: &Value, view: &View) -> Vec<Value> {
    let attach_required = document.pointer("/spec/attachRequired").and_then(Value::as_bool).unwrap_or(true);
    let requests = document.pointer("/spec/tokenRequests").and_then(Value::as_array);
    let audiences = requests.map(|requests| joined(requests.iter().map(|request| text(request, "/audience")), ","));
    let modes = joined(list(document, "/spec/volumeLifecycleModes").iter().filter_map(Value::as_str), ",");
    vec![
        named(document),
        json!(attach_required),
        json!(flag(document, "/spec/podInfoOnMount")),
        json!(flag(document, "/spec/storageCapacity")),
        json!(audiences.as_deref().unwrap_or("<unset>")),
        json!(flag(document, "/spec/requiresRepublish")),
        json!(if modes.is_empty() { "<none>" } else { &modes }),
        view.age(document),
    ]
}

fn csi_storage_capacity(document: &Value, _: &View) -> Vec<Value> {
    let capacity = document.pointer("/capacity").filter(|capacity| !capacity.is_null()).map_or("<unset>".to_owned(), scalar);
    vec![named(document), json!(text(document, "/storageClassName")), json!(capacity)]
}
