//! The page's parts, mounted in a real browser. What needs the built page is in `e2e/`.

use hoplab_app::App;
use leptos::{mount::mount_to_body, prelude::document};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn the_heading_names_the_page() {
    mount_to_body(App);
    let heading = document().query_selector("h1").ok().flatten();
    assert_eq!(heading.and_then(|heading| heading.text_content()).as_deref(), Some("hoplab"));
}
