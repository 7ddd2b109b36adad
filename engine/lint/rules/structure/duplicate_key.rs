//! HP102: a key stands once in its mapping.

use crate::lint::{Check, Confidence, Profile, Rule};
use crate::source::Severity;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP102",
    name: "duplicate-key",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Draft,
    fix: None,
    about: "A key comes twice in one mapping.",
    why: "Most YAML parsers let the last one win without a word, so that one of two timeouts, \
          gates or targets that people read is never used. `run` refuses such a file.",
    bad: include_str!("../../examples/HP102.bad.yaml"),
    good: include_str!("../../examples/HP102.good.yaml"),
    source: "https://yaml.org/spec/1.2.2/#3213-node-comparison",
    check: Check::Reading,
};
