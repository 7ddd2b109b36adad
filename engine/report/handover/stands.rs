//! What of a handover follows from where the run stands.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::{Index, Plan, Role};
use crate::report::standing::{Doing, Running};
use crate::report::status;
use crate::run::RunState;
use crate::run::cost::title;
use crate::run::event::Question;
use crate::run::state::StepState;
use crate::runbook::library::Contact;
use crate::timeline::handover::{Failed, Past, subject};

use super::{InDoubt, Secret, Surroundings, Tried, UnderWay, Undo, Waiting, ways};

/// What a driver is at; without one, what it left running.
pub(super) fn under_way(
    plan: &Plan,
    state: &RunState,
    running: &[Running],
    around: &Surroundings,
) -> Vec<UnderWay> {
    let left = around.left_running.iter().filter_map(|(path, pid)| {
        let index = plan.at_path(path)?;
        let status = &state.steps[index];
        Some(UnderWay {
            step: Some(path.clone()),
            title: title(plan, state, index),
            doing: format!("in doubt, its process {pid} still runs"),
            since: status.acted_at,
            attempt: status.attempts,
        })
    });
    running.iter().filter(|_| around.is_driven).filter_map(acting).chain(left).collect()
}

/// What acts or is looked at; what waits for a person is told elsewhere.
fn acting(running: &Running) -> Option<UnderWay> {
    let (doing, since) = match running.doing {
        Doing::Acts { since } => ("runs", Some(since)),
        Doing::Looks(word) => (word, None),
        Doing::Retries { .. } => ("failed, is tried again", None),
        Doing::Asks => return None,
    };
    Some(UnderWay {
        step: running.step.clone(),
        title: running.title.clone(),
        doing: doing.to_owned(),
        since,
        attempt: running.attempt,
    })
}

/// What waits for somebody, with who that is and what they can type.
pub(super) fn waiting(
    plan: &Plan,
    state: &RunState,
    past: &Past,
    around: &Surroundings,
) -> Vec<Waiting> {
    if state.has_ended() {
        return Vec::new();
    }
    let questions = state.waiting_for(plan);
    let waiting = questions.iter().map(|question| {
        let told = status::waiting(question);
        let since = match question {
            Question::InDoubt { step, .. } => {
                plan.at_path(step).and_then(|index| state.steps[index].acted_at)
            }
            _ => past.asked.get(subject(question)).copied(),
        };
        Waiting {
            step: told.step,
            kind: told.kind,
            question: told.question.trim_end().to_owned(),
            commands: match question {
                Question::Gate(gate) => gate.commands.clone(),
                _ => Vec::new(),
            },
            since,
            who: who(plan, question),
            ways: ways::of_question(state, question, around),
        }
    });
    waiting.collect()
}

/// Who may answer a question, with how they are reached.
fn who(plan: &Plan, question: &Question) -> Vec<String> {
    let named = match question {
        Question::Gate(gate) => gate.approvers.clone(),
        other => {
            let index = plan.at_path(subject(other));
            index.and_then(|index| plan.nodes[index].who.clone()).into_iter().collect()
        }
    };
    let contacts = &plan.runbook.library.contacts;
    let reached = |name: &String| {
        let is_it =
            |contact: &&Contact| contact.role.value == *name || contact.name.as_ref() == Some(name);
        let found: Vec<String> = contacts.iter().filter(is_it).filter_map(card).collect();
        if found.is_empty() { name.clone() } else { format!("{name} ({})", found.join("; ")) }
    };
    named.iter().map(reached).collect()
}

/// Who a contact is and how they are reached.
fn card(contact: &Contact) -> Option<String> {
    let parts: Vec<&str> =
        [&contact.name, &contact.channel].into_iter().flatten().map(String::as_str).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// The steps that were tried, satisfied, passed over or could not be reached, in file order.
pub(super) fn tried(plan: &Plan, state: &RunState, past: &Past) -> Vec<Tried> {
    let by_path: BTreeMap<&str, (u32, &Vec<Failed>)> = past
        .tried
        .iter()
        .map(|tried| (tried.step.as_str(), (tried.attempts, &tried.failures)))
        .collect();
    let is_shown = |index: Index| {
        let status = &state.steps[index].state;
        let is_out = matches!(plan.nodes[index].role, Role::Whole);
        let is_begun = by_path.contains_key(plan.nodes[index].path.as_str());
        !is_out && (is_begun || (state.is_leaf(plan, index) && status.is_settled()))
    };
    let listed = plan.listed().map(|(index, _)| index).filter(|index| is_shown(*index));
    let tried = listed.map(|index| {
        let step = plan.nodes[index].path.clone();
        let (attempts, failures) = match by_path.get(step.as_str()) {
            Some((attempts, failures)) => (*attempts, (*failures).clone()),
            None => (0, Vec::new()),
        };
        Tried { step, state: state.steps[index].state.word(), attempts, failures }
    });
    tried.collect()
}

/// The steps whose start is on record and whose end is not, and which nobody drives any more.
pub(super) fn in_doubt(plan: &Plan, state: &RunState) -> Vec<InDoubt> {
    let is_it = |index: &Index| matches!(state.steps[*index].state, StepState::InDoubt(_));
    let doubtful = (0..plan.nodes.len()).filter(is_it);
    let doubts = doubtful.map(|index| {
        let status = &state.steps[index];
        InDoubt {
            step: plan.nodes[index].path.clone(),
            command: status.command.clone(),
            since: status.acted_at.or(status.started_at),
            attempt: status.attempts,
        }
    });
    doubts.collect()
}

/// What would be taken back, the last step first.
pub(super) fn undos(plan: &Plan, state: &RunState) -> Vec<Undo> {
    let undo = |step: String| {
        let index = plan.at_path(&step)?;
        let undo = state.acted_form(plan, index)?.undo?;
        let by = plan.nodes[undo].forms.first().map(|form| form.facets.action.written());
        let is_paired = matches!(plan.nodes[undo].role, Role::Undo { is_paired: true, .. });
        Some(Undo { step, by: by.unwrap_or_default(), is_paired })
    };
    state.undoable(plan).into_iter().filter_map(undo).collect()
}

/// The secrets that a driver held, or holds as long as it lives.
pub(super) fn secrets(plan: &Plan, state: &RunState, given: &BTreeSet<String>) -> Vec<Secret> {
    if state.has_ended() {
        return Vec::new();
    }
    let of_input = given.iter().map(|name| {
        let input = plan.runbook.inputs.iter().find(|input| input.name.value == *name);
        let variable = input.and_then(|input| input.env.clone());
        Secret { name: name.clone(), variable, step: None }
    });
    let of_step = state.secrets.keys().filter(|name| !given.contains(*name)).map(|kept| {
        let of = kept.strip_prefix("steps/").and_then(|kept| kept.rsplit_once('/'));
        let name = of.map_or(kept.as_str(), |(_, name)| name).to_owned();
        Secret { name, variable: None, step: of.map(|(step, _)| step.to_owned()) }
    });
    of_input.chain(of_step).collect()
}
