//! What a run lacks that goes on at a step and skips all above it.

use crate::runbook::expression::Expression;
use crate::runbook::template::Template;

use super::{Form, Index, Plan};

/// The outputs of skipped steps that something from a step on uses, and that have no default; each
/// as a sentence.
pub fn lacking_outputs(plan: &Plan, target: Index) -> Vec<String> {
    let mut lacking = Vec::new();
    for (index, node) in plan.nodes.iter().enumerate() {
        if plan.is_above(index, target) || plan.is_in_undo(index) {
            continue;
        }
        for form in &node.forms {
            let expressions = form.facets.expressions();
            let title = node.title.iter().flat_map(Template::expressions);
            let used = expressions.into_iter().chain(&node.switch).chain(form.inside.list());
            let used: Vec<&Expression> = used.chain(title).collect();
            for name in used.iter().flat_map(|expression| expression.names()) {
                let Some((step, output)) = output_of(name) else { continue };
                let Some(of) = plan.named(step, node.space) else { continue };
                if plan.is_above(of, target) && !has_default(plan, of, output) {
                    let (of, id) = (&plan.nodes[of].path, &node.path);
                    lacking.push(format!("`{id}` uses the output `{output}` of `{of}`"));
                }
            }
        }
    }
    lacking.sort();
    lacking.dedup();
    lacking
}

/// The step and the output that a name stands for.
fn output_of(name: &str) -> Option<(&str, &str)> {
    let (step, rest) = name.strip_prefix("steps.")?.split_once('.')?;
    let output = rest.strip_prefix("outputs.")?;
    Some((step, output.split('.').next().unwrap_or(output)))
}

fn has_default(plan: &Plan, index: Index, name: &str) -> bool {
    let outputs = |form: &Form| form.facets.outputs.clone();
    let declared = plan.nodes[index].forms.iter().flat_map(outputs);
    let mut same = declared.filter(|output| output.name.value == name);
    same.any(|output| output.default.is_some())
}
