//! What is wrong with what a library says of rules.

use crate::runbook::library::lint::{Ignored, Lint};
use crate::source::{Severity, Spanned};

use super::{is_refused, rule_named};
use crate::lint::finding::{Edit, Finding, Safety};
use crate::lint::rules::suppressions;
use crate::lint::select::{Selector, near, way_out};

/// What is wrong with what a library says of rules, in the text of the library.
pub fn complaints(lint: &Lint) -> Vec<Finding> {
    let named = lint.rules.iter().map(|(name, _)| name);
    let named = named.chain(lint.ignore.iter().map(|ignored| &ignored.rule));
    let mut found: Vec<Finding> = named.filter_map(wrong_rule).collect();
    found.extend(lint.ignore.iter().filter_map(without_reason));
    found
}

/// A rule that is not there, or that counts whatever a library says.
fn wrong_rule(name: &Spanned<String>) -> Option<Finding> {
    match rule_named(name) {
        None => Some(unknown(name)),
        Some(it) if is_refused(it.rule) => {
            let message = format!("`{name}` always counts: what breaks it is refused by `run`");
            Some(suppressions::error(name.span, message).help("leave this out"))
        }
        Some(_) => None,
    }
}

/// A rule that is not there.
pub fn unknown(name: &Spanned<String>) -> Finding {
    let message = format!("there is no rule `{name}`");
    let finding = suppressions::error(name.span, message).help(way_out(name));
    match near(name) {
        // Quotes around the name would be lost.
        Some(near) if name.span.end - name.span.start == name.len() => {
            let edit = Edit::replace(name.span, near);
            finding.fix(Safety::Unsafe, format!("write `{near}`"), vec![edit])
        }
        _ => finding,
    }
}

fn without_reason(ignored: &Ignored) -> Option<Finding> {
    let selector = rule_named(&ignored.rule).filter(|it| !is_refused(it.rule))?;
    lacks_reason(&selector, ignored).then(|| {
        let message =
            format!("`{}` is an error, and nothing says why it is left out", ignored.rule);
        suppressions::error(ignored.rule.span, message).help("add `reason: …`")
    })
}

/// Whether it answers for errors, and does not say why.
pub fn lacks_reason(selector: &Selector, ignored: &Ignored) -> bool {
    let says = ignored.reason.as_ref().is_some_and(|reason| !reason.trim().is_empty());
    selector.rule.severity == Severity::Error && !says
}
