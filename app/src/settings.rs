//! What the visitor chose for the whole page, kept in the browser.

use crate::browser;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

const KEY: &str = "hoplab.settings";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Settings {
    pub theme: Theme,
    /// Packets start to move by themselves when a command has sent some.
    pub autoplay: bool,
    /// Keys without Ctrl or Alt work in the picture.
    pub single_keys: bool,
    pub speed: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { theme: Theme::System, autoplay: true, single_keys: true, speed: 1.0 }
    }
}

/// Makes the settings known to every component, applies the theme, and keeps what changes.
pub fn provide() {
    let kept = browser::stored(KEY).and_then(|text| serde_json::from_str(&text).ok());
    let settings = RwSignal::new(kept.unwrap_or_default());
    provide_context(settings);
    Effect::new(move |_| {
        let settings: Settings = settings.get();
        apply(settings.theme);
        if let Ok(text) = serde_json::to_string(&settings) {
            // Settings are a comfort: a browser that keeps nothing is told about when work would be lost.
            let _ = browser::store(KEY, &text);
        }
    });
}

pub fn use_settings() -> RwSignal<Settings> {
    expect_context()
}

fn apply(theme: Theme) {
    let Some(root) = document().document_element() else { return };
    let _ = match theme {
        Theme::System => root.remove_attribute("data-theme"),
        Theme::Light => root.set_attribute("data-theme", "light"),
        Theme::Dark => root.set_attribute("data-theme", "dark"),
    };
}
