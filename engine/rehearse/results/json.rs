//! Results as JSON. The names and the order of the fields are a promise.

use schemars::JsonSchema;
use serde::Serialize;

use crate::source::{Diagnostic, Source, Span};

use super::covered::{self, CoverageOf, Covered};
use super::{CaseResult, FileResult};

/// The version of the form.
const VERSION: u32 = 1;

/// What `holdpoint test --format json` prints.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
pub struct Results {
    /// The version of this form.
    version: u32,
    /// How many cases were played.
    cases: usize,
    /// How many of them failed.
    failed: usize,
    /// What came of each file.
    files: Vec<File>,
    /// How much of each runbook was walked, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    coverage: Option<Vec<CoverageOf>>,
}

/// What came of a file of tests. Lines and columns count from 1, a column being a character.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
struct File {
    /// The file, as it was named.
    path: String,
    /// The runbook that it tests, by its path from the file.
    runbook: Option<String>,
    /// What is wrong with the file itself; then none of its cases was played.
    problems: Vec<Problem>,
    /// What came of its cases.
    cases: Vec<Case>,
}

/// What came of a case.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
struct Case {
    /// What it shows.
    name: String,
    /// The line of its name.
    line: usize,
    /// Whether all came out as expected.
    passed: bool,
    /// How the run stood at the end: `waiting` where it had not ended.
    outcome: Option<String>,
    /// What the exit criteria said.
    verdict: Option<&'static str>,
    /// How long the run lasted by the clock of the test, in milliseconds.
    took_ms: u64,
    /// The expectations that did not come true.
    misses: Vec<Missed>,
    /// What it says and never came to.
    unused: Vec<Problem>,
    /// The answers that passed nothing.
    unfit: Vec<Unfit>,
    /// Why it could not be played to its end, where it could not.
    broke: Option<String>,
    /// The last lines of the timeline, where it failed.
    timeline: Vec<String>,
}

/// An expectation that did not come true.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
struct Missed {
    /// What it is about, as keys of `expect` joined by dots.
    what: String,
    /// What was expected.
    expected: String,
    /// What came.
    came: String,
    /// The line where it stands.
    line: usize,
    /// The column where it stands.
    column: usize,
}

/// Something that is wrong.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
struct Problem {
    /// What, in a sentence.
    message: String,
    /// The line where it stands.
    line: usize,
    /// The column where it stands.
    column: usize,
    /// What to do about it.
    help: Option<String>,
}

/// An answer that passed nothing.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
struct Unfit {
    /// The path of the step that asked.
    step: String,
    /// Why it passed nothing.
    reason: String,
}

/// The results as one JSON document.
pub fn json(files: &[FileResult], covered: Option<&[Covered]>) -> String {
    let results = Results {
        version: VERSION,
        cases: files.iter().map(|file| file.cases.len()).sum(),
        failed: files.iter().map(FileResult::failed).sum(),
        files: files.iter().map(of_file).collect(),
        coverage: covered.map(|runbooks| runbooks.iter().map(covered::json).collect()),
    };
    serde_json::to_string_pretty(&results).unwrap_or_default() + "\n"
}

fn of_file(file: &FileResult) -> File {
    File {
        path: file.source.name().to_owned(),
        runbook: file.runbook.clone(),
        problems: file.wrong.iter().map(|it| problem(&file.source, it)).collect(),
        cases: file.cases.iter().map(|case| of_case(&file.source, case)).collect(),
    }
}

fn of_case(source: &Source, case: &CaseResult) -> Case {
    let missed = |miss: &super::Miss| {
        let (line, column) = place(source, miss.at);
        let (expected, came) = (miss.expected.clone(), miss.came.clone());
        Missed { what: miss.what.clone(), expected, came, line, column }
    };
    let unfit = |unfit: &crate::drive::Unfit| Unfit {
        step: unfit.step.clone(),
        reason: unfit.reason.clone(),
    };
    Case {
        name: case.name.value.clone(),
        line: place(source, case.name.span).0,
        passed: case.is_ok(),
        outcome: case.outcome.clone(),
        verdict: case.verdict,
        took_ms: case.took_ms,
        misses: case.misses.iter().map(missed).collect(),
        unused: case.unused.iter().map(|it| problem(source, it)).collect(),
        unfit: case.unfit.iter().map(unfit).collect(),
        broke: case.broke.clone(),
        timeline: case.last.clone(),
    }
}

fn problem(source: &Source, problem: &Diagnostic) -> Problem {
    let (line, column) = place(source, problem.at);
    Problem { message: problem.message.clone(), line, column, help: problem.help.clone() }
}

fn place(source: &Source, at: Span) -> (usize, usize) {
    let place = source.position(at.start);
    (place.line, place.column)
}
