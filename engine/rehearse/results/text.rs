//! Results as text, for a person: a line for each file, and all there is to see of what failed.

use crate::report::diagnostic::{Frame, Look, draw, render};
use crate::report::visible_str;
use crate::source::{Diagnostic, Source};

use super::{CaseResult, FileResult, Miss};
use crate::lint::counted;

/// The expectations that are lists: they are shown one above the other.
const LISTS: &[&str] = &["path", "undone", "waiting_for"];

/// The results, file by file, and a line that sums them up.
pub fn text(files: &[FileResult], look: Look) -> String {
    let mut text = String::new();
    files.iter().for_each(|file| text.push_str(&of_file(file, look)));
    text + &summary(files)
}

fn of_file(file: &FileResult, look: Look) -> String {
    let name = visible_str(file.source.name());
    let cases = counted(file.cases.len(), "case");
    if !file.wrong.is_empty() {
        return format!("WRONG   {name}\n\n{}\n", render(&file.source, &file.wrong, look));
    }
    if file.is_ok() {
        return format!("ok      {name}  {cases}\n");
    }
    let mut text = format!("FAILED  {name}  {} of {cases}\n", file.failed());
    for case in file.cases.iter().filter(|case| !case.is_ok()) {
        text.push_str(&of_case(case, &file.source, look));
    }
    text
}

fn of_case(case: &CaseResult, source: &Source, look: Look) -> String {
    let mut text = format!("\nFAILED  {}\n\n", visible_str(&case.name));
    if let Some(broke) = &case.broke {
        text.push_str(&format!("error: the run broke off: {}\n\n", visible_str(broke)));
    }
    for miss in &case.misses {
        text.push_str(&of_miss(miss, source, look));
    }
    for problem in &case.unused {
        text.push_str(&draw(source, problem, &Frame::default(), look));
        text.push_str("\n\n");
    }
    for unfit in &case.unfit {
        let line = format!("{}: the answer passes nothing: {}", unfit.step, unfit.reason);
        text.push_str(&format!("note: {}\n\n", visible_str(&line)));
    }
    if !case.last.is_empty() {
        text.push_str("the end of its timeline:\n");
        case.last.iter().for_each(|line| text.push_str(&format!("  {line}\n")));
        text.push('\n');
    }
    text
}

fn of_miss(miss: &Miss, source: &Source, look: Look) -> String {
    let is_list = LISTS.contains(&miss.what.as_str());
    let mut problem = Diagnostic::error(miss.at, sentence(miss));
    problem.is_private = miss.is_private;
    let mut text = draw(source, &problem, &Frame::default(), look) + "\n";
    if is_list {
        let (expected, came) = (visible_str(&miss.expected), visible_str(&miss.came));
        text.push_str(&format!("\n  expected  {expected}\n  came      {came}\n"));
    }
    text + "\n"
}

/// What is not as expected, in a sentence.
pub(super) fn sentence(miss: &Miss) -> String {
    let Miss { what, expected, came, .. } = miss;
    match what.as_str() {
        what if LISTS.contains(&what) => format!("`{what}` is not as expected"),
        what @ ("messages" | "timeline") => format!("`{what}` lacks \"{expected}\": {came}"),
        "takes.at_most" => format!("it takes {came}, and may take {expected} at most"),
        "takes.at_least" => format!("it takes {came}, and must take {expected} at least"),
        what => format!("`{what}` is {came}, expected {expected}"),
    }
}

fn summary(files: &[FileResult]) -> String {
    let cases: usize = files.iter().map(|file| file.cases.len()).sum();
    let failed: usize = files.iter().map(FileResult::failed).sum();
    let wrong = files.iter().filter(|file| !file.wrong.is_empty()).count();
    let mut text = format!("{} in {}", counted(cases, "case"), counted(files.len(), "file"));
    if failed > 0 {
        text.push_str(&format!(", {failed} FAILED"));
    }
    if wrong > 0 {
        text.push_str(&format!(", {} WRONG", counted(wrong, "file")));
    }
    if failed == 0 && wrong == 0 {
        text.push_str(", all ok");
    }
    text + "\n"
}
