//! The one table of rules, in the order of their codes. Each rule is a file: what it says of
//! itself, and its check.

pub mod metadata;
mod safety;
mod structure;

use super::rule::Rule;

/// All rules.
#[rustfmt::skip]
pub static RULES: &[&Rule] = &[
    &structure::unreachable_step::RULE,
    &structure::prose_only_step::RULE,
    &structure::alternatives_in_one_step::RULE,
    &structure::mixed_execution_target::RULE,
    &safety::destructive_without_gate::RULE,
    &metadata::missing_owner::RULE,
    &metadata::missing_severity::RULE,
    &metadata::placeholder_left::RULE,
    &metadata::missing_objectives::RULE,
    &metadata::objective_exceeded::RULE,
    &metadata::stale_review::RULE,
    &metadata::unreachable_contact::RULE,
    &metadata::hardcoded_date::RULE,
];
