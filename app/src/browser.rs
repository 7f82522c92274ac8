//! The browser's services that the page uses, each behind one plain function. Nothing here knows labs.

use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// The text of one of the page's own files.
pub async fn fetch_text(path: &str) -> Result<String, String> {
    let failed = |error: JsValue| format!("{path} could not be loaded: {}", describe(&error));
    let response = JsFuture::from(window().fetch_with_str(path)).await.map_err(failed)?;
    let response: web_sys::Response = response.dyn_into().map_err(failed)?;
    if !response.ok() {
        return Err(format!("{path} could not be loaded: the server answered {}", response.status()));
    }
    let text = JsFuture::from(response.text().map_err(failed)?).await.map_err(failed)?;
    text.as_string().ok_or_else(|| format!("{path} is not text"))
}

fn describe(error: &JsValue) -> String {
    let message = js_sys_message(error);
    message.unwrap_or_else(|| "the network did not answer".to_owned())
}

fn js_sys_message(error: &JsValue) -> Option<String> {
    web_sys::js_sys::Reflect::get(error, &JsValue::from_str("message")).ok()?.as_string()
}

/// Milliseconds since the page was opened.
pub fn now() -> f64 {
    window().performance().map_or(0.0, |performance| performance.now())
}

/// What was stored under a key; `None` also when the browser keeps nothing for this page.
pub fn stored(key: &str) -> Option<String> {
    window().local_storage().ok()??.get_item(key).ok()?
}

/// Stores a text. The error is a sentence for the visitor.
pub fn store(key: &str, text: &str) -> Result<(), String> {
    let refused = "This browser does not keep data for this page; your work lasts until you close it.";
    let storage = window().local_storage().ok().flatten().ok_or(refused)?;
    storage.set_item(key, text).map_err(|_| "This browser's storage is full; your latest work is not kept.".to_owned())
}

pub fn forget(key: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.remove_item(key);
    }
}

pub fn prefers_reduced_motion() -> bool {
    matches("(prefers-reduced-motion: reduce)")
}

/// Whether a media query holds now.
pub fn matches(query: &str) -> bool {
    window().match_media(query).ok().flatten().is_some_and(|list| list.matches())
}

/// Puts a text on the clipboard, where the browser allows it.
pub fn copy(text: &str) {
    // Nobody waits for it: a browser that refuses has told the visitor itself.
    drop(window().navigator().clipboard().write_text(text));
}
