//! What can be typed about a run that goes on elsewhere.

use chrono::{DateTime, Utc};
use clap::ValueEnum;

use super::{RunFormat, TextOrJson};
use crate::run::event::{Milestone, NoteKind};

/// What the examples of these commands look like.
pub mod examples {
    pub const WATCH: &str = "Examples:
  holdpoint watch
  holdpoint watch 20260131-restore-k7f";

    pub const SHOW: &str = "Examples:
  holdpoint show load
  holdpoint show 20260131-restore-k7f bring-back/restore/load --attempt 1
  holdpoint show load --raw > load.txt";

    pub const NOTE: &str = "Examples:
  holdpoint note 'the replica is 40 s behind'
  holdpoint note 20260131-restore-k7f 'disk full since the release' --kind finding --at 2026-01-31T02:41:00Z
  holdpoint note 'traffic goes to the other site' --milestone mitigated
  holdpoint note 'not the disk, the inodes' --corrects 31";

    pub const APPROVE: &str = "Examples:
  holdpoint approve drop-volume --by ana --word aragora_postgres_data
  holdpoint approve 20260131-restore-k7f drop-volume --by database-admin --value 217";

    pub const REJECT: &str = "Examples:
  holdpoint reject drop-volume --by ana --reason 'that is the wrong volume'";

    pub const SKIP: &str = "Examples:
  holdpoint skip assess
  holdpoint skip 20260131-restore-k7f assess --reason 'we know what it says'";

    pub const RETRY: &str = "Examples:
  holdpoint retry load --reason 'there is room on the disk again'
  holdpoint retry verdict --reason 'the cache is warm now'";

    pub const DONE: &str = "Examples:
  holdpoint done load --reason 'loaded by hand, 217 rows'";

    pub const FAIL: &str = "Examples:
  holdpoint fail restart --reason 'it will not come back, take the next rung'";

    pub const ABORT: &str = "Examples:
  holdpoint abort --reason 'false alarm'";

    pub const EXEC: &str = "Examples:
  holdpoint exec -- df -h /var/lib/postgresql
  holdpoint exec 20260131-restore-k7f -- sh -c 'tail -100 /var/log/syslog'
  holdpoint exec --tty -- psql";
}

/// `holdpoint watch`
#[derive(Debug, clap::Args)]
pub struct Watch {
    /// The run: its id or the beginning of it [default: the newest]
    pub run: Option<String>,
    /// How it is shown
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: RunFormat,
}

/// `holdpoint show`
#[derive(Debug, clap::Args)]
pub struct Show {
    /// The run [default: the newest], and the step by its id or path; or a command that is no step
    #[arg(value_name = "[RUN] STEP", num_args = 1..=2, required = true)]
    pub words: Vec<String>,
    /// Which attempt, from 1 [default: the last]
    #[arg(long, value_name = "N")]
    pub attempt: Option<u32>,
    /// What it printed as it is, and nothing else; not to a terminal
    #[arg(long, conflicts_with = "format")]
    pub raw: bool,
    /// How it is shown
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: TextOrJson,
}

/// `holdpoint note`
#[derive(Debug, clap::Args)]
pub struct Note {
    /// The run [default: the only open run], and the text
    #[arg(value_name = "[RUN] TEXT", num_args = 1..=2, required = true)]
    pub words: Vec<String>,
    /// What sort of entry it is [default: note, or as what it corrects]
    #[arg(long, value_name = "KIND")]
    pub kind: Option<Sort>,
    /// When that was which it tells of, such as 2026-01-31T03:00:00Z; when it was noted is kept too
    #[arg(long, value_name = "TIME")]
    pub at: Option<DateTime<Utc>>,
    /// The milestone of the incident that was reached with it; `none` takes one back in a correction
    #[arg(long, value_name = "MILESTONE")]
    pub milestone: Option<Reached>,
    /// It stands in place of this note: the number at the end of its row in the timeline
    #[arg(long, value_name = "ENTRY")]
    pub corrects: Option<u64>,
    /// Who says so [default: the name of the user]
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
}

/// The milestones of an incident.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum Reached {
    /// Somebody or something noticed it
    Detected,
    /// Somebody took it on
    Acknowledged,
    /// It was looked into, and something was found
    Investigated,
    /// What caused it is known
    RootCause,
    /// Its effect is stopped or small, though not all is as before
    Mitigated,
    /// Service is back
    Restored,
    /// None
    None,
}

impl Reached {
    /// The milestone, if it is one.
    pub fn milestone(self) -> Option<Milestone> {
        Some(match self {
            Reached::Detected => Milestone::Detected,
            Reached::Acknowledged => Milestone::Acknowledged,
            Reached::Investigated => Milestone::Investigated,
            Reached::RootCause => Milestone::RootCause,
            Reached::Mitigated => Milestone::Mitigated,
            Reached::Restored => Milestone::Restored,
            Reached::None => return None,
        })
    }
}

/// The sorts of entries.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Sort {
    /// Something worth knowing
    Note,
    /// Something that was found out
    Finding,
    /// Something that was decided
    Decision,
    /// Something to be done later
    Todo,
}

impl From<Sort> for NoteKind {
    fn from(sort: Sort) -> NoteKind {
        match sort {
            Sort::Note => NoteKind::Note,
            Sort::Finding => NoteKind::Finding,
            Sort::Decision => NoteKind::Decision,
            Sort::Todo => NoteKind::Todo,
        }
    }
}

/// `holdpoint approve`
#[derive(Debug, clap::Args)]
pub struct Approve {
    /// The run [default: the only open run], and the step whose gate is opened
    #[arg(value_name = "[RUN] GATE", num_args = 1..=2, required = true)]
    pub words: Vec<String>,
    /// Who approves: a person or a role [default: the name of the user]
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
    /// A remark for the timeline
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// The word that the gate asks for
    #[arg(long, value_name = "WORD")]
    pub word: Option<String>,
    /// The number that the gate asks for
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
    pub value: Option<String>,
}

/// `holdpoint reject`
#[derive(Debug, clap::Args)]
pub struct Reject {
    /// The run [default: the only open run], and the step whose gate is refused
    #[arg(value_name = "[RUN] GATE", num_args = 1..=2, required = true)]
    pub words: Vec<String>,
    /// Why; it goes into the timeline
    #[arg(long, visible_alias = "note", value_name = "TEXT")]
    pub reason: Option<String>,
    /// Who refuses: a person or a role [default: the name of the user]
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
}

/// `holdpoint skip`, `retry`, `done`, `fail`
#[derive(Debug, clap::Args)]
pub struct Decide {
    /// The run [default: the only open run], and the step; or `verdict`, or `invariant/ID`
    #[arg(value_name = "[RUN] STEP", num_args = 1..=2, required = true)]
    pub words: Vec<String>,
    /// Why; it goes into the timeline. Without a terminal it is the confirmation
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Who decides [default: the name of the user]
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
}

/// `holdpoint abort`
#[derive(Debug, clap::Args)]
pub struct Abort {
    /// The run: its id or the beginning of it [default: the only open run]
    pub run: Option<String>,
    /// Why; it goes into the timeline. Without a terminal it is the confirmation
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Who ends it [default: the name of the user]
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
    /// How the run is shown, where nobody drives it
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: RunFormat,
}

/// `holdpoint exec`
#[derive(Debug, clap::Args)]
pub struct Exec {
    /// The run: its id or the beginning of it [default: the only open run]
    pub run: Option<String>,
    /// The command and its arguments
    #[arg(last = true, required = true, value_name = "CMD")]
    pub command: Vec<std::ffi::OsString>,
    /// Give it the terminal; what it prints is not kept
    #[arg(long)]
    pub tty: bool,
    /// Who runs it [default: the name of the user]
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
}
