//! What is looked at, what is asked, and what may be answered.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AnswerAsked, EvidenceAsked, Failure, OptionAsked, Verdict};

/// Which check of which step or stage.
#[derive(
    Clone, Debug, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(deny_unknown_fields)]
pub struct CheckRef {
    /// The step; none for a check of the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// What it is for.
    pub purpose: Purpose,
    /// Its place in its list, from 0.
    pub index: usize,
}

/// What a check is for.
#[derive(
    Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// It shows the symptom.
    Confirm,
    /// It must hold before the first step.
    Precondition,
    /// It must hold before a step.
    Require,
    /// It tells that the effect of a step is there already.
    DoneWhen,
    /// It must hold after a step.
    Verify,
    /// It must hold all along.
    Invariant,
    /// It gives the verdict.
    ExitCriterion,
}

/// What a look showed.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sight {
    /// It holds.
    Holds,
    /// It holds, with a warning.
    Warns,
    /// It does not hold.
    Fails,
    /// It could not be seen.
    Unseen,
}

/// What is asked of a person.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Question {
    /// May this happen?
    Gate(GateQuestion),
    /// Will you do this by hand? Putting it begins the step.
    Manual {
        /// The path of the step.
        step: String,
        /// What is to be done.
        text: String,
        /// What is asked for when it is done; each becomes an output.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        answers: Vec<AnswerAsked>,
        /// What must show that it was done.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        evidence: Vec<EvidenceAsked>,
    },
    /// Is this item of a checklist done? Putting the first begins the step.
    Item(ItemQuestion),
    /// Is this step needed?
    Needed {
        /// The path of the step that is optional.
        step: String,
        /// What a person calls the step.
        title: String,
    },
    /// Which of these? Putting it begins the step.
    Choose {
        /// The path of the step.
        step: String,
        /// What is asked.
        ask: String,
        /// What there is to choose from.
        options: Vec<OptionAsked>,
        /// Whether none of them may be chosen.
        has_none: bool,
    },
    /// Is somebody at a terminal, for this to run there?
    Terminal {
        /// The path of the step.
        step: String,
        /// What would run, as a person reads it.
        command: String,
    },
    /// Go on with this step, which changes something?
    Proceed {
        /// The path of the step.
        step: String,
        /// What would run, as a person reads it.
        command: String,
    },
    /// A step failed: what now?
    Hold {
        /// The path of the step.
        step: String,
        /// Why it is held.
        failure: Failure,
    },
    /// A step may or may not have happened: which?
    InDoubt {
        /// The path of the step.
        step: String,
        /// What may have run, as a person reads it.
        command: String,
    },
    /// What is the value of this input?
    Input {
        /// The name of the input.
        name: String,
    },
    /// A check does not hold: go on all the same?
    Check {
        /// The check, by its place.
        check: CheckRef,
        /// What was seen, in words.
        detail: String,
    },
    /// What must hold all along does not, or could not be seen: what now?
    Invariant {
        /// The id of the invariant.
        id: String,
        /// The check, by its place.
        check: CheckRef,
        /// What was seen, in words.
        detail: String,
    },
    /// The exit criteria do not hold, or could not be seen: what now?
    Verdict {
        /// What they say together.
        verdict: Verdict,
        /// What was seen, in words.
        detail: String,
    },
}

/// One item of a checklist, to be ticked.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ItemQuestion {
    /// The path of the step.
    pub step: String,
    /// The text of the item as it is written, by which it is known.
    pub item: String,
    /// What a person reads.
    pub text: String,
    /// What the items around it say, the outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub around: Vec<String>,
    /// Which item of the checklist it is, from 1.
    pub number: usize,
    /// How many there are.
    pub of: usize,
    /// Whether it may be said that it does not apply.
    pub may_be_waived: bool,
    /// What must show that it was done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<EvidenceAsked>,
}

/// The question of a gate, frozen when it is put.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct GateQuestion {
    /// The path of the step behind it.
    pub step: String,
    /// The words of the question.
    pub ask: String,
    /// The word that must be typed.
    pub word: Option<String>,
    /// Who may answer; anybody when empty.
    pub approvers: Vec<String>,
    /// What would run, as a person reads it.
    pub commands: Vec<String>,
    /// The SHA-256 of question and commands; an answer binds to it.
    pub digest: String,
    /// How many different people must approve.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub quorum: usize,
    /// Who may not, because they drive the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub barred: Option<String>,
    /// The number that is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<ValueWanted>,
    /// Whether `--yes` passes it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub may_bypass: bool,
}

impl GateQuestion {
    /// Who may approve, who has, and how many must, a line each.
    pub fn approvals(&self, approved: &[String]) -> String {
        let mut text = String::new();
        if !self.approvers.is_empty() {
            text.push_str(&format!("  to be approved by: {}\n", self.approvers.join(", ")));
        }
        if let Some(barred) = &self.barred {
            text.push_str(&format!("  not by {barred}, who drives the run\n"));
        }
        if self.quorum > 1 {
            let by = match approved {
                [] => String::new(),
                names => format!(": {}", names.join(", ")),
            };
            let (count, quorum) = (approved.len(), self.quorum);
            text.push_str(&format!("  approved so far: {count} of {quorum}{by}\n"));
        }
        text
    }
}

/// A number that a gate asks for.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ValueWanted {
    /// What is asked.
    pub prompt: String,
    /// The least that it may be.
    pub at_least: Option<String>,
    /// The most that it may be.
    pub at_most: Option<String>,
}

fn one() -> usize {
    1
}

fn is_one(number: &usize) -> bool {
    *number == 1
}

impl ValueWanted {
    /// The question, with what will do.
    pub fn question(&self) -> String {
        format!("{} ({})", self.prompt, self.range())
    }

    /// What will do, in words.
    pub fn range(&self) -> String {
        match (&self.at_least, &self.at_most) {
            (Some(low), Some(high)) if low == high => low.clone(),
            (Some(low), Some(high)) => format!("from {low} to {high}"),
            (Some(low), None) => format!("at least {low}"),
            (None, Some(high)) => format!("at most {high}"),
            (None, None) => "any number".to_owned(),
        }
    }

    /// Whether a number will do, or why not.
    pub fn admits(&self, text: &str) -> Result<(), String> {
        let number = |text: &str| match text.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number),
            _ => Err(format!("`{}` is not a number", text.trim())),
        };
        let given = number(text)?;
        let is_low =
            self.at_least.as_deref().map(number).transpose()?.is_some_and(|low| given < low);
        let is_high =
            self.at_most.as_deref().map(number).transpose()?.is_some_and(|top| given > top);
        match is_low || is_high {
            true => Err(format!("{} is not {}", text.trim(), self.range())),
            false => Ok(()),
        }
    }
}

/// What a person may do with a held step.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldChoice {
    /// Do it again, its gate included.
    Retry,
    /// Count it as done.
    Done,
    /// Count it as failed.
    Failed,
    /// Pass it over.
    Skip,
    /// End the run.
    Abort,
    /// Take back what was done, and end the run.
    Undo,
}

/// How a step in doubt is settled.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DoubtChoice {
    /// It happened.
    Done,
    /// It is done again.
    Rerun,
    /// It failed.
    Failed,
}

/// Who or what settled a step in doubt.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(tag = "by", rename_all = "snake_case", deny_unknown_fields)]
pub enum Decider {
    /// Its `done_when` holds.
    DoneWhen,
    /// Its effect may be repeated.
    Effect,
    /// The records of its keeper, which never began it.
    Keeper,
    /// A person.
    Person {
        /// The name of the person.
        name: String,
    },
}

/// What a person may do about an invariant that broke.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum InvariantChoice {
    /// Look again.
    Retry,
    /// Let it pass for the rest of the run.
    Waive,
    /// End the run.
    Abort,
    /// Take back what was done, and end the run.
    Undo,
}

/// What a person may do with a verdict.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum VerdictChoice {
    /// Look again.
    Retry,
    /// End with it.
    End,
    /// Take back what was done, and end the run.
    Undo,
}

impl Purpose {
    /// What a person calls such a check.
    pub fn noun(self) -> &'static str {
        match self {
            Purpose::Confirm => "symptom",
            Purpose::Precondition => "precondition",
            Purpose::Require => "requirement",
            Purpose::DoneWhen => "promise that it is done already",
            Purpose::Verify => "verification",
            Purpose::Invariant => "invariant",
            Purpose::ExitCriterion => "exit criterion",
        }
    }
}
