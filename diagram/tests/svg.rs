//! The written picture: small golden file, nothing that a strict page would refuse, text that stays text, colours that can be
//! read.

mod fixture;

use hoplab_diagram::svg::{self, Dress};
use hoplab_diagram::{Options, Participants, Playback, THEME_CSS, layout};
use std::collections::BTreeMap;

/// One Pod on one narrow node: enough of everything to notice a change, small enough to read. After a wanted change:
/// `UPDATE_GOLDEN=1 cargo test -p hoplab-diagram --test svg`, look at the file in a browser, review the difference.
#[test]
fn the_smallest_cluster_is_drawn_as_in_the_golden_file() {
    let mut snapshot = fixture::flannel();
    snapshot.nodes.truncate(1);
    snapshot.nodes[0].pods.truncate(1);
    snapshot.services.truncate(1);
    let drawn = svg::document(&layout(&snapshot, &Options { width: 390.0, ..Options::default() }), None, Dress::Page);
    let drawn = drawn.replace("><", ">\n<");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/smallest.svg");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, &drawn).expect("the golden file can be written");
    }
    let golden = std::fs::read_to_string(path).expect("the golden file is in the repository");
    assert_eq!(drawn, golden);
}

fn every_document() -> Vec<String> {
    let exchange = fixture::dns_delivered();
    let scene = layout(&fixture::flannel(), &Options { participants: Participants::of(&exchange), ..Options::default() });
    let playback = Playback::new(&scene, &exchange);
    let frames = playback.stops().iter().map(|stop| svg::document(&scene, Some(&playback.frame(stop.time)), Dress::Page));
    let mut documents: Vec<String> = frames.collect();
    for (snapshot, exchange) in [(fixture::isolated(), fixture::dns_dropped()), (fixture::flannel(), fixture::rejected())] {
        let scene = layout(&snapshot, &Options::default());
        documents.push(svg::poster(&scene, &exchange, Dress::Page));
    }
    documents
}

#[test]
fn a_document_in_a_page_has_no_styles_and_no_scripts() {
    for document in every_document() {
        for forbidden in ["style=", "<style", "<script", " on", "href", "javascript:"] {
            let found = document
                .split('<')
                .skip(1)
                .filter_map(|tag| tag.split('>').next())
                .any(|tag| format!("<{tag}").contains(forbidden));
            assert!(!found, "{forbidden} in a tag");
        }
    }
}

#[test]
fn tags_are_balanced_and_titles_come_first() {
    for document in every_document() {
        let mut open: Vec<&str> = Vec::new();
        for tag in document.split('<').skip(1).filter_map(|rest| rest.split('>').next()) {
            let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
            match (tag.starts_with('/'), tag.ends_with('/')) {
                (true, _) => assert_eq!(open.pop(), Some(name)),
                (false, true) => {}
                (false, false) => open.push(name),
            }
        }
        assert!(open.is_empty());
        let head = document.split("</title><desc>").next().unwrap_or_default();
        assert_eq!(head.matches('<').count(), 2, "the title is the first child of the document");
    }
}

#[test]
fn a_hostile_name_stays_text_everywhere() {
    let hostile = "\"><script>alert(1)</script>&'";
    let mut snapshot = fixture::flannel();
    snapshot.nodes[0].name = hostile.to_owned();
    snapshot.nodes[0].pods[0].reference.name = hostile.to_owned();
    snapshot.services[0].reference.name = hostile.to_owned();
    let mut exchange = fixture::dns_dropped();
    exchange.title = hostile.to_owned();
    exchange.legs[0].label = hostile.to_owned();
    let poster = svg::poster(&layout(&snapshot, &Options::default()), &exchange, Dress::Page);
    assert!(!poster.contains("<script"));
    assert!(poster.contains("&lt;script&gt;"));
}

#[test]
fn the_poster_names_source_destination_verdict_and_cause() {
    let scene = layout(&fixture::isolated(), &Options::default());
    let poster = svg::poster(&scene, &fixture::dns_dropped(), Dress::Standalone);
    for expected in [
        "nslookup backend — ✕ Timed out: nothing came back",
        ">from</text>",
        ">to</text>",
        "dropped: egress policy",
        "2. Dropped: default-deny-all isolates frontend for egress; no rule admits UDP 53.",
    ] {
        assert!(poster.contains(expected), "{expected}");
    }
}

/// `--hl-ink: #12161c` of every block, by the block's order in the file: light, dark by preference, dark by choice, print.
fn palettes() -> Vec<BTreeMap<String, [u8; 3]>> {
    let mut palettes: Vec<BTreeMap<String, [u8; 3]>> = Vec::new();
    for block in THEME_CSS.split('{').filter(|block| block.contains("--hl-paper:")) {
        let inherited = palettes.first().cloned().unwrap_or_default();
        let declared = block.split('}').next().unwrap_or_default().split(';').filter_map(|declaration| {
            let (name, value) = declaration.split_once(':')?;
            let hex = u32::from_str_radix(value.trim().strip_prefix('#')?, 16).ok()?;
            let [_, red, green, blue] = hex.to_be_bytes();
            Some((name.trim().trim_start_matches("--hl-").to_owned(), [red, green, blue]))
        });
        palettes.push(inherited.into_iter().chain(declared).collect());
    }
    palettes
}

/// WCAG 2.2 relative luminance and contrast ratio.
fn contrast(a: [u8; 3], b: [u8; 3]) -> f64 {
    let channel = |value: u8| {
        let share = f64::from(value) / 255.0;
        if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    };
    let luminance = |[red, green, blue]: [u8; 3]| 0.2126 * channel(red) + 0.7152 * channel(green) + 0.0722 * channel(blue);
    let (light, dark) = (luminance(a).max(luminance(b)), luminance(a).min(luminance(b)));
    (light + 0.05) / (dark + 0.05)
}

#[test]
fn text_and_strokes_have_the_contrast_that_wcag_asks_for() {
    let palettes = palettes();
    assert_eq!(palettes.len(), 4);
    assert_eq!(palettes[1], palettes[2], "dark by preference is dark by choice");
    let text = [("ink", "paper"), ("ink", "raised"), ("quiet", "paper"), ("quiet", "raised"), ("on-rewrite", "rewrite")];
    // Notes: paper-coloured words on the verdict's colour.
    let notes = ["delivered", "dropped", "rejected", "unknown"].map(|verdict| ("paper", verdict));
    let strokes = [("edge", "paper"), ("edge", "raised"), ("wire", "paper"), ("wire", "raised")];
    let trails = ["delivered", "dropped", "rejected", "unknown"].map(|verdict| (verdict, "raised"));
    for (index, palette) in palettes.iter().enumerate() {
        let check = |(a, b): &(&str, &str), least: f64| {
            let ratio = contrast(palette[*a], palette[*b]);
            assert!(ratio >= least, "palette {index}: {a} on {b} is {ratio:.2}, needs {least}");
        };
        text.iter().chain(&notes).for_each(|pair| check(pair, 4.5));
        strokes.iter().chain(&trails).for_each(|pair| check(pair, 3.0));
    }
}
