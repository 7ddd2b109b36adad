//! The timeline: what happened, for people, made from the records and nothing else.
//!
//! Each record becomes at most one [`Entry`]. Live output, `timeline` and every page are made from
//! the same entries, so they cannot disagree. What is not known is said, never smoothed away.

pub mod debrief;
mod corrections;
mod course;
mod drilled;
mod entry;
mod facts;
pub mod gantt;
pub mod handover;
mod markdown;
pub mod metrics;
pub mod milestones;
mod objectives;
mod raw;
pub mod rehearsed;
#[cfg(test)]
mod sample;
mod sheet;
mod text;
mod view;
pub mod visible;
mod who;
mod words;
mod zone;

use schemars::JsonSchema;
use serde::Serialize;

use crate::journal::{Ending, Record};
use crate::plan::Plan;
use crate::run;
use crate::run::event::{Durability, Event, Mode, Moment, Outcome, Verdict};
use crate::run::state::StepState;
use crate::run::{IllegalEvent, Plans, RunState};

pub use corrections::{Corrections, standing};
pub use drilled::Drilled;
pub use entry::{Entry, Evidence, Kind, Remark, entry};
pub use markdown::{code, inert, markdown};
pub use milestones::Milestones;
pub use objectives::{Objective, Objectives};
pub use sheet::csv;
pub use text::text;
use view::Entries;
pub use view::View;
pub use words::{Label, durability, duration, how_ended, outcome, signed, would};
pub use zone::Zone;

/// The version of the form.
const VERSION: u32 = 1;

/// What happened in a run.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
pub struct Timeline {
    /// The version of this form.
    pub version: u32,
    /// How much of the run is told.
    pub view: View,
    /// The id of the run.
    pub run: String,
    /// The id of the runbook.
    pub runbook: String,
    /// The title of the runbook.
    pub title: String,
    /// How it went through its runbook.
    pub mode: Mode,
    /// Where it ran, of the environments of its library.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// Who began it.
    pub operator: String,
    /// When it began.
    pub started_at: Option<Moment>,
    /// When its last record was written.
    pub last_at: Option<Moment>,
    /// How it ended; none while it is open.
    pub outcome: Option<Outcome>,
    /// What the exit criteria said.
    pub verdict: Option<Verdict>,
    /// What its records survive, all of them; none where that is not on record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub durability: Option<Durability>,
    /// The steps that had begun by the last record, and whose end is not on record.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unseen: Vec<String>,
    /// What is wrong with the journal, if anything is.
    pub damage: Option<String>,
    /// The hash of the last record.
    pub head: Option<String>,
    /// How far the incident has come, as far as the records tell.
    pub milestones: Milestones,
    /// What came of what was promised.
    pub objectives: Objectives,
    /// What happened, in order.
    pub entries: Vec<Entry>,
}

/// Makes the timeline of a run, and its last state.
pub fn fold(
    plans: &mut Plans,
    records: &[Record],
    ending: &Ending,
    view: View,
) -> Result<(Timeline, RunState), IllegalEvent> {
    fold_beside(plans, records, ending, view, |_, _, _| ())
}

/// The same, for somebody who looks at each record on the way, at the plan, and at the state after it.
pub fn fold_beside(
    plans: &mut Plans,
    records: &[Record],
    ending: &Ending,
    view: View,
    mut look: impl FnMut(&Record, &Plan, &RunState),
) -> Result<(Timeline, RunState), IllegalEvent> {
    let mut state = RunState::new(&plans.current);
    let mut entries = Entries::of(records, view);
    for record in records {
        run::fold(plans, &mut state, record.at, &record.event)?;
        entries.hear(record, &plans.current, &state);
        look(record, &plans.current, &state);
    }
    let plan = &plans.current;
    let start = state.start.clone();
    let milestones = Milestones::of(records);
    let promised = &plan.runbook.knowledge.objectives;
    let objectives = Objectives::of(&milestones, records, Some(promised));
    let timeline = Timeline {
        version: VERSION,
        view,
        run: start.as_ref().map(|start| start.run.clone()).unwrap_or_default(),
        runbook: plan.runbook.id.value.clone(),
        title: plan.runbook.title.clone(),
        mode: state.mode(),
        environment: state.environment.clone(),
        operator: start.map(|start| start.operator).unwrap_or_default(),
        started_at: state.started_at,
        last_at: state.last_at,
        outcome: state.outcome,
        verdict: state.verdict,
        durability: weakest(records),
        unseen: unseen(plan, &state),
        damage: words::damage(ending),
        head: records.last().map(|record| record.hash.clone()),
        milestones,
        objectives,
        entries: entries.all(),
    };
    Ok((timeline, state))
}

/// The steps whose action had begun and whose end nobody has put on record.
fn unseen(plan: &Plan, state: &RunState) -> Vec<String> {
    let is_open = |index: &usize| match state.steps[*index].state {
        StepState::Running => state.is_leaf(plan, *index),
        StepState::InDoubt(_) => true,
        _ => false,
    };
    let open = (0..plan.nodes.len()).filter(is_open);
    open.map(|index| plan.nodes[index].path.clone()).collect()
}

/// What all records survive: the least that a driver of the run promised.
fn weakest(records: &[Record]) -> Option<Durability> {
    let promises = records.iter().filter_map(|record| match &record.event {
        Event::RunStarted(start) => Some(start.durability),
        Event::Resumed(resumed) => Some(resumed.durability),
        _ => None,
    });
    promises.min().flatten()
}
