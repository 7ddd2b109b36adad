//! How long things took, in one run and over many: until an incident was taken on, mitigated and
//! over, held against what was promised; and of each step how long it took, how often it failed, was
//! tried again or was passed over, and how long its gate waited.
//!
//! It is told from the records alone, a run at a time, so that no more than one journal is ever held.
//! Incidents and drills are kept apart, and what is only assumed is never counted.

mod spread;
mod steps;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::journal::Record;
use crate::run::event::{Cause, Event, Milestone, Mode, Moment, Outcome, Verdict};
use crate::runbook;

use super::{Milestones, Objective, Objectives};

use spread::Lengths;
pub use spread::Spread;
pub use steps::StepMetrics;

/// The version of the form.
const VERSION: u32 = 1;

/// How long things took in one run.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
pub struct RunMetrics {
    /// The id of the run.
    pub run: String,
    /// The id of the runbook.
    pub runbook: String,
    /// What a person calls the runbook.
    pub title: String,
    /// How it went through its runbook.
    pub mode: Mode,
    /// When it began.
    pub started_at: Moment,
    /// When it ended, where it has.
    pub ended_at: Option<Moment>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// What the exit criteria said.
    pub verdict: Option<Verdict>,
    /// Whether times count from the detection; else they count from the start of the run.
    pub is_since_detection: bool,
    /// How long it took until somebody took it on.
    pub acknowledged_ms: Option<i64>,
    /// How long it took until its effect was stopped or made small.
    pub mitigated_ms: Option<i64>,
    /// How long it took until service was back.
    pub restored_ms: Option<i64>,
    /// What came of what was promised.
    pub objectives: Objectives,
    /// The steps, in the order in which they were first heard of.
    pub steps: Vec<StepMetrics>,
}

impl RunMetrics {
    /// What a journal tells; none where its beginning is not whole, or nothing had begun when it
    /// ended. `promised` is what the runbook says, where it is at hand.
    pub fn of(records: &[Record], promised: Option<&runbook::Objectives>) -> Option<RunMetrics> {
        let first = records.first()?;
        let Event::RunStarted(start) = &first.event else { return None };
        let end = records.iter().find(|record| matches!(record.event, Event::RunEnded { .. }));
        let (outcome, verdict) = match end.map(|end| &end.event) {
            Some(Event::RunEnded { cause: Some(Cause::NotStarted { .. }), .. }) => return None,
            Some(Event::RunEnded { outcome, verdict, .. }) => (Some(*outcome), *verdict),
            _ => (None, None),
        };
        let milestones = Milestones::of(records);
        let after = |milestone| milestones.reached(milestone).map(|reached| reached.after_ms);
        Some(RunMetrics {
            run: start.run.clone(),
            runbook: start.runbook.clone(),
            title: start.title.clone(),
            mode: start.mode,
            started_at: first.at,
            ended_at: end.map(|end| end.at),
            outcome,
            verdict,
            is_since_detection: milestones.since.as_ref().is_some_and(|since| since.is_detection),
            acknowledged_ms: after(Milestone::Acknowledged),
            mitigated_ms: after(Milestone::Mitigated),
            restored_ms: after(Milestone::Restored),
            objectives: Objectives::of(&milestones, records, promised),
            steps: steps::of(records),
        })
    }
}

/// How long things took over many runs.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
pub struct Metrics {
    /// The version of this form: 1.
    pub version: u32,
    /// Each runbook with a run on record, by its id.
    pub runbooks: Vec<RunbookMetrics>,
    /// The runs whose journals could not be used, which are in none of the numbers.
    pub passed_over: Vec<PassedOver>,
}

/// A run that is in none of the numbers.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
pub struct PassedOver {
    /// The id of the run.
    pub run: String,
    /// Why it could not be used.
    pub reason: String,
}

/// The runs of one runbook.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
pub struct RunbookMetrics {
    /// The id of the runbook.
    pub runbook: String,
    /// What a person called it when it was last run.
    pub title: String,
    /// The runs for real.
    pub incidents: Option<GroupMetrics>,
    /// The runs as an exercise.
    pub drills: Option<GroupMetrics>,
}

/// The runs of one runbook that are all incidents, or all drills.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
pub struct GroupMetrics {
    /// How many there are.
    pub runs: usize,
    /// How many of them have not ended.
    pub open: usize,
    /// How many ended how.
    pub outcomes: BTreeMap<&'static str, usize>,
    /// Of how many it is known when they were detected; the times of the others count from the start.
    pub detected: usize,
    /// How long it took until somebody took them on.
    pub acknowledged: Spread,
    /// How long it took until their effect was stopped or made small.
    pub mitigated: Spread,
    /// How long it took until service was back.
    pub restored: Spread,
    /// Whether service was back in time.
    pub rto: Kept,
    /// Whether no more was lost than was promised.
    pub rpo: Kept,
    /// How much was lost, as a length of time.
    pub lost: Spread,
    /// How long gates waited for their answer.
    pub gates: Spread,
    /// Each step, the slowest first.
    pub steps: Vec<StepTotals>,
}

/// How often a promise was kept.
#[derive(Clone, Copy, Debug, Default, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Kept {
    /// In how many runs it was.
    pub met: usize,
    /// In how many it was not.
    pub missed: usize,
    /// In how many that is not known, though something was promised.
    pub unknown: usize,
}

/// One step over many runs.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
pub struct StepTotals {
    /// The path of the step.
    pub step: String,
    /// In how many runs its action was begun.
    pub begun: usize,
    /// How long its action took in a run, all attempts together.
    pub took: Spread,
    /// In how many runs an attempt failed.
    pub failed: usize,
    /// In how many runs it was tried again.
    pub retried: usize,
    /// In how many runs it was passed over, by its condition or by a person.
    pub skipped: usize,
    /// In how many runs it was not reached.
    pub not_reached: usize,
    /// How long its gate waited for its answer.
    pub gate: Spread,
}

/// What is gathered of many runs, a run at a time.
#[derive(Clone, Debug, Default)]
pub struct Gathering {
    runbooks: BTreeMap<String, Gathered>,
    passed_over: Vec<PassedOver>,
}

#[derive(Clone, Debug, Default)]
struct Gathered {
    title: String,
    since: Option<Moment>,
    incidents: Group,
    drills: Group,
}

#[derive(Clone, Debug, Default)]
struct Group {
    runs: usize,
    outcomes: BTreeMap<&'static str, usize>,
    detected: usize,
    acknowledged: Lengths,
    mitigated: Lengths,
    restored: Lengths,
    rto: Kept,
    rpo: Kept,
    lost: Lengths,
    gates: Lengths,
    steps: BTreeMap<String, Totals>,
}

#[derive(Clone, Debug, Default)]
struct Totals {
    begun: usize,
    took: Lengths,
    failed: usize,
    retried: usize,
    skipped: usize,
    not_reached: usize,
    gate: Lengths,
}

impl Gathering {
    /// Adds a run. What is only assumed is not counted.
    pub fn add(&mut self, run: &RunMetrics) {
        if run.mode.is_practice() {
            return;
        }
        let gathered = self.runbooks.entry(run.runbook.clone()).or_default();
        if gathered.since.is_none_or(|since| since <= run.started_at) {
            gathered.since = Some(run.started_at);
            gathered.title.clone_from(&run.title);
        }
        match run.mode {
            Mode::Drill => gathered.drills.add(run),
            Mode::Live => gathered.incidents.add(run),
            Mode::Rehearsal | Mode::Tabletop | Mode::Lab => {}
        }
    }

    /// Adds a run that cannot be used, with the reason.
    pub fn pass_over(&mut self, run: String, reason: String) {
        self.passed_over.push(PassedOver { run, reason });
    }

    /// What all of them come to.
    pub fn metrics(self) -> Metrics {
        let runbooks = self.runbooks.into_iter().map(|(runbook, gathered)| RunbookMetrics {
            runbook,
            title: gathered.title,
            incidents: gathered.incidents.metrics(),
            drills: gathered.drills.metrics(),
        });
        Metrics { version: VERSION, runbooks: runbooks.collect(), passed_over: self.passed_over }
    }
}

impl Group {
    fn add(&mut self, run: &RunMetrics) {
        self.runs += 1;
        self.detected += usize::from(run.is_since_detection);
        if let Some(outcome) = run.outcome {
            *self.outcomes.entry(super::outcome(outcome)).or_default() += 1;
        }
        self.acknowledged.extend(run.acknowledged_ms);
        self.mitigated.extend(run.mitigated_ms);
        self.restored.extend(run.restored_ms);
        self.rto.add(&run.objectives.rto);
        self.rpo.add(&run.objectives.rpo);
        self.lost.0.extend(run.objectives.rpo.measured_ms);
        for step in &run.steps {
            self.gates.0.extend(&step.gate_ms);
            self.steps.entry(step.step.clone()).or_default().add(step);
        }
    }

    fn metrics(self) -> Option<GroupMetrics> {
        if self.runs == 0 {
            return None;
        }
        let ended: usize = self.outcomes.values().sum();
        let mut steps: Vec<StepTotals> =
            self.steps.into_iter().map(|(step, totals)| totals.of(step)).collect();
        steps.sort_by_key(|step| std::cmp::Reverse(step.took.median_ms));
        Some(GroupMetrics {
            runs: self.runs,
            open: self.runs - ended,
            outcomes: self.outcomes,
            detected: self.detected,
            acknowledged: self.acknowledged.spread(),
            mitigated: self.mitigated.spread(),
            restored: self.restored.spread(),
            rto: self.rto,
            rpo: self.rpo,
            lost: self.lost.spread(),
            gates: self.gates.spread(),
            steps,
        })
    }
}

impl Kept {
    fn add(&mut self, objective: &Objective) {
        match (objective.is_met, objective.promised_ms) {
            (Some(true), _) => self.met += 1,
            (Some(false), _) => self.missed += 1,
            (None, Some(_)) => self.unknown += 1,
            (None, None) => {}
        }
    }
}

impl Totals {
    fn add(&mut self, step: &StepMetrics) {
        self.begun += usize::from(step.took_ms.is_some() || step.attempts > 0);
        self.took.0.extend(step.took_ms);
        self.failed += usize::from(step.failures > 0);
        self.retried += usize::from(step.attempts > 1);
        self.skipped += usize::from(step.is_skipped);
        self.not_reached += usize::from(step.is_not_reached);
        self.gate.0.extend(&step.gate_ms);
    }

    fn of(self, step: String) -> StepTotals {
        StepTotals {
            step,
            begun: self.begun,
            took: self.took.spread(),
            failed: self.failed,
            retried: self.retried,
            skipped: self.skipped,
            not_reached: self.not_reached,
            gate: self.gate.spread(),
        }
    }
}

#[cfg(test)]
mod tests;
