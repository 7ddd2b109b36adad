//! Prepared answers held against a plan: each is for a step that asks, and for what it asks.

mod fit;

use crate::document::nearest;
use crate::runbook::answers::Prepared;
use crate::runbook::library::Library;
use crate::source::{Diagnostic, Problems, Spanned};

use super::{Node, Plan};

/// The answers, each with the path of its step and as that step understands it; what does not fit
/// is reported.
pub fn fitted(
    plan: &Plan,
    answers: impl IntoIterator<Item = Prepared>,
    problems: &mut Problems,
) -> Vec<(String, Prepared)> {
    let mut found = Vec::new();
    for prepared in answers {
        let strangers = prepared.people().into_iter();
        strangers
            .filter_map(|by| stranger(&plan.runbook.library, by))
            .for_each(|problem| problems.push(problem));
        match step_of(plan, &prepared) {
            Ok((path, node)) => {
                let prepared = fit::fitted(node, prepared, problems);
                found.push((path, prepared));
            }
            Err(problem) => problems.push(*problem),
        }
    }
    found
}

/// What is wrong with who is named, where the library knows everybody.
fn stranger(library: &Library, by: &Spanned<String>) -> Option<Diagnostic> {
    if library.knows(by) {
        return None;
    }
    let problem = Diagnostic::error(by.span, format!("the library has no contact `{by}`"));
    Some(match nearest(by, library.people()) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem.help("name a person or a role of its contacts"),
    })
}

/// The path that an answer is for, and the node there, or what that will be a copy of.
fn step_of<'p>(plan: &'p Plan, prepared: &Prepared) -> Result<(String, &'p Node), Box<Diagnostic>> {
    let step = &prepared.step;
    if step.split('/').any(|part| part == "*") {
        let problem = Diagnostic::error(step.span, "an answer is for one item");
        let help = "name the item by its number, from 1, in place of `*`";
        return Err(Box::new(problem.help(help)));
    }
    if let Some(index) = plan.find(step) {
        return Ok((plan.nodes[index].path.clone(), &plan.nodes[index]));
    }
    if let Some(pattern) = plan.pattern_of(step) {
        return Ok((step.value.clone(), &plan.nodes[pattern]));
    }
    let problem = Diagnostic::error(step.span, format!("there is no step `{step}`"));
    Err(Box::new(match nearest(step, plan.names()) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem,
    }))
}
