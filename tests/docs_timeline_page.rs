//! The page about the page of a run: its command does what it says, and its words are those of the code.

use std::fs;

use holdpoint::timeline::gantt::Sort;

use crate::docs::{blocks, read, root};
use crate::harness::Bench;

const PAGE: &str = "docs/timeline-page.md";

#[test]
fn the_command_of_the_page_makes_a_page() {
    let page = blocks(&read(PAGE));
    let [command] = page.as_slice() else { panic!("one block is expected") };
    assert_eq!(command.language, "sh");
    let book = "holdpoint: 1\nid: book\ntitle: A book\nsteps: [{id: a, run: echo x}]\n";
    let bench = Bench::new().runbook("book.yaml", book);
    bench.args(["run", "book.yaml"]).stdout_contains("").exit(0);
    bench.shell(&command.text).exit(0);
    let html = fs::read_to_string(bench.path("timeline.html")).expect("it was just made");
    assert!(html.starts_with("<!doctype html>\n<html lang=\"en\">"), "{html}");
    assert!(html.contains("<title>A book</title>"), "{html}");
}

#[test]
fn the_table_of_bars_is_that_of_the_code() {
    let page = read(PAGE);
    let (_, rest) = page.split_once("| bar | meaning |\n|---|---|\n").expect("there is a table");
    let rows = rest.lines().take_while(|line| line.starts_with('|'));
    let words: Vec<&str> = rows.filter_map(|row| row.split('|').nth(1)).map(str::trim).collect();
    assert_eq!(words, Sort::ALL.map(Sort::word));
}

#[test]
fn the_pictures_of_the_page_are_there_and_small() {
    for name in ["light", "dark"] {
        let file = root().join(format!("docs/images/timeline-{name}.png"));
        let bytes = fs::read(&file).expect("just pictures makes it");
        assert!(bytes.starts_with(b"\x89PNG\r\n\x1a\n"), "{name}");
        assert!(bytes.len() < 200_000, "{name}: {} bytes", bytes.len());
    }
}
