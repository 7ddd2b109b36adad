//! What expressions ask for of steps that nobody declared: what they print, and what they are
//! answered. Only that is kept.

use crate::runbook::action::Action;
use crate::runbook::expression::Expression;
use crate::runbook::output::Output;
use crate::runbook::template::Template;

use super::space::{SpaceIndex, WHOLE};
use super::{Index, Plan, targets};

/// Something of a step that an expression asks for.
struct Asked {
    of: Index,
    name: String,
}

/// Marks the steps whose standard output is asked for, and gives requests the outputs that are.
pub(super) fn mark(plan: &mut Plan) {
    let is_request = |node: &super::Node| {
        node.forms.iter().any(|form| matches!(form.facets.action, Action::Http(_)))
    };
    let requests: Vec<Index> =
        (0..plan.nodes.len()).filter(|index| is_request(&plan.nodes[*index])).collect();
    let asked = asked(plan);
    for of in requests {
        give(plan, of, "status");
    }
    for Asked { of, name } in asked {
        match name.as_str() {
            "stdout" => plan.nodes[of].keeps_stdout = true,
            name => {
                let acting = plan.items(of).map_or(of, |items| items.pattern.start);
                give(plan, acting, name);
            }
        }
    }
}

/// Gives the forms of a node that send a request an output that every answer has.
fn give(plan: &mut Plan, index: Index, name: &str) {
    for form in &mut plan.nodes[index].forms {
        let outputs = &mut form.facets.outputs;
        let is_new = outputs.iter().all(|output| output.name.value != name);
        if is_new && matches!(form.facets.action, Action::Http(_)) {
            outputs.extend(Output::of_answer(name));
        }
    }
}

fn asked(plan: &Plan) -> Vec<Asked> {
    let mut found = Vec::new();
    for node in &plan.nodes {
        let own = node
            .forms
            .iter()
            .flat_map(|form| form.facets.expressions().into_iter().chain(form.inside.list()));
        let title = node.title.iter().flat_map(Template::expressions);
        add(plan, own.chain(&node.switch).chain(title), node.space, &mut found);
        let settings = node.forms.iter().flat_map(|form| form.facets.settings());
        let places = targets::expressions(plan.runbook_at(node.space).runbook, settings);
        add(plan, places.into_iter(), node.space, &mut found);
        for included in node.forms.iter().filter_map(|form| form.included.as_ref()) {
            let runbook = &included.runbook;
            let checks = runbook.exit_criteria.iter().flat_map(|check| check.probe.expressions());
            let outputs = runbook.outputs.iter().map(|(_, value)| value);
            add(plan, checks.chain(outputs), included.space, &mut found);
        }
    }
    let runbook = &plan.runbook;
    let checks = runbook.exit_criteria.iter().flat_map(|check| check.probe.expressions());
    let outputs = runbook.outputs.iter().map(|(_, value)| value);
    add(plan, checks.chain(outputs), WHOLE, &mut found);
    found
}

fn add<'e>(
    plan: &Plan,
    expressions: impl Iterator<Item = &'e Expression>,
    space: SpaceIndex,
    found: &mut Vec<Asked>,
) {
    for name in expressions.flat_map(Expression::names) {
        let parts: Vec<&str> = name.split('.').collect();
        let (step, name) = match parts.as_slice() {
            ["steps", step, "stdout"] => (step, "stdout"),
            ["steps", step, "outputs", name @ ("body" | "json")] => (step, *name),
            _ => continue,
        };
        if let Some(of) = plan.named(step, space) {
            found.push(Asked { of, name: name.to_owned() });
        }
    }
}
