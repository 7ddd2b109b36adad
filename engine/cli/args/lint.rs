//! What can be typed to review runbooks.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::ValueEnum;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::lint::{Profile, Safety};
use crate::source::Severity;

/// What follows the help of `lint`.
pub const EXAMPLES: &str = "Examples:
  holdpoint lint
  holdpoint lint runbooks/restore.yaml --profile strict --fail-on warning
  holdpoint lint --fix
  holdpoint lint --output sarif=lint.sarif --output junit=lint.xml
  holdpoint lint --write-baseline lint-baseline.json
  cat restore.yaml | holdpoint lint - --stdin-filename runbooks/restore.yaml";

/// What follows the help of `explain`.
pub const EXPLAIN_EXAMPLES: &str = "Examples:
  holdpoint explain HP201
  holdpoint explain destructive-without-gate --format md
  holdpoint explain 5
  holdpoint explain in_doubt";

/// `holdpoint explain`
#[derive(Debug, clap::Args)]
pub struct Explain {
    /// The code or name of a rule, an exit code, or the word for where a step stands
    #[arg(value_name = "CODE", required_unless_present = "output")]
    pub code: Option<String>,
    /// How it is shown
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: TextOrMd,
    /// Write a page for each rule there, and a list of them
    #[arg(long, value_name = "DIR", conflicts_with_all = ["code", "format"])]
    pub output: Option<PathBuf>,
}

/// How an explanation is shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum TextOrMd {
    /// For a person at a terminal
    Text,
    /// Markdown
    Md,
}

/// `holdpoint lint`
#[derive(Debug, clap::Args)]
pub struct Lint {
    /// Files and folders, `-` for standard input [default: the library or folder here]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// What the text on standard input is called, and where its library is looked for
    #[arg(long, value_name = "PATH")]
    pub stdin_filename: Option<PathBuf>,
    /// How the findings are shown
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: LintFormat,
    /// A file that is written as well, such as sarif=lint.sarif; may be given several times
    #[arg(long, value_name = "FORMAT=PATH", value_parser = LintOutput::parse)]
    pub output: Vec<LintOutput>,
    /// Make the changes that only make failures visible, or change nothing of what is done
    #[arg(long)]
    fix: bool,
    /// Make the other changes too; look at them before you run anything
    #[arg(long)]
    unsafe_fixes: bool,
    /// Show what --fix, or --unsafe-fixes, would change, and write nothing
    #[arg(long)]
    pub diff: bool,
    /// How strict the review is [default: what the library says, else standard]
    #[arg(long, value_name = "PROFILE", value_parser = profiles())]
    pub profile: Option<Profile>,
    /// What makes the exit code 1: findings of this weight or more [default: what the library says,
    /// else error]
    #[arg(long, value_name = "SEVERITY", value_parser = severities())]
    pub fail_on: Option<Severity>,
    /// Exit with 0 whatever is found
    #[arg(long)]
    pub exit_zero: bool,
    /// Only these rules: codes, names, or beginnings of codes such as HP2
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub select: Vec<String>,
    /// All but these rules
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub ignore: Vec<String>,
    /// Leave out what stands in this baseline
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Write all that is found into a baseline, which later reviews leave out
    #[arg(long, value_name = "FILE", conflicts_with = "baseline")]
    pub write_baseline: Option<PathBuf>,
    /// Do not ask shellcheck about scripts
    #[arg(long)]
    pub no_shellcheck: bool,
    /// The day of the review, for results that stay the same [default: today]
    #[arg(long, value_name = "DATE")]
    pub today: Option<NaiveDate>,
}

impl Lint {
    /// Which fixes are made, or shown.
    pub fn fixes(&self) -> Option<Safety> {
        match self.unsafe_fixes {
            true => Some(Safety::Unsafe),
            false => (self.fix || self.diff).then_some(Safety::Safe),
        }
    }
}

/// How findings are shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum LintFormat {
    /// With excerpts, for a person
    Text,
    /// A line for each
    Concise,
    /// One JSON document
    Json,
    /// A JSON object a line for each
    Jsonl,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Workflow commands, which GitHub shows beside the lines
    Github,
    /// A code quality report of GitLab
    Gitlab,
    /// JUnit XML: a suite for each file, a case for each rule
    Junit,
    /// The diagnostics of reviewdog
    Rdjson,
    /// Markdown, for the summary of a job
    Md,
}

/// A format, and the file that it goes to.
#[derive(Clone, Debug)]
pub struct LintOutput {
    /// How.
    pub format: LintFormat,
    /// Where.
    pub path: PathBuf,
}

impl LintOutput {
    fn parse(text: &str) -> Result<LintOutput, String> {
        let (format, path) = text.split_once('=').ok_or("write FORMAT=PATH")?;
        if path.is_empty() {
            return Err("name a file behind the `=`".to_owned());
        }
        Ok(LintOutput { format: LintFormat::from_str(format, false)?, path: path.into() })
    }
}

fn profiles() -> impl TypedValueParser<Value = Profile> {
    PossibleValuesParser::new(Profile::ALL.map(Profile::word)).map(|word| {
        let is_it = |profile: &Profile| profile.word() == word;
        Profile::ALL.into_iter().find(is_it).unwrap_or(Profile::Standard)
    })
}

fn severities() -> impl TypedValueParser<Value = Severity> {
    PossibleValuesParser::new(Severity::ALL.map(Severity::word)).map(|word| {
        let is_it = |severity: &Severity| severity.word() == word;
        Severity::ALL.into_iter().find(is_it).unwrap_or(Severity::Error)
    })
}
