//! HP106: steps that wait for each other never begin.

use crate::lint::{Check, Confidence, Profile, Rule};
use crate::source::Severity;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP106",
    name: "dependency-cycle",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Draft,
    fix: None,
    about: "Steps wait for each other in a circle.",
    why: "None of them could ever begin. A step without `needs` waits for every step above it, \
          which is how most circles come about.",
    bad: include_str!("../../examples/HP106.bad.yaml"),
    good: include_str!("../../examples/HP106.good.yaml"),
    source: "the language reference, docs/language.md",
    check: Check::Reading,
};
