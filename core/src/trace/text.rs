//! Sentences whose words can point at objects and rules, so that a reader can follow them.

use crate::api::ObjectRef;
use serde::Serialize;
use std::sync::Arc;

/// Cheap to clone: a rule or route says its sentence in every trace that it takes part in. `Arc`, because who shows a trace may
/// keep it where only what is `Send` can stay.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Text {
    spans: Arc<Vec<Span>>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Span {
    Plain {
        text: String,
    },
    /// An API object; `path` names a part of it: `spec.ingress[0]`.
    Object {
        text: String,
        object: ObjectRef,
        path: Option<String>,
    },
}

impl Text {
    pub fn plain(self, text: impl Into<String>) -> Self {
        self.with([Span::Plain { text: text.into() }])
    }

    /// Names an object in a sentence, by `namespace/name`.
    pub fn object(self, object: ObjectRef) -> Self {
        let text =
            if object.namespace.is_empty() { object.name.clone() } else { format!("{}/{}", object.namespace, object.name) };
        self.with([Span::Object { text, object, path: None }])
    }

    /// Names a part of an object: `shop/allow-web[0]`, pointing at `path`.
    pub fn part(self, text: impl Into<String>, object: ObjectRef, path: impl Into<String>) -> Self {
        self.with([Span::Object { text: text.into(), object, path: Some(path.into()) }])
    }

    /// Goes on with another text.
    pub fn text(self, more: &Text) -> Self {
        self.with(more.spans.iter().cloned())
    }

    fn with(mut self, more: impl IntoIterator<Item = Span>) -> Self {
        Arc::make_mut(&mut self.spans).extend(more);
        self
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Text::default().plain(text)
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Text::default().plain(text)
    }
}

impl core::fmt::Display for Text {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.spans.iter().try_for_each(|span| match span {
            Span::Plain { text } | Span::Object { text, .. } => f.write_str(text),
        })
    }
}
