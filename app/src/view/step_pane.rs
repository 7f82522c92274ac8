//! The step: its text with commands to paste, questions, checks, hints, solution.

use crate::workbench::{UseWorkbench, use_workbench};
use hoplab_core::api::Cni;
use hoplab_core::lab::{CheckResult, LabStep, Question};
use leptos::html::Div;
use leptos::prelude::*;
use std::sync::Arc;
use wasm_bindgen::JsCast;

const PLUGINS: [(Cni, &str); 3] = [(Cni::Calico, "Calico"), (Cni::Flannel, "Flannel"), (Cni::KubeRouter, "kube-router")];

#[component]
pub fn StepPane() -> impl IntoView {
    let workbench = use_workbench();
    let lab = workbench.lab();
    let count = lab.steps.len();
    let heading = format!("{} · {} · {} minutes", lab.title, lab.level, lab.minutes);
    let top = NodeRef::<leptos::html::H2>::new();
    let go = move |step: usize| {
        workbench.go_to(step);
        if let Some(top) = top.get_untracked() {
            top.scroll_into_view();
        }
    };
    let is_done = move |slug: &str| workbench.journal.with(|journal| journal.done.iter().any(|done| done == slug));
    let titles: Vec<(usize, String, String)> =
        lab.steps.iter().enumerate().map(|(index, step)| (index, step.title.clone(), step.slug.clone())).collect();
    view! {
        <p class="lab-title">{heading}</p>
        <nav class="steps" aria-label="Steps">
            <ol>{titles.into_iter().map(|(index, title, slug)| view! {
                <li><button title=title.clone() aria-label=title aria-current=move || (workbench.step.get() == index).then_some("step")
                    class:done={ let slug = slug.clone(); move || is_done(&slug) } on:click=move |_| go(index)>
                    {index + 1}{ let slug = slug.clone(); move || is_done(&slug).then_some(" ✓") }
                </button></li>
            }).collect_view()}</ol>
        </nav>
        {move || {
            let index = workbench.step.get();
            let lab = workbench.lab();
            lab.steps.get(index).map(|step| view! { <h2 node_ref=top>{format!("{}. {}", index + 1, step.title)}</h2> <Step step=step.clone()/> })
        }}
        <nav class="turn" aria-label="Previous and next step">
            <button disabled=move || workbench.step.get() == 0 on:click=move |_| go(workbench.step.get_untracked().saturating_sub(1))>"◀ Previous"</button>
            <button disabled={ move || workbench.step.get() + 1 >= count } on:click=move |_| go((workbench.step.get_untracked() + 1).min(count - 1))>"Next ▶"</button>
        </nav>
        <Cluster/>
    }
}

#[component]
fn Step(step: LabStep) -> impl IntoView {
    let text = NodeRef::<Div>::new();
    let workbench = use_workbench();
    Effect::new(move |_| {
        if let Some(text) = text.get() {
            add_paste_buttons(&text, workbench);
        }
    });
    view! {
        <div class="text" node_ref=text inner_html=step.text.clone()></div>
        {step.questions.iter().map(|question| view! { <Ask question=question.clone()/> }).collect_view()}
        <Checks/>
        <Hints hints=step.hints.clone() slug=step.slug.clone()/>
        <Solution text=step.solution.clone()/>
    }
}

/// Gives every command in the step's text a button that runs it in the terminal.
fn add_paste_buttons(text: &web_sys::HtmlElement, workbench: UseWorkbench) {
    let Ok(blocks) = text.query_selector_all("pre > code.language-sh") else { return };
    for index in 0..blocks.length() {
        let Some(block) = blocks.get(index).and_then(|node| node.parent_element()) else { continue };
        let Ok(button) = document().create_element("button") else { continue };
        button.set_class_name("paste");
        button.set_text_content(Some("Run"));
        let _ = button.set_attribute("aria-label", "Run this command in the terminal");
        let command = block.text_content().unwrap_or_default();
        let run = wasm_bindgen::closure::Closure::<dyn FnMut()>::new(move || workbench.submit(&command));
        let _ = button.add_event_listener_with_callback("click", run.as_ref().unchecked_ref());
        // The listener lives as long as its button, which the browser owns.
        run.forget();
        let _ = block.append_child(&button);
    }
}

#[component]
fn Ask(question: Question) -> impl IntoView {
    let workbench = use_workbench();
    let id = question.id.clone();
    let given = {
        let id = id.clone();
        move || workbench.journal.with(|journal| journal.answers.get(&id).cloned().unwrap_or_default())
    };
    let typed = RwSignal::new(given());
    let right = {
        let name = format!("“{}”", question.ask);
        move || workbench.result.with(|result| result.checks.iter().any(|check| check.passed && check.expected.contains(&name)))
    };
    let options = question.options.clone();
    let answer = {
        let id = id.clone();
        move |text: String| workbench.answer(&id, &text)
    };
    let because = question.because.clone();
    view! {
        <fieldset class="question">
            <legend>{question.ask.clone()}</legend>
            {if options.is_empty() {
                let answer = answer.clone();
                view! {
                    <form on:submit=move |event| { event.prevent_default(); answer(typed.get_untracked()); }>
                        <input type="text" aria-label=question.ask.clone() prop:value=move || typed.get() on:input=move |event| typed.set(event_target_value(&event))/>
                        <button type="submit">"Answer"</button>
                    </form>
                }.into_any()
            } else {
                options.into_iter().map(|option| {
                    let (chosen, value, answer, given) = (option.clone(), option.clone(), answer.clone(), given.clone());
                    view! { <label class="option"><input type="radio" name=id.clone() prop:checked=move || given() == chosen on:change=move |_| answer(value.clone())/>" "{option}</label> }
                }).collect_view().into_any()
            }}
            {move || right().then(|| view! { <p class="right">"✓ "{because.clone()}</p> })}
        </fieldset>
    }
}

#[component]
fn Checks() -> impl IntoView {
    let workbench = use_workbench();
    let first_failure = move || workbench.result.with(|result| result.checks.iter().position(|check| !check.passed));
    view! {
        <section class="checks" aria-label="Checks" aria-live="polite">
            <ul>{move || {
                let result = workbench.result.get();
                result.checks.iter().enumerate().map(|(index, check)| {
                    let is_first = first_failure() == Some(index);
                    view! { <CheckLine check=check.clone() is_first/> }
                }).collect_view()
            }}</ul>
            {move || workbench.result.with(|result| !result.checks.is_empty() && result.passed()).then(|| view! { <p class="right">"✓ Everything this step asks for is there."</p> })}
        </section>
    }
}

#[component]
fn CheckLine(check: CheckResult, is_first: bool) -> impl IntoView {
    let workbench = use_workbench();
    let (mark, class) = match (check.passed, is_first) {
        (true, _) => ("✓", "passed"),
        (false, true) => ("✗", "failed"),
        (false, false) => ("–", "waiting"),
    };
    let show_me = check.exchange.clone().map(|exchange| {
        let exchange = Arc::new(exchange);
        move |_| {
            workbench.player.load(Some(Arc::clone(&exchange)));
            workbench.player.play();
            workbench.wake();
        }
    });
    view! {
        <li class=class>
            <span class="mark">{mark}</span>" "{check.name}
            {is_first.then(|| view! {
                <dl>
                    <dt>"expected"</dt><dd>{check.expected}</dd>
                    <dt>"observed"</dt><dd>{check.observed}</dd>
                </dl>
                {show_me.map(|show_me| view! { <button on:click=show_me>"Show me"</button> })}
            })}
        </li>
    }
}

#[component]
fn Hints(hints: Vec<String>, slug: String) -> impl IntoView {
    let workbench = use_workbench();
    let count = hints.len();
    let opened = move || workbench.journal.with(|journal| journal.hints.get(&slug).copied().unwrap_or_default()).min(count);
    let opened = Memo::new(move |_| opened());
    view! {
        <div class="hints">
            <ol>{move || hints.iter().take(opened.get()).map(|hint| view! { <li>{hint.clone()}</li> }).collect_view()}</ol>
            {move || (opened.get() < count).then(|| view! {
                <button on:click=move |_| workbench.open_hint()>{format!("Hint {}/{count}", opened.get() + 1)}</button>
            })}
        </div>
    }
}

#[component]
fn Solution(text: String) -> impl IntoView {
    let workbench = use_workbench();
    let command = text.clone();
    view! {
        <details class="solution">
            <summary>"Solution"</summary>
            <pre><code>{text}</code></pre>
            <button on:click=move |_| workbench.submit(&command)>"Run it"</button>
        </details>
    }
}

/// The network plugin, and the way back to the start.
#[component]
fn Cluster() -> impl IntoView {
    let workbench = use_workbench();
    let current = move || workbench.snapshot.with(|snapshot| snapshot.cni);
    let sure = move || {
        let fresh = workbench.journal.with_untracked(|journal| journal.entries.is_empty());
        fresh || window().confirm_with_message("This starts the lab again; what you did in it is lost.").unwrap_or(false)
    };
    let choose = move |event| {
        let chosen = event_target_value(&event);
        let plugin = PLUGINS.iter().find(|(_, name)| *name == chosen).map(|(cni, _)| *cni);
        if let Some(plugin) = plugin.filter(|plugin| *plugin != current() && sure()) {
            workbench.reset(Some(plugin));
        }
    };
    let chosen_cni = move || workbench.journal.with_untracked(|journal| journal.cni);
    view! {
        <div class="cluster">
            <label>"Network plugin "
                <select on:change=choose>{PLUGINS.map(|(cni, name)| view! { <option value=name selected=move || current() == cni>{name}</option> })}</select>
            </label>
            <button on:click=move |_| if sure() { workbench.reset(chosen_cni()) }>"Reset lab"</button>
        </div>
    }
}
