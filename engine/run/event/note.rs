//! A remark: what a person says of a run, now or afterwards. It changes nothing of the run.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Moment;

/// A remark on the timeline.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// Who says so: a name as given, not proven.
    pub by: String,
    /// What sort of remark it is.
    pub kind: NoteKind,
    /// The remark.
    pub text: String,
    /// When that was which it tells of, where that was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<Moment>,
    /// The milestone of the incident that was reached with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub milestone: Option<Milestone>,
    /// The number of the record whose remark it stands in place of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrects: Option<u64>,
}

/// The sorts of remarks.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NoteKind {
    /// Something worth knowing.
    #[default]
    Note,
    /// Something that was found out.
    Finding,
    /// Something that was decided.
    Decision,
    /// Something to be done later.
    Todo,
}

/// The moments of an incident that times are told by, in their order.
#[derive(
    Clone, Copy, Debug, Deserialize, Eq, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Milestone {
    /// Somebody or something noticed it.
    Detected,
    /// Somebody took it on.
    Acknowledged,
    /// It was looked into, and something was found.
    Investigated,
    /// What caused it was known.
    RootCause,
    /// Its effect was stopped or made small, though not all was as before.
    Mitigated,
    /// Service was back.
    Restored,
}

impl Note {
    /// A remark about now.
    pub fn new(by: impl Into<String>, kind: NoteKind, text: impl Into<String>) -> Note {
        let (by, text) = (by.into(), text.into());
        Note { by, kind, text, about: None, milestone: None, corrects: None }
    }
}

impl NoteKind {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            NoteKind::Note => "note",
            NoteKind::Finding => "finding",
            NoteKind::Decision => "decision",
            NoteKind::Todo => "todo",
        }
    }
}

impl Milestone {
    /// All of them, in order.
    pub const ALL: [Milestone; 6] = [
        Milestone::Detected,
        Milestone::Acknowledged,
        Milestone::Investigated,
        Milestone::RootCause,
        Milestone::Mitigated,
        Milestone::Restored,
    ];

    /// What it is called.
    pub fn label(self) -> &'static str {
        match self {
            Milestone::Detected => "Detected",
            Milestone::Acknowledged => "Acknowledged",
            Milestone::Investigated => "Investigated",
            Milestone::RootCause => "Root cause known",
            Milestone::Mitigated => "Mitigated",
            Milestone::Restored => "Restored",
        }
    }
}
