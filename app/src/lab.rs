//! One lab: load its files, take up the learner's session, show the workbench.

use crate::browser;
use crate::view;
use crate::workbench::{UseWorkbench, progress};
use hoplab_core::lab::Lab;
use leptos::prelude::*;
use std::collections::BTreeMap;
use std::rc::Rc;

#[component]
pub fn LabPage(slug: String) -> impl IntoView {
    let lab = LocalResource::new(move || load(slug.clone()));
    view! {
        {move || match lab.get() {
            None => view! { <main class="notice"><p>"Loading the lab…"</p></main> }.into_any(),
            Some(Ok(lab)) => view! { <Workbench lab/> }.into_any(),
            Some(Err(why)) => view! {
                <main class="notice" role="alert"><p>{why}</p><p><button on:click=move |_| lab.refetch()>"Try again"</button>" "<a href="#/">"All labs"</a></p></main>
            }
            .into_any(),
        }}
    }
}

#[component]
fn Workbench(lab: Rc<Lab>) -> impl IntoView {
    match progress::take_up(&lab) {
        Ok((session, notice)) => {
            provide_context(UseWorkbench::new(session, notice));
            view! { <view::Workbench/> }.into_any()
        }
        Err(faults) => view! {
            <main class="notice" role="alert"><p>"This lab's cluster cannot be built:"</p><ul>{faults.into_iter().map(|fault| view! { <li>{fault.to_string()}</li> }).collect_view()}</ul></main>
        }
        .into_any(),
    }
}

async fn load(slug: String) -> Result<Rc<Lab>, String> {
    let text = browser::fetch_text(&format!("labs/{slug}.json")).await?;
    let files: BTreeMap<String, String> =
        serde_json::from_str(&text).map_err(|error| format!("The lab's files cannot be read: {error}"))?;
    let faults =
        |faults: Vec<hoplab_core::diagnostic::Diagnostic>| faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    Lab::parse(&slug, &files).map(Rc::new).map_err(faults)
}
