//! How much of a runbook its tests have walked, as text, JSON and JUnit.

use std::fmt::Write;

use schemars::JsonSchema;
use serde::Serialize;

use crate::rehearse::coverage::{Coverage, Edge};
use crate::report::findings::escaped;
use crate::report::visible_str;
use crate::source::Source;

use crate::lint::counted;

/// How much of a runbook its tests have walked.
#[derive(Clone, Debug)]
pub struct Covered {
    /// The text of the runbook, under the name that it is shown by.
    pub source: Source,
    /// Its edges, and which of them were walked.
    pub coverage: Coverage,
    /// Whether a file of tests names it.
    pub has_tests: bool,
    /// How much must be walked, in per cent, where that is asked for.
    pub required: Option<f64>,
}

/// How much of a runbook was walked, as programs read it.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
pub struct CoverageOf {
    /// The runbook, by its path.
    runbook: String,
    /// Whether a file of tests names it.
    has_tests: bool,
    /// How many edges it has.
    edges: usize,
    /// How many of them were walked.
    walked: usize,
    /// How many that is in a hundred, rounded down to a tenth: only all of them are 100.
    percent: f64,
    /// How many in a hundred must be walked, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    required: Option<f64>,
    /// Whether so many were walked.
    is_enough: bool,
    /// The edges that were not walked, in the order of the file.
    missing: Vec<Missing>,
}

/// An edge that was not walked.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
struct Missing {
    /// Its name: the place where it begins, and the way that it goes.
    id: String,
    /// What sort of edge it is: one of rungs, gates, failures, rollbacks, branches, checks, steps.
    group: &'static str,
    /// What would happen, in a sentence.
    sentence: String,
    /// The line of the runbook where it begins.
    line: Option<usize>,
}

impl Covered {
    /// Whether as much was walked as must be.
    pub fn is_enough(&self) -> bool {
        self.required.is_none_or(|percent| self.coverage.reaches(percent))
    }

    /// How much was walked, in a sentence.
    pub fn sentence(&self) -> String {
        let (walked, total) = (self.coverage.count(), counted(self.coverage.total(), "edge"));
        format!("{walked} of {total} walked ({})", percent(&self.coverage))
    }

    fn line(&self, edge: &Edge) -> Option<usize> {
        edge.span.map(|span| self.source.position(span.start).line)
    }

    fn told(&self, edge: &Edge) -> String {
        let line = self.line(edge).map(|line| format!("line {line}: ")).unwrap_or_default();
        visible_str(&format!("{line}{}", edge.sentence)).into_owned()
    }
}

/// How much was walked, in per cent.
pub fn percent(coverage: &Coverage) -> String {
    match coverage.permille() {
        1000 => "100 %".to_owned(),
        permille => format!("{}.{} %", permille / 10, permille % 10),
    }
}

/// A number of per cent as it was asked for.
fn wanted(percent: f64) -> String {
    format!("{percent} %")
}

/// All runbooks as text, with what of them was not walked.
pub fn text(covered: &[Covered]) -> String {
    let mut text = String::new();
    for runbook in covered {
        let name = visible_str(runbook.source.name());
        let _ = writeln!(text, "\n{name}: {}", runbook.sentence());
        if !runbook.has_tests {
            text.push_str("  it has no tests: holdpoint test --init writes the first\n");
            continue;
        }
        for (group, edges) in runbook.coverage.missing_by_group() {
            let _ = writeln!(text, "  {}", group.word());
            edges.iter().for_each(|edge| {
                let _ = writeln!(text, "    {}", runbook.told(edge));
            });
        }
    }
    let short: Vec<&Covered> = covered.iter().filter(|it| !it.is_enough()).collect();
    if let Some(required) = short.first().and_then(|first| first.required) {
        let number = counted(short.len(), "runbook");
        let _ = writeln!(text, "\n{number} below the {} that must be walked", wanted(required));
    }
    text
}

/// A runbook as programs read it.
pub(super) fn json(runbook: &Covered) -> CoverageOf {
    let missing = |edge: &Edge| Missing {
        id: edge.id.clone(),
        group: edge.group.word(),
        sentence: edge.sentence.clone(),
        line: runbook.line(edge),
    };
    CoverageOf {
        runbook: runbook.source.name().to_owned(),
        has_tests: runbook.has_tests,
        edges: runbook.coverage.total(),
        walked: runbook.coverage.count(),
        // At most 1000, which every number of this kind holds.
        percent: runbook.coverage.permille() as f64 / 10.0,
        required: runbook.required,
        is_enough: runbook.is_enough(),
        missing: runbook.coverage.missing().map(missing).collect(),
    }
}

/// A suite of JUnit with a case for each runbook, which fails where too little was walked; nothing
/// where nobody asked.
pub(super) fn junit(covered: &[Covered]) -> String {
    if covered.is_empty() {
        return String::new();
    }
    let short = short(covered);
    let mut text = format!(
        "  <testsuite name=\"coverage\" tests=\"{}\" failures=\"{short}\" errors=\"0\" \
         disabled=\"0\">\n",
        covered.len()
    );
    for runbook in covered {
        let name = escaped(runbook.source.name());
        let lines: String =
            runbook.coverage.missing().map(|edge| format!("{}\n", runbook.told(edge))).collect();
        let (told, lines) = (escaped(&runbook.sentence()), escaped(&lines));
        let _ = writeln!(text, "    <testcase name=\"{name}\" classname=\"coverage\">");
        let _ = match runbook.is_enough() {
            true => writeln!(text, "      <system-out>{told}\n{lines}</system-out>"),
            false => writeln!(
                text,
                "      <failure message=\"{told}\" type=\"coverage\">{lines}</failure>"
            ),
        };
        text.push_str("    </testcase>\n");
    }
    text + "  </testsuite>\n"
}

/// How many runbooks were walked too little.
pub(super) fn short(covered: &[Covered]) -> usize {
    covered.iter().filter(|runbook| !runbook.is_enough()).count()
}
