//! The page about rehearsals shows what is printed, command by command.

use regex::Regex;

use crate::docs::{Block, blocks, read};
use crate::harness::Bench;

const PAGE: &str = "docs/rehearsing.md";

/// A bench with the files of the page.
fn bench(blocks: &[Block]) -> Bench {
    let bench = Bench::new().env("USER", "ada");
    for block in blocks {
        if let Some((_, name)) = block.language.split_once("file=") {
            bench.write(name, &block.text);
        }
    }
    bench
}

/// A text with one word for what differs from one rehearsal to the next.
fn evened(text: &str) -> String {
    let stands = [
        (r"\d{8}-[a-z-]+-[a-z0-9]{3}\b|\[REHEARSAL\]", "[REHEARSAL]"),
        (r"(?m)^\d\d:\d\d:\d\d", "[AT]"),
        (r"RTO \d:\d\d:\d\d", "RTO [CLOCK]"),
        (r"\d\d:\d\d UTC", "[AT] UTC"),
        (r"after 0\.\d s", "after [TIME]"),
        (r"by ada on [^:]+:", "by ada on [HOST]:"),
        (r"\[DIR\]/state|/srv/runs", "[STATE]"),
    ];
    stands.iter().fold(text.to_owned(), |text, (pattern, word)| {
        let pattern = Regex::new(pattern).expect("it is written here");
        pattern.replace_all(&text, *word).into_owned()
    })
}

#[test]
fn every_command_of_the_page_prints_what_the_page_shows() {
    let page = blocks(&read(PAGE));
    let shown: Vec<&Block> = page.iter().filter(|block| block.language == "console").collect();
    assert!(shown.len() >= 3, "the page shows no commands");
    for block in shown {
        let bench = bench(&page);
        let (command, expected) = block.text.split_once('\n').expect("a command, then its answer");
        let command = command.strip_prefix("$ ").expect("a command begins with a dollar");
        let script = format!("{command} 2>&1; true");
        let printed = bench.shell(&script).stdout_contains("").exit(0).stdout;
        let (expected, printed) = (evened(expected), evened(&printed));
        // Dots stand for lines that the page leaves out.
        let mut rest = printed.as_str();
        for part in expected.split("...\n") {
            let at =
                rest.find(part).unwrap_or_else(|| panic!("{command}:\n{part}\nis not in\n{rest}"));
            rest = rest.get(at + part.len()..).unwrap_or_default();
        }
        assert!(expected.ends_with("...\n") || rest.is_empty(), "{command}: more comes:\n{rest}");
    }
}
