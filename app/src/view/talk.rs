//! Which conversation, and which packet of it, is on the screen.

use crate::workbench::use_workbench;
use hoplab_core::trace::{Direction, Exchange};
use hoplab_diagram::outcome;
use leptos::prelude::*;

/// Which exchange is on the screen; the newest first.
#[component]
pub fn Exchanges() -> impl IntoView {
    let workbench = use_workbench();
    let player = workbench.player;
    let chosen = Memo::new(move |_| player.exchange.with(|exchange| exchange.as_ref().map(|exchange| exchange.id)));
    let choose = move |event| {
        if let Some(exchange) = event_target_value(&event).parse().ok().and_then(|id| workbench.exchange(id)) {
            workbench.play(exchange);
        }
    };
    let label = |exchange: &Exchange| {
        let (verdict, sentence) = outcome(&exchange.outcome);
        format!("#{} {} {} — {}", exchange.id, verdict.glyph(), sentence, exchange.title)
    };
    view! {
        <Show when=move || !workbench.exchanges.with(Vec::is_empty)>
            <select class="exchanges" aria-label="Conversation" on:change=choose>
                {move || workbench.exchanges.get().iter().rev().map(|exchange| {
                    let id = exchange.id;
                    view! { <option value=id.to_string() selected=move || chosen.get() == Some(id)>{label(exchange)}</option> }
                }).collect_view()}
            </select>
        </Show>
    }
}

/// The packets of the conversation, in order: each is a leg that one can jump to.
#[component]
pub fn Legs() -> impl IntoView {
    let player = use_workbench().player;
    let current = Memo::new(move |_| player.at.get().map(|(leg, _)| leg));
    let legs = move || {
        player.exchange.with(|exchange| {
            let legs = exchange.iter().flat_map(|exchange| exchange.legs.iter().enumerate());
            legs.map(|(index, leg)| (index, leg.label.clone(), leg.direction == Direction::Reply)).collect::<Vec<_>>()
        })
    };
    view! {
        <div class="legs" role="group" aria-label="Packets of this conversation">
            {move || legs().into_iter().map(|(index, label, reply)| view! {
                <button class:reply=reply aria-pressed=move || (current.get() == Some(index)).to_string() on:click=move |_| player.show_leg(index)>
                    {if reply { "↩ " } else { "→ " }}{label}
                </button>
            }).collect_view()}
        </div>
    }
}
