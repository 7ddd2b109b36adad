//! HP401: what shellcheck says of a script, at the line where it stands.

use crate::lint::{Check, Confidence, Profile, Rule, Safety};
use crate::source::Severity;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP401",
    name: "shellcheck",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Standard,
    fix: Some(Safety::Unsafe),
    about: "shellcheck has something to say about a script.",
    why: "A variable that is not quoted is split at its blanks, a pipeline hides the failure of \
          its first command, and a `cd` that fails lets `rm` run in another folder. shellcheck \
          knows hundreds of such slips. Each is reported as a part of this rule, such as \
          `HP401[SC2086]`, at its place in the script, and with its own weight. A comment for \
          shellcheck in the script (`# shellcheck disable=SC2086`) is respected. The rule is left \
          out where shellcheck is not installed, and with `--no-shellcheck`.",
    bad: include_str!("../examples/HP401.bad.yaml"),
    good: include_str!("../examples/HP401.good.yaml"),
    source: "https://www.shellcheck.net/wiki/",
    check: Check::Shellcheck,
};
