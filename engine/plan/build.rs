//! Building a plan: names become indices, groups become nodes, defaults reach every step.

use std::collections::HashMap;

use crate::runbook::Runbook;
use crate::runbook::action::{Action, Switch};
use crate::runbook::script::Setting;
use crate::runbook::step::{Facets, OnFailure, Step};
use crate::runbook::undo::Undo;
use crate::source::Problems;

use super::{Form, Index, Inside, Node, Plan, ROOT, Role, needs, references};

/// Builds the plan of a runbook; none when something in it does not fit together.
pub fn build(runbook: Runbook, problems: &mut Problems) -> Option<Plan> {
    let mut builder = Builder { nodes: Vec::new(), problems };
    let setting = runbook.defaults.setting.clone();
    let place = Place { parent: None, path: String::new(), setting: &setting, on_failure: None };
    builder.whole("", &runbook.steps, &place);
    let closing = Place { on_failure: Some(OnFailure::Continue), ..place };
    let finally =
        (!runbook.finally.is_empty()).then(|| builder.whole("finally", &runbook.finally, &closing));
    let nodes = builder.nodes;
    let (by_path, by_id) = names(&nodes);
    let pairs = nodes.iter().enumerate().filter_map(|(undo, node)| match node.role {
        Role::Undo { of, is_paired: true } => Some((undo, of)),
        _ => None,
    });
    let pairs = pairs.collect();
    let (early_inputs, criteria_inputs) = (Vec::new(), Vec::new());
    let mut plan =
        Plan { runbook, nodes, finally, pairs, early_inputs, criteria_inputs, by_path, by_id };
    references::check(&mut plan, problems);
    (!problems.has_errors()).then_some(plan)
}

/// The nodes by path, and by id where that means one node.
fn names(nodes: &[Node]) -> (HashMap<String, Index>, HashMap<String, Index>) {
    let steps = || nodes.iter().enumerate().filter(|(_, node)| node.role != Role::Whole);
    let by_path = steps().map(|(index, node)| (node.path.clone(), index)).collect();
    let by_id = steps()
        .filter(|(_, node)| !matches!(node.role, Role::Undo { .. }))
        .map(|(index, node)| (node.id.clone(), index))
        .collect();
    (by_path, by_id)
}

struct Builder<'p> {
    nodes: Vec<Node>,
    problems: &'p mut Problems,
}

/// Where a list of steps stands, and what reaches into it.
#[derive(Clone)]
struct Place<'s> {
    parent: Option<Index>,
    path: String,
    setting: &'s Setting,
    /// What a failure leads to where a step does not say; the run's default when none.
    on_failure: Option<OnFailure>,
}

impl Builder<'_> {
    /// The group around a whole list: the run, or its closing steps.
    fn whole(&mut self, path: &str, steps: &[Step], place: &Place<'_>) -> Index {
        let index = self.nodes.len();
        self.nodes.push(Node {
            id: path.to_owned(),
            path: path.to_owned(),
            title: None,
            why: None,
            parent: None,
            role: Role::Whole,
            needs: Vec::new(),
            needs_all_above: false,
            dependents: Vec::new(),
            on_failure: None,
            switch: None,
            forms: Vec::new(),
            keeps_stdout: false,
        });
        let inner = Place { parent: Some(index), ..place.clone() };
        let children = self.list(steps, &inner);
        let facets = Facets::of(Action::Steps(Vec::new()));
        self.nodes[index].forms.push(Form::new(facets, Inside::Phase(children)));
        index
    }

    /// A list of steps whose order and needs become edges.
    fn list(&mut self, steps: &[Step], place: &Place<'_>) -> Vec<Index> {
        let indices: Vec<Index> =
            steps.iter().map(|step| self.step(step, Role::Step, place)).collect();
        needs::connect(&mut self.nodes, steps, &indices, self.problems);
        indices
    }

    fn rungs(&mut self, steps: &[Step], place: &Place<'_>) -> Vec<Index> {
        let inner = Place { on_failure: Some(OnFailure::Fail), ..place.clone() };
        for needs in steps.iter().filter_map(|step| step.needs.as_ref()).flatten() {
            self.problems.error(needs.span, "a rung needs nothing: rungs are tried in order");
        }
        steps.iter().map(|step| self.step(step, Role::Rung, &inner)).collect()
    }

    fn step(&mut self, step: &Step, role: Role, place: &Place<'_>) -> Index {
        let index = self.nodes.len();
        let path = match place.path.as_str() {
            "" => step.id.value.clone(),
            outer => format!("{outer}/{}", step.id.value),
        };
        let on_failure = step.facets.on_failure.or(place.on_failure);
        self.nodes.push(Node {
            id: step.id.value.clone(),
            path,
            title: step.title.clone(),
            why: step.why.clone(),
            parent: place.parent,
            role,
            needs: Vec::new(),
            needs_all_above: false,
            dependents: Vec::new(),
            on_failure,
            switch: None,
            forms: Vec::new(),
            keeps_stdout: false,
        });
        self.forms(index, &step.facets, place);
        index
    }

    /// Gives a node its forms: one, or one for each case of a switch.
    fn forms(&mut self, index: Index, facets: &Facets, place: &Place<'_>) {
        let shared = facets.undo.as_ref().and_then(|undo| self.undo(index, undo, "~undo", place));
        if let Action::Switch(Switch { on, cases }) = &facets.action {
            self.nodes[index].switch = Some(on.clone());
            for (name, case) in cases {
                let own = case.undo.as_ref();
                let suffix = format!("~undo-{name}");
                let undo = own.and_then(|undo| self.undo(index, undo, &suffix, place));
                let mut form = self.form(index, case.over(facets), place);
                form.case = Some(name.value.clone());
                form.undo = undo.or(shared);
                self.nodes[index].forms.push(form);
            }
        } else {
            let mut form = self.form(index, facets.clone(), place);
            form.undo = shared;
            self.nodes[index].forms.push(form);
        }
    }

    fn form(&mut self, index: Index, mut facets: Facets, place: &Place<'_>) -> Form {
        facets.setting = facets.setting.over(place.setting);
        let setting = facets.setting.clone();
        let inner = Place {
            parent: Some(index),
            path: self.nodes[index].path.clone(),
            setting: &setting,
            on_failure: place.on_failure,
        };
        let inside = match std::mem::replace(&mut facets.action, Action::Decision) {
            Action::Steps(steps) => {
                let children = self.list(&steps, &inner);
                facets.action = Action::Steps(Vec::new());
                Inside::Phase(children)
            }
            Action::Ladder(steps) => {
                let rungs = self.rungs(&steps, &inner);
                facets.action = Action::Ladder(Vec::new());
                Inside::Ladder(rungs)
            }
            leaf => {
                facets.action = leaf;
                Inside::Leaf
            }
        };
        Form::new(facets, inside)
    }

    /// The node that takes `of` back, if there is a way.
    fn undo(&mut self, of: Index, undo: &Undo, suffix: &str, place: &Place<'_>) -> Option<Index> {
        let Undo::Act { facets, is_paired } = undo else { return None };
        let index = self.nodes.len();
        self.nodes.push(Node {
            id: self.nodes[of].id.clone(),
            path: format!("{}{suffix}", self.nodes[of].path),
            title: None,
            why: None,
            parent: place.parent,
            role: Role::Undo { of, is_paired: *is_paired },
            needs: Vec::new(),
            needs_all_above: false,
            dependents: Vec::new(),
            on_failure: Some(facets.on_failure.unwrap_or(OnFailure::Hold)),
            switch: None,
            forms: Vec::new(),
            keeps_stdout: false,
        });
        // A way back that fails holds the run, wherever it stands.
        self.forms(index, facets, &Place { on_failure: Some(OnFailure::Hold), ..place.clone() });
        Some(index)
    }
}

impl Form {
    fn new(facets: Facets, inside: Inside) -> Form {
        Form { case: None, facets, inside, undo: None, inputs: Vec::new() }
    }
}

/// The run itself comes first, so that its index is known everywhere.
const _: () = assert!(ROOT == 0);
