//! What can be typed to run an exercise at a table.

use std::path::PathBuf;

use clap::ValueEnum;

/// What follows the help of `tabletop`.
pub const EXAMPLES: &str = "Examples:
  holdpoint tabletop runbooks/exercises/api-key-compromise.yaml
  holdpoint tabletop --facilitator
  holdpoint tabletop --from-run 20261120-postgres-complete-failure-k7f";

/// `holdpoint tabletop`
#[derive(Debug, clap::Args)]
pub struct Tabletop {
    /// The runbook; with --facilitator the exercise, where several are under way
    #[arg(value_name = "FILE", required_unless_present_any = ["facilitator", "from_run"])]
    pub file: Option<PathBuf>,
    /// Lead an exercise that is under way: what comes, and how things go
    #[arg(long, conflicts_with_all = ["from_run", "hide_injects"])]
    pub facilitator: bool,
    /// Show the players nothing beforehand, also where nobody leads the exercise
    #[arg(long)]
    pub hide_injects: bool,
    /// Go through a past run once more: what happened then is what happens
    #[arg(long, value_name = "RUN", conflicts_with = "file")]
    pub from_run: Option<String>,
    /// The value of an input; a list is written [a, b]
    #[arg(long = "input", value_name = "NAME=VALUE")]
    pub inputs: Vec<String>,
    /// A YAML file with values of inputs
    #[arg(long = "inputs", value_name = "FILE")]
    pub inputs_file: Option<PathBuf>,
    /// The environment of the library that the exercise is about
    #[arg(long, value_name = "NAME")]
    pub environment: Option<String>,
    /// Who sits at this terminal [default: the name of the user]
    #[arg(long, value_name = "NAME")]
    pub operator: Option<String>,
    /// How it is shown
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: TableFormat,
}

/// How an exercise is shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum TableFormat {
    /// Lines, with a screen below them on a terminal
    Text,
    /// Lines only, also on a terminal
    Plain,
}
