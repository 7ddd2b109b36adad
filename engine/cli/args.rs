//! What can be typed.

mod account;
mod due;
mod finding;
mod lint;
mod people;
mod record;
mod rehearse;
mod tabletop;
mod test;
mod verify;

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Parser, Subcommand, ValueEnum};

use crate::journal::Durability;
use crate::run::event::OnFailureGiven;

pub use account::{Handover, Metrics, Report, TextMdOrJson};
pub use due::Due;
use finding::{HOME, LIST_EXAMPLES, RUNS_EXAMPLES};
pub use finding::{List, Runs};
pub use lint::{Explain, Lint, LintFormat, TextOrMd};
pub use people::{Abort, Approve, Decide, Exec, Note, Reached, Reject, Show, Watch};
pub use record::{Timeline, TimelineFormat, TimelineView};
pub use rehearse::Rehearse;
pub use tabletop::{TableFormat, Tabletop};
pub use test::{Test, TestFormat};
pub use verify::Verify;

/// Runs incident runbooks: checked, resumable, with a timeline of what happened.
#[derive(Debug, Parser)]
#[command(name = "holdpoint", version, max_term_width = 100, after_help = HOME)]
pub struct Args {
    /// The folder that runs are kept in [default: $HOLDPOINT_STATE, else the user's state folder]
    #[arg(long, global = true, value_name = "DIR")]
    pub state: Option<PathBuf>,
    /// What to do; without it the runbooks and the waiting runs are shown.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Drive a runbook, step by step, until it ends or waits for someone
    #[command(after_help = RUN_EXAMPLES)]
    Run(Run),
    /// Go on with a run whose driver ended, or that waits for someone
    #[command(after_help = RESUME_EXAMPLES)]
    Resume(Resume),
    /// Let a run go on with its runbook as that is now, step by step
    #[command(after_help = ADOPT_EXAMPLES)]
    Adopt(Adopt),
    /// Take back what a run has done, the last step first; also after its end
    #[command(after_help = UNDO_EXAMPLES, override_usage = "holdpoint undo [OPTIONS] [RUN] [STEP]")]
    Undo(Undo),
    /// Show what a runbook would do; nothing is run and nothing is connected to
    #[command(after_help = PLAN_EXAMPLES)]
    Plan(Plan),
    /// Go through a runbook from start to end with nothing changed, and report what that shows
    #[command(after_help = rehearse::EXAMPLES)]
    Rehearse(Rehearse),
    /// Run an exercise at a table: a facilitator tells what happens, the team answers
    #[command(after_help = tabletop::EXAMPLES)]
    Tabletop(Tabletop),
    /// Find the runbook that fits: by words, by the alert that fired, by the system
    #[command(after_help = LIST_EXAMPLES)]
    List(List),
    /// Review runbooks without running anything: what an experienced colleague would say
    #[command(after_help = lint::EXAMPLES)]
    Lint(Box<Lint>),
    /// Say which reviews and drills are overdue, and how the drills went
    #[command(after_help = due::EXAMPLES)]
    Due(Due),
    /// Play the cases of test files: nothing is run, and time is virtual
    #[command(after_help = test::EXAMPLES)]
    Test(Test),
    /// Explain a rule of lint, an exit code or the state of a step
    #[command(after_help = lint::EXPLAIN_EXAMPLES)]
    Explain(Explain),
    /// List the runs of this store, or remove those that ended long ago
    #[command(after_help = RUNS_EXAMPLES)]
    Runs(Runs),
    /// Show where a run stands
    #[command(after_help = STATUS_EXAMPLES)]
    Status(Status),
    /// Show a run as it goes, from any terminal
    #[command(after_help = people::examples::WATCH)]
    Watch(Watch),
    /// Show the command of a step and all that it printed
    #[command(after_help = people::examples::SHOW, override_usage = "holdpoint show [OPTIONS] [RUN] <STEP>")]
    Show(Show),
    /// Put an entry on the timeline of a run
    #[command(after_help = people::examples::NOTE, override_usage = "holdpoint note [OPTIONS] [RUN] <TEXT>")]
    Note(Note),
    /// Open a gate from another terminal
    #[command(after_help = people::examples::APPROVE, override_usage = "holdpoint approve [OPTIONS] [RUN] <GATE>")]
    Approve(Approve),
    /// Refuse a gate from another terminal
    #[command(after_help = people::examples::REJECT, override_usage = "holdpoint reject [OPTIONS] [RUN] <GATE>")]
    Reject(Reject),
    /// Skip a step that has not begun, or that is held
    #[command(after_help = people::examples::SKIP, override_usage = "holdpoint skip [OPTIONS] [RUN] <STEP>")]
    Skip(Decide),
    /// Do a step again that is held or in doubt
    #[command(after_help = people::examples::RETRY, override_usage = "holdpoint retry [OPTIONS] [RUN] <STEP>")]
    Retry(Decide),
    /// Count a step as done that is held or in doubt
    #[command(after_help = people::examples::DONE, override_usage = "holdpoint done [OPTIONS] [RUN] <STEP>")]
    Done(Decide),
    /// Count a step as failed that is held or in doubt
    #[command(after_help = people::examples::FAIL, override_usage = "holdpoint fail [OPTIONS] [RUN] <STEP>")]
    Fail(Decide),
    /// End a run; what closes it is still done
    #[command(after_help = people::examples::ABORT)]
    Abort(Abort),
    /// Run a command that is no step, and put it on the timeline
    #[command(after_help = people::examples::EXEC)]
    Exec(Exec),
    /// Show what happened in a run
    #[command(after_help = record::TIMELINE_EXAMPLES)]
    Timeline(Timeline),
    /// Say on one page what the next responder needs to go on with a run
    #[command(after_help = account::HANDOVER_EXAMPLES)]
    Handover(Handover),
    /// Fill in the post-incident document of a run
    #[command(after_help = account::REPORT_EXAMPLES)]
    Report(Report),
    /// Tell how long incidents and drills took, and which steps are slow, fail or are skipped
    #[command(after_help = account::METRICS_EXAMPLES)]
    Metrics(Metrics),
    /// Recompute the chain of a journal, and say what that proves
    #[command(after_help = verify::EXAMPLES)]
    Verify(Verify),
    /// Print a JSON Schema, for editors and other programs
    #[command(after_help = SCHEMA_EXAMPLES)]
    Schema(Schema),
}

const RUN_EXAMPLES: &str = "Examples:
  holdpoint run runbooks/quickstart.yaml
  holdpoint run restore.yaml --input backup=/backups/a.sql.gz
  holdpoint run restore.yaml --non-interactive --answers answers.yaml
  holdpoint run restore.yaml --drill --environment staging";

const RESUME_EXAMPLES: &str = "Examples:
  holdpoint resume
  holdpoint resume 20260131-quickstart-k7f --answers answers.yaml
  holdpoint resume --resolve load=rerun --reason 'the table is empty'
  holdpoint resume --take-over --reason 'her laptop is out of reach'";

const ADOPT_EXAMPLES: &str = "Examples:
  holdpoint adopt
  holdpoint adopt 20260131-quickstart-k7f --keep count --reason 'the count stands'
  holdpoint adopt --redo load --redo check --reason 'the dump was the wrong one'";

const UNDO_EXAMPLES: &str = "Examples:
  holdpoint undo
  holdpoint undo stop-writers
  holdpoint undo 20260131-quickstart-k7f --reason 'it was the wrong cluster'";

const PLAN_EXAMPLES: &str = "Examples:
  holdpoint plan runbooks/quickstart.yaml
  holdpoint plan restore.yaml --input backup=/backups/a.sql.gz
  holdpoint plan restore.yaml --format dot | dot -Tsvg > restore.svg";

const STATUS_EXAMPLES: &str = "Examples:
  holdpoint status
  holdpoint status 20260131-quickstart --format json";

const SCHEMA_EXAMPLES: &str = "Examples:
  holdpoint schema
  holdpoint schema timeline
  holdpoint schema --output schemas";

/// `holdpoint run`
#[derive(Debug, clap::Args)]
pub struct Run {
    /// The runbook
    pub file: PathBuf,
    #[command(flatten)]
    pub given: Given,
    /// The environment of the library to run in
    #[arg(long, value_name = "NAME")]
    pub environment: Option<String>,
    /// Run it for real as an exercise: stamped DRILL wherever it is shown, and no incident
    #[arg(long)]
    pub drill: bool,
    /// Wait for nobody: what would be asked parks the run (exit 5)
    #[arg(long)]
    pub non_interactive: bool,
    /// Begin although another run of this runbook is open here
    #[arg(long)]
    pub another: bool,
    /// Who drives this run [default: the name of the user]
    #[arg(long, value_name = "NAME")]
    pub operator: Option<String>,
    /// How many steps may run at a time, where their needs allow it
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = parallel)]
    pub parallel: usize,
    /// What a failure leads to where a step does not say
    #[arg(long, value_name = "WHAT")]
    pub on_failure: Option<OnFailure>,
    /// Ask before each step that changes something
    #[arg(long)]
    pub step: bool,
    /// Go on at this step; those above it in the file are skipped
    #[arg(long, value_name = "STEP", requires = "reason")]
    pub start_at: Option<String>,
    /// Why it goes on there; it goes into the timeline
    #[arg(long, value_name = "TEXT", requires = "start_at")]
    pub reason: Option<String>,
    /// What every record survives
    #[arg(long, value_name = "WHAT", default_value = "power")]
    pub durability: Keep,
    /// The number of the incident
    #[arg(long, value_name = "ID")]
    pub incident: Option<String>,
    /// When the incident was noticed, such as 2026-01-31T03:00:00Z
    #[arg(long, value_name = "TIME")]
    pub detected_at: Option<DateTime<Utc>>,
    /// How the run is shown
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: RunFormat,
}

/// What may be given to a run beforehand.
#[derive(Debug, Default, clap::Args)]
pub struct Given {
    /// The value of an input; a list is written [a, b]
    #[arg(long = "input", value_name = "NAME=VALUE")]
    pub inputs: Vec<String>,
    /// A YAML file with values of inputs
    #[arg(long = "inputs", value_name = "FILE")]
    pub inputs_file: Option<PathBuf>,
    /// A YAML file with answers to gates and other questions
    #[arg(long, value_name = "FILE")]
    pub answers: Option<PathBuf>,
    /// Open the gates that say `bypass: allowed` unasked; each is recorded as a bypass
    #[arg(long)]
    pub yes: bool,
    /// Let a check pass that does not hold, by its id
    #[arg(long = "waive", value_name = "ID=REASON")]
    pub waive: Vec<String>,
}

/// `holdpoint resume`
#[derive(Debug, clap::Args)]
pub struct Resume {
    /// The run: its id or the beginning of it [default: the only open run]
    pub run: Option<String>,
    #[command(flatten)]
    pub given: Given,
    /// Decide about a step: held retry|done|failed|skip|undo, in doubt done|rerun|failed, invariant/ID=retry|waive|undo, verdict=retry|end|undo
    #[arg(long = "resolve", value_name = "STEP=CHOICE", requires = "reason")]
    pub resolve: Vec<String>,
    /// End the process that drives this run on this machine, and go on instead of it
    #[arg(long, requires = "reason")]
    pub take_over: bool,
    /// The reason for these decisions; it goes into the timeline
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Wait for nobody: what would be asked parks the run (exit 5)
    #[arg(long)]
    pub non_interactive: bool,
    /// Who drives this run now [default: the name of the user]
    #[arg(long, value_name = "NAME")]
    pub operator: Option<String>,
    /// What every record survives
    #[arg(long, value_name = "WHAT", default_value = "power")]
    pub durability: Keep,
    /// How the run is shown
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: RunFormat,
}

/// `holdpoint adopt`
#[derive(Debug, clap::Args)]
pub struct Adopt {
    /// The run: its id or the beginning of it [default: the only open run]
    pub run: Option<String>,
    /// Why; it goes into the timeline. Without a terminal it is the confirmation
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// A step that is done and differs now: its result counts all the same
    #[arg(long = "keep", value_name = "STEP")]
    pub keep: Vec<String>,
    /// A step that is done: it is done again, and its gate asked again
    #[arg(long = "redo", value_name = "STEP")]
    pub redo: Vec<String>,
    /// Ask nobody: what is not said is refused
    #[arg(long)]
    pub non_interactive: bool,
    /// Who takes it over [default: the name of the user]
    #[arg(long, value_name = "NAME")]
    pub operator: Option<String>,
}

/// `holdpoint undo`
#[derive(Debug, clap::Args)]
pub struct Undo {
    /// The run [default: the only open run]; and the only step that is taken back, if it is one
    #[arg(value_name = "[RUN] [STEP]", num_args = 0..=2)]
    pub words: Vec<String>,
    /// Why; it goes into the timeline. Without a terminal it is the confirmation
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// End the process that drives this run on this machine, and go on instead of it
    #[arg(long, requires = "reason")]
    pub take_over: bool,
    #[command(flatten)]
    pub given: Given,
    /// Wait for nobody: what would be asked parks the run (exit 5)
    #[arg(long)]
    pub non_interactive: bool,
    /// Who drives this run now [default: the name of the user]
    #[arg(long, value_name = "NAME")]
    pub operator: Option<String>,
    /// What every record survives
    #[arg(long, value_name = "WHAT", default_value = "power")]
    pub durability: Keep,
    /// How the run is shown
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: RunFormat,
}

/// `holdpoint plan`
#[derive(Debug, clap::Args)]
pub struct Plan {
    /// The runbook
    pub file: PathBuf,
    /// How it is shown
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: PlanFormat,
    /// The value of an input; a list is written [a, b]
    #[arg(long = "input", value_name = "NAME=VALUE")]
    pub inputs: Vec<String>,
    /// A YAML file with values of inputs
    #[arg(long = "inputs", value_name = "FILE")]
    pub inputs_file: Option<PathBuf>,
    /// The environment of the library to plan for
    #[arg(long, value_name = "NAME")]
    pub environment: Option<String>,
}

/// `holdpoint status`
#[derive(Debug, clap::Args)]
pub struct Status {
    /// The run: its id or the beginning of it [default: the newest]
    pub run: Option<String>,
    /// How it is shown
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: TextOrJson,
}

/// `holdpoint schema`
#[derive(Debug, clap::Args)]
pub struct Schema {
    /// What it describes [default: runbook; with --output all of them]
    pub name: Option<SchemaName>,
    /// Write it there, as NAME.schema.json
    #[arg(long, value_name = "DIR")]
    pub output: Option<PathBuf>,
}

/// What a schema describes.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum SchemaName {
    /// A runbook
    Runbook,
    /// A library: what the runbooks of one system share
    Library,
    /// A file of tests of a runbook
    Test,
    /// A file of prepared answers
    Answers,
    /// A record of the journal, with the event in it
    Event,
    /// What `plan --format json` prints
    Plan,
    /// What `timeline --format json` prints
    Timeline,
    /// What `status --format json` prints
    Status,
    /// What `handover --format json` prints
    Handover,
    /// What `metrics --format json` prints
    Metrics,
    /// What `lint --format json` prints
    Lint,
    /// What `due --format json` prints
    Due,
    /// What `test --format json` prints
    TestResults,
}

/// What a failure leads to.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum OnFailure {
    /// A person decides
    Hold,
    /// The run ends
    Abort,
}

impl From<OnFailure> for OnFailureGiven {
    fn from(given: OnFailure) -> OnFailureGiven {
        match given {
            OnFailure::Hold => OnFailureGiven::Hold,
            OnFailure::Abort => OnFailureGiven::Abort,
        }
    }
}

/// What a record survives.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Keep {
    /// The end of the process: the last records may be lost with the power
    Process,
    /// The loss of power: every record is synced before anything follows from it
    Power,
}

impl From<Keep> for Durability {
    fn from(keep: Keep) -> Durability {
        match keep {
            Keep::Process => Durability::Process,
            Keep::Power => Durability::Power,
        }
    }
}

/// How a run is shown as it goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum RunFormat {
    /// Lines for people, and where a terminal can be redrawn a screen below them
    Text,
    /// Lines for people and nothing that moves: for a screen reader, or a terminal that is read back
    Plain,
    /// The records of the journal, one JSON object a line
    Jsonl,
}

/// How something is shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum TextOrJson {
    /// Lines for people
    Text,
    /// JSON for programs
    Json,
}

/// How a plan is shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum PlanFormat {
    /// Lines for people
    Text,
    /// JSON for programs
    Json,
    /// A graph for Graphviz
    Dot,
    /// A graph for Mermaid
    Mermaid,
}

fn parallel(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number @ 1..=1000) => Ok(number),
        _ => Err("it must be from 1 to 1000".into()),
    }
}
