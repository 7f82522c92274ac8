//! Where the visitor is, from the part of the address behind `#`: a static host needs to know nothing of it.

use leptos::ev;
use leptos::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    Home,
    Lab { slug: String },
    Unknown { hash: String },
}

impl Route {
    pub fn parse(hash: &str) -> Self {
        let path = hash.trim_start_matches('#').trim_matches('/');
        match path.split('/').collect::<Vec<_>>().as_slice() {
            [""] => Route::Home,
            // A slug becomes part of a file's address: nothing but plain names gets there.
            ["lab", slug] if slug.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '.') && !slug.contains("..") => {
                Route::Lab { slug: (*slug).to_owned() }
            }
            _ => Route::Unknown { hash: hash.to_owned() },
        }
    }
}

/// Follows the address.
pub fn use_route() -> Memo<Route> {
    let hash = RwSignal::new(current_hash());
    let listener = window_event_listener(ev::hashchange, move |_| hash.set(current_hash()));
    on_cleanup(move || listener.remove());
    Memo::new(move |_| Route::parse(&hash.get()))
}

fn current_hash() -> String {
    window().location().hash().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::Route;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn the_hash_names_the_page() {
        let lab = |slug: &str| Route::Lab { slug: slug.to_owned() };
        for (hash, route) in [
            ("", Route::Home),
            ("#/", Route::Home),
            ("#/lab/02-post-mortem", lab("02-post-mortem")),
            ("#/lab/4.1-a", lab("4.1-a")),
        ] {
            assert_eq!(Route::parse(hash), route, "for {hash:?}");
        }
        for hash in ["#/lab/../secret", "#/lab/a/b", "#/nowhere", "#/lab/a?b"] {
            assert_eq!(Route::parse(hash), Route::Unknown { hash: hash.to_owned() });
        }
    }
}
