//! What can be typed about the record of a run.

use std::path::PathBuf;

use clap::ValueEnum;

use crate::timeline::Zone;

/// What the examples of `holdpoint timeline` look like.
pub const TIMELINE_EXAMPLES: &str = "Examples:
  holdpoint timeline
  holdpoint timeline 20260131-quickstart --format json
  holdpoint timeline --format text --zone +02:00
  holdpoint timeline --format html > timeline.html
  holdpoint timeline --view raw --format csv > timeline.csv
  holdpoint timeline --bundle shop-down.tar.gz";

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
    /// Write journal, runbook, outputs, timeline and report into one file (.tar.gz), to be handed on
    #[arg(long, value_name = "FILE", conflicts_with_all = ["format", "view", "zone"])]
    pub bundle: Option<PathBuf>,
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
    /// One page for a browser, with a chart
    Html,
}

/// How much of a run a timeline tells.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum TimelineView {
    /// What is worth reading for whoever was not there
    Curated,
    /// Every record
    Raw,
}
