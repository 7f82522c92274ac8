//! The hop on display from inside: the packet's headers as it came and as it left, and every step with the rules that were
//! tried, matched or not.

use super::headers::{beside, headers};
use crate::browser;
use crate::workbench::use_workbench;
use hoplab_core::trace::{Exchange, Hop, Reason, Step};
use leptos::prelude::*;

/// Deeper than any reason the simulator gives.
const MAX_DEPTH: usize = 8;

#[component]
pub fn Inspector() -> impl IntoView {
    let player = use_workbench().player;
    let hop = move || {
        let (leg, hop) = player.at.get()?;
        player.exchange.with(|exchange| Inside::of(exchange.as_ref()?, leg, hop))
    };
    let hop = Memo::new(move |_| hop());
    let title = move || hop.with(|hop| hop.as_ref().map(|hop| format!("Inside hop {}: {}", hop.number, hop.hop.at)));
    let has_room = browser::matches("(min-width: 1800px), (max-width: 799px)");
    view! {
        <Show when=move || hop.with(Option::is_some)>
            <details class="why" open=has_room>
                <summary>{title}</summary>
                {move || hop.get().map(|inside| view! {
                    <Headers inside=inside.clone()/>
                    <ol>{inside.hop.steps.iter().map(|step| view! { <StepView step=step.clone()/> }).collect_view()}</ol>
                })}
            </details>
        </Show>
    }
}

#[derive(Clone, PartialEq)]
struct Inside {
    /// From 1 within its leg.
    number: usize,
    /// The step that left the packet as it came here; none where it originated.
    before: Option<Step>,
    hop: Hop,
}

impl Inside {
    fn of(exchange: &Exchange, leg: usize, at: usize) -> Option<Self> {
        let hops = &exchange.legs.get(leg)?.trace.hops;
        let before = at.checked_sub(1).and_then(|before| hops.get(before)?.steps.last().cloned());
        Some(Self { number: at + 1, before, hop: hops.get(at)?.clone() })
    }
}

#[component]
fn Headers(inside: Inside) -> impl IntoView {
    let before = inside.before.as_ref().map(|step| headers(&step.packet)).unwrap_or_default();
    let after = inside.hop.steps.last().map(|step| headers(&step.packet)).unwrap_or_default();
    let line = |(name, before, after): (&'static str, String, String)| {
        let changed = !before.is_empty() && !after.is_empty() && before != after;
        if changed {
            view! { <tr><th scope="row">{name}</th><td><span class="rewrite"><del>{before}</del></span></td><td><span class="rewrite"><ins>{after}</ins></span></td></tr> }.into_any()
        } else {
            view! { <tr><th scope="row">{name}</th><td>{before}</td><td>{after}</td></tr> }.into_any()
        }
    };
    view! {
        <table class="headers">
            <thead><tr><td></td><th scope="col">"as it came"</th><th scope="col">"as it left"</th></tr></thead>
            <tbody>{beside(&before, &after).into_iter().map(line).collect_view()}</tbody>
        </table>
    }
}

#[component]
fn StepView(step: Step) -> impl IntoView {
    view! { <li>{step.reason.text.to_string()}{reasons(&step.reason.because, 0)}</li> }
}

fn reasons(reasons: &[Reason], depth: usize) -> AnyView {
    if reasons.is_empty() || depth == MAX_DEPTH {
        return ().into_any();
    }
    let one = |reason: &Reason| {
        let (mark, class) = if reason.matched { ("✓ ", "matched") } else { ("– ", "unmatched") };
        view! { <li class=class>{mark}{reason.text.to_string()}{self::reasons(&reason.because, depth + 1)}</li> }
    };
    view! { <ul>{reasons.iter().map(one).collect_view()}</ul> }.into_any()
}
