//! The page. It draws what `hoplab-core` computed and `hoplab-diagram` laid out, and holds no networking knowledge of its own.
//!
//! `workbench` is the state of a learner at a lab, as signals; everything in `view` shows a part of it. One animation loop,
//! in `workbench::pump`, runs commands and moves packets; it sleeps when nothing moves.

mod browser;
mod home;
mod lab;
mod route;
mod settings;
mod view;
mod workbench;

use leptos::prelude::*;
use route::Route;

#[component]
pub fn App() -> impl IntoView {
    settings::provide();
    let route = route::use_route();
    view! {
        <view::Header route/>
        {move || match route.get() {
            Route::Home => view! { <home::Home/> }.into_any(),
            Route::Lab { slug } => view! { <lab::LabPage slug/> }.into_any(),
            Route::Unknown { hash } => view! { <main class="notice"><h2>"There is no such page"</h2><p>{hash}" leads nowhere. "<a href="#/">"All labs"</a></p></main> }.into_any(),
        }}
    }
}

#[cfg(test)]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
