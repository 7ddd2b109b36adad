//! The one table of rules, in the order of their codes. Each rule is a file: what it says of
//! itself, and its check.

mod safety;
mod secrets;
pub(super) mod shellcheck;
mod structure;
pub(super) mod suppressions;

use super::rule::Rule;

/// All rules.
pub static RULES: &[&Rule] = &[
    &structure::yaml_syntax::RULE,
    &structure::duplicate_key::RULE,
    &structure::schema_violation::RULE,
    &structure::duplicate_step_id::RULE,
    &structure::unknown_needs::RULE,
    &structure::dependency_cycle::RULE,
    &structure::undefined_reference::RULE,
    &structure::reference_not_upstream::RULE,
    &safety::destructive_without_gate::RULE,
    &safety::retry_on_once::RULE,
    &secrets::template_injection::RULE,
    &shellcheck::RULE,
    &suppressions::RULE,
];
