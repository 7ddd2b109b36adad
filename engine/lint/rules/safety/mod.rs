//! Rules about what is done to data and service.

pub mod artifact_name_mismatch;
pub mod broad_blast_radius;
mod change;
pub mod cutover_before_verify;
pub mod destroy_before_backup;
pub mod destructive_without_gate;
pub mod heavy_lock_or_disk;
pub mod implicit_target;
pub mod interactive_command;
pub mod missing_inverse_step;
pub mod missing_precondition;
pub mod mutation_without_verify;
pub mod no_rollback;
pub mod no_timeout;
pub mod non_terminating_command;
pub mod read_step_that_changes;
mod recovery;
pub mod restore_with_live_writers;
pub mod retry_on_once;
pub mod service_state_conflict;
pub mod unbounded_retry;
pub mod unpinned_artifact;
pub mod unsafe_auto_resume;
