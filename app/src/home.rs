//! The list of labs.

use crate::browser;
use crate::workbench::progress;
use hoplab_core::lab::LabSummary;
use leptos::prelude::*;

#[component]
pub fn Home() -> impl IntoView {
    let labs = LocalResource::new(load);
    view! {
        <main class="home">
            <p class="lead">"A Kubernetes network in this tab. Run real commands, and follow every packet they send: which table, rule or policy decided, hop by hop."</p>
            <h2>"Labs"</h2>
            {move || labs.get().map(|loaded| match loaded {
                Ok(labs) => view! { <ul class="labs">{labs.into_iter().map(|lab| view! { <LabCard lab/> }).collect_view()}</ul> }.into_any(),
                Err(why) => view! { <p role="alert">{why}" "<button on:click=move |_| labs.refetch()>"Try again"</button></p> }.into_any(),
            })}
        </main>
    }
}

#[component]
fn LabCard(lab: LabSummary) -> impl IntoView {
    let done = progress::stored(&lab.slug).map_or(0, |journal| journal.done.len());
    let progress = if done == 0 { String::new() } else { format!(" · {done} steps done") };
    view! {
        <li>
            <a href=format!("#/lab/{}", lab.slug)>
                <strong>{lab.title}</strong>
                <span>{lab.goal}</span>
                <small>{format!("{} · {} minutes{progress}", lab.level, lab.minutes)}</small>
            </a>
        </li>
    }
}

async fn load() -> Result<Vec<LabSummary>, String> {
    let text = browser::fetch_text("labs/index.json").await?;
    LabSummary::parse_index(&text).map_err(|error| format!("The list of labs cannot be read: {error}"))
}
