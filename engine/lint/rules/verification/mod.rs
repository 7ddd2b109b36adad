//! Rules about what is taken for proof.

pub mod backup_unverified;
pub mod ineffective_probe;
pub mod probe_without_assertion;
