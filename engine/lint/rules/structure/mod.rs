//! Rules about the text itself: what keeps a runbook from being run, and steps that do nothing.

pub mod dependency_cycle;
pub mod duplicate_key;
pub mod duplicate_runbook_id;
pub mod duplicate_step_id;
pub mod reference_not_upstream;
pub mod schema_violation;
pub mod undefined_reference;
pub mod unknown_needs;
pub mod yaml_syntax;
