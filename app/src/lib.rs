//! The page. It draws what `hoplab-core` computed and `hoplab-diagram` laid out, and holds no networking knowledge of its own.

use leptos::prelude::*;

#[component]
pub fn App() -> impl IntoView {
    view! {
        <header>
            <h1>"hoplab"</h1>
        </header>
        <main></main>
    }
}
