//! The page about finding runbooks and runs shows what is printed, command by command.

use regex::Regex;

use crate::cli_prune::age;
use crate::docs::{Block, blocks, read};
use crate::harness::Bench;

const PAGE: &str = "docs/finding.md";

/// A bench with the files of the page.
fn library(blocks: &[Block]) -> Bench {
    let bench = Bench::new();
    for block in blocks {
        if let Some((_, name)) = block.language.split_once("file=") {
            bench.write(name, &block.text);
        }
    }
    bench
}

/// A text with one word for each run, moment and size, which differ from run to run.
fn evened(text: &str) -> String {
    let stands = [
        (r"\d{8}-[a-z-]+-[a-z0-9]{3}\b|\[RUN\]", "[RUN]"),
        (r"\d{4}-\d\d-\d\d( \d\d:\d\d(:\d\d)? UTC)?", "[AT]"),
        (r"\d+\.\d KiB", "[SIZE]"),
        (r"\[DIR\]|/srv/library", "[DIR]"),
        // How much room a title has depends on the names before it.
        (r"(?m)(\[SIZE\]  )The.*$", "$1[TITLE]"),
    ];
    stands.iter().fold(text.to_owned(), |text, (pattern, word)| {
        let pattern = Regex::new(pattern).expect("it is written here");
        pattern.replace_all(&text, *word).into_owned()
    })
}

#[test]
fn every_command_of_the_page_prints_what_the_page_shows() {
    let page = read(PAGE);
    let blocks = blocks(&page);
    let bench = library(&blocks);
    let shown: Vec<&Block> = blocks.iter().filter(|block| block.language == "console").collect();
    assert_eq!(shown.len(), 5, "each of them is run here");
    for (number, block) in shown.into_iter().enumerate() {
        // The page tells what was done meanwhile.
        match number {
            2 => drop(bench.args(["run", "cache.yaml"]).stdout_contains("").exit(5)),
            4 => {
                bench.args(["run", "postgres/primary.yaml"]).stdout_contains("").exit(0);
                let of_primary =
                    |path: &std::path::PathBuf| path.to_string_lossy().contains("primary");
                age(&bench.run_folders().into_iter().find(of_primary).expect("it was run"), 40);
            }
            _ => {}
        }
        let (command, output) = block.text.split_once('\n').expect("a command and its output");
        let command = command.strip_prefix("$ ").expect("a command is marked");
        let call = bench.shell(&format!("{command} 2>&1; true")).stdout_contains("");
        assert_eq!(evened(&call.exit(0).stdout), evened(output), "{command}");
    }
}
