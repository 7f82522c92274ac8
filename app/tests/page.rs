//! The page's parts, mounted in a real browser. What needs the built page is in `e2e/`.

use hoplab_app::App;
use leptos::{mount::mount_to_body, prelude::document, prelude::window};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

fn text(selector: &str) -> Option<String> {
    document().query_selector(selector).ok().flatten()?.text_content()
}

#[wasm_bindgen_test]
fn the_start_page_says_where_one_is_and_what_hoplab_does() {
    // The test runner keeps its own settings there.
    window().location().set_hash("#/").expect("the hash can be set");
    mount_to_body(App);
    assert_eq!(text("h1").as_deref(), Some("hoplab"));
    assert!(text("main .lead").is_some_and(|lead| lead.starts_with("A Kubernetes network in this tab.")));
}
