//! The injects of an exercise name steps that are there.

use crate::document::nearest;
use crate::runbook::tabletop::When;
use crate::source::{Diagnostic, Problems};

use super::Plan;

/// Checks the steps before which something is told.
pub(super) fn check(plan: &Plan, problems: &mut Problems) {
    let tabletop = plan.runbook.knowledge.tabletop.iter();
    for inject in tabletop.flat_map(|tabletop| &tabletop.injects) {
        let When::Before(name) = &inject.when else { continue };
        if plan.find(name).is_some() {
            continue;
        }
        let message = format!("an inject is told before the step `{name}`, which is not there");
        let problem = Diagnostic::error(name.span, message).code("HP108");
        problems.push(match nearest(name, plan.names()) {
            Some(near) => problem.did_you_mean(name, near),
            None => problem.help("name a step of this runbook by its id"),
        });
    }
}
