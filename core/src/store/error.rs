//! What the API server answers when it refuses: the `metav1.Status` of a failed request.

use crate::api::ObjectRef;
pub use crate::api::validation::FieldError;
use crate::diagnostic::Diagnostic;
use crate::manifest::{Positions, nearest_position};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorReason {
    AlreadyExists,
    NotFound,
    Invalid,
    BadRequest,
    Conflict,
    Forbidden,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    pub reason: ErrorReason,
    /// The server's own sentence: `namespaces "shop" already exists`.
    pub message: String,
    /// For `Invalid`: field, type and message of each fault, in the server's order.
    pub causes: Vec<FieldError>,
}

impl ApiError {
    pub fn already_exists(reference: &ObjectRef) -> Self {
        Self::plain(ErrorReason::AlreadyExists, format!("{} \"{}\" already exists", qualified_plural(reference), reference.name))
    }

    pub fn not_found(reference: &ObjectRef) -> Self {
        Self::plain(ErrorReason::NotFound, format!("{} \"{}\" not found", qualified_plural(reference), reference.name))
    }

    /// Faults in values, as the server words them: `Deployment.apps "web" is invalid: spec.selector: Required value`.
    pub fn invalid(reference: &ObjectRef, causes: Vec<FieldError>) -> Self {
        let resource = reference.kind.resource();
        let dot = if resource.group.is_empty() { "" } else { "." };
        let faults: Vec<_> = causes.iter().map(FieldError::to_string).collect();
        let faults = if let [only] = faults.as_slice() { only.clone() } else { format!("[{}]", faults.join(", ")) };
        let message = format!("{}{dot}{} {:?} is invalid: {faults}", resource.name, resource.group, reference.name);
        Self { reason: ErrorReason::Invalid, message, causes }
    }

    /// No new content comes into a namespace that is going away.
    pub fn namespace_terminating(reference: &ObjectRef) -> Self {
        let (resource, namespace) = (qualified_plural(reference), &reference.namespace);
        let why = format!("unable to create new content in namespace {namespace} because it is being terminated");
        Self::plain(ErrorReason::Forbidden, format!("{resource} {:?} is forbidden: {why}", reference.name))
    }

    pub fn immortal_namespace(reference: &ObjectRef) -> Self {
        let message = format!("namespaces {:?} is forbidden: this namespace may not be deleted", reference.name);
        Self::plain(ErrorReason::Forbidden, message)
    }

    /// The refusal of a document whose fields stand at `positions`: one diagnostic for each fault.
    pub fn diagnostics(&self, source: &str, positions: &Positions) -> Vec<Diagnostic> {
        if self.causes.is_empty() {
            let position = nearest_position(positions, "metadata.name");
            return vec![Diagnostic { position, ..Diagnostic::error(source, self.message.clone()) }];
        }
        let of_cause = |cause: &FieldError| Diagnostic {
            position: nearest_position(positions, &cause.field),
            field: Some(cause.field.clone()),
            ..Diagnostic::error(source, cause.to_string())
        };
        self.causes.iter().map(of_cause).collect()
    }

    pub fn plain(reason: ErrorReason, message: String) -> Self {
        Self { reason, message, causes: Vec::new() }
    }
}

/// `pods`, `networkpolicies.networking.k8s.io`: how the server names the resource in its errors.
fn qualified_plural(reference: &ObjectRef) -> String {
    let resource = reference.kind.resource();
    if resource.group.is_empty() { resource.plural.to_owned() } else { format!("{}.{}", resource.plural, resource.group) }
}

/// As kubectl prints it: `Error from server (NotFound): pods "web" not found`.
impl core::fmt::Display for ApiError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.reason {
            ErrorReason::Invalid => write!(f, "{}", self.message),
            reason => write!(f, "Error from server ({reason:?}): {}", self.message),
        }
    }
}
