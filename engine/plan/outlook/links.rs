//! The links between nodes that decide what becomes of them.

use crate::runbook::template::Template;

use super::super::{Index, Inside, Plan, Role};
use super::known::step_of;

/// For each node, by its index: the form around it, and the rung above it.
pub struct Links {
    forms: Vec<Option<usize>>,
    rungs: Vec<Option<Index>>,
}

impl Links {
    /// The links of a plan.
    pub fn of(plan: &Plan) -> Links {
        let count = plan.nodes.len();
        let mut links = Links { forms: vec![None; count], rungs: vec![None; count] };
        for node in &plan.nodes {
            for (place, form) in node.forms.iter().enumerate() {
                let closing = form.included.as_ref().and_then(|included| included.finally);
                let inside = form.inside.children().iter().chain(form.inside.drawn());
                for child in inside.copied().chain(closing) {
                    links.forms[child] = Some(place);
                }
                if let Inside::Ladder(rungs) = &form.inside {
                    for (above, rung) in rungs.iter().zip(rungs.iter().skip(1)) {
                        links.rungs[*rung] = Some(*above);
                    }
                }
                let is_own = |undo: &Index| {
                    node.forms.iter().filter(|form| form.undo == Some(*undo)).count() == 1
                };
                if let Some(undo) = form.undo.filter(is_own) {
                    links.forms[undo] = Some(place);
                }
            }
        }
        links
    }

    /// The form of the group around a node that holds it, or of the node that an undo takes back
    /// when it belongs to that form alone.
    pub fn form(&self, index: Index) -> Option<usize> {
        self.forms[index]
    }

    /// The rung above a rung.
    pub fn rung_above(&self, index: Index) -> Option<Index> {
        self.rungs[index]
    }

    /// What must be settled before a node can be.
    pub fn before(&self, plan: &Plan, index: Index) -> Vec<Index> {
        let node = &plan.nodes[index];
        let mut found: Vec<Index> = node.parent.into_iter().chain(self.rungs[index]).collect();
        if let Role::Undo { of, .. } = node.role {
            found.push(of);
        }
        let title = node.title.iter().flat_map(Template::expressions);
        let inner = node.forms.iter().flat_map(|form| form.facets.expressions());
        let lists = node.forms.iter().filter_map(|form| form.inside.list());
        for expression in title.chain(inner).chain(&node.switch).chain(lists) {
            let space = node.space;
            let steps = expression.names().iter().filter_map(|name| step_of(plan, name, space));
            found.extend(steps.map(|(step, _)| step).filter(|step| !plan.is_inside(*step, index)));
        }
        found
    }
}
