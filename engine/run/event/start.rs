//! How a run begins, is taken over, and is told what it must know.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{Boot, Moment, Purpose};

/// How a run began.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RunStarted {
    /// The id of the run.
    pub run: String,
    /// The version of Holdpoint that began it.
    pub version: String,
    /// The id of the runbook.
    pub runbook: String,
    /// The title of the runbook.
    pub title: String,
    /// The file as it was named.
    pub file: String,
    /// The SHA-256 of the frozen runbook.
    pub digest: String,
    /// The SHA-256 of every other file that was frozen with it, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub beside: BTreeMap<String, String>,
    /// How the run goes through the runbook.
    pub mode: Mode,
    /// Who drives it, as far as is known.
    pub operator: String,
    /// The machine that it is driven on.
    pub host: String,
    /// The folder in which `run` was typed, absolute.
    pub cwd: String,
    /// Whether somebody is there to be asked.
    pub is_attended: bool,
    /// What a failure leads to where no step says, when that was given.
    pub on_failure: Option<OnFailureGiven>,
    /// How many steps may run at a time.
    pub parallel: usize,
    /// When the incident was noticed.
    pub detected_at: Option<Moment>,
    /// The incident's number elsewhere.
    pub incident: Option<String>,
    /// Checks that were waived beforehand, with the reasons.
    pub waived: BTreeMap<String, String>,
    /// Where it runs, of the environments of its library.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// The clock that nobody sets; its driver reads it, and none stands where that was not done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot: Option<Boot>,
    /// What its records survive; not known of a run that began before this was put on record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub durability: Option<Durability>,
    /// What of a rehearsal is real; none where nothing of it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observes: Option<Observes>,
}

/// What a rehearsal looks at for real: every probe, and every step that only reads, but these. They
/// say that they only look, and are known to change something.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Observes {
    /// The ids of the steps that are not begun, and whose checks are not looked at.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub not_steps: BTreeSet<String>,
    /// What the checks of the run are for that are not looked at.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub not_checks: BTreeSet<Purpose>,
    /// The names of the inputs whose choices are not listed.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub not_inputs: BTreeSet<String>,
}

impl RunStarted {
    /// Where it runs, and whether it is a drill, as it goes on in a sentence: `DRILL in staging`.
    pub fn place(&self) -> Option<String> {
        let environment = self.environment.as_ref().map(|name| format!("in {name}"));
        let said = self.mode.stamp().map(str::to_owned).into_iter().chain(environment);
        said.reduce(|stamp, place| format!("{stamp} {place}"))
    }
}

/// How a driver took over.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Resumed {
    /// Who drives now.
    pub operator: String,
    /// The machine that it is driven on.
    pub host: String,
    /// Whether somebody is there to be asked.
    pub is_attended: bool,
    /// Checks that were waived beforehand, with the reasons.
    pub waived: BTreeMap<String, String>,
    /// The clock that nobody sets; its driver reads it, and none stands where that was not done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot: Option<Boot>,
    /// What the records of this driver survive, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub durability: Option<Durability>,
}

/// A driver that was ended so that another could go on.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Predecessor {
    /// Who it was.
    pub operator: String,
    /// The machine that it drove on.
    pub host: String,
    /// The number of its process.
    pub pid: u32,
    /// Since when it drove.
    pub since: Moment,
}

/// What a record survives once it is written.
#[derive(
    Clone, Copy, Debug, Deserialize, Eq, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Durability {
    /// The end of the process, however it ends.
    Process,
    /// The loss of power too.
    Power,
}

/// How a changed runbook was taken over, between two drivers.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RunbookAdopted {
    /// Who took it over.
    pub by: String,
    /// The machine that it was taken over on.
    pub host: String,
    /// Why it was taken over.
    pub reason: String,
    /// The folder that it was frozen in, beside the first one.
    pub folder: String,
    /// The SHA-256 of the frozen runbook.
    pub digest: String,
    /// The SHA-256 of every other file that was frozen with it, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub beside: BTreeMap<String, String>,
    /// The steps that are new.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<String>,
    /// The steps that are gone, by their old paths.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<String>,
    /// The steps that are in both and differ.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<String>,
    /// The steps that stand elsewhere: the new path of each, and the old one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub moved: BTreeMap<String, String>,
    /// The steps that are done and differ, and whose results count all the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<String>,
    /// The steps that are done and are to be done again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redone: Vec<String>,
}

/// An input and its value.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct InputGiven {
    /// The name of the input.
    pub name: String,
    /// Its value; none for a secret, and none for an optional input that was left out.
    pub value: Option<Json>,
    /// Whether it is a secret that the driver holds.
    pub is_secret: bool,
    /// Where the value came from.
    pub from: InputSource,
}

/// Where the value of an input came from.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum InputSource {
    /// `--input`.
    Flag,
    /// `--inputs`.
    File,
    /// An environment variable.
    Environment,
    /// The chosen environment of the library.
    Library,
    /// The lab of the runbook.
    Lab,
    /// The runbook.
    Default,
    /// A person at the terminal.
    Prompt,
    /// Nobody: a rehearsal goes on with something that stands in for it.
    Assumed,
}

/// How a run goes through its runbook.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// For real.
    Live,
    /// For real, as an exercise.
    Drill,
    /// With nothing changed: what would change something is assumed.
    Rehearsal,
    /// With nothing run: a facilitator says what happens, a team answers.
    Tabletop,
    /// For real, against components that were started for it.
    Lab,
}

impl Mode {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Mode::Live => "live",
            Mode::Drill => "drill",
            Mode::Rehearsal => "rehearsal",
            Mode::Tabletop => "tabletop",
            Mode::Lab => "lab",
        }
    }

    /// What stands on all that is shown of it and sent from it, so that nobody takes it for an
    /// incident.
    pub fn stamp(self) -> Option<&'static str> {
        match self {
            Mode::Drill => Some("DRILL"),
            Mode::Tabletop => Some("EXERCISE"),
            Mode::Rehearsal => Some("REHEARSAL"),
            Mode::Lab => Some("LAB"),
            Mode::Live => None,
        }
    }

    /// A text with the stamp before it, once.
    pub fn stamped(self, text: &str) -> String {
        match self.stamp().map(|stamp| format!("{stamp}: ")) {
            Some(stamp) if !text.starts_with(&stamp) => stamp + text,
            _ => text.to_owned(),
        }
    }

    /// Whether what its actions did is assumed.
    pub fn is_assumed(self) -> bool {
        matches!(self, Mode::Rehearsal | Mode::Tabletop)
    }

    /// Whether nobody can go on with it: what it was about is gone when it ends.
    pub fn is_practice(self) -> bool {
        self.is_assumed() || self == Mode::Lab
    }
}

/// What `--on-failure` may say.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OnFailureGiven {
    /// A person decides.
    Hold,
    /// The run ends.
    Abort,
}

/// The driver before it was ended for that.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TakenOver {
    /// Which driver that was.
    pub from: Predecessor,
    /// Who ended it.
    pub by: String,
    /// Why it was ended.
    pub reason: String,
}

/// It listed them, or could not.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ChoicesListed {
    /// The name of the input.
    pub input: String,
    /// What it listed.
    pub choices: Vec<String>,
    /// Why it listed nothing, if it could not.
    pub problem: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_practised_is_stamped_and_each_text_once() {
        assert_eq!(Mode::Drill.stamped("it ended"), "DRILL: it ended");
        assert_eq!(Mode::Drill.stamped("DRILL: it ended"), "DRILL: it ended");
        assert_eq!(Mode::Tabletop.stamped("it ended"), "EXERCISE: it ended");
        assert_eq!(Mode::Rehearsal.stamped("it ended"), "REHEARSAL: it ended");
        assert_eq!(Mode::Live.stamped("it ended"), "it ended");
    }
}
