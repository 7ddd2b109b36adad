//! Where the nodes of a plan stand in the file of their runbook.

use std::collections::HashMap;

use crate::plan::{Plan, Role};
use crate::runbook::action::Action;
use crate::runbook::step::{Facets, Step};
use crate::runbook::undo::Undo;
use crate::source::Span;

/// Where each node stands, by the id of its step; what is included stands at its include.
pub fn spans(plan: &Plan) -> Vec<Option<Span>> {
    let mut ids = HashMap::new();
    let runbook = &plan.runbook;
    runbook.steps.iter().chain(&runbook.finally).for_each(|step| note(step, &mut ids));
    let mut spans: Vec<Option<Span>> = Vec::with_capacity(plan.nodes.len());
    for node in &plan.nodes {
        let is_here = plan.runbook_at(node.space).told.is_none();
        let own = ids.get(node.id.as_str()).copied().filter(|_| is_here);
        let around = match node.role {
            Role::Undo { of, .. } => Some(of),
            _ => node.parent,
        };
        // What stands around a node comes before it.
        let outer = around.and_then(|around| spans.get(around).copied().flatten());
        spans.push(own.or(outer));
    }
    spans
}

fn note<'s>(step: &'s Step, ids: &mut HashMap<&'s str, Span>) {
    ids.insert(&step.id.value, step.id.span);
    inside(&step.facets, ids);
}

/// The steps in an action, in its cases and in what takes it back.
fn inside<'s>(facets: &'s Facets, ids: &mut HashMap<&'s str, Span>) {
    match &facets.action {
        Action::Steps(steps) | Action::Ladder(steps) => {
            steps.iter().for_each(|step| note(step, ids));
        }
        Action::Switch(switch) => {
            switch.cases.iter().for_each(|(_, case)| inside(case, ids));
        }
        _ => {}
    }
    if let Some(Undo::Act { facets, .. }) = &facets.undo {
        inside(facets, ids);
    }
}
