//! HP901: who leaves a finding out answers for it.

use crate::lint::{Check, Confidence, Finding, Profile, Rule, Safety};
use crate::source::{Severity, Span};

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP901",
    name: "unused-or-bad-suppression",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Standard,
    fix: Some(Safety::Safe),
    about: "A finding is suppressed that is not there, by a name that no rule has, or without a \
            reason where it is an error.",
    why: "A suppression that fits nothing looks like a decision that somebody took. A misspelt \
          code leaves the finding as it was, and one that fires no more hides the next finding of \
          its rule at that place. An error that is left out without a reason cannot be judged by \
          the next reader.",
    bad: include_str!("../examples/HP901.bad.yaml"),
    good: include_str!("../examples/HP901.good.yaml"),
    source: "practice: what nobody can explain is never removed",
    check: Check::Suppressions,
};

/// A suppression that does not do what it says.
pub fn error(at: Span, message: impl Into<String>) -> Finding {
    Finding::new(&RULE, at, message).severity(Severity::Error)
}

/// A suppression that nothing needs.
pub fn warning(at: Span, message: impl Into<String>) -> Finding {
    Finding::new(&RULE, at, message)
}
