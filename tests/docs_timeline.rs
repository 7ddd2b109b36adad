//! The page about the timeline shows what is printed, command by command.

use regex::Regex;

use crate::docs::{blocks, read};
use crate::harness::Bench;

/// A text with one word for each run, moment, machine and length of time, which differ from run to run.
fn evened(text: &str) -> String {
    let stands = [
        (r"\d{8}-restore-[a-z0-9]{3}\b|\[RUN\]", "[RUN]"),
        (r"(\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d", "[AT]"),
        (r"\d+\.\d s", "[TIME]"),
        (r"on \S+: The", "on [HOST]: The"),
        (r"\[[^\],]*\] #", "[HOST] #"),
    ];
    stands.iter().fold(text.trim_end().to_owned(), |text, (pattern, word)| {
        let pattern = Regex::new(pattern).expect("it is written here");
        pattern.replace_all(&text, *word).into_owned()
    })
}

#[test]
fn every_command_of_the_page_prints_what_the_page_shows() {
    let blocks = blocks(&read("docs/timeline.md"));
    let bench = Bench::new();
    for block in &blocks {
        if let Some((_, name)) = block.language.split_once("file=") {
            bench.write(name, &block.text);
        }
    }
    let shown = blocks.iter().filter(|block| block.language == "console");
    let commands: Vec<(&str, &str)> = shown
        .flat_map(|block| block.text.trim_start_matches("$ ").split("\n$ "))
        .map(|text| text.split_once('\n').unwrap_or((text, "")))
        .collect();
    assert_eq!(commands.len(), 7, "each of them is run here");
    for (command, output) in commands {
        let script = format!("{{ {command}; }} 2>&1; c=$?; [ $c = 0 ] || echo \"(exit code $c)\"");
        let printed = bench.shell(&script).stdout_contains("").exit(0).stdout;
        assert_eq!(evened(&printed), evened(output), "{command}");
    }
}
