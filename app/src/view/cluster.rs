//! The network plugin, and the way back to the start: both throw the learner's work away, so both ask first.

use crate::workbench::use_workbench;
use hoplab_core::api::Cni;
use leptos::html::Dialog;
use leptos::prelude::*;

const PLUGINS: [(Cni, &str); 3] = [(Cni::Calico, "Calico"), (Cni::Flannel, "Flannel"), (Cni::KubeRouter, "kube-router")];

/// What the learner is asked to confirm: the plugin to start again with, or the same as before.
type Wish = Option<Option<Cni>>;

#[component]
pub fn Cluster() -> impl IntoView {
    let workbench = use_workbench();
    let wish = RwSignal::new(None::<Option<Cni>>);
    let current = Memo::new(move |_| workbench.snapshot.with(|snapshot| snapshot.cni));
    let start_again = move |cni: Option<Cni>| {
        if workbench.journal.with_untracked(|journal| journal.entries.is_empty()) {
            workbench.reset(cni);
        } else {
            wish.set(Some(cni));
        }
    };
    let choose = move |event| {
        let menu: web_sys::HtmlSelectElement = event_target(&event);
        let chosen = menu.value();
        // The menu says what the cluster has; it changes when the lab has started again.
        menu.set_value(name_of(current.get_untracked()));
        if let Some((cni, _)) = PLUGINS.iter().find(|(cni, name)| *name == chosen && *cni != current.get_untracked()) {
            start_again(Some(*cni));
        }
    };
    let same = move || workbench.journal.with_untracked(|journal| journal.cni);
    view! {
        <div class="cluster">
            <label>"Network plugin "
                <select on:change=choose>
                    {PLUGINS.map(|(cni, name)| view! { <option value=name prop:selected=move || current.get() == cni>{name}</option> })}
                </select>
            </label>
            <button on:click=move |_| start_again(same())>"Reset lab"</button>
        </div>
        <Confirm wish answered=move |agreed: bool| {
            let Some(cni) = wish.get_untracked() else { return };
            wish.set(None);
            if agreed {
                workbench.reset(cni);
            }
        }/>
    }
}

fn name_of(cni: Cni) -> &'static str {
    PLUGINS.iter().find(|(plugin, _)| *plugin == cni).map_or("another plugin", |(_, name)| *name)
}

#[component]
fn Confirm(wish: RwSignal<Wish>, answered: impl Fn(bool) + Copy + 'static) -> impl IntoView {
    let dialog = NodeRef::<Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        if wish.with(Option::is_some) {
            let _ = dialog.show_modal();
        } else {
            dialog.close();
        }
    });
    let sentence = move || match wish.get().flatten() {
        Some(cni) => {
            let name = name_of(cni);
            format!("The lab starts again on a cluster with {name}. What you did in it is lost.")
        }
        None => "The lab starts again. What you did in it is lost.".to_owned(),
    };
    view! {
        <dialog node_ref=dialog aria-labelledby="confirm-title" on:close=move |_| answered(false)>
            <h2 id="confirm-title">"Start again?"</h2>
            <p>{sentence}</p>
            <div class="answers">
                <button class="primary" on:click=move |_| answered(true)>"Start again"</button>
                <button autofocus=true on:click=move |_| answered(false)>"Keep working"</button>
            </div>
        </dialog>
    }
}
