//! What a form says about trying again, with what the runbook says for every step.

use crate::runbook::action::Action;
use crate::runbook::retry::{self, Retry};
use crate::runbook::step::{Facets, Repeat};
use crate::source::{Diagnostic, Problems};

/// Gives a form the retry of the runbook where it has none, and refuses one that may not be.
pub(super) fn settle(facets: &mut Facets, default: Option<&Retry>, problems: &mut Problems) {
    match &facets.retry {
        Some(retry) => refusal(facets, retry).into_iter().for_each(|it| problems.push(it)),
        None => {
            facets.retry = default.filter(|retry| refusal(facets, retry).is_none()).cloned();
        }
    }
}

/// Why an action may not be tried again as is said.
fn refusal(facets: &Facets, retry: &Retry) -> Option<Diagnostic> {
    let refused = |message: &str, help: &str| Diagnostic::error(retry.span, message).help(help);
    if !retry::is_for(&facets.action) {
        let help = "only actions are; put `retry` on those inside";
        Some(refused("this cannot be tried again by itself", help))
    } else if retry.on_exit.is_some() && !matches!(facets.action, Action::Run(_)) {
        Some(refused("only a command has exit codes", "leave `on_exit` out"))
    } else if facets.repeat() == Repeat::Once && retry.on_exit.is_none() && retry.times > 0 {
        let message =
            "an action of effect `once` is tried again only after exit codes that are known";
        let help = "add `on_exit`, or say `effect: idempotent` when it may be done twice";
        Some(refused(message, help).code("HP220"))
    } else {
        None
    }
}
