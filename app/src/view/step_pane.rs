//! The step: its text with commands to run, questions, checks, hints, solution, and the way to the other steps.

use super::checks::Checks;
use super::cluster::Cluster;
use super::questions::Ask;
use crate::browser;
use crate::workbench::{UseWorkbench, use_workbench};
use hoplab_core::lab::LabStep;
use leptos::html::{Div, H2};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

#[component]
pub fn StepPane() -> impl IntoView {
    let workbench = use_workbench();
    let lab = workbench.lab();
    let count = lab.steps.len();
    let top = NodeRef::<H2>::new();
    let go = move |step: usize| {
        workbench.go_to(step);
        request_animation_frame(move || {
            if let Some(top) = top.get_untracked() {
                if let Some(pane) = top.parent_element() {
                    pane.set_scroll_top(0);
                }
                let _ = top.focus();
            }
        });
    };
    let current = Memo::new(move |_| workbench.step.get());
    let is_done = move |slug: &str| workbench.journal.with(|journal| journal.done.iter().any(|done| done == slug));
    let entry = move |(index, step): (usize, &LabStep)| {
        let (title, slug) = (step.title.clone(), step.slug.clone());
        let done = Memo::new(move |_| is_done(&slug));
        let name = move || format!("Step {}: {title}{}", index + 1, if done.get() { ", done" } else { "" });
        view! {
            <li><button title=name.clone() aria-label=name aria-current=move || (workbench.step.get() == index).then_some("step")
                class:done=move || done.get() on:click=move |_| go(index)>{index + 1}{move || done.get().then_some(" ✓")}</button></li>
        }
    };
    view! {
        <div class="lab-head">
            <p class="lab-title">{lab.title.clone()}</p>
            <nav class="steps" aria-label="Steps"><ol>{lab.steps.iter().enumerate().map(entry).collect_view()}</ol></nav>
        </div>
        {move || {
            let index = current.get();
            let step = workbench.lab().steps.get(index).cloned();
            step.map(|step| view! { <h2 node_ref=top tabindex="-1">{format!("{}. {}", index + 1, step.title)}</h2> <Step step/> })
        }}
        <nav class="turn" aria-label="Previous and next step">
            <button disabled=move || workbench.step.get() == 0 on:click=move |_| go(workbench.step.get_untracked().saturating_sub(1))>"◀ Previous"</button>
            <button disabled=move || { workbench.step.get() + 1 >= count } on:click=move |_| go((workbench.step.get_untracked() + 1).min(count - 1))>"Next ▶"</button>
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
            add_buttons(&text, workbench);
        }
    });
    view! {
        <div class="text" node_ref=text inner_html=step.text.clone()></div>
        {step.questions.iter().map(|question| view! { <Ask question=question.clone() step=step.clone()/> }).collect_view()}
        <Checks hints=step.hints.len()/>
        <Hints hints=step.hints.clone() slug=step.slug.clone()/>
        <Solution text=step.solution.clone()/>
    }
}

/// Gives every command in the step's text a button that runs it in the terminal and one that copies it.
fn add_buttons(text: &web_sys::Element, workbench: UseWorkbench) {
    let Ok(blocks) = text.query_selector_all("pre > code.language-sh") else { return };
    for index in 0..blocks.length() {
        let Some(block) = blocks.get(index).and_then(|node| node.parent_element()) else { continue };
        if block.next_element_sibling().is_some_and(|next| next.class_name() == "block-bar") {
            continue;
        }
        let Ok(bar) = document().create_element("div") else { continue };
        bar.set_class_name("block-bar");
        let _ = block.set_attribute("tabindex", "0");
        let command = block.text_content().unwrap_or_default();
        let copied = command.clone();
        add_button(&bar, "▶ Run", "Run this command in the terminal", "run", move |_| workbench.submit(&command));
        add_button(&bar, "Copy", "Copy this command", "copy", move |button| {
            browser::copy(&copied);
            button.set_text_content(Some("Copied"));
        });
        let _ = block.after_with_node_1(&bar);
    }
}

fn add_button(bar: &web_sys::Element, label: &str, name: &str, class: &str, action: impl Fn(&web_sys::Element) + 'static) {
    let Ok(button) = document().create_element("button") else { return };
    button.set_class_name(class);
    button.set_text_content(Some(label));
    let _ = button.set_attribute("title", name);
    let pressed = button.clone();
    let listener = Closure::<dyn FnMut()>::new(move || action(&pressed));
    let _ = button.add_event_listener_with_callback("click", listener.as_ref().unchecked_ref());
    // The listener lives as long as its button, which the browser owns.
    listener.forget();
    let _ = bar.append_child(&button);
}

#[component]
fn Hints(hints: Vec<String>, slug: String) -> impl IntoView {
    let workbench = use_workbench();
    let count = hints.len();
    let opened =
        Memo::new(move |_| workbench.journal.with(|journal| journal.hints.get(&slug).copied().unwrap_or_default()).min(count));
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
            <pre tabindex="0"><code>{text}</code></pre>
            <button on:click=move |_| workbench.submit(&command)>"▶ Run it"</button>
        </details>
    }
}
