//! HP104: an id means one step.

use crate::lint::{Check, Confidence, Profile, Rule};
use crate::source::Severity;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP104",
    name: "duplicate-step-id",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Draft,
    fix: None,
    about: "Two steps or checks of a file have the same id.",
    why: "What a run has done, what `needs` names and what a person types (`skip`, `retry`, \
          `--resolve`) all go by ids. Two of the same would mean either step.",
    bad: include_str!("../../examples/HP104.bad.yaml"),
    good: include_str!("../../examples/HP104.good.yaml"),
    source: "the language reference, docs/language.md",
    check: Check::Reading,
};
