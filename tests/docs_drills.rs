//! The page about drills shows what is printed, command by command.

use regex::Regex;

use crate::docs::{Block, blocks, read};
use crate::harness::Bench;

/// A text with one word for each run, moment, length and name that differs from run to run.
fn evened(text: &str) -> String {
    let stands = [
        (r"\d{8}-[a-z-]+-[a-z0-9]{3}\b|\[RUN\]", "[RUN]"),
        (r"\d\d:\d\d:\d\d  ", "[AT]  "),
        (r"Since \d\d:\d\d UTC", "Since [AT]"),
        (r"RTO 0:\d\d:\d\d left", "RTO [TIME] left"),
        (r"\d+\.\d s *", "[TIME] "),
        (r"by ann on \S+:", "by ann on [HOST]:"),
        (r"(?m)^timeline: .*$", "timeline: [FILE]"),
        (r"(?m)^head of the chain: .*$", "head of the chain: [HASH]"),
        // The day of a drill is the day of the test, and what is due later follows from it.
        (r"the next on \d{4}-\d\d-\d\d", "the next on [DAY]"),
        (r"(?m)^  \d{4}-\d\d-\d\d  ", "  [DAY]  "),
    ];
    stands.iter().fold(text.to_owned(), |text, (pattern, word)| {
        let pattern = Regex::new(pattern).expect("it is written here");
        pattern.replace_all(&text, *word).into_owned()
    })
}

#[test]
fn every_command_of_the_page_prints_what_the_page_shows() {
    let page = read("docs/drills.md");
    let blocks = blocks(&page);
    let bench = Bench::new().env("USER", "ann");
    for block in &blocks {
        if let Some((_, name)) = block.language.split_once("file=") {
            bench.write(name, &block.text);
        }
    }
    let shown: Vec<&Block> = blocks.iter().filter(|block| block.language == "console").collect();
    assert_eq!(shown.len(), 3, "each of them is run here");
    for block in shown {
        let (command, output) = block.text.split_once('\n').expect("a command and its output");
        let command = command.strip_prefix("$ ").expect("a command is marked");
        let call = bench.shell(&format!("{command} 2>&1; true")).stdout_contains("");
        assert_eq!(evened(&call.exit(0).stdout), evened(output), "{command}");
    }
}
