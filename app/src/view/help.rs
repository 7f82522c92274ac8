//! The keys, listed.

use crate::settings::use_settings;
use leptos::html::Dialog;
use leptos::prelude::*;

const KEYS: &[(&str, &str)] = &[
    ("Space", "play or pause"),
    (". ,", "next hop, previous hop"),
    ("] [", "next or previous rewrite or end"),
    ("0 – 9", "to that tenth of the way"),
    ("< >", "slower, faster"),
    ("t", "to the trace table"),
    ("F6, Shift+F6", "next pane, previous pane; leaves the terminal too"),
    ("Ctrl+C, Ctrl+D", "in the terminal: interrupt, end of input"),
    ("Tab, ↑ ↓", "in the terminal: complete, earlier commands"),
    ("?", "this list"),
];

#[component]
pub fn Help(open: RwSignal<bool>) -> impl IntoView {
    let dialog = NodeRef::<Dialog>::new();
    let settings = use_settings();
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        if open.get() {
            let _ = dialog.show_modal();
        } else {
            dialog.close();
        }
    });
    view! {
        <dialog node_ref=dialog aria-labelledby="keys-title" on:close=move |_| open.set(false)>
            <h2 id="keys-title">"Keys"</h2>
            <p>"In the picture:"</p>
            <dl>{KEYS.iter().map(|(keys, what)| view! { <dt><kbd>{*keys}</kbd></dt><dd>{*what}</dd> }).collect_view()}</dl>
            <p><label>
                <input type="checkbox" prop:checked=move || settings.with(|settings| settings.single_keys)
                    on:change=move |event| settings.update(|settings| settings.single_keys = event_target_checked(&event))/>
                " Keys without Ctrl or Alt work in the picture"
            </label></p>
            <p><label>
                <input type="checkbox" prop:checked=move || settings.with(|settings| settings.autoplay)
                    on:change=move |event| settings.update(|settings| settings.autoplay = event_target_checked(&event))/>
                " Packets move by themselves after a command"
            </label></p>
            <button on:click=move |_| open.set(false)>"Close"</button>
        </dialog>
    }
}
