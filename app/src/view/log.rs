//! The terminal's log. It is appended to directly: ten thousand lines must not become ten thousand components.

use crate::workbench::{Piece, UseWorkbench};
use hoplab_core::shell::ChunkKind;
use leptos::html::Pre;
use leptos::prelude::*;

/// Nearer to the end than this, in pixels, the reader is taken to follow it.
const NEAR: i32 = 40;

/// Appends what is new, and follows the end unless the reader has scrolled up.
pub(super) fn show_output(workbench: UseWorkbench, log: NodeRef<Pre>) {
    let shown = StoredValue::new(0_u64);
    Effect::new(move |_| {
        workbench.printed.track();
        let Some(log) = log.get() else { return };
        let follows = log.scroll_height() - log.scroll_top() - log.client_height() < NEAR;
        workbench.screen.with_value(|screen| {
            if screen.since(0).is_empty() {
                log.set_inner_html("");
            }
            drop_folded(&log, screen.first(), screen.folded);
            for piece in screen.since(shown.get_value()) {
                append(&log, piece);
                shown.set_value(piece.id + 1);
            }
        });
        if follows {
            log.set_scroll_top(log.scroll_height());
        }
    });
}

/// Takes lines out that the session no longer keeps, and says how many.
fn drop_folded(log: &web_sys::Element, first: u64, folded: u64) {
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

fn append(log: &web_sys::Element, piece: &Piece) {
    let (tag, class) = match piece.kind {
        ChunkKind::Prompt => ("span", "prompt"),
        ChunkKind::Echo => ("span", "echo"),
        ChunkKind::Stdout => ("span", "stdout"),
        ChunkKind::Stderr => ("span", "stderr"),
        ChunkKind::Sent { .. } => ("button", "sent"),
    };
    let Ok(element) = document().create_element(tag) else { return };
    element.set_class_name(class);
    let _ = element.set_attribute("data-piece", &piece.id.to_string());
    element.set_text_content(Some(&piece.text));
    if let ChunkKind::Sent { first, last } = piece.kind {
        let numbers = if first == last { format!("#{first}") } else { format!("#{first} to #{last}") };
        element.set_text_content(Some(&format!("trace {numbers}")));
        let _ = element.set_attribute("title", "Play what this command sent");
        let _ = element.set_attribute("data-exchange", &last.to_string());
    }
    let _ = log.append_child(&element);
}
