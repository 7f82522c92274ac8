//! The panes of a lab: the step, the picture, the trace, the terminal. On middling screens the step is a drawer, on narrow ones
//! there is one pane at a time; the picture and its trace go together.

use super::inspector::Inspector;
use super::keys::{self, Help};
use super::playback_bar::PlaybackBar;
use super::scene::ScenePane;
use super::step_pane::StepPane;
use super::talk::Exchanges;
use super::terminal::Terminal;
use super::trace_table::TraceTable;
use crate::settings::use_settings;
use crate::workbench::use_workbench;
use leptos::{ev, prelude::*};

/// What a narrow screen shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pane {
    Step,
    Picture,
    Terminal,
}

const TABS: [(Pane, &str); 3] = [(Pane::Step, "Step"), (Pane::Picture, "Picture"), (Pane::Terminal, "Terminal")];

/// In the order of F6, with what takes the focus there.
const PANES: [(Pane, &str, &str); 4] = [
    (Pane::Step, "pane-step", "#pane-step"),
    (Pane::Picture, "pane-scene", "#pane-scene .canvas"),
    (Pane::Picture, "pane-trace", "#pane-trace"),
    (Pane::Terminal, "pane-terminal", "#command-line"),
];

#[component]
pub fn Workbench() -> impl IntoView {
    let workbench = use_workbench();
    let pane = RwSignal::new(Pane::Step);
    let drawer = RwSignal::new(true);
    let tall = RwSignal::new(false);
    let help = RwSignal::new(false);
    let listener = window_event_listener(ev::keydown, move |event| {
        if event.key() == "F6" {
            event.prevent_default();
            cycle(pane, drawer, event.shift_key());
        }
    });
    on_cleanup(move || listener.remove());
    // On a narrow screen the learner follows what happens: a command that was run is seen in the terminal.
    Effect::new(move |_| {
        if workbench.running.get() && pane.get_untracked() == Pane::Step {
            pane.set(Pane::Terminal);
        }
    });
    // One text for all of it: a class set apart would be lost when the other changes.
    let class = move || {
        let shows = match pane.get() {
            Pane::Step => "shows-step",
            Pane::Picture => "shows-picture",
            Pane::Terminal => "shows-terminal",
        };
        let drawer = if drawer.get() { " drawer-open" } else { "" };
        let tall = if tall.get() { " tall-terminal" } else { "" };
        format!("workbench {shows}{drawer}{tall}")
    };
    view! {
        <main class=class>
            <Notice/>
            <Tabs pane/>
            <button class="drawer-toggle" aria-expanded=move || drawer.get().to_string() aria-controls="pane-step" on:click=move |_| drawer.update(|open| *open = !*open)>
                {move || if drawer.get() { "◀ Hide the step" } else { "▶ Show the step" }}
            </button>
            <section id="pane-step" class="pane step" tabindex="-1" aria-label="Step"><StepPane/></section>
            <section id="pane-scene" class="pane scene" aria-label="Picture"><ScenePane help/><PlaybackBar help/></section>
            <TracePane help/>
            <section id="pane-terminal" class="pane terminal" aria-label="Terminal">
                <div class="pane-head"><h2>"Terminal"</h2><span id="terminal-keys" class="quiet">"Tab completes · F6 leaves"</span>
                    <button class="quiet" aria-pressed=move || tall.get().to_string() on:click=move |_| tall.update(|tall| *tall = !*tall)>
                        {move || if tall.get() { "▾ Smaller" } else { "▴ Larger" }}
                    </button>
                </div>
                <Terminal/>
            </section>
            <Help open=help/>
        </main>
    }
}

#[component]
fn TracePane(help: RwSignal<bool>) -> impl IntoView {
    let workbench = use_workbench();
    let settings = use_settings();
    // A button in the table keeps Space and Enter for itself.
    let on_key = move |event: web_sys::KeyboardEvent| {
        let plain = !event.ctrl_key() && !event.alt_key() && !event.meta_key() && event.key() != " ";
        if plain && settings.with_untracked(|settings| settings.single_keys) && keys::press(workbench, help, &event.key()) {
            event.prevent_default();
        }
    };
    view! {
        <section id="pane-trace" class="pane story" tabindex="-1" aria-label="Trace" on:keydown=on_key>
            <div class="pane-head"><h2>"Trace"</h2><Exchanges/></div>
            <TraceTable/>
            <Inspector/>
        </section>
    }
}

#[component]
fn Tabs(pane: RwSignal<Pane>) -> impl IntoView {
    let workbench = use_workbench();
    // A conversation that the learner has not looked at yet.
    let unseen = RwSignal::new(false);
    Effect::new(move |before: Option<usize>| {
        let count = workbench.exchanges.with(Vec::len);
        if before.is_some_and(|before| before != count) {
            unseen.set(pane.get_untracked() != Pane::Picture);
        }
        count
    });
    let go = move |to: Pane| {
        if to == Pane::Picture {
            unseen.set(false);
        }
        pane.set(to);
    };
    view! {
        <div class="tabs" role="group" aria-label="Panes">
            {TABS.map(|(this, name)| view! {
                <button aria-pressed=move || (pane.get() == this).to_string() on:click=move |_| go(this)>
                    {name}{move || (this == Pane::Picture && unseen.get()).then_some(" ● new")}
                </button>
            })}
        </div>
    }
}

#[component]
fn Notice() -> impl IntoView {
    let notice = use_workbench().notice;
    view! {
        {move || notice.get().map(|text| view! {
            <p class="notice-bar" role="alert">{text}" "<button on:click=move |_| notice.set(None)>"Dismiss"</button></p>
        })}
    }
}

/// F6 goes from pane to pane, also out of the terminal, where Tab completes words.
fn cycle(pane: RwSignal<Pane>, drawer: RwSignal<bool>, backward: bool) {
    let here = document().active_element().and_then(|element| element.closest("section.pane").ok().flatten());
    let here = here.map(|section| section.id());
    let now =
        PANES.iter().position(|(_, id, _)| here.as_deref() == Some(id)).unwrap_or(if backward { 0 } else { PANES.len() - 1 });
    let step = if backward { PANES.len() - 1 } else { 1 };
    let (next, _, target) = PANES[(now + step) % PANES.len()];
    pane.set(next);
    if next == Pane::Step {
        drawer.set(true);
    }
    request_animation_frame(move || super::trace_table::focus(target));
}
