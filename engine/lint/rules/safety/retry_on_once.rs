//! HP220: what may be done once is not tried again blindly.

use crate::lint::{Check, Confidence, Profile, Rule};
use crate::source::Severity;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP220",
    name: "retry-on-once",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Draft,
    fix: None,
    about: "An action that may be done once only is tried again after any failure.",
    why: "A failure does not say that nothing was done: a payment, a promotion or a restore \
          that broke off half-way would be done twice. Name the exit codes after which nothing \
          has happened, or say that the action is idempotent.",
    bad: include_str!("../../examples/HP220.bad.yaml"),
    good: include_str!("../../examples/HP220.good.yaml"),
    source: "the language reference, docs/language.md",
    check: Check::Reading,
};
