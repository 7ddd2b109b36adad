//! Rules about what is done to data and service.

pub mod destructive_without_gate;
pub mod retry_on_once;
