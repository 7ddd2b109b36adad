//! Results of tests as people and programs read them: one file a format.
//!
//! A secret that a case gives is in none of them: its value is hidden in every text, and a line of
//! the file that holds it is not shown.

mod covered;
mod json;
mod junit;
mod text;

use std::sync::Arc;

use crate::document::millis;
use crate::drive::Unfit;
use crate::report::lines;
use crate::source::{Diagnostic, Source, Span, Spanned};

use super::compare::{Miss, compare, lasted, outcome_of};
use super::course::timeline;
use super::play::{Played, play};
use super::script::{Piece, Script};
use super::unused::unused;

pub use covered::{Covered, percent, text as coverage};
pub use json::{Results, json};
pub use junit::junit;
pub use text::text;

/// How many lines of a timeline stand below a case that failed.
const LAST: usize = 8;

/// What a secret is shown as.
const HIDDEN: &str = "[secret]";

/// A file of tests, and what came of it.
#[derive(Clone, Debug)]
pub struct FileResult {
    /// The file.
    pub source: Source,
    /// The runbook that it tests, as it names it; none where it could not be read that far.
    pub runbook: Option<String>,
    /// What is wrong with the file itself: then none of its cases was played.
    pub wrong: Vec<Diagnostic>,
    /// What came of its cases, in order.
    pub cases: Vec<CaseResult>,
}

/// What came of a case.
#[derive(Clone, Debug)]
pub struct CaseResult {
    /// What it shows.
    pub name: Spanned<String>,
    /// How the run stands, in the word of `outcome`; none where it broke off.
    pub outcome: Option<String>,
    /// What the exit criteria said.
    pub verdict: Option<&'static str>,
    /// How long the run lasted by the clock of the test, in milliseconds.
    pub took_ms: u64,
    /// The expectations that did not come true.
    pub misses: Vec<Miss>,
    /// What it says and never came to.
    pub unused: Vec<Diagnostic>,
    /// The answers that passed nothing, with the reasons.
    pub unfit: Vec<Unfit>,
    /// Why it could not be played to its end, where it could not.
    pub broke: Option<String>,
    /// The end of the timeline, where it failed.
    pub last: Vec<String>,
}

impl FileResult {
    /// Whether its cases were played and all came out as expected.
    pub fn is_ok(&self) -> bool {
        self.wrong.is_empty() && self.cases.iter().all(CaseResult::is_ok)
    }

    /// How many of its cases failed.
    pub fn failed(&self) -> usize {
        self.cases.iter().filter(|case| !case.is_ok()).count()
    }
}

impl CaseResult {
    /// Whether all came out as expected.
    pub fn is_ok(&self) -> bool {
        self.misses.is_empty() && self.unused.is_empty() && self.broke.is_none()
    }
}

/// Plays a case, and says what came of it; the run itself beside that, unless it broke off.
pub fn tried(source: &Source, piece: &Piece, script: &Arc<Script>) -> (CaseResult, Option<Played>) {
    let mut result = CaseResult {
        name: script.name.clone(),
        outcome: None,
        verdict: None,
        took_ms: 0,
        misses: Vec::new(),
        unused: Vec::new(),
        unfit: Vec::new(),
        broke: None,
        last: Vec::new(),
    };
    let played = match play(piece, script) {
        Ok(played) => played,
        Err(error) => {
            result.broke = Some(error.to_string());
            return (result, None);
        }
    };
    judge(&mut result, piece, script, &played);
    hide(&mut result, source, &script.secrets);
    (result, Some(played))
}

fn judge(result: &mut CaseResult, piece: &Piece, script: &Script, played: &Played) {
    result.outcome = Some(outcome_of(played));
    result.verdict = played.state.verdict.map(|verdict| verdict.word());
    result.took_ms = millis(lasted(played));
    result.unused = unused(script, &piece.plan, played);
    result.unfit.clone_from(&played.unfit);
    let told = |result: &mut CaseResult| match timeline(piece, played) {
        Ok(entries) => entries,
        Err(error) => {
            result.broke = Some(error.to_string());
            Vec::new()
        }
    };
    // Most cases are fine, and nobody asks for their timeline.
    let entries = match script.hopes.expect.timeline.is_empty() {
        true => None,
        false => Some(told(result)),
    };
    result.misses = compare(&script.hopes, played, entries.as_deref().unwrap_or_default());
    if result.is_ok() {
        return;
    }
    let entries = entries.unwrap_or_else(|| told(result));
    let all: Vec<String> = entries.iter().flat_map(lines).collect();
    result.last = all[all.len().saturating_sub(LAST)..].to_vec();
}

/// Hides secrets in all that is shown of a case.
fn hide(result: &mut CaseResult, source: &Source, secrets: &[String]) {
    if secrets.is_empty() {
        return;
    }
    let hidden = |text: &mut String| {
        for secret in secrets {
            *text = text.replace(secret.as_str(), HIDDEN);
        }
    };
    for miss in &mut result.misses {
        hidden(&mut miss.expected);
        hidden(&mut miss.came);
        miss.is_private = is_private(source, miss.at, secrets);
    }
    for problem in &mut result.unused {
        hidden(&mut problem.message);
        problem.is_private = is_private(source, problem.at, secrets);
    }
    result.unfit.iter_mut().for_each(|unfit| hidden(&mut unfit.reason));
    result.last.iter_mut().for_each(hidden);
}

/// Whether the line of a place holds a secret.
fn is_private(source: &Source, at: Span, secrets: &[String]) -> bool {
    let line = source.position(at.start).line;
    let line = source.text().get(source.line_start(line)..source.line_start(line + 1));
    line.is_some_and(|line| secrets.iter().any(|secret| line.contains(secret.as_str())))
}

/// Hides the lines of problems of a file that hold a secret.
pub fn hide_lines(problems: &mut [Diagnostic], source: &Source, secrets: &[String]) {
    for problem in problems {
        problem.is_private |= is_private(source, problem.at, secrets);
    }
}
