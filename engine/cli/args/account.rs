//! What can be typed to have the record of a run told to others.

use clap::ValueEnum;

use super::TextOrJson;

/// What follows the help of `handover`.
pub const HANDOVER_EXAMPLES: &str = "Examples:
  holdpoint handover
  holdpoint handover 20260131-quickstart-k7f --format md";

/// `holdpoint handover`
#[derive(Debug, clap::Args)]
pub struct Handover {
    /// The run: its id or the beginning of it [default: the newest]
    pub run: Option<String>,
    /// How it is shown
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: TextMdOrJson,
}

/// What follows the help of `metrics`.
pub const METRICS_EXAMPLES: &str = "Examples:
  holdpoint metrics
  holdpoint metrics postgres-complete-failure
  holdpoint metrics --format json";

/// `holdpoint metrics`
#[derive(Debug, clap::Args)]
pub struct Metrics {
    /// The id of a runbook [default: every one that has a run here]
    pub runbook: Option<String>,
    /// How it is shown
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: TextOrJson,
}

/// How a page is shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum TextMdOrJson {
    /// Lines for people
    Text,
    /// Markdown for a ticket
    Md,
    /// JSON for programs
    Json,
}
