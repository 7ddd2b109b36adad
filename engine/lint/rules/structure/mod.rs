//! Rules about the text itself: what keeps a runbook from being run, and steps that do nothing.

pub mod alternatives_in_one_step;
pub mod dependency_cycle;
pub mod duplicate_key;
pub mod duplicate_runbook_id;
pub mod duplicate_step_id;
pub mod mixed_execution_target;
pub mod prose_only_step;
pub mod reference_not_upstream;
pub mod schema_violation;
pub mod undefined_reference;
pub mod unknown_needs;
pub mod unreachable_step;
pub mod yaml_syntax;
