//! HP103: what the language does not have.

use crate::lint::{Check, Confidence, Profile, Rule, Safety};
use crate::source::Severity;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP103",
    name: "schema-violation",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Draft,
    fix: Some(Safety::Unsafe),
    about: "The file says something that the language does not have, or in a form that it does \
            not take.",
    why: "A misspelt key is a safety measure that is not there: a step with `gaet` instead of \
          `gate` asks nobody. `run` refuses such a file.",
    bad: include_str!("../../examples/HP103.bad.yaml"),
    good: include_str!("../../examples/HP103.good.yaml"),
    source: "the language reference, docs/language.md",
    check: Check::Reading,
};
