//! The one table of rules, in the order of their codes. Each rule is a file: what it says of
//! itself, and its check.

mod safety;

use super::rule::Rule;

/// All rules.
pub static RULES: &[&Rule] = &[&safety::destructive_without_gate::RULE];
