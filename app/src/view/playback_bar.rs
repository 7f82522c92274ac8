//! Play, step, scrub, speed; what is on the screen, and what happens there.

use crate::settings::use_settings;
use crate::workbench::use_workbench;
use hoplab_diagram::{StopKind, outcome};
use leptos::prelude::*;
use std::sync::Arc;

const SPEEDS: [f64; 5] = [0.25, 0.5, 1.0, 2.0, 4.0];

#[component]
pub fn PlaybackBar(help: RwSignal<bool>) -> impl IntoView {
    let workbench = use_workbench();
    let player = workbench.player;
    let nothing = move || player.exchange.with(Option::is_none);
    let position = move || {
        player.playback.with(|playback| {
            let stops = playback.as_ref().map_or(0, |playback| playback.stops().len());
            let at = player.frame.with(|frame| frame.as_ref().map_or(0, |frame| frame.stop + 1));
            format!("{}/{stops}", at.min(stops))
        })
    };
    let toggle = move |_| {
        if player.playing.get_untracked() {
            player.pause();
        } else {
            player.play();
            workbench.wake();
        }
    };
    let settings = use_settings();
    let speed = move || settings.with(|settings| settings.speed);
    view! {
        <div class="playback">
            <Exchanges/>
            <Caption/>
            <div class="controls" role="group" aria-label="Playback">
                <button aria-label="To the start" disabled=nothing on:click=move |_| player.seek(0.0)>"⏮"</button>
                <button aria-label="Previous hop" disabled=nothing on:click=move |_| player.back()>"◀"</button>
                <button class="play" disabled=nothing on:click=toggle>{move || if player.playing.get() { "Pause" } else { "Play" }}</button>
                <button aria-label="Next hop" disabled=nothing on:click=move |_| player.forward()>"▶"</button>
                <button aria-label="To the end" disabled=nothing on:click=move |_| player.seek(f64::MAX)>"⏭"</button>
                <span class="position" aria-label="Hop">{position}</span>
                <Scrubber/>
                <select aria-label="Speed" prop:value=move || speed().to_string()
                    on:change=move |event| {
                        let chosen = event_target_value(&event).parse().unwrap_or(1.0);
                        settings.update(|settings| settings.speed = chosen);
                    }>
                    {SPEEDS.map(|value| view! { <option value=value.to_string() selected=move || (speed() - value).abs() < 0.01>{format!("{value}×")}</option> })}
                </select>
                <button class="quiet" aria-label="Keys" on:click=move |_| help.set(true)>"?"</button>
            </div>
        </div>
    }
}

/// One step slower or faster.
pub(super) fn change_speed(by: isize) {
    use_settings().update(|settings| {
        let now = SPEEDS.iter().position(|speed| *speed >= settings.speed).unwrap_or(2);
        settings.speed = SPEEDS[now.saturating_add_signed(by).min(SPEEDS.len() - 1)];
    });
}

/// The slider, with a mark for every rewrite and every end.
#[component]
fn Scrubber() -> impl IntoView {
    let player = use_workbench().player;
    let marks = move || {
        let playback = player.playback.get();
        let Some(playback) = playback else { return Vec::new() };
        let length = playback.duration().max(1.0);
        let mark = |stop: &hoplab_diagram::Stop| {
            let glyph = match stop.kind {
                StopKind::Pass => return None,
                StopKind::Rewrite => "◆",
                StopKind::Encapsulation => "▣",
                StopKind::End(verdict) => verdict.glyph(),
            };
            Some((stop.time / length * 100.0, glyph))
        };
        playback.stops().iter().filter_map(mark).collect::<Vec<_>>()
    };
    view! {
        <span class="scrubber">
            <svg class="marks" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                {move || marks().into_iter().map(|(at, glyph)| view! { <line class=mark_class(glyph) x1=at x2=at y1="0" y2="10"></line> }).collect_view()}
            </svg>
            <input type="range" aria-label="Position" min="0" step="10" max=move || player.playback.with(|playback| playback.as_ref().map_or(0.0, |playback| playback.duration()))
                prop:value=move || player.time.get()
                aria-valuetext=move || player.frame.with(|frame| frame.as_ref().map(|frame| frame.caption.clone()).unwrap_or_default())
                on:input=move |event| player.seek(event_target_value(&event).parse().unwrap_or_default())/>
        </span>
    }
}

fn mark_class(glyph: &str) -> &'static str {
    match glyph {
        "◆" => "rewrite",
        "▣" => "tunnel",
        "●" => "delivered",
        "✕" => "dropped",
        "▲" => "rejected",
        _ => "unknown",
    }
}

/// The sentence of the hop, also for the live region: one message per hop.
#[component]
fn Caption() -> impl IntoView {
    let player = use_workbench().player;
    let caption = Memo::new(move |_| {
        player.frame.with(|frame| frame.as_ref().map(|frame| (frame.stop, frame.leg_label.clone(), frame.caption.clone())))
    });
    view! {
        <p class="caption" role="status">
            {move || match caption.get() {
                Some((_, leg, caption)) => view! { <small>{leg}</small>" "{caption} }.into_any(),
                None => view! { "Run a command that uses the network, and its packets appear here." }.into_any(),
            }}
        </p>
    }
}

/// Which exchange is on the screen; the newest first.
#[component]
fn Exchanges() -> impl IntoView {
    let workbench = use_workbench();
    let player = workbench.player;
    let chosen =
        move || player.exchange.with(|exchange| exchange.as_ref().map(|exchange| exchange.id.to_string()).unwrap_or_default());
    let choose = move |event| {
        let id = event_target_value(&event);
        let found =
            workbench.exchanges.with_untracked(|all| all.iter().find(|exchange| exchange.id.to_string() == id).map(Arc::clone));
        player.load(found);
        workbench.wake();
    };
    let label = |exchange: &hoplab_core::trace::Exchange| {
        let (verdict, sentence) = outcome(&exchange.outcome);
        format!("#{} {} {} — {sentence}", exchange.id, verdict.glyph(), exchange.title)
    };
    view! {
        {move || (!workbench.exchanges.with(Vec::is_empty)).then(|| view! {
            <select class="exchanges" aria-label="Conversation" prop:value=chosen on:change=choose>
                {move || workbench.exchanges.get().iter().rev().map(|exchange| {
                    let id = exchange.id.to_string();
                    let is_chosen = id.clone();
                    view! { <option value=id selected=move || chosen() == is_chosen>{label(exchange)}</option> }
                }).collect_view()}
            </select>
        })}
    }
}
