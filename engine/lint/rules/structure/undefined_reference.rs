//! HP108: what is named is there.

use crate::lint::{Check, Confidence, Profile, Rule, Safety};
use crate::source::Severity;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP108",
    name: "undefined-reference",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Draft,
    fix: Some(Safety::Unsafe),
    about: "An expression, a target, an approver or a template is named that is not there.",
    why: "It would fail in the middle of the incident, at the step that uses it. `run` refuses \
          such a file.",
    bad: include_str!("../../examples/HP108.bad.yaml"),
    good: include_str!("../../examples/HP108.good.yaml"),
    source: "the language reference, docs/language.md",
    check: Check::Reading,
};
