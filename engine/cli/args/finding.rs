//! What can be typed to find a runbook or a run, and to remove old runs.

use std::time::Duration;

use crate::document::parse_duration;

use super::TextOrJson;

/// What follows the help of `list`.
pub const LIST_EXAMPLES: &str = "Examples:
  holdpoint list
  holdpoint list postgres connections
  holdpoint list --alert PostgresDown
  holdpoint list --system billing --format json";

/// What follows the help of `runs`.
pub const RUNS_EXAMPLES: &str = "Examples:
  holdpoint runs
  holdpoint runs --open
  holdpoint runs --format json
  holdpoint runs --prune
  holdpoint runs --prune --older-than 365d --yes
  holdpoint runs --practice";

/// What follows the help of everything.
pub const HOME: &str =
    "Without a command: the runs that wait for someone, and the runbooks of this library.";

/// `holdpoint list`
#[derive(Debug, clap::Args)]
pub struct List {
    /// Words that must all be found in a runbook: its id, title, symptoms, alerts, system, tags, ...
    #[arg(value_name = "QUERY")]
    pub query: Vec<String>,
    /// The alert that fired, or a part of its name
    #[arg(long, value_name = "NAME")]
    pub alert: Option<String>,
    /// The system, or a part of its name
    #[arg(long, value_name = "NAME")]
    pub system: Option<String>,
    /// How they are shown
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: TextOrJson,
}

/// `holdpoint runs`
#[derive(Debug, clap::Args)]
pub struct Runs {
    /// Only those that have not ended
    #[arg(long)]
    pub open: bool,
    /// The rehearsals and exercises of this store, which are no runs
    #[arg(long)]
    pub practice: bool,
    /// Remove the runs that ended long ago; never one that is open, driven or damaged
    #[arg(long, conflicts_with_all = ["open", "format"])]
    pub prune: bool,
    /// How long ago a run must have ended to be removed, such as 12h, 30d
    #[arg(long, value_name = "TIME", default_value = "90d", value_parser = parse_duration, requires = "prune")]
    pub older_than: Duration,
    /// Remove them unasked; needed where nobody can be asked
    #[arg(long, requires = "prune")]
    pub yes: bool,
    /// How they are shown
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: TextOrJson,
}
