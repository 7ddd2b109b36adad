//! The page about labs: its example prints what it shows, and its table is that of the components.

use regex::Regex;

use holdpoint::runbook;
use holdpoint::runbook::lab::{KINDS, tier};
use holdpoint::source::{Problems, Source};

use crate::docs::{Block, blocks, read};
use crate::harness::{Bench, shipped};

const PAGE: &str = "docs/lab.md";

/// A text with one word for what differs from one rehearsal to the next.
fn evened(text: &str) -> String {
    let stands = [
        (r"\d{8}-[a-z-]+-[a-z0-9]{3}\b|\[REHEARSAL\]", "[REHEARSAL]"),
        (r"(/[^ ]*|\[DIR\])/holdpoint-lab-[0-9a-f]{10}", "[LAB]"),
        (r"\b\d+\.\d s", "[TIME]"),
        // Where the store has a place of its own, the way to it is named.
        (r"holdpoint --state \S+ ", "holdpoint "),
        (r"\[DIR\]/state|/srv/runs", "[STATE]"),
    ];
    stands.iter().fold(text.to_owned(), |text, (pattern, word)| {
        let pattern = Regex::new(pattern).expect("it is written here");
        pattern.replace_all(&text, *word).into_owned()
    })
}

#[test]
fn the_hosts_of_the_page_are_rehearsed_as_they_stand_there() {
    if crate::lab::sshd::is_left_out() {
        return;
    }
    let page = blocks(&read(PAGE));
    let book = page.iter().find(|block| block.language == "yaml file=fetch-list.yaml");
    let bench = Bench::new().runbook("book.yaml", &book.expect("it stands there").text);
    let args = ["rehearse", "book.yaml", "--lab", "--non-interactive"];
    bench.args(args).stdout_contains("rehearsed and recovered").stderr_contains("").exit(0);
}

#[test]
fn the_command_of_the_page_prints_what_the_page_shows() {
    let page = blocks(&read(PAGE));
    let bench = Bench::new().env("USER", "ada");
    for block in &page {
        if let Some((_, name)) = block.language.split_once("file=") {
            bench.write(name, &block.text);
        }
    }
    let shown: Vec<&Block> = page.iter().filter(|block| block.language == "console").collect();
    let [block] = shown.as_slice() else { panic!("the page shows one command") };
    let (command, expected) = block.text.split_once('\n').expect("a command, then its answer");
    let command = command.strip_prefix("$ ").expect("a command begins with a dollar");
    let printed = bench.shell(&format!("{command} 2>&1")).stdout_contains("").exit(0).stdout;
    let (expected, printed) = (evened(expected), evened(&printed));
    let (begins, ends) = expected.split_once("...\n").expect("dots stand for what is left out");
    assert!(printed.starts_with(begins), "{begins}\nis not the beginning of\n{printed}");
    assert!(printed.ends_with(ends), "{ends}\nis not the end of\n{printed}");
}

#[test]
fn the_table_of_the_page_is_that_of_the_components() {
    let page = read(PAGE);
    let words = |names: Vec<&str>| {
        names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
    };
    for kind in KINDS {
        let begins = format!("| `{}` | ", kind.word);
        let row = page.lines().find(|line| line.starts_with(&begins));
        let row = row.unwrap_or_else(|| panic!("the page has no row of {}", kind.word));
        let facts = words(kind.facts.iter().map(|(name, _)| *name).collect());
        let settings = words(kind.settings.to_vec());
        let variables = words(kind.variables.iter().map(|(name, _)| *name).collect());
        let cells = format!("| {settings} | {variables} | {facts} |").replace("  ", " ");
        assert!(row.ends_with(&cells), "{row}");
        assert!(row.contains(kind.tier), "{row}");
        assert!(kind.programs.iter().all(|it| row.contains(it.name)), "{row}");
    }
    let rows = page.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(rows, KINDS.len());
}

#[test]
fn the_page_of_recoveries_names_every_runbook_that_has_a_lab_with_its_tier() {
    let page = read("docs/library.md");
    let mut rows: Vec<(String, String)> = page
        .lines()
        .filter(|line| line.starts_with("| `runbooks/"))
        .map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            (cells[1].trim_matches('`').to_owned(), cells[3].to_owned())
        })
        .collect();
    rows.sort();
    let mut labs = Vec::new();
    for folder in ["aragora", "agenttrace", "agentverse", "ai-workflow-platform", "cogitator"] {
        let path = shipped(&format!("runbooks/{folder}"));
        for entry in std::fs::read_dir(path).expect("it is shipped").flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let text = std::fs::read_to_string(entry.path()).expect("it can be read");
            if text.contains("\nlab:\n") {
                let source = Source::new(&name, text);
                let book = runbook::read(&source, &mut Problems::default()).expect("it is one");
                let lab = book.knowledge.lab.as_ref().expect("it has a lab");
                let tier = tier(&lab.components).to_owned();
                labs.push((format!("runbooks/{folder}/{name}"), tier));
            }
        }
    }
    labs.sort();
    assert_eq!(rows, labs);
}
