//! A question of the step: choices or a line to type, answered as often as one likes.

use crate::workbench::use_workbench;
use hoplab_core::lab::{Assertion, LabStep, Question};
use leptos::prelude::*;

#[component]
pub fn Ask(question: Question, step: LabStep) -> impl IntoView {
    let workbench = use_workbench();
    let id = StoredValue::new(question.id.clone());
    let given = Memo::new(move |_| workbench.journal.with(|journal| id.with_value(|id| journal.answers.get(id).cloned())));
    let is_asked = |assertion: &Assertion| matches!(assertion, Assertion::Answered(asked) if *asked == question.id);
    let check = step.checks.iter().position(|check| is_asked(&check.expect));
    let right = Memo::new(move |_| {
        check.is_some_and(|check| workbench.result.with(|result| result.checks.get(check).is_some_and(|check| check.passed)))
    });
    let answer = move |text: String| id.with_value(|id| workbench.answer(id, &text));
    let because = question.because.clone();
    view! {
        <fieldset class="question">
            <legend>{question.ask.clone()}</legend>
            {if question.options.is_empty() {
                view! { <Typed ask=question.ask.clone() given answer/> }.into_any()
            } else {
                question.options.iter().map(|option| {
                    let (value, chosen) = (option.clone(), option.clone());
                    view! { <label class="option"><input type="radio" name=question.id.clone() prop:checked=move || given.get().as_ref() == Some(&chosen) on:change=move |_| answer(value.clone())/>" "{option.clone()}</label> }
                }).collect_view().into_any()
            }}
            <p class="reply" role="status">{move || match (given.get(), right.get()) {
                (None, _) => ().into_any(),
                (Some(_), true) => view! { <span class="right">"✓ "</span>{because.clone()} }.into_any(),
                (Some(_), false) => view! { <span class="wrong">"✗ "</span>"Not that. Look again, and answer again." }.into_any(),
            }}</p>
        </fieldset>
    }
}

#[component]
fn Typed(ask: String, given: Memo<Option<String>>, answer: impl Fn(String) + Copy + 'static) -> impl IntoView {
    let typed = RwSignal::new(given.get_untracked().unwrap_or_default());
    view! {
        <form on:submit=move |event| { event.prevent_default(); answer(typed.get_untracked()); }>
            <input type="text" aria-label=ask autocomplete="off" spellcheck="false" prop:value=move || typed.get() on:input=move |event| typed.set(event_target_value(&event))/>
            <button type="submit">"Answer"</button>
        </form>
    }
}
