//! Files with one mistake each, which stands behind the `#` of the first line as it is reported.
//!
//! In `tests/data/wrong` are those that the schema finds too, in `tests/data/wrong-beyond-schema` those
//! that only the reader or the plan can find.

use std::fs;

use holdpoint::plan;
use holdpoint::runbook;
use holdpoint::source::{Problems, Source};

use super::{assert_none, complaints, json, problems};
use crate::docs::files_under;

/// A file with a mistake.
struct Wrong {
    name: String,
    /// What it is read as.
    schema: &'static str,
    text: String,
    /// The message that it must lead to.
    expected: String,
}

fn wrong(folder: &str) -> Vec<Wrong> {
    let files = files_under(folder, "yaml").into_iter();
    let found = files.map(|path| {
        let name = path.file_name().and_then(|name| name.to_str()).expect("it has a name");
        let schema = match name {
            name if name.ends_with(".test.yaml") => "test",
            name if name.ends_with(".answers.yaml") => "answers",
            name if name.ends_with(".library.yaml") => "library",
            _ => "runbook",
        };
        let text = fs::read_to_string(&path).expect("the project's own files can be read");
        let first = text.lines().next().and_then(|line| line.strip_prefix("# "));
        let expected = first.expect("the mistake stands in the first line").to_owned();
        Wrong { name: name.to_owned(), schema, expected, text }
    });
    found.collect()
}

fn complaint(wrong: &Wrong, found: &[String]) -> Option<String> {
    (found != [wrong.expected.as_str()]).then(|| format!("{}: found {found:?}", wrong.name))
}

/// What reading and planning a runbook leads to.
fn planned(text: &str) -> Vec<String> {
    let source = Source::new("wrong.yaml", text);
    let mut problems = Problems::default();
    if let Some(runbook) = runbook::read(&source, &mut problems) {
        plan::build(runbook, &mut problems);
    }
    problems.sorted().into_iter().map(|problem| problem.message).collect()
}

#[test]
fn every_mistake_that_a_schema_can_tell_is_found_by_the_reader_and_by_the_validator() {
    let files = wrong("tests/data/wrong");
    let mut wrongs = Vec::new();
    for file in &files {
        wrongs.extend(complaint(file, &problems(file.schema, &file.text)));
        if complaints(file.schema, &json(&file.text)).is_empty() {
            wrongs.push(format!("{}: the validator finds nothing", file.name));
        }
    }
    assert_none(&wrongs);
    assert!(files.len() >= 130, "only {} files were found", files.len());
}

#[test]
fn a_mistake_that_no_schema_can_tell_is_found_by_the_reader() {
    let files = wrong("tests/data/wrong-beyond-schema");
    let mut wrongs = Vec::new();
    for file in &files {
        wrongs.extend(complaint(file, &planned(&file.text)));
        let found = complaints(file.schema, &json(&file.text));
        wrongs.extend(
            found.into_iter().map(|it| format!("{}: the schema tells it: {it}", file.name)),
        );
    }
    assert_none(&wrongs);
    assert!(files.len() >= 25, "only {} files were found", files.len());
}
