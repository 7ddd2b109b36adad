//! The pages about messages and evidence show what is printed, command by command.

use regex::Regex;

use crate::docs::{Block, blocks, read};
use crate::harness::Bench;

/// A text with one word for each run, moment, length and hash that differs from run to run.
fn evened(text: &str) -> String {
    let stands = [
        (r"\d{8}-shop-down-[a-z0-9]{3}\b|\[RUN\]", "[RUN]"),
        (r"\d\d:\d\d:\d\d  ", "[AT]  "),
        (r"\d\d:\d\d UTC", "[AT]"),
        (r"\d+\.\d s\b", "[TIME]"),
        (r"by ann on \S+:", "by ann on [HOST]:"),
        (r"\b[0-9a-f]{64}\b", "[HASH]"),
        (r"(?m)^head of the chain: [0-9a-f]{12}$", "head of the chain: [HASH]"),
        (r"SHA256:\S+", "SHA256:[KEY]"),
        (r"\S+/runs/\[RUN\]/", "[FOLDER]/"),
    ];
    stands.iter().fold(text.to_owned(), |text, (pattern, word)| {
        let pattern = Regex::new(pattern).expect("it is written here");
        pattern.replace_all(&text, *word).into_owned()
    })
}

/// Types all commands of a page, one after the other, where its files are.
#[track_caller]
fn assert_shown(name: &str, commands: usize) {
    let page = read(name);
    let blocks = blocks(&page);
    // Where runs are when nothing is said.
    let bench = Bench::new().env("USER", "ann").env("HOLDPOINT_STATE", "");
    for block in &blocks {
        if let Some((_, name)) = block.language.split_once("file=") {
            bench.write(name, &block.text);
        }
    }
    let shown: Vec<&Block> = blocks.iter().filter(|block| block.language == "console").collect();
    assert_eq!(shown.len(), commands, "each of them is run here");
    for block in shown {
        let (command, output) = block.text.split_once('\n').expect("a command and its output");
        let command = command.strip_prefix("$ ").expect("a command is marked");
        let call = bench.shell(&format!("{command} 2>&1; true")).stdout_contains("");
        assert_eq!(evened(&call.exit(0).stdout), evened(output), "{command}");
    }
}

#[test]
fn the_page_about_messages_shows_what_becomes_of_them() {
    assert_shown("docs/communication.md", 3);
}

#[test]
fn the_page_about_evidence_shows_how_it_is_packed_checked_and_signed() {
    assert_shown("docs/evidence.md", 12);
}
