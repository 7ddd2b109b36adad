//! Golden screens: what a terminal shows, compared with a file that a reviewer can read.

use std::fs;
use std::time::{Duration, Instant};

use regex::Regex;

use crate::harness::{Screen, shipped};

/// How long a screen may take to become what it should be.
const PATIENCE: Duration = Duration::from_secs(20);

/// What differs from run to run, and what stands for it.
const STANDS: [(&str, &str); 8] = [
    (r"\d+:\d\d:\d\d", "H:MM:SS"),
    (r"\b\d+:\d\d\b", "M:SS"),
    (r"after [0-9.]+ s\b", "after N s"),
    (r"mark: [a-z]{6}\b", "mark: MARK"),
    (r"(?m)(head of the chain: )[0-9a-f ]+$", "${1}HASH"),
    (r"by ann on [^:\s]+", "by ann on HOST"),
    ("[⠋⠙⠸⠴⠦⠇]", "⠋"),
    (r"(?m)^[|/\\-] ", "| "),
];

/// A screen with what differs from run to run replaced.
pub(crate) fn normalised(shown: &str) -> String {
    let replace = |text: String, (what, by): &(&str, &str)| {
        let what = Regex::new(what).expect("it is written in this file");
        what.replace_all(&text, *by).into_owned()
    };
    STANDS.iter().fold(shown.to_owned(), replace)
}

/// Fails unless a screen becomes what its golden file holds.
#[track_caller]
pub(crate) fn assert_golden(name: &str, screen: &Screen<'_>) {
    let path = shipped(&format!("tests/data/screens/{name}.txt"));
    let kept = fs::read_to_string(&path).unwrap_or_default();
    let now = || format!("{}\n", normalised(&screen.shown()));
    let is_blessing = std::env::var_os("HOLDPOINT_BLESS").is_some();
    let end = Instant::now() + if is_blessing { PATIENCE / 10 } else { PATIENCE };
    while now() != kept && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(5));
    }
    let now = now();
    if is_blessing {
        fs::write(&path, &now).expect("the project can be written to");
    } else {
        assert_eq!(now, kept, "{name}: `just bless` accepts this:\n{now}");
    }
}

#[test]
fn the_page_about_the_screen_holds_a_golden_screen() {
    let page = fs::read_to_string(shipped("docs/screen.md")).expect("it is part of the project");
    let golden = fs::read_to_string(shipped("tests/data/screens/running-80.txt"));
    let golden = golden.expect("it is part of the project");
    let block = format!("```text\n{golden}```\n");
    assert!(page.contains(&block), "docs/screen.md does not hold this:\n{block}");
}
