//! The terminal: a log of what was printed and a line to type in. Native text, so copying, input methods and screen readers work
//! as everywhere.

use super::log::show_output;
use crate::workbench::{UseWorkbench, use_workbench};
use leptos::html::{Pre, Textarea};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// The line that is being typed, and where in the history ↑ and ↓ are, counted from the newest: none while it is one's own.
#[derive(Clone, Copy)]
struct Line {
    text: RwSignal<String>,
    recalled: RwSignal<Option<usize>>,
    element: NodeRef<Textarea>,
}

#[component]
pub fn Terminal() -> impl IntoView {
    let workbench = use_workbench();
    let log = NodeRef::<Pre>::new();
    let line = Line { text: RwSignal::new(String::new()), recalled: RwSignal::new(None), element: NodeRef::new() };
    show_output(workbench, log);
    let keys = move |event: web_sys::KeyboardEvent| {
        if press(workbench, line, log, &event) {
            event.prevent_default();
        }
    };
    let focus = move |event: web_sys::MouseEvent| {
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        if let Some(button) = target.and_then(|target| target.closest("button").ok().flatten()) {
            let id = button.get_attribute("data-exchange").and_then(|id| id.parse().ok());
            if let Some(exchange) = id.and_then(|id| workbench.exchange(id)) {
                workbench.play(exchange);
            }
        } else if !has_selection()
            && let Some(element) = line.element.get_untracked()
        {
            let _ = element.focus();
        }
    };
    view! {
        <div class="screen" on:click=focus>
            <pre class="log" role="log" aria-label="Terminal output" tabindex="0" node_ref=log></pre>
            <CommandLine line keys/>
        </div>
    }
}

#[component]
fn CommandLine(line: Line, keys: impl Fn(web_sys::KeyboardEvent) + 'static) -> impl IntoView {
    let workbench = use_workbench();
    let running = workbench.running;
    let label = move || match (running.get(), workbench.prompt.get()) {
        (true, _) => "…".to_owned(),
        (false, prompt) if prompt.is_empty() => "input:".to_owned(),
        (false, prompt) => prompt,
    };
    // A paste that ends its last line runs at once, as in a terminal; one that does not can still be edited.
    let input = move |event: leptos::ev::Event| {
        let now = event_target_value(&event);
        let pasted = event.dyn_ref::<web_sys::InputEvent>().is_some_and(|event| event.input_type() == "insertFromPaste");
        line.text.set(now);
        if pasted && line.text.with_untracked(|text| text.ends_with('\n')) {
            submit(workbench, line);
        }
    };
    view! {
        <div class="prompt-line">
            <label for="command-line">{label}</label>
            <textarea id="command-line" aria-label="Command line" aria-describedby="terminal-keys" rows=move || line.text.with(|text| text.split('\n').take(8).count())
                spellcheck="false" autocapitalize="off" autocomplete="off" node_ref=line.element
                prop:value=move || line.text.get() on:input=input on:keydown=keys></textarea>
            {move || running.get().then(|| view! {
                <span class="working" role="status">"running"</span><button class="stop" title="Ctrl+C" on:click=move |_| workbench.interrupt()>"Stop"</button>
            })}
        </div>
        <ol class="queue" aria-label="Waiting to run">
            {move || workbench.queue.with(|queue| queue.iter().take(5).map(|text| view! { <li><code>{first_line(text)}</code></li> }).collect_view())}
        </ol>
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().take(100).collect()
}

fn submit(workbench: UseWorkbench, line: Line) {
    let typed = line.text.get_untracked();
    line.text.set(String::new());
    line.recalled.set(None);
    workbench.submit(&typed);
}

/// True when the key means something to a terminal.
fn press(workbench: UseWorkbench, line: Line, log: NodeRef<Pre>, event: &web_sys::KeyboardEvent) -> bool {
    let control = event.ctrl_key() && !event.alt_key() && !event.meta_key();
    let (is_empty, is_one_line) = line.text.with_untracked(|text| (text.is_empty(), !text.contains('\n')));
    match event.key().as_str() {
        "Enter" if !event.shift_key() && !event.is_composing() => submit(workbench, line),
        // With text selected it copies, as everywhere.
        "c" if control && !has_selection() && !selects(line) => {
            line.text.set(String::new());
            workbench.interrupt();
        }
        "d" if control && is_empty => workbench.end_input(),
        "l" if control => {
            if let Some(log) = log.get_untracked() {
                log.set_inner_html("");
            }
        }
        // On an empty line there is nothing to complete: Tab goes on to the next control.
        "Tab" if !event.shift_key() && !is_empty => complete(workbench, line),
        "ArrowUp" if is_one_line => recall(workbench, line, true),
        "ArrowDown" if is_one_line => recall(workbench, line, false),
        _ => return false,
    }
    true
}

fn has_selection() -> bool {
    window().get_selection().ok().flatten().is_some_and(|selection| !selection.is_collapsed())
}

fn selects(line: Line) -> bool {
    let Some(element) = line.element.get_untracked() else { return false };
    element.selection_start().ok() != element.selection_end().ok()
}

fn recall(workbench: UseWorkbench, line: Line, older: bool) {
    let next = match (line.recalled.get_untracked(), older) {
        (None, true) => Some(0),
        (Some(at), true) => Some(at + 1),
        (Some(0) | None, false) => None,
        (Some(at), false) => Some(at - 1),
    };
    let found = workbench.session(|session| next.and_then(|next| session.terminal().history().iter().rev().nth(next).cloned()));
    match (next, found) {
        (None, _) => {
            line.recalled.set(None);
            line.text.set(String::new());
        }
        (Some(_), Some(earlier)) => {
            line.recalled.set(next);
            line.text.set(earlier.trim_end_matches('\n').to_owned());
        }
        (Some(_), None) => {}
    }
}

/// Completes the word before the cursor; several possibilities are listed.
fn complete(workbench: UseWorkbench, line: Line) {
    let Some(element) = line.element.get_untracked() else { return };
    let typed = line.text.get_untracked();
    // The browser counts UTF-16 units, the simulator bytes.
    let units = element.selection_start().ok().flatten().unwrap_or_default() as usize;
    let before: String =
        char::decode_utf16(typed.encode_utf16().take(units)).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    let completion = workbench.session(|session| session.terminal().complete(&typed, before.len()));
    let (Some(head), Some(tail)) = (typed.get(..completion.start), typed.get(before.len()..)) else { return };
    let completed = match completion.candidates.as_slice() {
        [] => return,
        [only] => {
            let space = if only.ends_with('/') || only.ends_with('=') || tail.starts_with(' ') { "" } else { " " };
            format!("{head}{only}{space}")
        }
        several => {
            workbench.list(several);
            format!("{head}{}", common_start(several))
        }
    };
    let cursor = completed.encode_utf16().count() as u32;
    let whole = format!("{completed}{tail}");
    // At once, and not with the next frame: the learner may type on before it, and the letters must not change places.
    element.set_value(&whole);
    let _ = element.set_selection_range(cursor, cursor);
    line.text.set(whole);
}

/// What all candidates begin with.
fn common_start(candidates: &[String]) -> &str {
    let Some((first, others)) = candidates.split_first() else { return "" };
    let is_common = |end: &usize| first.is_char_boundary(*end) && others.iter().all(|other| other.starts_with(&first[..*end]));
    let end = (0..=first.len()).rev().find(is_common).unwrap_or_default();
    &first[..end]
}

#[cfg(test)]
mod tests {
    use super::common_start;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn several_candidates_complete_to_what_they_share() {
        for (candidates, common) in [(&["pod", "pods"][..], "pod"), (&["éa", "éb"], "é"), (&["a", "b"], ""), (&[], "")] {
            let candidates: Vec<String> = candidates.iter().map(|&one| one.to_owned()).collect();
            assert_eq!(common_start(&candidates), common);
        }
    }
}
