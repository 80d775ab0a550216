//! What holds the house itself: which crates reach the browser, which options are the same in two places, which colors can be read,
//! that text stays text, which crate may use which, who writes which table, how long a file may be, that words of rows are types,
//! and which words pages use.
#![allow(clippy::unwrap_used, reason = "a test ends where something fails")]

mod arrows;
mod counts;
mod lengths;
mod notices;
mod support;
mod tables;
mod terms;
mod words;

use palette::color_difference::Wcag21RelativeContrast;
use palette::{IntoColor, Oklch, Srgb};
use std::collections::HashMap;
use support::{crates, read, sources};

#[test]
fn no_crate_of_the_server_reaches_the_browser() {
    let crates = crates("frontend", "wasm32-unknown-unknown");
    let names: Vec<&str> = crates.iter().filter_map(|line| line.split(' ').next()).collect();
    assert!(names.contains(&"app") && names.contains(&"domain"), "{names:?}");
    for banned in ["shop", "server", "sea-orm", "sqlx", "tokio", "axum", "hyper", "async-stripe", "aws-sdk-s3", "lettre"] {
        assert!(!names.contains(&banned), "{banned} is in the WebAssembly");
    }
}

#[test]
fn the_options_of_the_build_are_those_of_the_program() {
    let options = |text: &str| -> HashMap<String, String> {
        let of_leptos = text.split_once("[[workspace.metadata.leptos]]\n").unwrap().1;
        let lines = of_leptos.lines().take_while(|line| !line.starts_with('['));
        lines.filter_map(|line| line.split_once(" = ")).map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    };
    let (build, program) = (options(&read("Cargo.toml")), options(&read("Leptos.toml")));
    assert!(program.len() >= 4, "{program:?}");
    for (key, value) in program {
        assert_eq!(build.get(&key), Some(&value), "{key}");
    }
}

/// The tokens of each theme: light, dark by the system, dark by choice.
fn themes() -> Vec<HashMap<String, Srgb>> {
    let css = read("style/tokens.css");
    let mut themes = Vec::new();
    for line in css.lines().map(str::trim) {
        if line.starts_with(":root") {
            themes.push(HashMap::new());
        }
        if let Some((name, value)) = line.strip_prefix("--").and_then(|line| line.split_once(": oklch(")) {
            let numbers: Vec<f32> = value.trim_end_matches(");").split(' ').map(|number| number.parse().unwrap()).collect();
            let color = Oklch::new(numbers[0], numbers[1], numbers[2]).into_color();
            themes.last_mut().unwrap().insert(name.to_owned(), color);
        }
    }
    themes
}

/// Source: WCAG 2.2, success criteria 1.4.3 (text) and 1.4.11 (edges of controls).
#[test]
fn every_color_can_be_read_on_every_ground() {
    let themes = themes();
    assert_eq!(themes.len(), 3);
    assert_eq!(themes[1], themes[2], "dark is dark, by the system or by choice");
    for theme in &themes {
        let contrast = |a: &str, b: &str| theme[a].relative_contrast(theme[b]);
        for ground in ["paper", "surface", "sunken"] {
            for ink in ["ink", "quiet", "accent", "positive", "caution", "danger"] {
                assert!(contrast(ink, ground) >= 4.5, "{ink} on {ground}: {}", contrast(ink, ground));
            }
            assert!(contrast("edge", ground) >= 3.0, "edge on {ground}: {}", contrast("edge", ground));
        }
        assert!(contrast("on-accent", "accent") >= 4.5, "{}", contrast("on-accent", "accent"));
    }
}

#[test]
fn the_frame_of_the_browser_has_the_color_of_the_paper() {
    let themes = themes();
    for (theme, named) in themes.iter().zip([app::layout::PAPER.light, app::layout::PAPER.dark]) {
        let paper: Srgb<u8> = theme["paper"].into_format();
        assert_eq!(format!("#{paper:x}"), named);
    }
}

#[test]
fn the_app_asks_seldom_what_it_is_built_for() {
    let n = counts::n_features();
    assert!(
        n <= counts::MAX_FEATURES,
        "{n} times: pages are made on the server alone, and what only a browser does stands in app/src/islands/browser"
    );
}

/// Leptos escapes no content of a textarea, so each says that it did so itself.
#[test]
fn every_text_area_escapes_what_stands_in_it() {
    let mut n = 0;
    for (path, source) in sources("app/src") {
        for area in source.split("<textarea").skip(1).filter(|area| area.contains("</textarea>")) {
            let area = area.split("</textarea>").next().unwrap();
            assert!(area.contains("area_text("), "{path}: <textarea{area}");
            n += 1;
        }
    }
    assert!(n > 0);
}
