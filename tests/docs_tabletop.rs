//! The page about exercises shows what stands on the players' screen, and the debrief that is left.

use regex::Regex;

use crate::docs::{Block, blocks, read};
use crate::harness::Bench;

const PAGE: &str = "docs/tabletop.md";

/// A text with one word for what differs from one exercise to the next.
fn evened(text: &str) -> String {
    let stands = [
        (r"\d{8}-shop-[a-z0-9]{3}\b|\[REHEARSAL\]", "[EXERCISE]"),
        (r"(?m)^\d\d:\d\d:\d\d", "[AT]"),
        (r"\d{4}-\d\d-\d\d \d\d:\d\d UTC|\d\d:\d\d UTC", "[AT]"),
        (r"\b\d+\.\d s\b|\b\d+ s\b", "[TIME]"),
        (r"by ada on [^:]+:", "by ada on [HOST]:"),
        (r"\[DIR\]/state|~/\.local/state/holdpoint", "[STATE]"),
    ];
    let text = stands.iter().fold(text.to_owned(), |text, (pattern, word)| {
        let pattern = Regex::new(pattern).expect("it is written here");
        pattern.replace_all(&text, *word).into_owned()
    });
    text.trim_end().to_owned()
}

fn only<'b>(blocks: &'b [Block], language: &str) -> &'b Block {
    let mut found = blocks.iter().filter(|block| block.language.starts_with(language));
    let first = found.next().unwrap_or_else(|| panic!("the page shows no {language}"));
    assert!(found.next().is_none(), "more than one {language}");
    first
}

#[test]
fn the_screen_and_the_debrief_are_those_of_the_page() {
    let page = blocks(&read(PAGE));
    let bench = Bench::new().env("USER", "ada");
    bench.write("shop.yaml", &only(&page, "yaml file=shop.yaml").text);
    let shown = &only(&page, "console").text;
    let (command, screen) = shown.split_once('\n').expect("a command, then its screen");
    assert_eq!(command, "$ holdpoint tabletop shop.yaml");
    let mut players = bench.at_terminal(["tabletop", "shop.yaml"]);
    players.wait_for("Press Enter when all are at the table");
    players.types("\r");
    assert_eq!(evened(&players.exit(0)), evened(screen));
    let folder = bench.rehearsals().remove(0);
    let debrief = std::fs::read_to_string(folder.join("debrief.md")).expect("it is kept");
    assert_eq!(evened(&debrief), evened(&only(&page, "markdown").text));
}
