//! Play, step, scrub, speed, and the sentence on what happens.

use crate::settings::{Settings, use_settings};
use crate::workbench::use_workbench;
use hoplab_diagram::{Stop, StopKind};
use leptos::prelude::*;

const SPEEDS: [f64; 5] = [0.25, 0.5, 1.0, 2.0, 4.0];

#[component]
pub fn PlaybackBar(help: RwSignal<bool>) -> impl IntoView {
    let workbench = use_workbench();
    let has_exchange = Memo::new(move |_| workbench.player.exchange.with(Option::is_some));
    view! {
        <div class="playback">
            {move || if has_exchange.get() {
                view! { <Caption/> }.into_any()
            } else {
                view! {
                    <p class="caption">"This is your cluster, as it is now. "
                    <span class="quiet">"Run a command that uses the network, and its packets travel here, hop by hop."</span></p>
                }.into_any()
            }}
            <Controls help has_exchange/>
        </div>
    }
}

#[component]
fn Controls(help: RwSignal<bool>, has_exchange: Memo<bool>) -> impl IntoView {
    let workbench = use_workbench();
    let player = workbench.player;
    let settings = use_settings();
    let nothing = move || !has_exchange.get();
    let toggle = move |_| {
        player.toggle();
        workbench.wake();
    };
    let speed = move || settings.with(|settings| settings.speed);
    let choose_speed = move |event| {
        let chosen = event_target_value(&event).parse().unwrap_or(1.0);
        settings.update(|settings| settings.speed = chosen);
    };
    let label = move || if player.playing.get() { "Pause" } else { "Play" };
    view! {
        <div class="controls" role="group" aria-label="Playback">
            <button aria-label="To the start" title="To the start" disabled=nothing on:click=move |_| player.seek(0.0)>{icon("M6 5v14 M19 5L9 12l10 7z")}</button>
            <button aria-label="Previous hop" title="Previous hop (,)" disabled=nothing on:click=move |_| player.back()>{icon("M17 5L7 12l10 7z")}</button>
            <button class="play" title="Space" disabled=nothing on:click=toggle>{label}</button>
            <button aria-label="Next hop" title="Next hop (.)" disabled=nothing on:click=move |_| player.forward()>{icon("M7 5l10 7-10 7z")}</button>
            <button aria-label="To the end" title="To the end" disabled=nothing on:click=move |_| player.seek(f64::MAX)>{icon("M5 5l10 7-10 7z M18 5v14")}</button>
            <Position/>
            <Scrubber/>
            <select aria-label="Speed" on:change=choose_speed>
                {SPEEDS.map(|value| view! { <option value=value.to_string() selected=move || (speed() - value).abs() < 0.01>{format!("{value}×")}</option> })}
            </select>
            <button class="quiet" aria-label="Keys and settings" title="Keys and settings (?)" on:click=move |_| help.set(true)>"?"</button>
        </div>
    }
}

/// A drawn sign: fonts do not agree on the playback characters.
fn icon(path: &'static str) -> impl IntoView {
    view! { <svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=path></path></svg> }
}

/// One step slower or faster.
pub(super) fn change_speed(settings: RwSignal<Settings>, by: isize) {
    settings.update(|settings| {
        let now = SPEEDS.iter().position(|speed| *speed >= settings.speed).unwrap_or(2);
        settings.speed = SPEEDS[now.saturating_add_signed(by).min(SPEEDS.len() - 1)];
    });
}

#[component]
fn Position() -> impl IntoView {
    let player = use_workbench().player;
    let position = Memo::new(move |_| {
        let count = player.playback.with(|playback| playback.as_ref().map_or(0, |playback| playback.stops().len()));
        let at = player.frame.with(|frame| frame.as_ref().map_or(0, |frame| frame.stop + 1));
        (at.min(count), count)
    });
    view! { <span class="position" title="Hop of all hops">{move || { let (at, count) = position.get(); format!("{at}/{count}") }}</span> }
}

/// The slider, with a mark for every rewrite and every end.
#[component]
fn Scrubber() -> impl IntoView {
    let player = use_workbench().player;
    let length = move || player.playback.with(|playback| playback.as_ref().map_or(1.0, |playback| playback.duration()));
    let marks = move || {
        let mark = |stop: &Stop| Some((stop.time / length().max(1.0) * 100.0, mark_class(stop.kind)?));
        player.playback.get().iter().flat_map(|playback| playback.stops().iter().filter_map(mark)).collect::<Vec<_>>()
    };
    let caption = move || player.frame.with(|frame| frame.as_ref().map(|frame| frame.caption.clone()));
    view! {
        <span class="scrubber">
            <svg class="marks" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                {move || marks().into_iter().map(|(at, class)| view! { <line class=class x1=at x2=at y1="0" y2="10"></line> }).collect_view()}
            </svg>
            <input type="range" aria-label="Position" min="0" step="10" max=length prop:value=move || player.time.get().to_string()
                disabled=move || player.exchange.with(Option::is_none) aria-valuetext=caption
                on:input=move |event| player.seek(event_target_value(&event).parse().unwrap_or_default())/>
        </span>
    }
}

fn mark_class(kind: StopKind) -> Option<&'static str> {
    match kind {
        StopKind::Pass | StopKind::Encapsulation => None,
        StopKind::Rewrite => Some("rewritten"),
        StopKind::End(verdict) => Some(verdict.word()),
    }
}

/// The sentence of the hop, also for the live region: one message per hop.
#[component]
fn Caption() -> impl IntoView {
    let player = use_workbench().player;
    // The verdict is told when the packet has arrived, not before.
    let caption = Memo::new(move |_| {
        player.frame.with(|frame| {
            let frame = frame.as_ref()?;
            let verdict = frame.verdict.as_ref().map(|mark| mark.verdict);
            Some((frame.stop, frame.caption.clone(), verdict))
        })
    });
    view! {
        <p class="caption" role="status">
            {move || caption.get().map(|(_, caption, verdict)| {
                let verdict = verdict.map(|verdict| view! { <span class=format!("verdict {}", verdict.word())>{verdict.glyph()}" "{verdict.word()}</span>" " });
                view! { {verdict}{caption} }
            })}
        </p>
    }
}
