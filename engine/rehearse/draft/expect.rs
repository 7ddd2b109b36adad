//! What a case that was played may be expected to come to: the way that it went.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};

use crate::plan::{Plan, Role};
use crate::run::event::{Event, Skip};
use crate::run::state::StepState;

use super::super::compare::outcome_of;
use super::super::course::course;
use super::super::play::Played;
use super::super::script::place::name_of;
use super::kindly::name_at;
use super::sketch::Listed;

/// The expectations that a run comes up to, the most telling of them.
pub fn expectations(plan: &Plan, played: &Played) -> Listed {
    let mut expect: Listed = vec![("outcome".into(), json!(outcome_of(played)))];
    let verdict = played.state.verdict.filter(|_| !plan.runbook.exit_criteria.is_empty());
    expect.extend(verdict.map(|verdict| ("verdict".into(), json!(verdict.word()))));
    let course = course(played);
    let names = |paths: &[String]| paths.iter().map(|path| name_at(plan, path)).collect::<Vec<_>>();
    expect.push(("path".into(), json!(names(&course.path))));
    let states = states(plan, played);
    if !states.is_empty() {
        expect.push(("states".into(), Json::Object(states)));
    }
    let gates = course.gates.iter().map(|(path, became)| (name_at(plan, path), json!(became)));
    let gates: Map<String, Json> = gates.collect();
    if !gates.is_empty() {
        expect.push(("gates".into(), Json::Object(gates)));
    }
    if !course.undone.is_empty() {
        expect.push(("undone".into(), json!(names(&course.undone))));
    }
    if !played.state.has_ended() {
        let waiting = played.state.waiting_for(&played.plan);
        let waiting: Vec<String> =
            waiting.iter().map(|question| name_at(plan, &name_of(question))).collect();
        expect.push(("waiting_for".into(), json!(waiting)));
    }
    expect
}

/// Where steps stand that did not simply succeed, nor were left out because others did.
fn states(plan: &Plan, played: &Played) -> Map<String, Json> {
    let passed_over: BTreeSet<&str> = played
        .records
        .iter()
        .filter_map(|record| match &record.event {
            Event::StepSkipped { step, why: Skip::When | Skip::Declined | Skip::Operator } => {
                Some(step.as_str())
            }
            _ => None,
        })
        .collect();
    let mut states = Map::new();
    for (index, node) in played.plan.listed() {
        let state = &played.state.steps[index].state;
        let is_telling = match state {
            StepState::Failed(..)
            | StepState::Rejected
            | StepState::Satisfied
            | StepState::Undone
            | StepState::Held(_)
            | StepState::AtGate(_)
            | StepState::InDoubt(_) => true,
            StepState::Skipped(_) => passed_over.contains(node.path.as_str()),
            _ => false,
        };
        if is_telling && !matches!(node.role, Role::Undo { .. }) {
            states.insert(name_at(plan, &node.path), json!(state.word()));
        }
    }
    states
}
