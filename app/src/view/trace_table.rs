//! The trace as a table: the same hops and sentences as the picture, for keyboard, screen reader, search and tests.

use super::talk::Legs;
use crate::workbench::use_workbench;
use hoplab_diagram::Row;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

#[component]
pub fn TraceTable() -> impl IntoView {
    let player = use_workbench().player;
    let has_exchange = Memo::new(move |_| player.exchange.with(Option::is_some));
    view! {
        <div class="trace" tabindex="-1">
            {move || if has_exchange.get() {
                view! { <Legs/> }.into_any()
            } else {
                view! {
                    <p class="quiet">"Every hop of a packet in order: where it is, what happened there and why. It fills when a command sends something."</p>
                    <Legend/>
                }.into_any()
            }}
            <table id="trace" aria-label="Trace: every hop in order" hidden=move || player.rows.with(|rows| rows.is_empty())>
                <thead><tr><th scope="col">"#"</th><th scope="col">"Where"</th><th scope="col">"What happened"</th></tr></thead>
                <tbody>{move || body(&player.rows.get())}</tbody>
            </table>
        </div>
    }
}

/// What the four ends of a packet's way look like, everywhere on the page.
#[component]
fn Legend() -> impl IntoView {
    use hoplab_diagram::Verdict;
    let ends = [
        (Verdict::Delivered, "delivered"),
        (Verdict::Dropped, "dropped: the sender hears nothing"),
        (Verdict::Rejected, "rejected: the sender is told"),
        (Verdict::Unknown, "not modelled"),
    ];
    view! { <ul class="legend">{ends.map(|(verdict, words)| view! { <li><span class=format!("verdict {}", verdict.word())>{verdict.glyph()}</span>" "{words}</li> })}<li><span class="mark-rewrite">"◆"</span>" address rewritten"</li></ul> }
}

/// Every leg under its own heading.
fn body(rows: &[Row]) -> impl IntoView + use<> {
    let mut leg = None;
    rows.iter()
        .map(|row| {
            let heading = (leg.replace(row.leg) != Some(row.leg)).then(|| {
                let arrow = if row.reply { "↩ " } else { "→ " };
                view! { <tr class="leg"><th colspan="3" scope="rowgroup">{arrow}{row.leg_label.clone()}" "<code>{row.packet.clone()}</code></th></tr> }
            });
            view! { {heading} <TraceRow row=row.clone()/> }
        })
        .collect_view()
}

#[component]
fn TraceRow(row: Row) -> impl IntoView {
    let player = use_workbench().player;
    let (leg, hop) = (row.leg, row.hop);
    let is_current = Memo::new(move |_| player.at.get() == Some((leg, hop)));
    let element = NodeRef::<leptos::html::Tr>::new();
    Effect::new(move |_| {
        if is_current.get()
            && let Some(element) = element.get()
        {
            keep_in_view(&element);
        }
    });
    let verdict = row.verdict.map(
        |verdict| view! { <span class=format!("verdict {}", verdict.word())>{verdict.glyph()}" "{verdict.word()}</span>" " },
    );
    let rewrites = row
        .rewrites
        .iter()
        .map(|(old, new)| view! { <span class="rewrite"><del>{old.clone()}</del>" "<ins>{new.clone()}</ins></span> });
    let rewrites = rewrites.collect_view();
    view! {
        <tr class="hop" node_ref=element class:current=move || is_current.get() aria-current=move || is_current.get().then_some("step") on:click=move |_| player.show(leg, hop)>
            <td>{row.number}</td>
            <td><button class="row" on:click=move |_| player.show(leg, hop)>{row.place}</button></td>
            <td>{verdict}{row.caption}{rewrites}</td>
        </tr>
    }
}

/// Scrolls the table, and only the table, so that the current row shows.
fn keep_in_view(row: &web_sys::HtmlElement) {
    let Some(frame) = row.closest(".trace").ok().flatten() else { return };
    let (row, frame_box) = (row.get_bounding_client_rect(), frame.get_bounding_client_rect());
    if row.top() < frame_box.top() + 32.0 {
        frame.set_scroll_top(frame.scroll_top() + (row.top() - frame_box.top() - 64.0) as i32);
    } else if row.bottom() > frame_box.bottom() - 8.0 {
        frame.set_scroll_top(frame.scroll_top() + (row.bottom() - frame_box.bottom() + 24.0) as i32);
    }
}

/// Moves the keyboard to the first of these that there is.
pub(super) fn focus(selector: &str) {
    let first = selector.split(", ").find_map(|one| document().query_selector(one).ok().flatten());
    if let Some(element) = first.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = element.focus();
    }
}
