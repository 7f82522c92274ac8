//! Writes the fixture's pictures to a directory, to be looked at: `cargo run -p hoplab-diagram --example render -- DIR`.

#[path = "../tests/fixture/mod.rs"]
mod fixture;

use hoplab_core::trace::Exchange;
use hoplab_core::world::Snapshot;
use hoplab_diagram::svg::{self, Dress};
use hoplab_diagram::{Motion, Options, Participants, Playback, Scene, layout};
use std::path::Path;

fn scene(snapshot: &Snapshot, exchange: &Exchange, width: f64, lens: bool) -> Scene {
    layout(snapshot, &Options { width, lens, participants: Participants::of(exchange), ..Options::default() })
}

fn main() -> std::io::Result<()> {
    let directory = std::env::args().nth(1).unwrap_or_else(|| "target/pictures".to_owned());
    let directory = Path::new(&directory);
    std::fs::create_dir_all(directory)?;
    let write = |name: &str, text: String| std::fs::write(directory.join(format!("{name}.svg")), text);
    let (plain, isolated) = (fixture::flannel(), fixture::isolated());
    let stories = [
        ("dns", &plain, fixture::dns_delivered()),
        ("dropped", &isolated, fixture::dns_dropped()),
        ("rejected", &plain, fixture::rejected()),
        ("unknown", &plain, fixture::unmodelled()),
        ("outside", &isolated, fixture::from_outside_dropped()),
    ];
    for (name, snapshot, exchange) in &stories {
        for (size, width, lens) in [("wide", 960.0, false), ("phone", 390.0, false), ("lens", 390.0, true)] {
            let scene = scene(snapshot, exchange, width, lens);
            let playback = Playback::new(&scene, exchange);
            write(&format!("{name}-{size}-poster"), svg::poster(&scene, exchange, Dress::Light))?;
            write(&format!("{name}-{size}-dark"), svg::poster(&scene, exchange, Dress::Dark))?;
            for (index, stop) in playback.stops().iter().enumerate() {
                let frame = playback.frame(stop.time);
                write(&format!("{name}-{size}-{index:02}"), svg::document(&scene, Some(&frame), Dress::Light))?;
            }
            let middle = playback.frame(playback.duration() * 0.45);
            write(&format!("{name}-{size}-middle"), svg::document(&scene, Some(&middle), Dress::Light))?;
        }
    }
    for width in [320.0, 390.0, 960.0, 1200.0] {
        let scene = layout(&fixture::busy(), &Options { width, ..Options::default() });
        write(&format!("busy-{width}"), svg::document(&scene, None, Dress::Dark))?;
    }
    let exchange = fixture::dns_delivered();
    let scene = scene(&plain, &exchange, 960.0, false);
    let reduced = Playback::with_motion(&scene, &exchange, Motion::Reduced);
    let middle = reduced.frame(reduced.duration() * 0.3);
    write("reduced", svg::document(&scene, Some(&middle), Dress::Light))?;
    write("still-4k", svg::document(&layout(&plain, &Options { width: 3840.0, ..Options::default() }), None, Dress::Light))
}
