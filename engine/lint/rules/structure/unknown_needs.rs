//! HP105: what a step needs is there.

use crate::lint::{Check, Confidence, Profile, Rule, Safety};
use crate::source::Severity;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP105",
    name: "unknown-needs",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Draft,
    fix: Some(Safety::Unsafe),
    about: "A step needs another one that is not in its list.",
    why: "The step could never begin. Mostly the name is misspelt, or the step stands in \
          another phase: then the phase is what is needed.",
    bad: include_str!("../../examples/HP105.bad.yaml"),
    good: include_str!("../../examples/HP105.good.yaml"),
    source: "the language reference, docs/language.md",
    check: Check::Reading,
};
