//! The trace as a table: the same hops and sentences as the picture, for keyboard, screen reader, search and tests.

use crate::workbench::use_workbench;
use hoplab_diagram::Row;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

#[component]
pub fn TraceTable() -> impl IntoView {
    let player = use_workbench().player;
    let current = Memo::new(move |_| player.frame.with(|frame| frame.as_ref().map(|frame| (frame.leg, frame.hop))));
    let heading = move || {
        player.exchange.with(|exchange| {
            exchange.as_ref().map(|exchange| {
                let (verdict, sentence) = hoplab_diagram::outcome(&exchange.outcome);
                (exchange.title.clone(), verdict, sentence)
            })
        })
    };
    view! {
        <div class="trace">
            {move || heading().map(|(title, verdict, sentence)| view! {
                <h3 class="outcome"><code>{title}</code>" "<span class=verdict.word()>{verdict.glyph()}" "{sentence}</span></h3>
            })}
            <table id="trace" aria-label="Trace: every hop in order">
                <thead><tr><th scope="col">"#"</th><th scope="col">"Where"</th><th scope="col">"What happened"</th><th scope="col">"Packet"</th></tr></thead>
                <tbody>
                    {move || {
                        let rows = player.rows.get();
                        let mut leg = usize::MAX;
                        rows.iter().map(|row| {
                            let is_new_leg = row.leg != leg;
                            leg = row.leg;
                            view! {
                                {is_new_leg.then(|| view! { <tr class="leg"><th colspan="4" scope="rowgroup">{if row.reply { "↩ " } else { "→ " }}{row.leg_label.clone()}</th></tr> })}
                                <TraceRow row=row.clone() current/>
                            }
                        }).collect_view()
                    }}
                </tbody>
            </table>
        </div>
    }
}

#[component]
fn TraceRow(row: Row, current: Memo<Option<(usize, usize)>>) -> impl IntoView {
    let player = use_workbench().player;
    let (leg, hop) = (row.leg, row.hop);
    let is_current = move || current.get() == Some((leg, hop));
    let element = NodeRef::<leptos::html::Tr>::new();
    Effect::new(move |_| {
        if is_current()
            && let Some(element) = element.get()
        {
            keep_in_view(&element);
        }
    });
    let verdict = row.verdict.map(|verdict| view! { <span class=verdict.word()>{verdict.glyph()}" "{verdict.word()}" "</span> });
    let rewrites = row
        .rewrites
        .iter()
        .map(|(old, new)| view! { <span class="rewrite"><del>{old.clone()}</del>" "<ins>{new.clone()}</ins></span> })
        .collect_view();
    view! {
        <tr node_ref=element class:current=is_current aria-current=move || is_current().then_some("step") on:click=move |_| player.show(leg, hop)>
            <td>{row.number}</td>
            <td><button class="row" on:click=move |_| player.show(leg, hop)>{row.place}</button>" "<small>{row.device}</small></td>
            <td>{verdict}{row.caption}{rewrites}</td>
            <td><code>{row.packet}</code></td>
        </tr>
    }
}

/// Scrolls the table, and only the table, so that the current row shows.
fn keep_in_view(row: &web_sys::HtmlElement) {
    let Some(frame) = row.closest(".trace").ok().flatten() else { return };
    let (row, frame_box) = (row.get_bounding_client_rect(), frame.get_bounding_client_rect());
    if row.top() < frame_box.top() + 32.0 {
        frame.set_scroll_top(frame.scroll_top() + (row.top() - frame_box.top() - 64.0) as i32);
    } else if row.bottom() > frame_box.bottom() {
        frame.set_scroll_top(frame.scroll_top() + (row.bottom() - frame_box.bottom() + 8.0) as i32);
    }
}

/// Moves the keyboard to the table's current row.
pub(super) fn focus() {
    let row = document().query_selector("#trace tr.current button, #trace button").ok().flatten();
    if let Some(row) = row.and_then(|row| row.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = row.focus();
    }
}
