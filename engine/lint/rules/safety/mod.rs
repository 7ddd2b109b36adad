//! Rules about what is done to data and service.

pub mod destructive_without_gate;
