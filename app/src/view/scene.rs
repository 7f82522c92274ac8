//! The picture. Four SVG layers, each redrawn only when its part of the story changes; the packet's layer changes with time.

use crate::settings::use_settings;
use crate::workbench::{UseWorkbench, use_workbench};
use hoplab_diagram::svg;
use leptos::html::Div;
use leptos::prelude::*;
use leptos::svg::G;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

#[component]
pub fn ScenePane(help: RwSignal<bool>) -> impl IntoView {
    let workbench = use_workbench();
    let player = workbench.player;
    let canvas = NodeRef::<Div>::new();
    let [ground, trail, boxes, front] = [(); 4].map(|()| NodeRef::<G>::new());
    follow_width(canvas, player.width);
    draw(ground, move || player.scene.with(|scene| svg::ground(scene)));
    draw(boxes, move || player.scene.with(|scene| svg::boxes(scene)));
    draw(trail, move || player.frame.with(|frame| frame.as_deref().map(svg::trail).unwrap_or_default()));
    draw(front, move || {
        player
            .frame
            .with(|frame| frame.as_deref().map(|frame| player.scene.with(|scene| svg::front(scene, frame))).unwrap_or_default())
    });
    let view_box = move || player.scene.with(|scene| format!("0 0 {} {}", scene.size.width, scene.size.height));
    let title = move || player.scene.with(|scene| scene.title.clone());
    let description = move || player.scene.with(|scene| scene.description.clone());
    let settings = use_settings();
    let keys = move |event: web_sys::KeyboardEvent| {
        let plain = !event.ctrl_key() && !event.alt_key() && !event.meta_key();
        if plain && settings.with_untracked(|settings| settings.single_keys) && press(workbench, help, &event.key()) {
            event.prevent_default();
        }
    };
    view! {
        <div class="canvas" tabindex="0" role="group" aria-label="Picture of the cluster; press ? for keys" node_ref=canvas on:keydown=keys>
            <svg class="hoplab-diagram" role="img" viewBox=view_box attr:width=move || player.scene.with(|scene| scene.size.width)
                attr:height=move || player.scene.with(|scene| scene.size.height)>
                <title>{title}</title>
                <desc>{description}</desc>
                <g class="layer-ground" node_ref=ground></g>
                <g class="layer-trail" node_ref=trail></g>
                <g class="layer-boxes" node_ref=boxes></g>
                <g class="layer-front" node_ref=front></g>
            </svg>
        </div>
    }
}

/// Keeps a layer's content what `content` says. The text comes from `svg`, which escapes every name in it.
fn draw(layer: NodeRef<G>, content: impl Fn() -> String + 'static) {
    Effect::new(move |old: Option<String>| {
        let text = content();
        if let Some(layer) = layer.get()
            && old.as_ref() != Some(&text)
        {
            layer.set_inner_html(&text);
        }
        text
    });
}

/// True when the key means something here.
fn press(workbench: UseWorkbench, help: RwSignal<bool>, key: &str) -> bool {
    let player = workbench.player;
    match key {
        " " if player.playing.get_untracked() => player.pause(),
        " " => {
            player.play();
            workbench.wake();
        }
        "." => player.forward(),
        "," => player.back(),
        "]" => player.next_event(),
        "[" => player.previous_event(),
        "<" => super::playback_bar::change_speed(-1),
        ">" => super::playback_bar::change_speed(1),
        "?" => help.set(true),
        "t" => super::trace_table::focus(),
        digit if digit.len() == 1 && digit.as_bytes()[0].is_ascii_digit() => {
            player.seek(player.duration() * f64::from(digit.as_bytes()[0] - b'0') / 10.0);
        }
        _ => return false,
    }
    true
}

/// The scene is laid out for the width at hand.
fn follow_width(canvas: NodeRef<Div>, width: RwSignal<f64>) {
    let observer = StoredValue::new_local(None::<(web_sys::ResizeObserver, Closure<dyn FnMut()>)>);
    Effect::new(move |_| {
        let Some(element) = canvas.get() else { return };
        let measured = element.clone();
        let changed = Closure::<dyn FnMut()>::new(move || {
            // Whole steps, so that a scroll bar that comes and goes does not lay the picture out twice.
            let now = (f64::from(measured.client_width()) / 8.0).floor() * 8.0;
            if now > 0.0 && (now - width.get_untracked()).abs() >= 8.0 {
                width.set(now);
            }
        });
        if let Ok(resize) = web_sys::ResizeObserver::new(changed.as_ref().unchecked_ref()) {
            resize.observe(&element);
            observer.set_value(Some((resize, changed)));
        }
    });
    on_cleanup(move || {
        observer.try_update_value(|observer| {
            if let Some((resize, _)) = observer.take() {
                resize.disconnect();
            }
        });
    });
}
