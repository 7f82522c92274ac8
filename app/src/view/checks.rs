//! The step's checks: what is true, the first that is not with what was expected, what is there and what to do next.

use crate::workbench::use_workbench;
use hoplab_core::lab::CheckResult;
use leptos::prelude::*;
use std::sync::Arc;

#[component]
pub fn Checks(hints: usize) -> impl IntoView {
    let workbench = use_workbench();
    let all_true = move || workbench.result.with(|result| !result.checks.is_empty() && result.passed());
    let lines = move || {
        let result = workbench.result.get();
        let first_failure = result.checks.iter().position(|check| !check.passed);
        let line = |(index, check): (usize, &CheckResult)| {
            let is_first = first_failure == Some(index);
            view! { <CheckLine check=check.clone() is_first hints/> }
        };
        result.checks.iter().enumerate().map(line).collect_view()
    };
    view! {
        <section class="checks" aria-label="Checks">
            <h3>"Checks"</h3>
            <ul>{lines}</ul>
            <p role="status" class="right">{move || all_true().then_some("✓ Everything this step asks for is there.")}</p>
        </section>
    }
}

#[component]
fn CheckLine(check: CheckResult, is_first: bool, hints: usize) -> impl IntoView {
    let (mark, class, word) = match (check.passed, is_first) {
        (true, _) => ("✓", "passed", "true: "),
        (false, true) => ("✗", "failed", "not true yet: "),
        (false, false) => ("–", "waiting", "later: "),
    };
    let details = is_first.then(|| view! { <Failure check=check.clone() hints/> });
    view! { <li class=class><span class="mark" aria-hidden="true">{mark}</span><span class="visually-hidden">{word}</span>{check.name.clone()}{details}</li> }
}

#[component]
fn Failure(check: CheckResult, hints: usize) -> impl IntoView {
    let workbench = use_workbench();
    let fresh = workbench.journal.with_untracked(|journal| journal.entries.is_empty());
    let next = match check.exchange.clone().map(Arc::new) {
        Some(exchange) => view! {
            "see where its packets went: " <button on:click=move |_| workbench.play(Arc::clone(&exchange))>"Show me"</button>
        }
        .into_any(),
        None if fresh || hints == 0 => "run the commands above".into_any(),
        None => "run the commands above; a hint below helps when that is not enough".into_any(),
    };
    view! {
        <dl>
            <dt>"expected"</dt><dd>{check.expected}</dd>
            <dt>"observed"</dt><dd>{check.observed}</dd>
            <dt>"next"</dt><dd>{next}</dd>
        </dl>
    }
}
