//! The pages about handing over, metrics and the post-incident document show what is printed, command
//! by command.

use regex::Regex;

use crate::docs::{Block, blocks, read};
use crate::harness::{Bench, shipped};

/// A text with one word for each run, moment, length and name that differs from run to run.
fn evened(text: &str) -> String {
    let stands = [
        (r"\d{8}-[a-z-]+-[a-z0-9]{3}\b", "[RUN]"),
        (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", "[MOMENT]"),
        (r"\b\d{4}-\d\d-\d\d$", "[DAY]"),
        (r"\b\d{1,2}:\d\d:\d\d\b", "[AT]"),
        (r"\b\d+\.\d s\b", "[TIME]"),
    ];
    stands.iter().fold(text.to_owned(), |text, (pattern, word)| {
        let pattern = Regex::new(&format!("(?m){pattern}")).expect("it is written here");
        pattern.replace_all(&text, *word).into_owned()
    })
}

/// Runs the commands of a page in order. Blessing writes down what they print.
#[track_caller]
fn check(name: &str, commands: usize) {
    let mut page = read(name);
    let blocks = blocks(&page);
    let bench = Bench::new().env("USER", "ann");
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
        let printed = call.exit(0).stdout;
        if std::env::var_os("HOLDPOINT_BLESS").is_some() && evened(&printed) != evened(output) {
            let run = "20260131-restore-k7f";
            let printed = printed.replace("[RUN]", run);
            page = page.replace(&block.text, &format!("$ {command}\n{printed}"));
            std::fs::write(shipped(name), &page).expect("the project can be written to");
            continue;
        }
        assert_eq!(evened(&printed), evened(output), "{command}");
    }
}

#[test]
fn golden_every_command_of_the_page_about_handing_over_prints_what_it_shows() {
    check("docs/handover.md", 1);
}

#[test]
fn golden_every_command_of_the_page_about_metrics_prints_what_it_shows() {
    check("docs/metrics.md", 1);
}

#[test]
fn golden_every_command_of_the_page_about_the_report_prints_what_it_shows() {
    check("docs/report.md", 1);
}
