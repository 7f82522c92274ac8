//! The bar above every page: where one is, and the theme.

use crate::route::Route;
use crate::settings::{Theme, use_settings};
use leptos::prelude::*;

#[component]
pub fn Header(route: Memo<Route>) -> impl IntoView {
    let settings = use_settings();
    let theme = move || settings.with(|settings| settings.theme);
    let next = move || match theme() {
        Theme::System => Theme::Light,
        Theme::Light => Theme::Dark,
        Theme::Dark => Theme::System,
    };
    let name = move || match theme() {
        Theme::System => "Theme: system",
        Theme::Light => "Theme: light",
        Theme::Dark => "Theme: dark",
    };
    view! {
        <header class="bar">
            <h1><a href="#/">"hoplab"</a></h1>
            <nav aria-label="Where you are">
                {move || matches!(route.get(), Route::Lab { .. }).then(|| view! { <a href="#/">"All labs"</a> })}
            </nav>
            <button class="quiet" on:click=move |_| settings.update(|settings| settings.theme = next())>{name}</button>
        </header>
    }
}
