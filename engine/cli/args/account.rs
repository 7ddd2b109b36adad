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

/// What follows the help of `report`.
pub const REPORT_EXAMPLES: &str = "Templates that are always there: incident-report, post-mortem.

Examples:
  holdpoint report
  holdpoint report 20260131-quickstart-k7f --template post-mortem > post-mortem.md
  holdpoint report --template our-report.md";

/// `holdpoint report`
#[derive(Debug, clap::Args)]
pub struct Report {
    /// The run: its id or the beginning of it [default: the newest]
    pub run: Option<String>,
    /// A template that is always there, or a file of your own
    #[arg(long, value_name = "FILE|NAME", default_value = "incident-report")]
    pub template: String,
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
