//! The three panes of a lab: the step, the picture with its table, the terminal. On narrow screens one of them at a time.

use super::help::Help;
use super::inspector::Inspector;
use super::playback_bar::PlaybackBar;
use super::scene::ScenePane;
use super::step_pane::StepPane;
use super::terminal::Terminal;
use super::trace_table::TraceTable;
use crate::workbench::use_workbench;
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;

/// What a narrow screen shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pane {
    Step,
    Scene,
    Terminal,
}

const PANES: [(Pane, &str, &str); 3] =
    [(Pane::Step, "Step", "pane-step"), (Pane::Scene, "Picture", "pane-scene"), (Pane::Terminal, "Terminal", "pane-terminal")];

#[component]
pub fn Workbench() -> impl IntoView {
    let workbench = use_workbench();
    let pane = RwSignal::new(Pane::Step);
    let help = RwSignal::new(false);
    let keys = window_event_listener(ev::keydown, move |event| {
        if event.key() == "F6" {
            event.prevent_default();
            cycle(pane, event.shift_key());
        }
    });
    on_cleanup(move || keys.remove());
    // On a narrow screen the learner follows what happens: a pasted command is seen in the terminal.
    Effect::new(move |_| {
        if workbench.running.get() {
            pane.update(|pane| {
                if *pane == Pane::Step {
                    *pane = Pane::Terminal;
                }
            });
        }
    });
    let class = move || match pane.get() {
        Pane::Step => "workbench shows-step",
        Pane::Scene => "workbench shows-scene",
        Pane::Terminal => "workbench shows-terminal",
    };
    view! {
        <main class=class>
            <Notice/>
            <div class="tabs" role="group" aria-label="Panes">
                {PANES.map(|(this, name, _)| view! {
                    <button aria-pressed=move || (pane.get() == this).to_string() on:click=move |_| pane.set(this)>{name}</button>
                })}
            </div>
            <section id="pane-step" class="pane step" tabindex="-1" aria-label="Step"><StepPane/></section>
            <section id="pane-scene" class="pane scene" tabindex="-1" aria-label="Picture and trace">
                <ScenePane help/>
                <PlaybackBar help/>
                <div class="story"><TraceTable/><Inspector/></div>
            </section>
            <section id="pane-terminal" class="pane terminal" tabindex="-1" aria-label="Terminal"><Terminal/></section>
            <Help open=help/>
        </main>
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
fn cycle(pane: RwSignal<Pane>, backward: bool) {
    let focused = document()
        .active_element()
        .and_then(|element| element.closest("section.pane").ok().flatten())
        .map(|section| section.id());
    let now = PANES.iter().position(|(_, _, id)| focused.as_deref() == Some(id)).unwrap_or(PANES.len() - 1);
    let step = if backward { PANES.len() - 1 } else { 1 };
    let (next, _, id) = PANES[(now + step) % PANES.len()];
    pane.set(next);
    request_animation_frame(move || {
        let inside = document().query_selector(&format!("#{id} textarea, #{id} .canvas")).ok().flatten();
        let target = inside.or_else(|| document().get_element_by_id(id));
        if let Some(target) = target.and_then(|target| target.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = target.focus();
        }
    });
}
