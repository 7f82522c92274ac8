//! The terminal: a log of what was printed and a line to type in. Native text, so copying, input methods and screen readers work
//! as everywhere. The log is appended to directly: ten thousand lines must not become ten thousand components.

use crate::workbench::{Piece, UseWorkbench, use_workbench};
use hoplab_core::shell::ChunkKind;
use leptos::html::{Pre, Textarea};
use leptos::prelude::*;

#[component]
pub fn Terminal() -> impl IntoView {
    let workbench = use_workbench();
    let log = NodeRef::<Pre>::new();
    let line = NodeRef::<Textarea>::new();
    let text = RwSignal::new(String::new());
    // Where in the history ↑ and ↓ are, counted from the newest; none while a line of one's own is typed.
    let recalled = RwSignal::new(None::<usize>);
    show_output(workbench, log);
    let submit = move || {
        let typed = text.get_untracked();
        text.set(String::new());
        recalled.set(None);
        workbench.submit(&typed);
    };
    let keys = move |event: web_sys::KeyboardEvent| {
        let control = event.ctrl_key() && !event.alt_key() && !event.meta_key();
        let has_selection = window().get_selection().ok().flatten().is_some_and(|selection| !selection.is_collapsed());
        match event.key().as_str() {
            "Enter" if !event.shift_key() && !event.is_composing() => submit(),
            // With text selected it copies, as everywhere.
            "c" if control && !has_selection => {
                text.set(String::new());
                workbench.interrupt();
            }
            "d" if control && text.with_untracked(String::is_empty) => workbench.end_input(),
            "l" if control => {
                if let Some(log) = log.get_untracked() {
                    log.set_inner_html("");
                }
            }
            "Tab" if !event.shift_key() => complete(workbench, line, text),
            "ArrowUp" if !text.with_untracked(|text| text.contains('\n')) => recall(workbench, text, recalled, true),
            "ArrowDown" if !text.with_untracked(|text| text.contains('\n')) => recall(workbench, text, recalled, false),
            _ => return,
        }
        event.prevent_default();
    };
    // A paste that ends its last line runs at once, as in a terminal; one that does not can still be edited.
    let paste = move |event: web_sys::InputEvent| {
        let now = event_target_value(&event);
        if event.input_type() == "insertFromPaste" && now.ends_with('\n') {
            text.set(now);
            submit();
        } else {
            text.set(now);
        }
    };
    let focus = move |_| {
        let nothing_selected = window().get_selection().ok().flatten().is_none_or(|selection| selection.is_collapsed());
        if let Some(line) = line.get_untracked().filter(|_| nothing_selected) {
            let _ = line.focus();
        }
    };
    view! {
        <div class="screen" on:click=focus>
            <pre class="log" role="log" aria-label="Terminal output" tabindex="0" node_ref=log></pre>
            <div class="prompt-line">
                <label for="command-line">{move || workbench.prompt.get()}</label>
                <textarea id="command-line" aria-label="Command line" rows=move || text.with(|text| text.lines().count().clamp(1, 8))
                    spellcheck="false" autocapitalize="off" autocomplete="off" node_ref=line
                    prop:value=move || text.get() on:input=move |event: leptos::ev::Event| paste(wasm_bindgen::JsCast::unchecked_into(event)) on:keydown=keys></textarea>
                {move || workbench.running.get().then(|| view! {
                    <button class="stop" title="Ctrl+C" on:click=move |_| workbench.interrupt()>"Stop"</button>
                })}
            </div>
        </div>
    }
}

/// Appends what is new, and follows the end unless the reader has scrolled up.
fn show_output(workbench: UseWorkbench, log: NodeRef<Pre>) {
    let next = StoredValue::new(0_u64);
    Effect::new(move |_| {
        workbench.printed.track();
        let Some(log) = log.get() else { return };
        let at_end = log.scroll_height() - log.scroll_top() - log.client_height() < 40;
        workbench.screen.with_value(|screen| {
            if screen.since(next.get_value()).is_empty() && screen.first() >= next.get_value() {
                if screen.first() == next.get_value() && log.child_element_count() > 0 && screen.since(0).is_empty() {
                    log.set_inner_html("");
                }
                return;
            }
            drop_folded(&log, screen.first(), screen.folded);
            for piece in screen.since(next.get_value()) {
                append(&log, piece);
                next.set_value(piece.id + 1);
            }
        });
        if at_end {
            log.set_scroll_top(log.scroll_height());
        }
    });
}

/// Takes lines out that the session no longer keeps, and says how many.
fn drop_folded(log: &web_sys::HtmlElement, first: u64, folded: u64) {
    if folded == 0 {
        return;
    }
    while let Some(child) = log.first_element_child() {
        let id = child.get_attribute("data-piece").and_then(|id| id.parse::<u64>().ok());
        if id.is_some_and(|id| id >= first) {
            break;
        }
        child.remove();
    }
    let Ok(note) = document().create_element("span") else { return };
    note.set_class_name("folded");
    note.set_text_content(Some(&format!("… {folded} earlier lines\n")));
    let _ = log.insert_before(&note, log.first_child().as_ref());
}

fn append(log: &web_sys::HtmlElement, piece: &Piece) {
    let Ok(span) = document().create_element("span") else { return };
    span.set_class_name(match piece.kind {
        ChunkKind::Prompt => "prompt",
        ChunkKind::Echo => "echo",
        ChunkKind::Stdout => "stdout",
        ChunkKind::Stderr => "stderr",
    });
    let _ = span.set_attribute("data-piece", &piece.id.to_string());
    span.set_text_content(Some(&piece.text));
    let _ = log.append_child(&span);
}

fn recall(workbench: UseWorkbench, text: RwSignal<String>, recalled: RwSignal<Option<usize>>, older: bool) {
    let next = match (recalled.get_untracked(), older) {
        (None, true) => Some(0),
        (Some(at), true) => Some(at + 1),
        (Some(0) | None, false) => None,
        (Some(at), false) => Some(at - 1),
    };
    let found = workbench.session(|session| next.and_then(|next| session.terminal().history().iter().rev().nth(next).cloned()));
    match (next, found) {
        (None, _) => {
            recalled.set(None);
            text.set(String::new());
        }
        (Some(_), Some(line)) => {
            recalled.set(next);
            text.set(line);
        }
        (Some(_), None) => {}
    }
}

/// Completes the word before the cursor; several possibilities are listed.
fn complete(workbench: UseWorkbench, line: NodeRef<Textarea>, text: RwSignal<String>) {
    let Some(line) = line.get_untracked() else { return };
    let typed = text.get_untracked();
    // The browser counts UTF-16 units, the simulator bytes.
    let units = line.selection_start().ok().flatten().unwrap_or_default() as usize;
    let before: String =
        char::decode_utf16(typed.encode_utf16().take(units)).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    let completion = workbench.session(|session| session.terminal().complete(&typed, before.len()));
    let (Some(head), Some(tail)) = (typed.get(..completion.start), typed.get(before.len()..)) else { return };
    match completion.candidates.as_slice() {
        [] => {}
        [only] => {
            let space = if only.ends_with('/') || tail.starts_with(' ') { "" } else { " " };
            text.set(format!("{head}{only}{space}{tail}"));
        }
        several => {
            text.set(format!("{head}{}{tail}", common_start(several)));
            workbench.list(several);
        }
    }
}

/// What all candidates begin with.
fn common_start(candidates: &[String]) -> &str {
    let Some((first, others)) = candidates.split_first() else { return "" };
    let is_common = |end: &usize| first.is_char_boundary(*end) && others.iter().all(|other| other.starts_with(&first[..*end]));
    let end = (0..=first.len()).rev().find(is_common).unwrap_or_default();
    &first[..end]
}
