//! Expectations: whether what a test expects can be at all, and which steps it means.

use crate::document::nearest;
use crate::plan::{Index, Plan};
use crate::runbook::testfile::{Case, Decision, Expect};
use crate::source::{Diagnostic, Problems, Spanned};

use super::acts::{is_group, is_message};
use super::place::{Matter, Place};

/// What a test expects, with the steps that it means.
#[derive(Clone, Debug, Default)]
pub struct Hopes {
    /// As it is written.
    pub expect: Expect,
    /// The steps of its path, one by one.
    pub path: Vec<Place>,
    /// The steps whose states it names, one by one.
    pub states: Vec<Place>,
    /// The steps whose gates it names, one by one.
    pub gates: Vec<Place>,
    /// The steps whose outputs it names, one by one.
    pub outputs: Vec<Place>,
    /// The steps that it expects to be taken back, one by one.
    pub undone: Vec<Place>,
    /// What it expects the run to wait for, one by one.
    pub waiting_for: Vec<Waited>,
}

/// What a run can wait for.
#[derive(Clone, Debug)]
pub enum Waited {
    /// An answer.
    Answer(Matter),
    /// An input, by its name.
    Input(String),
}

/// What a case expects; what can never be is reported.
pub fn hopes(plan: &Plan, case: &Case, problems: &mut Problems) -> Hopes {
    let expect = case.expect.clone();
    check_outcome(plan, case, problems);
    let mut steps = |names: &mut dyn Iterator<Item = &Spanned<String>>| {
        let mut found = Vec::new();
        for name in names {
            match Place::named(plan, name) {
                Ok(place) => found.push((name.clone(), place)),
                Err(problem) => problems.push(*problem),
            }
        }
        found
    };
    let path = steps(&mut expect.path.iter().flat_map(|path| &path.value));
    let states = steps(&mut expect.states.iter().map(|(name, _)| name));
    let gates = steps(&mut expect.gates.iter().map(|(name, _)| name));
    let outputs = steps(&mut expect.outputs.iter().map(|(name, _)| name));
    let undone = steps(&mut expect.undone.iter().flat_map(|undone| &undone.value));
    check_path(plan, &path, problems);
    check_states(plan, &expect, &states, problems);
    check_gates(plan, &gates, problems);
    check_outputs(plan, &expect, &outputs, problems);
    check_undone(plan, &undone, problems);
    let waiting_for = waiting_for(plan, &expect, problems);
    let places = |named: Vec<(Spanned<String>, Place)>| named.into_iter().map(|(_, it)| it);
    Hopes {
        path: places(path).map(|place| place.acting(plan)).collect(),
        states: places(states).collect(),
        gates: places(gates).collect(),
        outputs: places(outputs).map(|place| place.acting(plan)).collect(),
        undone: places(undone).map(|place| place.acting(plan)).collect(),
        waiting_for,
        expect,
    }
}

fn check_outcome(plan: &Plan, case: &Case, problems: &mut Problems) {
    let expect = &case.expect;
    let has_criteria = !plan.runbook.exit_criteria.is_empty();
    let may_undo = case.decisions.iter().flat_map(|(_, decisions)| decisions);
    let may_undo = may_undo.clone().any(|decision| decision.value == Decision::Undo);
    if let Some(verdict) = &expect.verdict {
        let can_be = match verdict.as_str() {
            "unverified" => true,
            "not_recovered" => has_criteria || may_undo,
            _ => has_criteria,
        };
        if !can_be {
            let message = format!("the verdict can never be `{verdict}`");
            let help = "the runbook has no exit criteria: all that can be is unverified";
            problems.push(Diagnostic::error(verdict.span, message).help(help));
        }
    }
    let outcome = expect.outcome.as_ref().map(|outcome| outcome.as_str());
    if let (Some(waiting), Some(outcome)) = (&expect.waiting_for, outcome)
        && outcome != "waiting"
    {
        let message = format!("a run that is `{outcome}` waits for nothing");
        let help = "write outcome: waiting, or leave waiting_for out";
        problems.push(Diagnostic::error(waiting.span, message).help(help));
    }
    let has_messages = plan.nodes.iter().any(is_message);
    if let Some(message) = expect.messages.first().filter(|_| !has_messages) {
        problems.error(message.span, "the runbook passes no message on");
    }
    if let (Some(least), Some(most)) = (&expect.at_least, &expect.at_most)
        && least.value > most.value
    {
        problems.error(least.span, "it can never take at least this and at most less");
    }
}

fn check_path(plan: &Plan, path: &[(Spanned<String>, Place)], problems: &mut Problems) {
    for (name, place) in path {
        let place = place.clone().acting(plan);
        let problem = if plan.is_in_undo(place.node) {
            Some(("is an undo: say it under `undone`", "a path has no undos"))
        } else if is_group(&plan.nodes[place.node]) {
            Some(("is a group, which never starts itself", "name the steps inside it"))
        } else if !begins(plan, place.node) {
            Some(("is only a gate, which never starts", "say it under `gates`"))
        } else {
            None
        };
        if let Some((why, help)) = problem {
            problems.push(Diagnostic::error(name.span, format!("`{name}` {why}")).help(help));
        }
    }
}

/// Whether a step has something that begins.
fn begins(plan: &Plan, node: Index) -> bool {
    let node = &plan.nodes[node];
    super::acts::acts(node) || super::acts::is_by_hand(node)
}

fn check_states(
    plan: &Plan,
    expect: &Expect,
    states: &[(Spanned<String>, Place)],
    problems: &mut Problems,
) {
    for (name, place) in states {
        let state = expect.states.iter().find(|(known, _)| known.span == name.span);
        let Some((_, state)) = state else { continue };
        if !place.is_one() {
            let message = format!("`{name}` is one step for each item");
            let help = format!("name an item by its number: {}", place.path().replace('*', "1"));
            problems.push(Diagnostic::error(name.span, message).help(help));
            continue;
        }
        if let Some(why) = never(plan, place, state) {
            let message = format!("`{name}` can never be `{state}`: {why}");
            problems.error(state.span, message);
        }
    }
}

/// Why a step can never stand somewhere.
fn never(plan: &Plan, place: &Place, state: &str) -> Option<&'static str> {
    let node = &plan.nodes[place.node];
    let any = |is: &dyn Fn(&crate::plan::Form) -> bool| node.forms.iter().any(is);
    let has_gate = any(&|form| form.facets.gate.is_some());
    match state {
        "satisfied" if !any(&|form| form.facets.done_when.is_some()) => {
            Some("it has no `done_when`")
        }
        "rejected" | "at_gate" if !has_gate => Some("it has no gate"),
        "undone" if !any(&|form| form.undo.is_some()) => Some("it has no `undo`"),
        "in_doubt" if is_group(node) => Some("it is a group, and only what acts is in doubt"),
        _ => None,
    }
}

fn check_gates(plan: &Plan, gates: &[(Spanned<String>, Place)], problems: &mut Problems) {
    for (name, place) in gates {
        let mut forms = plan.nodes[place.node].forms.iter();
        if !forms.any(|form| form.facets.gate.is_some()) {
            problems.error(name.span, format!("the step `{name}` has no gate"));
        }
    }
}

fn check_outputs(
    plan: &Plan,
    expect: &Expect,
    outputs: &[(Spanned<String>, Place)],
    problems: &mut Problems,
) {
    for (name, place) in outputs {
        let acting = place.clone().acting(plan);
        if !acting.is_one() {
            let message = format!("`{name}` is one step for each item");
            let help = format!("name an item by its number: {}", acting.path().replace('*', "1"));
            problems.push(Diagnostic::error(name.span, message).help(help));
            continue;
        }
        let expected = expect.outputs.iter().find(|(known, _)| known.span == name.span);
        let expected = expected.map(|(_, all)| all.as_slice()).unwrap_or_default();
        let forms = &plan.nodes[acting.node].forms;
        for (output, _) in expected {
            let known: Vec<&str> = forms.iter().flat_map(|form| form.output_names()).collect();
            if known.contains(&output.as_str()) || handed_in(plan, acting.node, output) {
                check_secret(plan, acting.node, output, problems);
                continue;
            }
            let message = format!("the step `{name}` has no output `{output}`");
            let problem = Diagnostic::error(output.span, message);
            problems.push(match nearest(output, known) {
                Some(near) => problem.did_you_mean(output, near),
                None => problem,
            });
        }
    }
}

/// Whether it is what a person hands in or chooses.
fn handed_in(plan: &Plan, node: Index, output: &str) -> bool {
    let forms = plan.nodes[node].forms.iter();
    let mut outputs = forms.flat_map(|form| form.facets.action.outputs());
    outputs.any(|known| known.name.value == output)
}

fn check_secret(plan: &Plan, node: Index, output: &Spanned<String>, problems: &mut Problems) {
    let forms = plan.nodes[node].forms.iter();
    let mut outputs = forms.flat_map(|form| &form.facets.outputs);
    if outputs.any(|known| known.name.value == output.value && known.is_secret) {
        let message = format!("the output `{output}` is a secret, which is never shown");
        problems.push(Diagnostic::error(output.span, message).private());
    }
}

fn check_undone(plan: &Plan, undone: &[(Spanned<String>, Place)], problems: &mut Problems) {
    for (name, place) in undone {
        let acting = place.clone().acting(plan);
        let has_undo = |node: Index| plan.nodes[node].forms.iter().any(|form| form.undo.is_some());
        if !has_undo(place.node) && !has_undo(acting.node) {
            problems.error(name.span, format!("the step `{name}` has no `undo`"));
        }
    }
}

fn waiting_for(plan: &Plan, expect: &Expect, problems: &mut Problems) -> Vec<Waited> {
    let mut found = Vec::new();
    for name in expect.waiting_for.iter().flat_map(|waiting| &waiting.value) {
        if let Some(input) = name.strip_prefix("inputs/") {
            if !plan.runbook.inputs.iter().any(|known| known.name.value == input) {
                problems.error(name.span, format!("the runbook has no input `{input}`"));
            }
            found.push(Waited::Input(input.to_owned()));
            continue;
        }
        match Matter::named(plan, name) {
            Ok(matter) => found.push(Waited::Answer(matter)),
            Err(problem) => problems.push(*problem),
        }
    }
    found
}
