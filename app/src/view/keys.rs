//! Single keys, and the dialog that lists them. They work where the picture or the trace has the focus, never in the terminal.

use super::{playback_bar, trace_table};
use crate::settings::use_settings;
use crate::workbench::UseWorkbench;
use leptos::html::Dialog;
use leptos::prelude::*;

const KEYS: &[(&str, &str)] = &[
    ("Space", "play or pause"),
    (". ,", "next hop, previous hop"),
    ("] [", "next or previous rewrite or end"),
    ("0 – 9", "to that tenth of the way"),
    ("< >", "slower, faster"),
    ("← ↑ → ↓", "from place to place in the picture"),
    ("Enter, Esc", "select a place, let it go"),
    ("t i", "to the trace, to the reasons"),
    ("F6, Shift+F6", "next pane, previous pane; leaves the terminal too"),
    ("Tab, ↑ ↓", "in the terminal: complete, earlier commands"),
    ("Ctrl+C, D, L", "in the terminal: interrupt, end of input, clear"),
    ("?", "this list"),
];

/// True when the key means something.
pub(super) fn press(workbench: UseWorkbench, help: RwSignal<bool>, key: &str) -> bool {
    let player = workbench.player;
    match key {
        " " => {
            player.toggle();
            workbench.wake();
        }
        "." => player.forward(),
        "," => player.back(),
        "]" => player.next_event(),
        "[" => player.previous_event(),
        "<" => playback_bar::change_speed(player.settings, -1),
        ">" => playback_bar::change_speed(player.settings, 1),
        "?" => help.set(true),
        "t" => trace_table::focus("#trace tr.current button, #trace button, #pane-trace"),
        "i" => trace_table::focus(".why summary, #pane-trace"),
        digit => match digit.parse::<u8>() {
            Ok(tenth) if tenth < 10 => player.seek(player.duration() * f64::from(tenth) / 10.0),
            _ => return false,
        },
    }
    true
}

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
            <dl>{KEYS.iter().map(|(keys, what)| view! { <dt><kbd>{*keys}</kbd></dt><dd>{*what}</dd> }).collect_view()}</dl>
            <p><label>
                <input type="checkbox" prop:checked=move || settings.with(|settings| settings.single_keys)
                    on:change=move |event| settings.update(|settings| settings.single_keys = event_target_checked(&event))/>
                " Keys without Ctrl or Alt work in the picture and the trace"
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
