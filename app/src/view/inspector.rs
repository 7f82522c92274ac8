//! Why: every step at the current hop, with the rules that were tried, matched or not.

use crate::workbench::use_workbench;
use hoplab_core::trace::{Reason, Step};
use leptos::prelude::*;

/// Deeper than any reason the simulator gives.
const MAX_DEPTH: usize = 8;

#[component]
pub fn Inspector() -> impl IntoView {
    let player = use_workbench().player;
    let at = Memo::new(move |_| player.frame.with(|frame| frame.as_ref().map(|frame| (frame.leg, frame.hop))));
    let steps = Memo::new(move |_| {
        let (leg, hop) = at.get()?;
        player.exchange.with(|exchange| Some(exchange.as_ref()?.legs.get(leg)?.trace.hops.get(hop)?.steps.clone()))
    });
    view! {
        {move || steps.get().map(|steps| view! {
            <details class="why" open=true>
                <summary>"Why, at this hop"</summary>
                <ol>{steps.into_iter().map(|step| view! { <StepView step/> }).collect_view()}</ol>
            </details>
        })}
    }
}

#[component]
fn StepView(step: Step) -> impl IntoView {
    view! {
        <li>
            {step.reason.text.to_string()}
            " "<small><code>{step.packet.to_string()}</code>{format!(" ttl {}", step.packet.ttl)}</small>
            {reasons(&step.reason.because, 0)}
        </li>
    }
}

fn reasons(reasons: &[Reason], depth: usize) -> AnyView {
    if reasons.is_empty() || depth == MAX_DEPTH {
        return ().into_any();
    }
    let one = |reason: &Reason| {
        let (mark, class) = if reason.matched { ("✓ ", "matched") } else { ("✗ ", "unmatched") };
        view! { <li class=class>{mark}{reason.text.to_string()}{self::reasons(&reason.because, depth + 1)}</li> }
    };
    view! { <ul>{reasons.iter().map(one).collect_view()}</ul> }.into_any()
}
