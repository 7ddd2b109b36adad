//! HP101: what is no YAML cannot be read.

use crate::lint::{Check, Confidence, Profile, Rule};
use crate::source::Severity;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP101",
    name: "yaml-syntax",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Draft,
    fix: None,
    about: "The text is no YAML, or has something that a runbook may not have.",
    why: "Nothing else can be read, checked or run. During an incident is the worst moment to \
          look for a tab or a quote.",
    bad: include_str!("../../examples/HP101.bad.yaml"),
    good: include_str!("../../examples/HP101.good.yaml"),
    source: "https://yaml.org/spec/1.2.2/",
    check: Check::Reading,
};
