//! What a person is to do, as a plan says it.

use crate::runbook::checklist::Checklist;
use crate::runbook::expression::Scope;
use crate::runbook::manual::{Evidence, Manual};
use crate::runbook::rendered::Quoting;

/// What is to be done by hand, and what is asked for afterwards, line by line.
pub(super) fn manual(manual: &Manual, scope: &dyn Scope) -> String {
    let text = manual.text.partly(scope, Quoting::Text);
    let answers = manual.answers.iter().map(|answer| {
        let optional = if answer.is_optional { ", optional" } else { "" };
        format!("answer {} ({}{optional})", answer.name, answer.kind.noun())
    });
    let asked: Vec<String> = answers.chain(manual.evidence.iter().map(evidence)).collect();
    let lines: Vec<&str> =
        text.trim_end().lines().chain(asked.iter().map(String::as_str)).collect();
    lines.join("\n")
}

/// The items of a checklist as they are nested, line by line.
pub(super) fn checklist(checklist: &Checklist, scope: &dyn Scope) -> String {
    let mut lines = Vec::new();
    for item in &checklist.items {
        let indent = "  ".repeat(item.depth);
        let text = item.text.partly(scope, Quoting::Text);
        let condition = if item.is_if_applicable { " (if it applies)" } else { "" };
        lines.push(format!("{indent}[ ] {}{condition}", text.trim_end()));
        let evidence = item.evidence.iter().map(|it| format!("{indent}    {}", evidence(it)));
        lines.extend(evidence);
    }
    lines.join("\n")
}

fn evidence(evidence: &Evidence) -> String {
    let optional = if evidence.is_optional { ", optional" } else { "" };
    format!("evidence {} ({}{optional})", evidence.name, evidence.kind.noun())
}
