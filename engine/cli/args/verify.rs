//! What can be typed behind `verify`.

use std::path::Path;

pub(super) const EXAMPLES: &str = "Examples:
  holdpoint verify
  holdpoint verify 20260131-quickstart-k7f
  holdpoint verify ./shop-down.tar.gz
  holdpoint verify --print-anchor > anchor
  holdpoint verify --anchor anchor";

/// `holdpoint verify`
#[derive(Debug, clap::Args)]
pub struct Verify {
    /// The run: its id or the beginning of it; or a bundle [default: the newest run]
    #[arg(value_name = "RUN|BUNDLE")]
    pub run: Option<String>,
    /// What was written down before: whether all up to there is still the same
    #[arg(long, value_name = "ANCHOR|FILE")]
    pub anchor: Option<String>,
    /// Print nothing but the anchor, to be kept somewhere else
    #[arg(long)]
    pub print_anchor: bool,
}

impl Verify {
    /// The bundle that is meant: no id of a run has a `/` or a `.` in it.
    pub fn bundle(&self) -> Option<&Path> {
        self.run.as_deref().filter(|name| name.contains(['/', '.'])).map(Path::new)
    }
}
