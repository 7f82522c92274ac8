//! The picture. Four SVG layers, each redrawn only when its part of the story changes; the packet's layer changes with time.

use super::keys;
use crate::settings::use_settings;
use crate::workbench::{UsePlayer, UseWorkbench, use_workbench};
use hoplab_diagram::{Heading, Scene, svg};
use leptos::html::Div;
use leptos::prelude::*;
use leptos::svg::G;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

/// Wider, the picture grows instead of spreading: text must stay readable on a wall screen.
const WIDEST: f64 = 1_600.0;

#[component]
pub fn ScenePane(help: RwSignal<bool>) -> impl IntoView {
    let workbench = use_workbench();
    let player = workbench.player;
    let settings = use_settings();
    let canvas = NodeRef::<Div>::new();
    // Where the keyboard is in the picture.
    let focused = RwSignal::new(None::<String>);
    follow_size(canvas, player);
    let title = move || player.scene.with(|scene| scene.title.clone());
    let on_key = move |event: web_sys::KeyboardEvent| {
        let plain = !event.ctrl_key() && !event.alt_key() && !event.meta_key();
        let single = settings.with_untracked(|settings| settings.single_keys);
        let known = plain && (walk(workbench, focused, &event.key()) || single && keys::press(workbench, help, &event.key()));
        if known {
            event.prevent_default();
        }
    };
    let on_click = move |event: web_sys::MouseEvent| {
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        let element = target.and_then(|target| target.closest("[data-id]").ok().flatten());
        match element.and_then(|element| element.get_attribute("data-id")) {
            Some(id) => player.select(&id),
            None => player.selected.set(None),
        }
    };
    view! {
        <div class="canvas" tabindex="0" role="group" aria-label=move || format!("Picture: {}. Arrow keys go from place to place, question mark lists the keys.", title())
            node_ref=canvas on:keydown=on_key on:click=on_click on:blur=move |_| focused.set(None)>
            <Layers focused/>
            <Selected/>
        </div>
    }
}

#[component]
fn Layers(focused: RwSignal<Option<String>>) -> impl IntoView {
    let player = use_workbench().player;
    let [ground, trail, boxes, front, rings] = [(); 5].map(|()| NodeRef::<G>::new());
    draw(ground, move || player.scene.with(|scene| svg::ground(scene)));
    draw(boxes, move || player.scene.with(|scene| svg::boxes(scene)));
    draw(trail, move || player.frame.with(|frame| frame.as_deref().map(svg::trail).unwrap_or_default()));
    draw(front, move || {
        player
            .frame
            .with(|frame| frame.as_deref().map(|frame| player.scene.with(|scene| svg::front(scene, frame))).unwrap_or_default())
    });
    let ring =
        move |scene: &Scene, id: Option<String>, ring: svg::Ring| id.map(|id| svg::ring(scene, &id, ring)).unwrap_or_default();
    draw(rings, move || {
        player.scene.with(|scene| {
            ring(scene, player.selected.get(), svg::Ring::Selected) + &ring(scene, focused.get(), svg::Ring::Focused)
        })
    });
    let view_box = move || player.scene.with(|scene| format!("0 0 {} {}", scene.size.width, scene.size.height));
    view! {
        <svg class="hoplab-diagram" role="img" viewBox=view_box
            attr:width=move || player.scene.with(|scene| scene.size.width) attr:height=move || player.scene.with(|scene| scene.size.height)>
            <title>{move || player.scene.with(|scene| scene.title.clone())}</title>
            <desc>{move || player.scene.with(|scene| scene.description.clone())}</desc>
            <g class="layer-ground" node_ref=ground></g>
            <g class="layer-trail" node_ref=trail></g>
            <g class="layer-boxes" node_ref=boxes></g>
            <g class="layer-front" node_ref=front></g>
            <g class="layer-rings" node_ref=rings></g>
        </svg>
    }
}

/// What the element that was pointed at is.
#[component]
fn Selected() -> impl IntoView {
    let player = use_workbench().player;
    let title = move || {
        let id = player.selected.get()?;
        player.scene.with(|scene| scene.element(&id).map(|element| element.title.clone()))
    };
    view! { {move || title().map(|title| view! { <p class="selected-title" role="status">{title}</p> })} }
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

/// Arrow keys go from place to place, Enter selects, Escape lets go. True when the key meant something.
fn walk(workbench: UseWorkbench, focused: RwSignal<Option<String>>, key: &str) -> bool {
    let player = workbench.player;
    let heading = match key {
        "ArrowLeft" => Heading::Left,
        "ArrowRight" => Heading::Right,
        "ArrowUp" => Heading::Up,
        "ArrowDown" => Heading::Down,
        "Enter" => {
            if let Some(id) = focused.get_untracked() {
                player.select(&id);
            }
            return true;
        }
        "Escape" => {
            focused.set(None);
            player.selected.set(None);
            return true;
        }
        _ => return false,
    };
    player.scene.with_untracked(|scene| {
        let here = focused.get_untracked().filter(|id| scene.element(id).is_some());
        let current = player.frame.with_untracked(|frame| frame.as_ref().and_then(|frame| frame.highlight.clone()));
        let next = match here {
            Some(here) => scene.neighbour(&here, heading).map(|element| element.id.clone()).or(Some(here)),
            None => current
                .or_else(|| scene.elements.iter().find(|element| element.kind.is_object()).map(|element| element.id.clone())),
        };
        focused.set(next);
    });
    true
}

/// The scene is laid out for the room at hand.
fn follow_size(canvas: NodeRef<Div>, player: UsePlayer) {
    let observer = StoredValue::new_local(None::<(web_sys::ResizeObserver, Closure<dyn FnMut()>)>);
    Effect::new(move |_| {
        let Some(element) = canvas.get() else { return };
        let measured = element.clone();
        let changed = Closure::<dyn FnMut()>::new(move || {
            player.fit(f64::from(measured.client_width()).min(WIDEST), f64::from(measured.client_height()));
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
