//! HP509: a runbook that others rely on has tests.

use crate::lint::{Check, Confidence, Profile, Rule};
use crate::source::Severity;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP509",
    name: "untested",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Strict,
    fix: None,
    about: "No tests lie beside the runbook, and no file of tests that is looked at names it.",
    why: "A runbook that nobody has gone through is a guess. A test plays it without touching \
          anything, with the failures that matter, and says when a change sends it another way.",
    bad: include_str!("../../examples/HP509.bad.yaml"),
    good: include_str!("../../examples/HP509.good.yaml"),
    source: "practice: procedures that are not rehearsed fail at their first use",
    check: Check::Library,
};
