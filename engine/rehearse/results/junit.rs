//! Results as JUnit XML: a suite for each file, a case for each case.

use std::fmt::Write;

use crate::report::findings::escaped;
use crate::source::{Diagnostic, Source, Span};

use super::covered::{self, Covered};
use super::text::sentence;
use super::{CaseResult, FileResult};

/// The report. A file that is wrong in itself is one case with an error.
pub fn junit(files: &[FileResult], covered: &[Covered]) -> String {
    let tests = files.iter().map(tests).sum::<usize>() + covered.len();
    let failures = files.iter().map(FileResult::failed).sum::<usize>() + covered::short(covered);
    let errors = files.iter().filter(|file| !file.wrong.is_empty()).count();
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites name=\"holdpoint test\" tests=\"{tests}\" failures=\"{failures}\" \
         errors=\"{errors}\">\n"
    );
    files.iter().for_each(|file| suite(file, &mut text));
    text + &covered::junit(covered) + "</testsuites>\n"
}

fn tests(file: &FileResult) -> usize {
    if file.wrong.is_empty() { file.cases.len() } else { 1 }
}

fn suite(file: &FileResult, text: &mut String) {
    let name = escaped(file.source.name());
    let (tests, failures) = (tests(file), file.failed());
    let errors = usize::from(!file.wrong.is_empty());
    let _ = writeln!(
        text,
        "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" \
         errors=\"{errors}\" disabled=\"0\">"
    );
    if let Some(first) = file.wrong.first() {
        let message = escaped(&first.message);
        let lines = file.wrong.iter().map(|it| of_problem(&file.source, it));
        let lines = escaped(&lines.collect::<String>());
        let _ = writeln!(text, "    <testcase name=\"{name}\" classname=\"{name}\">");
        let _ = writeln!(text, "      <error message=\"{message}\" type=\"wrong\">{lines}</error>");
        text.push_str("    </testcase>\n");
    }
    file.cases.iter().for_each(|case| of_case(case, file, &name, text));
    text.push_str("  </testsuite>\n");
}

fn of_case(case: &CaseResult, file: &FileResult, suite: &str, text: &mut String) {
    let name = escaped(&case.name);
    if case.is_ok() {
        let _ = writeln!(text, "    <testcase name=\"{name}\" classname=\"{suite}\"/>");
        return;
    }
    let lines = lines(case, &file.source);
    let message = escaped(lines.first().map_or("", |(message, _)| message.as_str()));
    let mut told: String = lines.iter().map(|(_, line)| format!("{line}\n")).collect();
    case.last.iter().for_each(|line| told.push_str(&format!("{line}\n")));
    let told = escaped(&told);
    let _ = writeln!(text, "    <testcase name=\"{name}\" classname=\"{suite}\">");
    let _ = writeln!(text, "      <failure message=\"{message}\" type=\"failed\">{told}</failure>");
    text.push_str("    </testcase>\n");
}

/// What is wrong with a case: each as a sentence, and as a line with its place.
fn lines(case: &CaseResult, source: &Source) -> Vec<(String, String)> {
    let mut found = Vec::new();
    if let Some(broke) = &case.broke {
        let sentence = format!("the run broke off: {broke}");
        found.push((sentence.clone(), at(source, case.name.span, &sentence)));
    }
    for miss in &case.misses {
        let sentence = sentence(miss);
        let mut line = at(source, miss.at, &sentence);
        if !sentence.contains(&miss.expected) {
            line.push_str(&format!("\n  expected  {}\n  came      {}", miss.expected, miss.came));
        }
        found.push((sentence, line));
    }
    for problem in &case.unused {
        found.push((problem.message.clone(), at(source, problem.at, &problem.message)));
    }
    found
}

fn of_problem(source: &Source, problem: &Diagnostic) -> String {
    at(source, problem.at, &problem.message) + "\n"
}

fn at(source: &Source, span: Span, message: &str) -> String {
    let place = source.position(span.start);
    format!("{}:{}:{}: {message}", source.name(), place.line, place.column)
}
