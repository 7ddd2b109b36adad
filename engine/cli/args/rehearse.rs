//! What can be typed to rehearse a runbook.

use std::path::PathBuf;

use super::{Given, RunFormat, parallel};

/// What follows the help of `rehearse`.
pub const EXAMPLES: &str = "Examples:
  holdpoint rehearse runbooks/quickstart.yaml
  holdpoint rehearse restore.yaml --assume restart=fails --assume load.verify=fails
  holdpoint rehearse restore.yaml --observe --environment staging
  holdpoint rehearse restore.yaml --lab
  holdpoint rehearse restore.yaml --non-interactive --answers answers.yaml";

/// `holdpoint rehearse`
#[derive(Debug, clap::Args)]
pub struct Rehearse {
    /// The runbook
    pub file: PathBuf,
    /// Look for real: run probes and steps with `effect: read`
    #[arg(long)]
    pub observe: bool,
    /// Start the components of its `lab`, break them, and run the real steps against them
    #[arg(long, conflicts_with_all = ["observe", "assume"])]
    pub lab: bool,
    /// What a step comes to (well, exit:N, status:N, fails, timeout, unseen) or a check shows (holds, fails, unseen)
    #[arg(long = "assume", value_name = "STEP=WHAT")]
    pub assume: Vec<String>,
    #[command(flatten)]
    pub given: Given,
    /// The environment of the library to rehearse for
    #[arg(long, value_name = "NAME")]
    pub environment: Option<String>,
    /// Ask nobody: what would be asked is assumed to let the run go on
    #[arg(long)]
    pub non_interactive: bool,
    /// Who rehearses [default: the name of the user]
    #[arg(long, value_name = "NAME")]
    pub operator: Option<String>,
    /// How many steps may run at a time, where their needs allow it
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = parallel)]
    pub parallel: usize,
    /// How it is shown
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: RunFormat,
}
