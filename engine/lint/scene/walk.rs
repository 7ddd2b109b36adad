//! Walks a document: its entries in order, and every command in them.

use crate::document::Node;
use crate::runbook::action::ACTIONS;
use crate::source::Spanned;

use super::script::{Role, Script};
use super::surroundings::Surroundings;
use super::{Part, Step, Subject, entry};

/// The checks of a step and what each means.
const CHECKS: [(&str, Role); 2] = [("require", Role::Require), ("verify", Role::Verify)];

/// The checks of a runbook and what each means.
const OWN_CHECKS: [(&str, Role); 4] = [
    ("confirm", Role::Confirm),
    ("preconditions", Role::Precondition),
    ("invariants", Role::Invariant),
    ("exit_criteria", Role::ExitCriterion),
];

/// The entries of a document, in the order of the file.
pub(super) fn steps(document: &Node) -> Vec<Step> {
    let mut steps = Vec::new();
    for (key, is_closing) in [("steps", false), ("finally", true)] {
        if let Some((_, list)) = entry(document, key) {
            let place = Place { parent: None, path: "", is_closing };
            list_of(list, Part::Step, &place, &mut steps);
        }
    }
    steps
}

/// Where an entry stands.
struct Place<'p> {
    parent: Option<usize>,
    path: &'p str,
    is_closing: bool,
}

fn list_of(list: &Node, part: Part, place: &Place<'_>, steps: &mut Vec<Step>) {
    for node in list.as_sequence().unwrap_or_default() {
        if node.as_mapping().is_none() {
            continue;
        }
        let id = entry(node, "id").map(|(_, id)| id);
        let id = Spanned::new(
            id.and_then(Node::as_str).unwrap_or_default().to_owned(),
            id.map_or(node.span, |id| id.span),
        );
        let path =
            if place.path.is_empty() { id.value.clone() } else { format!("{}/{id}", place.path) };
        one(node, id, path, part, place, steps);
    }
}

fn one(
    node: &Node,
    id: Spanned<String>,
    path: String,
    part: Part,
    place: &Place<'_>,
    steps: &mut Vec<Step>,
) {
    let at = steps.len();
    let action = ACTIONS.iter().copied().find(|key| node.has(key)).unwrap_or_default();
    let inner_path = path.clone();
    let inner = Place { parent: Some(at), path: &inner_path, is_closing: place.is_closing };
    steps.push(Step {
        id: id.clone(),
        path,
        node: node.clone(),
        parent: place.parent,
        part,
        action,
        end: at + 1,
        is_closing: place.is_closing,
    });
    if let Some((_, list)) = entry(node, "steps") {
        list_of(list, Part::Step, &inner, steps);
    }
    if let Some((_, list)) = entry(node, "ladder") {
        list_of(list, Part::Rung, &inner, steps);
    }
    let cases = entry(node, "cases").and_then(|(_, cases)| cases.as_mapping());
    for case in cases.filter(|_| action == "switch").unwrap_or_default() {
        let path = format!("{inner_path}/{}", case.key);
        one(&case.value, case.key.clone(), path, Part::Case, &inner, steps);
    }
    if let Some((_, undo)) = entry(node, "undo")
        && undo.as_mapping().is_some()
        && !undo.has("none")
    {
        let is_paired = entry(undo, "paired").and_then(|(_, node)| node.as_bool()) == Some(true);
        one(undo, id, format!("{inner_path}~undo"), Part::Undo { is_paired }, &inner, steps);
    }
    steps[at].end = steps.len();
}

/// Every script of a document, in the order of the file.
pub(super) fn scripts<'s>(subject: &Subject<'s>, steps: &[Step]) -> Vec<Script<'s>> {
    let around = Surroundings::new(subject.document, steps);
    let mut found = Found { subject, around, scripts: Vec::new() };
    for (at, step) in steps.iter().enumerate() {
        found.step(at, step);
    }
    for (key, role) in OWN_CHECKS {
        if let Some((_, checks)) = entry(subject.document, key) {
            found.checks(checks, role, None);
        }
    }
    let inputs = entry(subject.document, "inputs").and_then(|(_, inputs)| inputs.as_mapping());
    for input in inputs.unwrap_or_default() {
        if let Some((_, choices)) = entry(&input.value, "choices_from") {
            found.script(choices, &input.value, Role::Choices, None);
        }
    }
    found.scripts.sort_by_key(|script| script.node.span.start);
    found.scripts
}

struct Found<'f, 's> {
    subject: &'f Subject<'s>,
    around: Surroundings<'f>,
    scripts: Vec<Script<'s>>,
}

impl Found<'_, '_> {
    fn step(&mut self, at: usize, step: &Step) {
        let node = &step.node;
        if let Some((_, run)) = entry(node, "run") {
            self.script(run, node, Role::Action, Some(at));
        }
        if let Some((_, probe)) = entry(node, "probe") {
            self.probe(probe, Role::Look, Some(at));
        }
        if let Some((_, until)) = entry(node, "wait").and_then(|(_, wait)| entry(wait, "until")) {
            self.probe(until, Role::Look, Some(at));
        }
        if let Some((_, probe)) = entry(node, "watch").and_then(|(_, watch)| entry(watch, "probe"))
        {
            self.probe(probe, Role::Look, Some(at));
        }
        if let Some((_, probe)) = entry(node, "done_when") {
            self.probe(probe, Role::DoneWhen, Some(at));
        }
        for (key, role) in CHECKS {
            if let Some((_, checks)) = entry(node, key) {
                self.checks(checks, role, Some(at));
            }
        }
    }

    fn checks(&mut self, checks: &Node, role: Role, step: Option<usize>) {
        for check in checks.as_sequence().unwrap_or_default() {
            if let Some((_, probe)) = entry(check, "probe") {
                self.probe(probe, role, step);
            }
        }
    }

    fn probe(&mut self, probe: &Node, role: Role, step: Option<usize>) {
        if let Some((_, run)) = entry(probe, "run") {
            self.script(run, probe, role, step);
        }
        if let Some((_, inner)) = entry(probe, "not") {
            self.probe(inner, role, step);
        }
        let cases = entry(probe, "cases").and_then(|(_, cases)| cases.as_mapping());
        for case in cases.unwrap_or_default() {
            self.probe(&case.value, role, step);
        }
    }

    fn script(&mut self, run: &Node, around: &Node, role: Role, step: Option<usize>) {
        if run.as_str().is_some() || run.as_sequence().is_some() {
            let setting = self.around.setting(step, around);
            self.scripts.push(Script::read(self.subject, run, around, role, step, setting));
        }
    }
}
