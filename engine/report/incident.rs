//! The post-incident document: what the records tell of an incident, as facts that a template sets.
//!
//! Every fact is text that can be printed as it is. What no record tells says so, and how it can be
//! put on record; it is never made up. The names are a promise: `docs/report.md` lists them.

mod build;
mod items;
mod template;

use chrono::TimeDelta;
use serde::Serialize;

pub use build::Sources;
pub use template::{BUILT_IN, Template, TemplateProblem};

/// How soon after the end the document must be there.
const WITHIN: TimeDelta = TimeDelta::hours(48);

/// What a template can name, with what it is.
pub const VARIABLES: &[(&str, &str)] = &[
    ("title", "the title of the runbook, stamped where it was a drill or an exercise"),
    ("runbook", "the id of the runbook"),
    ("run", "the id of the run"),
    ("mode", "how it was gone through: `live`, `drill`, `rehearsal`, `tabletop`"),
    ("environment", "where it ran"),
    ("incident", "the number of the incident elsewhere"),
    ("severity", "how bad it was, as the runbook says"),
    ("system", "what was down, as the runbook says"),
    ("owner", "who keeps the runbook"),
    ("summary", "what the runbook does, in its own words"),
    ("impact", "what it meant for users, as the runbook says"),
    ("symptoms", "a list of texts: what is seen from outside"),
    ("operator", "who began the run"),
    ("date", "the day on which it was detected, else on which the run began"),
    ("began", "when it was detected, else when the run began"),
    ("started", "when the run began"),
    ("ended", "when the run ended"),
    ("duration", "how long it was from `began` until service was back, else to the end of the run"),
    ("outcome", "how the run ended"),
    ("verdict", "what the exit criteria said"),
    ("deadline", "when this document must be there: 48 hours after the end"),
    ("milestones", "a list: `name`, `time`, `after`, `source`"),
    ("timeline", "a list, as in the curated view: `time`, `step`, `who`, `what`"),
    ("root_cause", "the note with `--milestone root-cause`"),
    ("resolution", "a list of texts: the steps that were done, in file order"),
    ("failures", "a list: `time`, `step`, `attempt`, `why`"),
    ("findings", "a list: `time`, `who`, `text`"),
    ("decisions", "a list, of what was noted and answered: `time`, `who`, `text`"),
    (
        "exceptions",
        "a list, of what was waived, skipped or taken for granted: `time`, `step`, `text`",
    ),
    ("action_items", "a list, of every `todo`: `text`, `owner`, `due`, `who`, `time`"),
    ("lessons", "a list of texts: the notes that begin with `lesson:`"),
    ("messages", "a list: `time`, `to`, `fate`, `text`"),
    ("people", "a list, of everybody who did or said something: `name`, `entries`"),
    ("metrics", "`acknowledged`, `mitigated`, `restored`, `rto`, `rpo`, `gates`, `slowest`"),
    ("unknown", "a list of texts: what no record tells of the above, and how to say it"),
    ("known", "a list of names: those of the above that are known"),
    ("damage", "what is wrong with the journal; empty where nothing is"),
    ("head", "the hash of the last record"),
];

/// The facts of an incident, by the names of [`VARIABLES`].
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Incident {
    title: String,
    runbook: String,
    run: String,
    mode: String,
    environment: String,
    incident: String,
    severity: String,
    system: String,
    owner: String,
    summary: String,
    impact: String,
    symptoms: Vec<String>,
    operator: String,
    date: String,
    began: String,
    started: String,
    ended: String,
    duration: String,
    outcome: String,
    verdict: String,
    deadline: String,
    milestones: Vec<items::Milestone>,
    timeline: Vec<items::Happening>,
    root_cause: String,
    resolution: Vec<String>,
    failures: Vec<items::Failure>,
    findings: Vec<items::Said>,
    decisions: Vec<items::Said>,
    exceptions: Vec<items::Exception>,
    action_items: Vec<items::ActionItem>,
    lessons: Vec<String>,
    messages: Vec<items::Message>,
    people: Vec<items::Person>,
    metrics: items::Measures,
    unknown: Vec<String>,
    known: Vec<&'static str>,
    damage: String,
    head: String,
}

#[cfg(test)]
mod tests;
