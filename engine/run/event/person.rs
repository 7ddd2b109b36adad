//! What is asked of a person who does a step, and what they hand in.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::runbook::input::Input;
use crate::runbook::kind::Kind;
use crate::runbook::manual::{Evidence, EvidenceKind};

/// An answer that is asked for when a step is done.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerAsked {
    /// What later steps call it.
    pub name: String,
    /// What it must be.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// Whether it may be left out.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_optional: bool,
    /// Whether it is a secret, which is in no record.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_secret: bool,
}

/// A person ticked an item of a checklist, or said why it does not apply.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ItemTicked {
    /// The path of the step.
    pub step: String,
    /// The item, by its text as it is written.
    pub item: String,
    /// Who says so: a name as given, not proven.
    pub by: String,
    /// What shows that it was done, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub evidence: BTreeMap<String, EvidenceGiven>,
    /// Why it does not apply, and with it what is nested in it.
    pub waived: Option<String>,
    /// Whether the answer was prepared beforehand.
    pub is_prepared: bool,
}

/// Evidence that is asked for when something is done.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceAsked {
    /// What it is called.
    pub name: String,
    /// What it must be.
    #[serde(rename = "type")]
    pub kind: EvidenceKind,
    /// Whether it may be left out.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_optional: bool,
}

/// One of several that can be chosen.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct OptionAsked {
    /// What is handed on.
    pub value: Json,
    /// What a person reads.
    pub label: String,
}

/// Evidence as it was handed in.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum EvidenceGiven {
    /// Text, such as the number of a ticket.
    Text {
        /// What was typed.
        text: String,
    },
    /// A number that was seen.
    Number {
        /// The number.
        number: serde_json::Number,
    },
    /// A file, as it was at that moment.
    File {
        /// Where it is, absolute.
        path: String,
        /// How many bytes it has.
        bytes: u64,
        /// Their SHA-256 in hex.
        sha256: String,
    },
}

impl AnswerAsked {
    /// What is asked for.
    pub fn of(answer: &Input) -> AnswerAsked {
        AnswerAsked {
            name: answer.name.value.clone(),
            kind: answer.kind,
            is_optional: answer.is_optional || answer.default.is_some(),
            is_secret: answer.is_secret,
        }
    }
}

impl EvidenceAsked {
    /// What is asked for.
    pub fn of(evidence: &Evidence) -> EvidenceAsked {
        EvidenceAsked {
            name: evidence.name.value.clone(),
            kind: evidence.kind,
            is_optional: evidence.is_optional,
        }
    }
}

impl EvidenceGiven {
    /// How it reads in a sentence.
    pub fn shown(&self) -> String {
        match self {
            EvidenceGiven::Text { text } => text.clone(),
            EvidenceGiven::Number { number } => number.to_string(),
            EvidenceGiven::File { path, bytes, sha256 } => {
                format!("{path} ({bytes} bytes, SHA-256 {sha256})")
            }
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// A person did a step, and said what was asked for.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct StepAnswered {
    /// The path of the step.
    pub step: String,
    /// Who says so: a name as given, not proven.
    pub by: String,
    /// What it hands to later steps, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub answers: BTreeMap<String, Json>,
    /// The names of the secrets that it hands to later steps, which are in no record.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<String>,
    /// What shows that it was done, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub evidence: BTreeMap<String, EvidenceGiven>,
    /// A remark that was prepared with the answer.
    pub note: Option<String>,
    /// Whether the answer was prepared beforehand.
    pub is_prepared: bool,
}
