//! What can be typed about the record of a run.

use clap::ValueEnum;

use crate::timeline::Zone;

/// What the examples of `holdpoint timeline` look like.
pub const TIMELINE_EXAMPLES: &str = "Examples:
  holdpoint timeline
  holdpoint timeline 20260131-quickstart --format json
  holdpoint timeline --format text --zone +02:00
  holdpoint timeline --view raw --format csv > timeline.csv";

/// `holdpoint timeline`
#[derive(Debug, clap::Args)]
pub struct Timeline {
    /// The run: its id or the beginning of it [default: the newest]
    pub run: Option<String>,
    /// How it is shown
    #[arg(long, value_name = "FORMAT", default_value = "md")]
    pub format: TimelineFormat,
    /// How much of it is told
    #[arg(long, value_name = "VIEW", default_value = "curated")]
    pub view: TimelineView,
    /// The zone that times are told in beside UTC: local, utc, or a distance such as +02:00
    #[arg(long, value_name = "ZONE", default_value = "local", allow_hyphen_values = true)]
    pub zone: Zone,
}

/// How a timeline is shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum TimelineFormat {
    /// Markdown for a ticket
    Md,
    /// JSON for programs
    Json,
    /// CSV for spreadsheets
    Csv,
    /// Plain text to paste into a chat
    Text,
}

/// How much of a run a timeline tells.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum TimelineView {
    /// What is worth reading for whoever was not there
    Curated,
    /// Every record
    Raw,
}
