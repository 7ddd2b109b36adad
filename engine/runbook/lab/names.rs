//! What names stand for in a lab: the facts of its components, and the inputs of its runbook.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::document::nearest;
use crate::runbook::expression::{Expression, Scope};
use crate::runbook::input::Input;
use crate::runbook::reader::Reader;
use crate::runbook::value::Value;
use crate::source::{Diagnostic, Problems, Span};

use super::Lab;

/// The name of the folder in which commands run, which no component may have.
pub(super) const WORK: &str = "work";

/// What is known of a lab that runs.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Facts {
    /// The folder of all of it.
    pub folder: String,
    /// The folder in which its commands and the steps run.
    pub work: String,
    /// Of each component, by its name.
    pub of: BTreeMap<String, BTreeMap<String, String>>,
}

impl Facts {
    /// A fact by its dotted name.
    pub fn named(&self, name: &str) -> Option<&str> {
        let rest = name.strip_prefix("lab.")?;
        if rest == WORK {
            return Some(&self.work);
        }
        let (component, fact) = rest.split_once('.')?;
        self.of.get(component)?.get(fact).map(String::as_str)
    }

    /// The variables that everything in the lab gets. Where two components would set the same one,
    /// the first does.
    pub fn variables(&self, lab: &Lab) -> Vec<(String, String)> {
        let mut found = vec![("LAB".to_owned(), self.folder.clone())];
        for component in &lab.components {
            let Some(facts) = self.of.get(&component.name.value) else { continue };
            found.extend(
                facts
                    .iter()
                    .map(|(fact, value)| (variable(&component.name.value, fact), value.clone())),
            );
            for (name, fact) in component.kind.variables {
                let is_set = found.iter().any(|(known, _)| known == name);
                if let Some(value) = facts.get(*fact).filter(|_| !is_set) {
                    found.push(((*name).to_owned(), value.clone()));
                }
            }
        }
        found
    }
}

/// The variable of a fact.
pub fn variable(component: &str, fact: &str) -> String {
    format!("LAB_{component}_{fact}").to_ascii_uppercase()
}

/// The names of a lab.
pub struct LabNames<'a> {
    /// What is known of its components.
    pub facts: &'a Facts,
    /// What else is known: the names of the run.
    pub around: Option<&'a dyn Scope>,
}

impl Scope for LabNames<'_> {
    fn value(&self, name: &str) -> Option<Value> {
        let fact = self.facts.named(name).map(|fact| Value::Text(fact.to_owned()));
        fact.or_else(|| self.around?.value(name))
    }

    fn secret(&self, name: &str) -> Option<String> {
        self.around?.secret(name)
    }

    fn is_multiline(&self, name: &str) -> bool {
        self.around.is_some_and(|around| around.is_multiline(name))
    }
}

/// Checks that every fact that is named is there.
pub(super) fn check(lab: &Lab, reader: &mut Reader<'_>) {
    let late = lab.unprinted().chain(lab.late());
    for (expression, is_late) in lab.early().map(|it| (it, false)).chain(late.map(|it| (it, true)))
    {
        for name in expression.names() {
            let wrong = match name.split_once('.') {
                Some(("lab", rest)) => unknown_fact(lab, rest),
                Some(("inputs", _)) if is_late => None,
                _ if is_late => Some((
                    format!("`{name}` is not known in a lab"),
                    "names there begin with `lab` or `inputs`".to_owned(),
                )),
                _ => Some((
                    format!("`{name}` is no fact of a lab"),
                    "what a run is told in a lab is made of facts: `lab.COMPONENT.FACT`".to_owned(),
                )),
            };
            if let Some((message, help)) = wrong {
                let problem = Diagnostic::error(expression.span, message).code("HP108").help(help);
                reader.problems.push(problem);
            }
        }
    }
}

fn unknown_fact(lab: &Lab, rest: &str) -> Option<(String, String)> {
    if rest == WORK {
        return None;
    }
    let (name, fact) = rest.split_once('.').unwrap_or((rest, ""));
    let Some(component) = lab.component(name) else {
        let names = || lab.components.iter().map(|it| it.name.value.as_str());
        let help = hint(name, names(), "the components are");
        return Some((format!("this lab has no component `{name}`"), help));
    };
    let facts = || component.kind.facts.iter().map(|(fact, _)| *fact);
    if facts().any(|known| known == fact) {
        return None;
    }
    let help = hint(fact, facts(), "its facts are");
    Some((format!("`{name}` has no fact `{fact}`"), help))
}

/// Checks that what a runbook is told in its lab is what it asks for.
pub(in crate::runbook) fn check_inputs(lab: &Lab, inputs: &[Input], problems: &mut Problems) {
    let names = || inputs.iter().map(|input| input.name.value.as_str());
    let unknown = |name: &str| {
        let help = hint(name, names(), "the inputs are");
        (!names().any(|it| it == name)).then(|| (format!("there is no input `{name}`"), help))
    };
    for (name, told) in &lab.inputs {
        let is_secret = inputs.iter().any(|it| it.name.value == name.value && it.is_secret);
        let secret = || {
            let help = "give its variable under `env` of the lab".to_owned();
            (format!("the secret `{name}` may not stand in a lab"), help)
        };
        let wrong = unknown(name).or_else(|| is_secret.then(secret)).or_else(|| {
            let is_late = inputs.iter().any(|it| it.name.value == name.value && it.is_late);
            (told.script().is_some() && !is_late).then(|| not_late(name))
        });
        if let Some((message, help)) = wrong {
            problems.push(Diagnostic::error(name.span, message).code("HP108").help(help));
        }
    }
    let told = |expression: &Expression| {
        let names = expression.names().iter();
        names
            .filter_map(|name| Some((unknown(name.strip_prefix("inputs.")?)?, expression.span)))
            .collect::<Vec<_>>()
    };
    let known = lab.unprinted().chain(lab.late()).flat_map(told);
    let too_early = lab.unprinted().flat_map(|it| not_yet(lab, it));
    for ((message, help), span) in known.chain(too_early) {
        problems.push(Diagnostic::error(span, message).code("HP108").help(help));
    }
}

fn not_late(name: &str) -> (String, String) {
    let message = format!("`{name}` is not `late`, so the run wants it before the fault");
    (message, "only what is `late: true` can be printed by a command of the lab".to_owned())
}

/// What stands where it is not known yet: what only the fault shows, before that.
fn not_yet(lab: &Lab, expression: &Expression) -> Vec<((String, String), Span)> {
    let names = expression.names().iter().filter_map(|name| name.strip_prefix("inputs."));
    let printed = names.filter(|name| lab.printed().any(|(known, _)| known.value == **name));
    let wrong = |name: &str| {
        let message = format!("`inputs.{name}` is not known before the fault shows");
        (message, "name it in `prove` or `lost`".to_owned())
    };
    printed.map(|name| (wrong(name), expression.span)).collect()
}

fn hint<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone, are: &str) -> String {
    match nearest(name, known.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("{are} {}", known.collect::<Vec<_>>().join(", ")),
    }
}
