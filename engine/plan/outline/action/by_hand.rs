//! What a person is to do, as a plan says it.

use crate::runbook::checklist::Checklist;
use crate::runbook::choose::{Choose, Options, Written};
use crate::runbook::expression::Scope;
use crate::runbook::manual::{Evidence, Manual};
use crate::runbook::rendered::Quoting;
use crate::runbook::template::Template;

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

/// A question and what there is to choose from, line by line.
pub(super) fn choose(choose: &Choose, scope: &dyn Scope) -> String {
    let shown = |text: &Template| text.partly(scope, Quoting::Text);
    let mut lines = vec![shown(&choose.ask).trim_end().to_owned()];
    match &choose.options {
        Options::Written(choices) => lines.extend(choices.iter().map(|choice| {
            let value = match &choice.value {
                Written::Text(text) => shown(text),
                Written::Plain(json) => json.to_string(),
            };
            let label = choice.label.as_ref().map(|label| format!(": {}", shown(label)));
            format!("option {value}{}", label.unwrap_or_default())
        })),
        Options::Rows { from, .. } => lines.push(format!("options from {}", from.code().trim())),
    }
    lines.extend(choose.has_none.then(|| "or none of them".to_owned()));
    lines.join("\n")
}

fn evidence(evidence: &Evidence) -> String {
    let optional = if evidence.is_optional { ", optional" } else { "" };
    format!("evidence {} ({}{optional})", evidence.name, evidence.kind.noun())
}
