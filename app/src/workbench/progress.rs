//! A learner's journal in the browser's storage: kept after every command, taken up again after a reload or a crash.

use crate::browser;
use hoplab_core::diagnostic::Diagnostic;
use hoplab_core::lab::{Journal, Lab, Session};
use std::rc::Rc;

fn key(slug: &str) -> String {
    format!("hoplab.journal.{slug}")
}

/// Set while a journal is being replayed or a command runs: still there when the page opens, it tells of a crash.
fn running_key(slug: &str) -> String {
    format!("hoplab.running.{slug}")
}

pub fn stored(slug: &str) -> Option<Journal> {
    serde_json::from_str(&browser::stored(&key(slug))?).ok()
}

/// Keeps the journal. The error is a sentence for the learner.
pub fn keep(journal: &Journal) -> Result<(), String> {
    let text = serde_json::to_string(journal).map_err(|error| error.to_string())?;
    browser::store(&key(&journal.lab), &text)
}

pub fn forget(slug: &str) {
    browser::forget(&key(slug));
    browser::forget(&running_key(slug));
}

pub fn mark_running(slug: &str, running: bool) {
    if running {
        // Without storage there is nothing to take up, and nothing to mark.
        let _ = browser::store(&running_key(slug), "1");
    } else {
        browser::forget(&running_key(slug));
    }
}

/// The learner's session as it was left, and what there is to say about that.
pub fn take_up(lab: &Rc<Lab>) -> Result<(Session, Option<String>), Vec<Diagnostic>> {
    let slug = lab.slug.as_str();
    let Some(text) = browser::stored(&key(slug)) else {
        return Session::start(Rc::clone(lab), None).map(|session| (session, None));
    };
    let Ok(mut journal) = serde_json::from_str::<Journal>(&text) else {
        let notice = "What this browser kept of your work cannot be read. The lab starts afresh.".to_owned();
        return Session::start(Rc::clone(lab), None).map(|session| (session, Some(notice)));
    };
    let crashed = browser::stored(&running_key(slug)).is_some();
    if crashed {
        journal.entries.pop();
    }
    mark_running(slug, true);
    let session = Session::resume(Rc::clone(lab), journal)?;
    mark_running(slug, false);
    let notice = crashed.then(|| {
        "The page was closed, or broke down, while your last command ran. Everything before that command is here again."
            .to_owned()
    });
    Ok((session, notice))
}
