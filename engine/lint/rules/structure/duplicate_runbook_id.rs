//! HP113: a runbook has an id of its own in its library.

use crate::lint::{Check, Confidence, Profile, Rule};
use crate::source::Severity;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP113",
    name: "duplicate-runbook-id",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Draft,
    fix: None,
    about: "Two runbooks of one library have the same id.",
    why: "A run is named after the id of its runbook, and so are its alerts and its record. With two \
          of one name the second is refused while the first is open, and nobody can tell from a \
          list of runs which of them was followed.",
    bad: include_str!("../../examples/HP113.bad.yaml"),
    good: include_str!("../../examples/HP113.good.yaml"),
    source: "the language, section 2: `id` is unique in a library",
    check: Check::Library,
};
