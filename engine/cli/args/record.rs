//! What can be typed to have the record of a run told to others.

use clap::ValueEnum;

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
