//! The entries of the lists in a post-incident document.

use chrono::SecondsFormat;
use serde::Serialize;

use crate::run::event::Moment;
use crate::timeline::handover::{self, Fate, Remark};

/// A milestone, with when it was reached and whence that is known.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Milestone {
    pub(super) name: String,
    pub(super) time: String,
    pub(super) after: String,
    pub(super) source: String,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Happening {
    pub(super) time: String,
    pub(super) step: String,
    pub(super) who: String,
    pub(super) what: String,
}

/// A time that a step went wrong.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Failure {
    pub(super) time: String,
    pub(super) step: String,
    pub(super) attempt: u32,
    pub(super) why: String,
}

/// What somebody noted or answered.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Said {
    pub(super) time: String,
    pub(super) who: String,
    pub(super) text: String,
}

/// What was waived, skipped or taken for granted.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Exception {
    pub(super) time: String,
    pub(super) step: String,
    pub(super) text: String,
}

/// Something to be done.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub(super) struct ActionItem {
    pub(super) text: String,
    pub(super) owner: String,
    pub(super) due: String,
    pub(super) who: String,
    pub(super) time: String,
}

/// A message to those who waited.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Message {
    pub(super) time: String,
    pub(super) to: String,
    pub(super) fate: String,
    pub(super) text: String,
}

/// Somebody who did or said something.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Person {
    pub(super) name: String,
    pub(super) entries: usize,
}

/// How long things took.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct Measures {
    pub(super) acknowledged: String,
    pub(super) mitigated: String,
    pub(super) restored: String,
    pub(super) rto: String,
    pub(super) rpo: String,
    pub(super) gates: String,
    pub(super) slowest: Vec<String>,
}

/// A moment for people, in UTC.
pub(super) fn time(at: Moment) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true).replace('T', " ").replace('Z', " UTC")
}

impl Said {
    pub(super) fn of(remark: &Remark) -> Said {
        let at = remark.about.unwrap_or(remark.at);
        Said { time: time(at), who: remark.by.clone(), text: remark.text.clone() }
    }
}

impl Message {
    pub(super) fn of(message: &handover::Message) -> Message {
        let nobody = || "whoever it was passed on to (not on record)".to_owned();
        let why = message.why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
        let fate = match message.fate {
            Fate::Sent => "sent".to_owned(),
            Fate::Shown => "shown to be passed on".to_owned(),
            Fate::Failed => format!("not known to have arrived{why}"),
            Fate::Assumed => "not sent: this was practice".to_owned(),
        };
        let to = message.to.clone().unwrap_or_else(nobody);
        Message { time: time(message.at), to, fate, text: message.text.clone() }
    }
}

impl ActionItem {
    /// A todo, whose text may end in `owner: NAME` and `due: DAY`, set off by commas or semicolons.
    pub(super) fn of(remark: &Remark) -> ActionItem {
        let mut item = ActionItem {
            text: String::new(),
            owner: "(nobody yet: say `owner: NAME` in the todo)".to_owned(),
            due: "(no day yet: say `due: DAY` in the todo)".to_owned(),
            who: remark.by.clone(),
            time: time(remark.at),
        };
        let mut rest = remark.text.trim();
        while let Some((before, last)) = rest.rsplit_once([',', ';', '(']) {
            let (key, value) = last.split_once(':').unwrap_or_default();
            let value = value.trim().trim_end_matches(')').trim();
            match key.trim().to_ascii_lowercase().as_str() {
                _ if value.is_empty() => break,
                "owner" => value.clone_into(&mut item.owner),
                "due" => value.clone_into(&mut item.due),
                _ => break,
            }
            rest = before.trim_end();
        }
        rest.clone_into(&mut item.text);
        item
    }
}
