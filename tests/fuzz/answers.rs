//! A file of answers, what a command hands over, and what is read from what it printed: any text
//! is taken or refused with a reason.
//!
//! The three stand in one input, parted by a line of `%%`.

use std::sync::LazyLock;

use holdpoint::runbook::output::{MOST, Output};
use holdpoint::runbook::{self, answers};
use holdpoint::runtime::handed;
use holdpoint::source::{Problems, Source};

use super::document::draw;

/// A step with outputs from everywhere and of every type.
const RUNBOOK: &str = "
holdpoint: 1
id: outputs
title: Outputs
steps:
  - id: look
    run: x
    outputs:
      all: {}
      err: {from: stderr, type: duration}
      first: {from: line, type: int}
      last: {from: line, line: -1, type: size}
      far: {from: line, line: -9223372036854775808}
      json: {from: json, path: '$.a[0].b', type: number}
      list: {from: json, type: list}
      match: {from: regex, pattern: 'rows: ([0-9]+)', type: int}
      when: {type: timestamp, default: 2026-01-31T03:00:00Z}
      yes: {type: bool}
      link: {type: url}
      lines: {type: list}
";

static OUTPUTS: LazyLock<Vec<Output>> = LazyLock::new(|| {
    let mut problems = Problems::default();
    let runbook = runbook::read(&Source::new("outputs.yaml", RUNBOOK), &mut problems);
    assert!(problems.is_empty(), "{:?}", problems.sorted());
    runbook.expect("nothing is wrong with it").steps[0].facets.outputs.clone()
});

pub(crate) fn play(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut parts = text.splitn(3, "\n%%\n");
    answer(parts.next().unwrap_or_default());
    hand_over(parts.next().unwrap_or_default());
    print(parts.next().unwrap_or_default());
}

fn answer(text: &str) {
    let source = Source::new("answers.yaml", text);
    let mut problems = Problems::default();
    let prepared = answers::read(&source, &mut problems);
    for answer in &prepared {
        answer.people();
        let at = answer.step.span;
        assert!(text.get(at.start..at.end).is_some());
    }
    draw(&source, &problems.sorted());
}

fn hand_over(text: &str) {
    match handed::values(text, &OUTPUTS) {
        Ok(values) => {
            for (name, line) in &values {
                let output = OUTPUTS.iter().find(|output| output.name.value == *name);
                match output.expect("only what is declared is taken").parse(line) {
                    Ok(value) => assert!(is_kept(&value), "{value:?} is lost in JSON"),
                    Err(reason) => assert!(!reason.is_empty()),
                }
            }
        }
        Err(reason) => assert!(reason.starts_with("line ")),
    }
}

fn print(text: &str) {
    let text = &text[..text.floor_char_boundary(MOST)];
    for output in OUTPUTS.iter() {
        match output.extract(text, text) {
            Ok(value) => assert!(is_kept(&value), "{value:?} is lost in JSON"),
            Err(reason) => assert!(!reason.is_empty()),
        }
    }
}

/// Whether a value comes through JSON, as it does in the journal.
fn is_kept(value: &runbook::value::Value) -> bool {
    let json = value.to_json();
    serde_json::from_str::<serde_json::Value>(&json.to_string()).is_ok_and(|read| read == json)
}
