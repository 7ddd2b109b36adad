//! Rules about how scripts are written for a shell.

pub mod binary_through_tty;
pub mod fixed_sleep;
pub mod gnu_bsd_portability;
pub mod http_check_without_fail;
mod manifest;
pub mod not_shell;
pub mod pipeline_without_pipefail;
pub mod repeated_nondeterminism;
pub mod sql_errors_ignored;
