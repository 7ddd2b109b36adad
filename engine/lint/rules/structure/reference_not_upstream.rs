//! HP109: what an expression looks at is settled before.

use crate::lint::{Check, Confidence, Profile, Rule};
use crate::source::Severity;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP109",
    name: "reference-not-upstream",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Draft,
    fix: None,
    about: "An expression refers to a step that may not be settled yet.",
    why: "The value may not exist when it is needed, depending on which step is faster. Only \
          what a step needs is sure to be there.",
    bad: include_str!("../../examples/HP109.bad.yaml"),
    good: include_str!("../../examples/HP109.good.yaml"),
    source: "the language reference, docs/language.md",
    check: Check::Reading,
};
