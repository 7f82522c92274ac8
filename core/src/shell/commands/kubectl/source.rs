//! `-f FILE`, `-f -`, `-f DIRECTORY`: manifests to objects, and refusals in kubectl's words.

use super::client::Kubectl;
use super::failure::Failure;
use super::unmodelled::hint;
use crate::api::Object;
use crate::diagnostic::Level;
use crate::manifest::{self, Manifest, Refusal};
use crate::store::{ApiError, ErrorReason};
use serde_json::json;

/// An object and the text it came from, as messages name it.
pub(super) struct Found {
    pub object: Object,
    pub source: String,
}

pub(super) struct Files {
    pub objects: Vec<Found>,
    /// Documents that are no objects. The others are carried out all the same.
    pub failures: Vec<Failure>,
}

/// Reads everything that `-f` names. An error: a file is not there.
pub(super) async fn read(kubectl: &Kubectl) -> Result<Files, Failure> {
    let mut files = Files { objects: Vec::new(), failures: Vec::new() };
    for name in kubectl.flags.values("filename") {
        if name == "-" {
            let text = kubectl.process.stdin.read_to_end().await;
            add(kubectl, &mut files, &text, "STDIN").await;
        } else if name.starts_with("https://") || name.starts_with("http://") {
            hint(&kubectl.process, "reading manifests from a URL").await;
            return Err(Failure::error(format!("unable to read URL \"{name}\", server reported 404 Not Found, status code=404")));
        } else {
            for path in paths(kubectl, name)? {
                let text = kubectl.process.read_file(&path).map_err(|error| Failure::error(format!("open {path}: {error}")))?;
                add(kubectl, &mut files, &text, &path).await;
            }
        }
    }
    Ok(files)
}

/// A file, or the manifests in a directory.
fn paths(kubectl: &Kubectl, name: &str) -> Result<Vec<String>, Failure> {
    let process = &kubectl.process;
    if !process.exists(name) {
        return Err(Failure::error(format!("the path \"{name}\" does not exist")));
    }
    if !process.is_directory(name) {
        return Ok(vec![name.to_owned()]);
    }
    let names = process.list(name).map_err(|error| Failure::error(format!("open {name}: {error}")))?;
    let is_manifest = |file: &String| [".json", ".yaml", ".yml"].iter().any(|extension| file.ends_with(extension));
    let paths: Vec<String> =
        names.into_iter().filter(is_manifest).map(|file| format!("{}/{file}", name.trim_end_matches('/'))).collect();
    if paths.is_empty() {
        return Err(Failure::error(format!("error reading [{name}]: recognized file extensions are [.json .yaml .yml]")));
    }
    Ok(paths)
}

async fn add(kubectl: &Kubectl, files: &mut Files, text: &[u8], source: &str) {
    let text = String::from_utf8_lossy(text);
    let manifest = manifest::parse(&text, source);
    explain(kubectl, &manifest).await;
    for refusal in manifest.refusals {
        files.failures.push(match refusal {
            Refusal::Client(message) => Failure::error(message),
            Refusal::Invalid { object, causes } => Failure::from_source(&ApiError::invalid(&object, causes), "creating", source),
            Refusal::BadRequest { message, .. } => {
                Failure::from_source(&ApiError::plain(ErrorReason::BadRequest, message), "creating", source)
            }
        });
    }
    for document in manifest.documents {
        match in_namespace(kubectl, document.object) {
            Ok(object) => files.objects.push(Found { object, source: source.to_owned() }),
            Err(failure) => files.failures.push(failure),
        }
    }
}

/// What the simulator has to add to what kubectl says.
async fn explain(kubectl: &Kubectl, manifest: &Manifest) {
    for diagnostic in &manifest.diagnostics {
        match diagnostic.level {
            Level::Warning | Level::NotModelled => hint_text(kubectl, &diagnostic.message).await,
            Level::Error => {
                if let (Some(position), Some(text)) = (diagnostic.position, &diagnostic.hint) {
                    hint_text(kubectl, &format!("{}:{}:{}: {text}", diagnostic.source, position.line, position.column)).await;
                }
            }
        }
    }
}

async fn hint_text(kubectl: &Kubectl, text: &str) {
    super::unmodelled::remark(&kubectl.process, text).await;
}

/// An object without a namespace goes where `-n` or the context says.
fn in_namespace(kubectl: &Kubectl, object: Object) -> Result<Object, Failure> {
    if !object.kind().resource().namespaced {
        return Ok(object);
    }
    let wanted = kubectl.namespace();
    match object.namespace() {
        "" => object.edited(|document| document["metadata"]["namespace"] = json!(wanted)).map_err(Failure::error),
        own if own != wanted && kubectl.flags.value("namespace").is_some() => Err(Failure::error(format!(
            "the namespace from the provided object \"{own}\" does not match the namespace \"{wanted}\". You must pass \
             '--namespace={own}' to perform this operation."
        ))),
        _ => Ok(object),
    }
}

/// A file's text.
pub(super) fn read_text(kubectl: &Kubectl, path: &str) -> Result<String, Failure> {
    let bytes = kubectl
        .process
        .read_file(path)
        .map_err(|_| Failure::error(format!("error reading {path}: no such file or directory")))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
