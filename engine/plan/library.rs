//! What a runbook takes from its library is there: its severity, approvers, templates, channels.

use std::collections::BTreeSet;

use crate::document::nearest;
use crate::runbook::action::{Action, Notify, TEMPLATES};
use crate::runbook::expression::Expression;
use crate::runbook::gate::Gate;
use crate::runbook::library::Library;
use crate::source::{Diagnostic, Problems, Spanned};

use super::{Form, Plan};

/// Checks every name that the library would have to know.
pub fn check(plan: &Plan, problems: &mut Problems) {
    let library = &plan.runbook.library;
    let severities: Vec<&str> =
        library.severities.iter().map(|severity| severity.name.value.as_str()).collect();
    if let Some(severity) = &plan.runbook.knowledge.severity
        && !severities.is_empty()
    {
        let message = format!("the library has no severity `{severity}`");
        among(severity, &severities, message, problems);
    }
    let people: Vec<&str> = library.people().collect();
    // An included runbook was checked by itself.
    let own = plan.nodes.iter().filter(|node| plan.runbook_at(node.space).told.is_none());
    for form in own.flat_map(|node| &node.forms) {
        let approvers = form.facets.gate.iter().flat_map(|gate| &gate.approvers);
        for name in approvers.filter(|name| !library.knows(name)) {
            let message = format!("the library has no contact `{name}`");
            among(name, &people, message, problems);
        }
        form.facets.gate.iter().for_each(|gate| quorum(library, gate, problems));
        if let Action::Notify(notify) = &form.facets.action {
            template(plan, notify, problems);
            channel(library, notify, problems);
        }
    }
}

/// What the message of a form names, as if it stood where the message is asked for.
pub fn borrowed(plan: &Plan, form: &Form) -> Vec<Expression> {
    let Action::Notify(notify) = &form.facets.action else { return Vec::new() };
    let template = plan.runbook.library.template(&notify.template);
    let expressions = template.iter().flat_map(|template| template.expressions());
    let there = |expression: &Expression| {
        let mut expression = expression.clone();
        expression.span = notify.template.span;
        expression
    };
    expressions.map(there).collect()
}

/// Reports a gate that wants more people than may open it: those it names, and the contacts who have
/// a role that it names. `--yes` would open it all the same where it may be bypassed.
fn quorum(library: &Library, gate: &Gate, problems: &mut Problems) {
    let Some(quorum) = gate.quorum.as_ref().filter(|_| !gate.approvers.is_empty()) else { return };
    let approvers: BTreeSet<&str> =
        gate.approvers.iter().map(|approver| approver.value.as_str()).collect();
    let in_role =
        library.contacts.iter().filter(|contact| approvers.contains(&*contact.role.value));
    let in_role: Vec<&str> = in_role.filter_map(|contact| contact.name.as_deref()).collect();
    let all = approvers.iter().copied().chain(in_role).collect::<BTreeSet<_>>().len();
    if gate.may_bypass || all >= quorum.value {
        return;
    }
    let people = if all == 1 { "person" } else { "people" };
    let message = format!("{quorum} must approve, and only {all} {people} may");
    let help = "name more approvers, or take a smaller quorum";
    problems.push(Diagnostic::error(quorum.span, message).help(help));
}

fn template(plan: &Plan, notify: &Notify, problems: &mut Problems) {
    let own = plan.runbook.library.templates.iter().map(|(name, _)| name.value.as_str());
    let mut known: Vec<&str> = TEMPLATES.iter().copied().chain(own).collect();
    known.dedup();
    let message = format!("there is no template `{}`", notify.template);
    among(&notify.template, &known, message, problems);
}

/// Reports a channel that the library does not have, where it has any: nothing would be sent to it.
fn channel(library: &Library, notify: &Notify, problems: &mut Problems) {
    let known: Vec<&str> = library.channels.iter().map(|(name, _)| name.value.as_str()).collect();
    let Some(to) = notify.to.as_ref().filter(|to| !known.contains(&to.value.as_str())) else {
        return;
    };
    if known.is_empty() {
        return;
    }
    let message = format!("the library has no channel `{to}`");
    let problem = Diagnostic::error(to.span, message).code("HP108");
    problems.push(match nearest(to, known.iter().copied()) {
        Some(near) => problem.did_you_mean(to, near),
        None => problem.help(format!(
            "use one of {}, or leave `to` out: the message is then shown to be passed on",
            known.join(", ")
        )),
    });
}

/// Reports a name that is none of those that are known.
fn among(name: &Spanned<String>, known: &[&str], message: String, problems: &mut Problems) {
    if known.contains(&name.value.as_str()) {
        return;
    }
    let problem = Diagnostic::error(name.span, message).code("HP108");
    problems.push(match nearest(name, known.iter().copied()) {
        Some(near) => problem.did_you_mean(name, near),
        None => {
            let mut all: Vec<&str> = Vec::new();
            for name in known {
                if !all.contains(name) {
                    all.push(name);
                }
            }
            problem.help(format!("use one of {}", all.join(", ")))
        }
    });
}
