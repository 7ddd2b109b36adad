//! The documentation says what is so: its runbooks can be planned, its tables agree with the code,
//! its examples can be read, and its links lead somewhere.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use holdpoint::journal::Record;
use holdpoint::plan;
use holdpoint::report::diagnostic::{Look, render};
use holdpoint::run::Event;
use holdpoint::runbook::{self, library};
use holdpoint::source::{Problems, Source};

const JOURNAL: &str = "docs/journal.md";
const LANGUAGE: &str = "docs/language.md";

/// A page, under its path from the root of the project.
pub(crate) struct Page {
    pub(crate) name: String,
    pub(crate) text: String,
}

/// A block between two fences.
pub(crate) struct Block {
    /// What follows the opening fence.
    pub(crate) language: String,
    /// The line of the opening fence, from 1.
    pub(crate) line: usize,
    pub(crate) text: String,
}

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[track_caller]
pub(crate) fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).expect("the project's own files can be read")
}

pub(crate) fn files_under(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("the project's folders can be read") {
            let path = entry.expect("the project's folders can be read").path();
            match path.is_dir() {
                true => folders.push(path),
                false if path.extension().is_some_and(|found| found == ending) => found.push(path),
                false => {}
            }
        }
    }
    found.sort();
    found
}

/// The README and every page of the documentation.
pub(crate) fn pages() -> Vec<Page> {
    let docs = files_under("docs", "md");
    let all = std::iter::once(root().join("README.md")).chain(docs);
    let page = |path: PathBuf| {
        let name = path.strip_prefix(root()).expect("it is inside").display().to_string();
        Page { text: read(&name), name }
    };
    all.map(page).collect()
}

/// The fenced blocks of a page, in order.
pub(crate) fn blocks(text: &str) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    let mut is_open = false;
    for (line, content) in (1..).zip(text.lines()) {
        match (content.strip_prefix("```"), is_open) {
            (Some(language), false) => {
                found.push(Block { language: language.to_owned(), line, text: String::new() });
                is_open = true;
            }
            (Some(_), true) => is_open = false,
            (None, true) => {
                if let Some(block) = found.last_mut() {
                    block.text.push_str(content);
                    block.text.push('\n');
                }
            }
            (None, false) => {}
        }
    }
    assert!(!is_open, "a block is never closed");
    found
}

/// The text of a page without its fenced blocks.
fn prose(text: &str) -> String {
    let mut is_open = false;
    let mut kept = String::new();
    for line in text.lines() {
        if line.starts_with("```") {
            is_open = !is_open;
        } else if !is_open {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

/// The texts between the first `open` and `close` after each other, none of them nested.
fn between<'t>(text: &'t str, open: &str, close: &str) -> Vec<&'t str> {
    text.split(open).skip(1).filter_map(|rest| rest.split_once(close)).map(|(it, _)| it).collect()
}

/// What stands in backticks.
fn quoted(text: &str) -> BTreeSet<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// `StepStarted` as `step_started`.
fn snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

/// The names of the variants of an enum whose variants are indented by four spaces.
fn variants(code: &str, name: &str) -> Vec<String> {
    let bodies = between(code, &format!("pub enum {name} {{\n"), "\n}");
    let body = bodies.first().expect("the enum is there");
    let names = body.lines().filter_map(|line| line.strip_prefix("    "));
    let names = names.filter(|line| line.starts_with(|first: char| first.is_ascii_uppercase()));
    names
        .map(|line| line.chars().take_while(|letter| letter.is_ascii_alphanumeric()).collect())
        .collect()
}

#[track_caller]
fn assert_none(problems: &[String]) {
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}

/// Gives a runbook what it includes: the blocks that say which file they are.
fn included(runbook: &mut runbook::Runbook, page: &str) {
    for path in &runbook.includes {
        let word = format!("file={}", path.value);
        let block = blocks(page).into_iter().find(|block| block.language.ends_with(&word));
        let block = block.unwrap_or_else(|| panic!("there is no block with {word}"));
        let source = Source::new(path.value.as_str(), block.text);
        let mut found = Problems::default();
        let plan = runbook::read(&source, &mut found).and_then(|it| plan::build(it, &mut found));
        let plan =
            plan.unwrap_or_else(|| panic!("{}", render(&source, &found.sorted(), Look::Plain)));
        runbook.included.insert(path.value.clone(), plan.runbook);
    }
}

#[test]
fn every_runbook_in_the_documentation_can_be_planned() {
    let mut planned = 0;
    let mut problems = Vec::new();
    for page in pages() {
        for block in blocks(&page.text) {
            if !block.language.starts_with("yaml") || !block.text.starts_with("holdpoint: 1") {
                continue;
            }
            planned += 1;
            let source = Source::new(format!("{}:{}", page.name, block.line), block.text);
            let mut found = Problems::default();
            let mut read = runbook::read(&source, &mut found);
            if let Some(runbook) = &mut read {
                included(runbook, &page.text);
            }
            let plan = read.and_then(|read| plan::build(read, &mut found));
            if plan.is_none() || !found.is_empty() {
                problems.push(render(&source, &found.sorted(), Look::Plain));
            }
        }
    }
    assert_none(&problems);
    assert!(planned > 20, "only {planned} runbooks were found");
}

#[test]
fn a_library_in_the_documentation_can_be_read_and_a_runbook_beside_it_planned() {
    let page = read(LANGUAGE);
    let starting = |with: &str| -> Vec<Source> {
        let found = blocks(&page).into_iter().filter(|block| block.text.starts_with(with));
        found.map(|it| Source::new(format!("{LANGUAGE}:{}", it.line), it.text)).collect()
    };
    let (libraries, runbooks) =
        (starting("# holdpoint.yaml\n"), starting("# a runbook beside it\n"));
    assert_eq!((libraries.len(), runbooks.len()), (1, 1));
    for (library, runbook) in libraries.iter().zip(&runbooks) {
        let mut found = Problems::default();
        let read = library::read(library, &mut found);
        assert!(found.is_empty(), "{}", render(library, &found.sorted(), Look::Plain));
        let read =
            read.and_then(|it| Some(Arc::new(it).around(runbook::read(runbook, &mut found)?)));
        let plan = read.and_then(|read| plan::build(read, &mut found));
        let is_sound = plan.is_some() && found.is_empty();
        assert!(is_sound, "{}", render(runbook, &found.sorted(), Look::Plain));
    }
}

#[test]
fn every_exit_code_is_documented_under_its_name() {
    let code = read("engine/cli/failure.rs");
    let bodies = between(&code, "pub enum Exit {\n", "\n}");
    let body = bodies.first().expect("the exit codes are an enum");
    let row = |line: &str| {
        let (name, number) = line.trim().trim_end_matches(',').split_once(" = ")?;
        Some(format!("| {number} | `{name}` |"))
    };
    let wanted: Vec<String> = body.lines().filter_map(row).collect();
    let page = read("docs/exit-codes.md");
    let is_row = |line: &&str| line.starts_with(|first: char| "| 0123456789".contains(first));
    let rows = page.lines().filter(is_row).filter(|line| line.contains("| `"));
    let found: Vec<String> = rows
        .map(|row| row.split_inclusive('|').take(3).collect::<String>())
        .map(|row| row.trim_end().to_owned())
        .collect();
    assert_eq!(found, wanted);
    assert!(wanted.len() > 5, "only {} exit codes were found", wanted.len());
}

#[test]
fn every_event_is_documented_under_its_name() {
    let names = variants(&read("engine/run/event/mod.rs"), "Event");
    let wanted: BTreeSet<String> = names.iter().map(|name| snake(name)).collect();
    let page = read(JOURNAL);
    let headings = page.lines().filter_map(|line| line.strip_prefix("#### "));
    let found: BTreeSet<String> = headings.flat_map(quoted).collect();
    assert_eq!(found, wanted);
    assert!(wanted.len() > 20, "only {} events were found", wanted.len());
}

#[test]
fn every_example_of_an_event_is_one_and_stands_under_its_name() {
    let page = read(JOURNAL);
    let sections: Vec<(&str, &str)> =
        page.split("\n#### ").skip(1).filter_map(|section| section.split_once('\n')).collect();
    let mut problems = Vec::new();
    for (heading, section) in sections {
        let examples = blocks(section).into_iter().filter(|block| block.language == "json");
        let mut kinds = Vec::new();
        for example in examples {
            if let Err(error) = serde_json::from_str::<Event>(&example.text) {
                problems.push(format!("{heading}: {error}"));
            }
            let json: serde_json::Value = serde_json::from_str(&example.text).unwrap_or_default();
            kinds.push(format!("`{}`", json["type"].as_str().unwrap_or_default()));
        }
        if kinds != [heading] {
            problems.push(format!("{heading}: its examples are {kinds:?}"));
        }
    }
    assert_none(&problems);
}

#[test]
fn the_example_of_a_record_has_the_hash_that_it_says() {
    let page = read(JOURNAL);
    let mut blocks = blocks(&page).into_iter().filter(|block| block.language == "json");
    let record = blocks.next().expect("the page shows a record");
    if let Err(unreadable) = Record::read(record.text.trim_end()) {
        panic!("{unreadable:?}: {}", record.text);
    }
}

#[test]
fn every_dependency_has_its_reason() {
    let manifest = read("Cargo.toml");
    let mut wanted = BTreeSet::new();
    let mut section = "";
    for line in manifest.lines() {
        if line.starts_with('[') {
            section = line;
        } else if section.ends_with("dependencies]") {
            wanted.extend(line.split_once(" = ").map(|(name, _)| name.to_owned()));
        }
    }
    let page = read("docs/decisions/0004-dependencies.md");
    let rows = page.lines().filter(|line| line.starts_with("| "));
    let is_letter = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    let words = rows.flat_map(|row| row.split(move |c: char| !is_letter(c)));
    let named: BTreeSet<String> = words.map(str::to_owned).collect();
    let unnamed: Vec<String> = wanted.difference(&named).cloned().collect();
    assert_none(&unnamed);
    assert!(wanted.len() > 20, "only {} dependencies were found", wanted.len());
}

#[test]
fn every_link_leads_to_something_that_is_there() {
    let mut problems = Vec::new();
    let mut followed = 0;
    for page in pages() {
        let folder = root().join(&page.name);
        let folder = folder.parent().expect("a file is in a folder");
        for link in between(&prose(&page.text), "](", ")") {
            if link.contains("://") {
                continue;
            }
            followed += 1;
            let (file, place) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => root().join(&page.name),
                file => folder.join(file),
            };
            let is_there = match place {
                "" => target.exists(),
                place => fs::read_to_string(&target)
                    .is_ok_and(|text| anchors(&text).iter().any(|anchor| anchor == place)),
            };
            if !is_there {
                problems.push(format!("{}: {link}", page.name));
            }
        }
    }
    assert_none(&problems);
    assert!(followed > 10, "only {followed} links were found");
}

/// The anchors that a page's headings make.
fn anchors(text: &str) -> Vec<String> {
    let prose = prose(text);
    let headings = prose.lines().filter(|line| line.starts_with('#'));
    let anchor = |heading: &str| {
        let words = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = words.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    headings.map(anchor).collect()
}

#[test]
fn the_readme_fits_on_a_screen_and_names_its_two_commands() {
    let readme = read("README.md");
    assert!(readme.lines().count() <= 90, "{} lines", readme.lines().count());
    for command in ["cargo run --release -- run runbooks/quickstart.yaml", "tests/all.sh --install"]
    {
        assert!(readme.lines().any(|line| line == command), "{command}");
    }
}
