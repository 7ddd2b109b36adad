//! Holdpoint runs incident runbooks: a checked graph of steps with gates and probes, resumable
//! after any crash, with a timeline of what happened.
//!
//! The layers, bottom to top; each uses only those above it in this list.

pub mod source;
pub mod document;
pub mod runbook;
pub mod plan;
pub mod lint;
pub mod run;
pub mod journal;
pub mod timeline;
pub mod report;
pub mod drive;
pub mod rehearse;
pub mod runtime;
pub mod cli;
