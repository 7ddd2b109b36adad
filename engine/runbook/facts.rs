//! The facts that every run has, by the names that expressions call them.

/// What can be named of `run`.
pub const RUN: &[&str] =
    &["id", "started_at", "detected_at", "operator", "mode", "environment", "incident", "verdict"];

/// What can be named of `objectives`.
pub const OBJECTIVES: &[&str] = &["rto", "rpo", "estimate"];

/// What can be named of `runbook`.
pub const RUNBOOK: &[&str] = &["id", "title", "summary", "system", "owner", "severity", "impact"];

/// All of these, by their roots.
pub const ALL: &[(&str, &[&str])] =
    &[("run", RUN), ("objectives", OBJECTIVES), ("runbook", RUNBOOK)];
