//! What an exercise at a table has that no other run has: its script, what is told on the way, what the
//! team answers, and how it is scored.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{CheckRef, Sight};

/// What an exercise is made of. It is on record as the exercise begins, so that nothing is told later
/// that does not stand here, save by a person.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// What has happened when it begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// What is told on the way, in the order of the script; they are numbered from 1.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub injects: Vec<Inject>,
    /// What the exercise is to show.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub objectives: Vec<String>,
    /// What is talked about at the end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub questions: Vec<String>,
    /// The run that is gone through once more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub past: Option<Past>,
}

/// Something that is told during an exercise.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Inject {
    /// How long after the beginning it is told, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_ms: Option<u64>,
    /// The step before which it is told, by its id or its path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// What is told.
    pub text: String,
    /// Whether only the facilitator sees it beforehand.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_hidden: bool,
}

/// What happened in a run that is gone through once more.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Past {
    /// The id of that run.
    pub run: String,
    /// How its actions went, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<PastStep>,
    /// What its looks showed, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub looks: Vec<PastLook>,
}

/// How an action went.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PastStep {
    /// The path of the step.
    pub step: String,
    /// Which attempt, from 1.
    pub attempt: u32,
    /// How it went.
    pub outcome: Told,
}

/// What a look showed.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PastLook {
    /// The check, by its place.
    pub check: CheckRef,
    /// Whether it held.
    pub sight: Sight,
    /// What was seen, in words.
    pub detail: String,
}

/// What somebody has to say how it goes.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(tag = "of", rename_all = "snake_case", deny_unknown_fields)]
pub enum Subject {
    /// An attempt of a step.
    Step {
        /// The path of the step.
        step: String,
        /// Which attempt, from 1.
        attempt: u32,
    },
    /// A look.
    Check {
        /// The check, by its place.
        check: CheckRef,
    },
}

/// How something goes in an exercise.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(tag = "goes", rename_all = "snake_case", deny_unknown_fields)]
pub enum Told {
    /// It succeeds, or holds.
    Well {
        /// What it hands to later steps, by name, as a command would print it.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        outputs: BTreeMap<String, String>,
    },
    /// It fails, or does not hold.
    Fails {
        /// What is seen of that.
        reason: String,
        /// The exit code of its command, where that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        exit: Option<i32>,
        /// The number of the signal that ended its command, where one did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        signal: Option<i32>,
    },
    /// It runs out of time.
    TimesOut,
    /// Nobody can see how it went.
    Unseen {
        /// What stands in the way.
        reason: String,
    },
}

/// Who says how something goes.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(tag = "by", rename_all = "snake_case", deny_unknown_fields)]
pub enum Teller {
    /// A person.
    Person {
        /// The name of the person, as given.
        name: String,
    },
    /// The runbook, in `simulate`.
    Runbook,
    /// The run that is gone through once more.
    Past,
}

/// It was said how something goes.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct OutcomeTold {
    /// What it is about.
    pub subject: Subject,
    /// How it goes.
    pub outcome: Told,
    /// Who says so.
    pub teller: Teller,
}

/// Something was told to the players.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct InjectTold {
    /// Its number in the script, from 1; none where a person made it up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<usize>,
    /// What was told.
    pub text: String,
    /// Who told it before its time; none where its time had come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// A question of the exercise was talked about.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Discussed {
    /// The path of the step that asks; none for a question at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// The question.
    pub question: String,
    /// Who answered, as given.
    pub by: String,
    /// The answer.
    pub answer: String,
    /// How long the question stood at the terminal, in milliseconds.
    pub took_ms: u64,
}

/// Somebody said what the exercise has shown.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ExerciseScored {
    /// Who says so, as given.
    pub by: String,
    /// Whether each objective was met, in the order of the script.
    pub objectives: Vec<bool>,
    /// How well it went, from 1 to 5; none where nobody says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<u8>,
}

/// The best score.
pub const BEST: u8 = 5;

impl Subject {
    /// The step that it is about.
    pub fn step(&self) -> Option<&str> {
        match self {
            Subject::Step { step, .. } => Some(step),
            Subject::Check { check } => check.step.as_deref(),
        }
    }
}

impl Told {
    /// That all goes well, with nothing handed on.
    pub fn well() -> Told {
        Told::Well { outputs: BTreeMap::new() }
    }

    /// That it fails, and what is seen of that.
    pub fn fails(reason: impl Into<String>) -> Told {
        Told::Fails { reason: reason.into(), exit: None, signal: None }
    }

    /// It in words.
    pub fn said(&self) -> String {
        match self {
            Told::Well { .. } => "goes well".to_owned(),
            Told::Fails { reason, .. } => format!("fails: {reason}"),
            Told::TimesOut => "runs out of time".to_owned(),
            Told::Unseen { reason } => format!("cannot be seen: {reason}"),
        }
    }
}
