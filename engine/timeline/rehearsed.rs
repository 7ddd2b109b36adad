//! What a rehearsal showed, and what it could not show: made from its records, its plan, and the few
//! facts of the machine that stand in no record.

mod people;
mod time;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::journal::Record;
use crate::plan::{CriticalPath, Index, Plan};
use crate::run::event::{
    CheckRef, End, Event, InputGiven, InputSource, Outcome, Purpose, Sight, Verdict,
};
use crate::run::state::StepState;
use crate::run::{self, IllegalEvent, Plans, RunState, check_title};
use crate::runbook::action::Action;

use super::words::{Label, satisfied};

pub use people::Needed;
pub use time::{Promise, Time};

/// The version of the form in which a rehearsal is written down.
const VERSION: u32 = 1;

/// What a rehearsal came to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rehearsed {
    /// The version of this form.
    pub version: u32,
    /// The id of the rehearsal.
    pub run: String,
    /// The id of the runbook.
    pub runbook: String,
    /// The title of the runbook.
    pub title: String,
    /// Where it was rehearsed for, of the environments of its library.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// Who rehearsed.
    pub operator: String,
    /// How it ended: `rehearsed`, or `aborted` where somebody broke it off.
    pub outcome: Option<Outcome>,
    /// How the run would have ended, had all that was assumed been so.
    pub as_if: Option<Outcome>,
    /// What the exit criteria would have said.
    pub verdict: Option<Verdict>,
    /// What was gone through, stage by stage.
    pub stages: Vec<Part>,
    /// What could not be shown, a sentence each.
    pub not_shown: Vec<String>,
    /// What was missing.
    pub missing: Missing,
    /// Where a person is needed.
    pub people: Vec<Needed>,
    /// How long it would take.
    pub time: Time,
    /// The assumptions that what was seen contradicts, a sentence each.
    pub contradictions: Vec<String>,
}

/// A stage of a runbook, and what was gone through in it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Part {
    /// What it is called.
    pub stage: &'static str,
    /// What was gone through.
    pub lines: Vec<Line>,
}

/// One step or check.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// How it is known what came of it.
    pub label: Label,
    /// The path of the step, or what the check is called.
    pub what: String,
    /// What came of it.
    pub text: String,
}

/// What a live run would have needed and did not find.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Missing {
    /// Tools and variables that the runbook requires.
    pub tools: Vec<String>,
    /// Inputs that nobody gave.
    pub inputs: Vec<String>,
    /// Secrets that nobody gave.
    pub credentials: Vec<String>,
    /// Those who open gates and cannot be reached, or are not there.
    pub approvers: Vec<String>,
}

/// What stands in no record.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Tools and variables that are missing here.
    pub tools: Vec<String>,
    /// What was not looked at, or what something had to stand in for, a sentence each.
    pub not_shown: Vec<String>,
    /// The assumptions that what was seen contradicts.
    pub contradictions: Vec<String>,
    /// What decides how long it takes, by the runbook alone.
    pub critical: CriticalPath,
}

/// What the records of a rehearsal come to.
pub fn rehearsed(
    plans: &mut Plans,
    records: &[Record],
    facts: Facts,
) -> Result<Rehearsed, IllegalEvent> {
    let mut state = RunState::new(&plans.current);
    let mut told = Told::default();
    for record in records {
        run::fold(plans, &mut state, record.at, &record.event)?;
        told.hear(record, &plans.current, &state);
    }
    let plan = &plans.current;
    let start = state.start.as_ref();
    let mut not_shown = told.not_shown;
    not_shown.extend(facts.not_shown);
    not_shown.extend(left_out(plan, &state));
    Ok(Rehearsed {
        version: VERSION,
        run: start.map(|start| start.run.clone()).unwrap_or_default(),
        runbook: plan.runbook.id.value.clone(),
        title: plan.runbook.title.clone(),
        environment: state.environment.clone(),
        operator: state.operator.clone(),
        outcome: state.outcome,
        as_if: state.as_if,
        verdict: state.verdict,
        stages: stages(told.checks, steps(plan, &state)),
        not_shown,
        missing: Missing {
            tools: facts.tools,
            inputs: told.inputs,
            credentials: told.credentials,
            approvers: people::approvers(plan, &state),
        },
        people: told.people.needed(),
        time: time::time(plan, &state, told.restored_ms, &facts.critical),
        contradictions: facts.contradictions,
    })
}

/// What records tell on the way.
#[derive(Default)]
struct Told {
    /// The last sight of each check, in the order in which they were first looked at.
    checks: Vec<(CheckRef, Line)>,
    inputs: Vec<String>,
    credentials: Vec<String>,
    not_shown: Vec<String>,
    people: people::People,
    /// When the exit criteria were judged, from the beginning, in milliseconds.
    restored_ms: Option<u64>,
}

impl Told {
    fn hear(&mut self, record: &Record, plan: &Plan, state: &RunState) {
        self.people.hear(&record.event);
        match &record.event {
            Event::InputGiven(given) if given.from == InputSource::Assumed => self.lack(given),
            Event::CheckObserved { check, sight, detail, is_assumed, .. } => {
                let what = check_title(plan, state, check);
                let what = match &check.step {
                    Some(step) => format!("{step}, {what}"),
                    None => what,
                };
                let label = if *is_assumed { Label::Assumed } else { Label::Observed };
                let line = Line { label, what, text: sighted(*sight, detail) };
                if *is_assumed && *sight == Sight::Warns {
                    self.not_shown.push(format!("{}: {detail}", line.what));
                }
                match self.checks.iter_mut().find(|(known, _)| known == check) {
                    Some((_, known)) => *known = line,
                    None => self.checks.push((check.clone(), line)),
                }
            }
            Event::StepEnded(ended)
                if ended.is_assumed || matches!(ended.end, End::Watched { .. }) =>
            {
                let notes = ended.notes.iter().map(|note| format!("{}: {note}", ended.step));
                self.not_shown.extend(notes);
            }
            Event::VerdictReached { verdict, .. } if is_back(*verdict, plan) => {
                let ms = state.lasted(record.at).num_milliseconds();
                self.restored_ms = u64::try_from(ms).ok();
            }
            _ => {}
        }
    }

    fn lack(&mut self, given: &InputGiven) {
        match &given.value {
            None => self.credentials.push(given.name.clone()),
            Some(value) => {
                let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                self.inputs.push(format!("{}: {shown} stands in for it", given.name));
            }
        }
    }
}

/// Whether a verdict says that service is back, or all that can be said of it: where no exit criteria
/// are declared, the end of the steps has to do.
fn is_back(verdict: Verdict, plan: &Plan) -> bool {
    match verdict {
        Verdict::Recovered => true,
        Verdict::Unverified => plan.runbook.exit_criteria.is_empty(),
        Verdict::NotRecovered => false,
    }
}

fn sighted(sight: Sight, detail: &str) -> String {
    let word = match sight {
        Sight::Holds => "holds",
        Sight::Warns => "holds, with a warning",
        Sight::Fails => "does not hold",
        Sight::Unseen => "could not be seen",
    };
    match detail {
        "" => word.to_owned(),
        detail => format!("{word}: {detail}"),
    }
}

/// The stages in which something was gone through, in order.
fn stages(checks: Vec<(CheckRef, Line)>, steps: Vec<Line>) -> Vec<Part> {
    let mut of_purpose: BTreeMap<Purpose, Vec<Line>> = BTreeMap::new();
    let mut of_steps = Vec::new();
    for (check, line) in checks {
        match check.step {
            None => of_purpose.entry(check.purpose).or_default().push(line),
            Some(_) => of_steps.push(line),
        }
    }
    let mut of = |purpose| of_purpose.remove(&purpose).unwrap_or_default();
    let parts = [
        ("symptom", of(Purpose::Confirm)),
        ("preconditions", of(Purpose::Precondition)),
        ("steps", steps),
        ("checks of steps", of_steps),
        ("invariants", of(Purpose::Invariant)),
        ("exit criteria", of(Purpose::ExitCriterion)),
    ];
    let has_lines = |(_, lines): &(&str, Vec<Line>)| !lines.is_empty();
    parts.into_iter().filter(has_lines).map(|(stage, lines)| Part { stage, lines }).collect()
}

/// Whether a node acts itself.
fn acts(plan: &Plan, state: &RunState, index: Index) -> bool {
    let form = state.form(plan, index);
    let is_decision = form.is_some_and(|form| matches!(form.facets.action, Action::Decision));
    state.is_leaf(plan, index) && !is_decision
}

/// The steps that were gone through.
fn steps(plan: &Plan, state: &RunState) -> Vec<Line> {
    let leaves = plan.listed().filter(|(index, _)| acts(plan, state, *index));
    let lines = leaves.filter_map(|(index, node)| {
        let status = &state.steps[index];
        let action = state.form(plan, index).map(|form| &form.facets.action);
        let is_by_hand =
            matches!(action, Some(Action::Manual(_) | Action::Checklist(_) | Action::Choose(_)));
        let label = match &status.state {
            StepState::Satisfied => satisfied(plan, state, &node.path),
            _ if status.attempts == 0 => return None,
            _ if is_by_hand => Label::NeedsPerson,
            _ if status.is_observed() => Label::Observed,
            _ => Label::Assumed,
        };
        Some(Line { label, what: node.path.clone(), text: came_to(status) })
    });
    lines.collect()
}

fn came_to(status: &crate::run::state::StepStatus) -> String {
    let took = match (status.acted_at, status.ended_at) {
        (Some(from), Some(to)) => u64::try_from((to - from).num_milliseconds()).unwrap_or_default(),
        _ => 0,
    };
    // What was assumed in no time says nothing of its time.
    let is_known = took >= 1_000 || !status.is_assumed && took > 0;
    let took = if is_known { format!(" after {}", super::duration(took)) } else { String::new() };
    let attempts = match status.attempts {
        0 | 1 => String::new(),
        more => format!(", attempt {more}"),
    };
    match &status.state {
        StepState::Failed(failure, _) => format!("failed{attempts}: {}", failure.detail),
        state => format!("{}{took}{attempts}", state.word().replace('_', " ")),
    }
}

/// What the way that was gone left out; of a group that was left out, not what is inside it.
fn left_out(plan: &Plan, state: &RunState) -> Vec<String> {
    let is_left = |index: Index| {
        let status = &state.steps[index];
        let is_left = matches!(status.state, StepState::NotReached | StepState::Skipped(_));
        status.attempts == 0 && is_left
    };
    let is_in_left = |index: Index| plan.nodes[index].parent.is_some_and(is_left);
    let left = plan.listed().filter(|(index, _)| is_left(*index) && !is_in_left(*index));
    left.map(|(_, node)| format!("{}: not gone through", node.path)).collect()
}
