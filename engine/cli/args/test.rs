//! What can be typed about tests of runbooks.

use std::path::PathBuf;

use clap::ValueEnum;

pub(super) const EXAMPLES: &str = "Examples:
  holdpoint test
  holdpoint test runbooks/quickstart.test.yaml --case 'nobody answers'
  holdpoint test --require-coverage 100 runbooks
  holdpoint test --init runbooks/quickstart.yaml
  holdpoint test --output junit=tests.xml";

/// `holdpoint test`
#[derive(Debug, clap::Args)]
pub struct Test {
    /// Files and folders [default: the library or folder here]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Only the cases that have this in their name; may be given several times
    #[arg(long = "case", value_name = "NAME")]
    pub cases: Vec<String>,
    /// How the results are shown
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: TestFormat,
    /// A file that is written as well, such as junit=tests.xml; may be given several times
    #[arg(long, value_name = "FORMAT=PATH", value_parser = TestOutput::parse)]
    pub output: Vec<TestOutput>,
    /// Say which edges of the runbooks the cases have walked, and which not
    #[arg(long)]
    pub coverage: bool,
    /// Fail where less than this was walked of a runbook, in per cent
    #[arg(long, value_name = "PERCENT", value_parser = per_cent)]
    pub require_coverage: Option<f64>,
    /// Write the first file of tests of this runbook beside it, by playing it
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["paths", "cases", "format", "output", "coverage", "require_coverage"]
    )]
    pub init: Option<PathBuf>,
    /// With --init: print the file instead of writing it
    #[arg(long, requires = "init")]
    pub stdout: bool,
}

fn per_cent(text: &str) -> Result<f64, String> {
    let number = text.trim_end_matches('%').trim().parse::<f64>();
    let number = number.ok().filter(|number| (0.0..=100.0).contains(number));
    number.ok_or_else(|| "a number from 0 to 100".to_owned())
}

/// How results are shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum TestFormat {
    /// With excerpts, for a person
    Text,
    /// One JSON document
    Json,
    /// JUnit XML: a suite for each file, a case for each case
    Junit,
}

/// A format, and the file that it goes to.
#[derive(Clone, Debug)]
pub struct TestOutput {
    /// How.
    pub format: TestFormat,
    /// Where.
    pub path: PathBuf,
}

impl TestOutput {
    fn parse(text: &str) -> Result<TestOutput, String> {
        let (format, path) = text.split_once('=').ok_or("write FORMAT=PATH")?;
        if path.is_empty() {
            return Err("name a file behind the `=`".to_owned());
        }
        Ok(TestOutput { format: TestFormat::from_str(format, false)?, path: path.into() })
    }
}
