//! The page of promises: each has its heading, and names tests that are there.

use std::path::PathBuf;

use crate::docs::{read, root};

const PAGE: &str = "docs/promises.md";

/// How many promises there are.
const PROMISES: usize = 18;

/// The parts of the page under the headings of a level, each with its heading.
fn sections<'p>(page: &'p str, mark: &str) -> Vec<(&'p str, &'p str)> {
    let parts = page.split("\n#").skip(1);
    let with_mark = parts.filter_map(|part| part.strip_prefix(mark));
    with_mark.filter_map(|part| part.split_once('\n')).collect()
}

/// The tests that a text names: what stands in backticks and is a path of lower-case words.
fn tests(text: &str) -> Vec<&str> {
    let is_path = |word: &&str| {
        let is_letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_:".contains(c);
        word.contains("::") && word.chars().all(is_letter)
    };
    text.split('`').skip(1).step_by(2).filter(is_path).collect()
}

/// The files in which a module may be: its own, or, for the `tests` inside of one, that of the other.
fn files(module: &str) -> Vec<PathBuf> {
    let within = module.strip_suffix("::tests").unwrap_or(module);
    let mut files = Vec::new();
    for module in [module, within] {
        let path = module.replace("::", "/");
        for folder in ["tests", "engine"] {
            files.push(root().join(format!("{folder}/{path}.rs")));
            files.push(root().join(format!("{folder}/{path}/mod.rs")));
        }
    }
    files
}

/// Whether a code has a function of that name that is a test.
fn has_test(code: &str, name: &str) -> bool {
    let lines: Vec<&str> = code.lines().map(str::trim).collect();
    let starts = [format!("fn {name}("), format!("async fn {name}(")];
    let is_it = |line: &&str| starts.iter().any(|start| line.starts_with(start));
    lines.iter().position(is_it).is_some_and(|place| {
        let above = lines[..place].iter().rev().take_while(|line| line.starts_with("#["));
        let above: Vec<_> = above.collect();
        let is_test = |line: &&str| matches!(line, &"#[test]" | &"#[tokio::test]");
        above.iter().any(|line| is_test(line)) && !above.iter().any(|line| **line == "#[ignore]")
    })
}

fn is_there(test: &str) -> bool {
    test.rsplit_once("::").is_some_and(|(module, name)| {
        let codes = files(module).into_iter().filter_map(|path| std::fs::read_to_string(path).ok());
        codes.into_iter().any(|code| has_test(&code, name))
    })
}

#[test]
fn every_promise_stands_under_its_heading_and_names_its_tests() {
    let page = read(PAGE);
    let promises: Vec<_> =
        sections(&page, "# ").into_iter().filter(|(heading, _)| heading.starts_with('P')).collect();
    let found: Vec<&str> =
        promises.iter().filter_map(|(heading, _)| heading.split(' ').next()).collect();
    let wanted: Vec<String> = (1..=PROMISES).map(|number| format!("P{number}")).collect();
    assert_eq!(found, wanted);
    for (heading, section) in promises {
        assert!(!tests(section).is_empty(), "{heading} names no test");
        for part in ["Limits: ", "Proven by: "] {
            let is_there = section.lines().any(|line| line.starts_with(part));
            assert!(is_there, "{heading} has no line that begins with {part:?}");
        }
    }
}

#[test]
fn every_test_that_the_page_names_is_there() {
    let page = read(PAGE);
    let named = tests(&page);
    assert!(named.len() > 60, "only {} tests are named", named.len());
    let missing: Vec<&str> = named.into_iter().filter(|test| !is_there(test)).collect();
    assert!(missing.is_empty(), "no such tests: {missing:#?}");
}

#[test]
fn a_test_that_is_not_there_is_missed() {
    assert!(is_there("docs_promises::a_test_that_is_not_there_is_missed"));
    assert!(is_there("timeline::visible::tests::control_sequences_are_written_out"));
    assert!(!is_there("docs_promises::a_test_that_was_taken_out"));
    assert!(!is_there("docs_promises::is_there"), "it is no test");
    assert!(!is_there("nowhere::a_test_that_is_not_there_is_missed"));
}
