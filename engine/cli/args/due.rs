//! What can be typed to see what is due.

use std::path::PathBuf;

use chrono::NaiveDate;

use super::TextOrJson;

/// What follows the help of `due`.
pub const EXAMPLES: &str =
    "Exit code: 1 when something is overdue, or with --soon when something is due soon; else 0.

Examples:
  holdpoint due
  holdpoint due runbooks/restore.yaml --trend
  holdpoint due --soon --format json
  holdpoint due --today 2026-01-31";

/// `holdpoint due`
#[derive(Debug, clap::Args)]
pub struct Due {
    /// Files and folders [default: the library or folder here]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Let what is due within its notice (`drill.notice`), or today, make the exit code 1 too
    #[arg(long)]
    pub soon: bool,
    /// Show as well how long each drill on record took, against the RTO
    #[arg(long)]
    pub trend: bool,
    /// How it is shown; JSON holds the trend always
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: TextOrJson,
    /// The day for which it is worked out, for results that stay the same [default: today]
    #[arg(long, value_name = "DATE")]
    pub today: Option<NaiveDate>,
}
