//! The one table of rules, in the order of their codes. Each rule is a file: what it says of
//! itself, and its check.

mod change;
mod facts;
pub mod metadata;
mod safety;
mod secrets;
pub(super) mod setting;
mod shell;
pub mod shellcheck;
pub mod structure;
pub mod suppressions;
mod tools;
mod verification;

use super::rule::Rule;

pub use safety::read_step_that_changes::changing;

/// All rules.
#[rustfmt::skip] // a rule a line
pub static RULES: &[&Rule] = &[
    &structure::yaml_syntax::RULE,
    &structure::duplicate_key::RULE,
    &structure::schema_violation::RULE,
    &structure::duplicate_step_id::RULE,
    &structure::unknown_needs::RULE,
    &structure::dependency_cycle::RULE,
    &structure::unreachable_step::RULE,
    &structure::undefined_reference::RULE,
    &structure::reference_not_upstream::RULE,
    &structure::prose_only_step::RULE,
    &structure::alternatives_in_one_step::RULE,
    &structure::mixed_execution_target::RULE,
    &structure::duplicate_runbook_id::RULE,
    &safety::destructive_without_gate::RULE,
    &safety::mutation_without_verify::RULE,
    &safety::no_rollback::RULE,
    &safety::no_timeout::RULE,
    &safety::unbounded_retry::RULE,
    &safety::unsafe_auto_resume::RULE,
    &safety::destroy_before_backup::RULE,
    &safety::restore_with_live_writers::RULE,
    &safety::missing_inverse_step::RULE,
    &safety::unpinned_artifact::RULE,
    &safety::missing_precondition::RULE,
    &safety::cutover_before_verify::RULE,
    &safety::service_state_conflict::RULE,
    &safety::broad_blast_radius::RULE,
    &safety::implicit_target::RULE,
    &safety::interactive_command::RULE,
    &safety::non_terminating_command::RULE,
    &safety::heavy_lock_or_disk::RULE,
    &safety::artifact_name_mismatch::RULE,
    &safety::retry_on_once::RULE,
    &safety::read_step_that_changes::RULE,
    &secrets::secret_in_argv::RULE,
    &secrets::hardcoded_secret::RULE,
    &secrets::template_injection::RULE,
    &secrets::secret_leak::RULE,
    &secrets::insecure_transport::RULE,
    &secrets::option_injection::RULE,
    &shellcheck::RULE,
    &shell::pipeline_without_pipefail::RULE,
    &shell::http_check_without_fail::RULE,
    &shell::sql_errors_ignored::RULE,
    &shell::fixed_sleep::RULE,
    &shell::repeated_nondeterminism::RULE,
    &shell::binary_through_tty::RULE,
    &shell::gnu_bsd_portability::RULE,
    &shell::not_shell::RULE,
    &metadata::missing_owner::RULE,
    &metadata::missing_severity::RULE,
    &metadata::placeholder_left::RULE,
    &metadata::missing_objectives::RULE,
    &metadata::objective_exceeded::RULE,
    &metadata::stale_review::RULE,
    &metadata::unreachable_contact::RULE,
    &metadata::hardcoded_date::RULE,
    &metadata::untested::RULE,
    &verification::probe_without_assertion::RULE,
    &verification::ineffective_probe::RULE,
    &verification::backup_unverified::RULE,
    &tools::removed_feature::RULE,
    &tools::unknown_flag_or_syntax::RULE,
    &tools::wrong_tool::RULE,
    &tools::async_not_awaited::RULE,
    &suppressions::RULE,
];

#[cfg(test)]
mod tests;
