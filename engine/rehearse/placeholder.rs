//! Placeholders: what stands in for a value that nobody gave and nothing showed.
//!
//! They let a rehearsal go on. Each is named where it is used, and says of itself what it is as far
//! as its type lets it.

use std::collections::BTreeMap;

use serde_json::{Number, Value as Json};

use crate::run::Execution;
use crate::run::event::{EvidenceAsked, EvidenceGiven};
use crate::runbook::input::Input;
use crate::runbook::kind::Kind;
use crate::runbook::manual::EvidenceKind;
use crate::runbook::output::{From, Output};
use crate::runbook::value::Value;

use super::cast::{Act, Goes};

/// What stands in for an input or an answer: its example, or whatever it admits.
pub fn of_input(input: &Input) -> Value {
    let typed = |text: &str| Value::parse(text, input.kind).ok();
    let example = input.example.as_ref().and_then(|example| typed(&example.to_string()));
    let default = input.default.clone();
    let mut candidates = default
        .into_iter()
        .chain(example)
        .chain(input.choices.first().cloned())
        .chain(input.min.clone().filter(|_| input.kind != Kind::String))
        .chain(input.max.clone().filter(|_| input.kind != Kind::String))
        .map(|value| match (input.kind, value) {
            (Kind::List, Value::List(items)) => Value::List(items),
            (Kind::List, one) => Value::List(vec![one]),
            (_, value) => value,
        });
    let fitting = candidates.find(|value| input.admits(value).is_ok());
    fitting.unwrap_or_else(|| of_kind(&input.name, input.kind))
}

/// What stands in for an output, as it is handed over.
pub fn of_output(output: &Output) -> String {
    let value = of_kind(&output.name, output.kind);
    value.text().unwrap_or_else(|| value.to_json().to_string())
}

/// The outputs of an attempt that nothing shows, each with what stands in for it. What it prints is
/// `stdout`, and `handed_over` is what is known by name.
pub fn of_outputs(
    execution: &Execution,
    stdout: &str,
    handed_over: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let is_lacking = |output: &&Output| {
        let is_known = handed_over.contains_key(&output.name.value)
            || output.default.is_some()
            // A good answer has a good status.
            || matches!(output.from, From::Status)
            || (!stdout.is_empty() && output.extract(stdout, "").is_ok());
        !is_known
    };
    let lacking = execution.outputs.iter().filter(is_lacking);
    lacking.map(|output| (output.name.value.clone(), of_output(output))).collect()
}

/// The outputs of an action that nothing shows, each with what stands in for it; none of one that
/// does not go well.
pub fn of_act(execution: &Execution, act: &Act) -> BTreeMap<String, String> {
    let stdout = match &act.goes {
        Goes::Seen(seen) => seen.stdout.raw("it").unwrap_or_default(),
        Goes::Well => "",
        _ => return BTreeMap::new(),
    };
    of_outputs(execution, stdout, &act.hands_over)
}

/// What stands in for evidence.
pub fn of_evidence(asked: &[EvidenceAsked]) -> BTreeMap<String, EvidenceGiven> {
    let wanted = asked.iter().filter(|evidence| !evidence.is_optional);
    let stand_in = |evidence: &EvidenceAsked| match evidence.kind {
        EvidenceKind::Number => EvidenceGiven::Number { number: Number::from(0) },
        EvidenceKind::Text | EvidenceKind::File => {
            EvidenceGiven::Text { text: format!("(no {})", evidence.name) }
        }
    };
    wanted.map(|evidence| (evidence.name.clone(), stand_in(evidence))).collect()
}

fn of_kind(name: &str, kind: Kind) -> Value {
    let text = match kind {
        Kind::Int | Kind::Number => "0".to_owned(),
        Kind::Bool => "true".to_owned(),
        Kind::Duration => "0s".to_owned(),
        Kind::Size => "0B".to_owned(),
        Kind::Timestamp => "1970-01-01T00:00:00Z".to_owned(),
        Kind::Url => format!("http://{}.invalid", name.replace('_', "-")),
        Kind::List => return Value::List(vec![Value::Text(format!("assumed-{name}"))]),
        Kind::String | Kind::Path | Kind::Choice => format!("assumed-{name}"),
    };
    Value::parse(&text, kind).unwrap_or_else(|_| Value::from_json(&Json::from(text)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Span, Spanned};

    fn input(kind: Kind) -> Input {
        let name = Spanned { value: "backup".to_owned(), span: Span::default() };
        Input { kind, ..Input::named(name) }
    }

    #[test]
    fn what_stands_in_for_a_value_has_its_type() {
        let kinds = [
            (Kind::String, "assumed-backup"),
            (Kind::Int, "0"),
            (Kind::Bool, "true"),
            (Kind::Duration, "0s"),
            (Kind::Size, "0B"),
            (Kind::Timestamp, "1970-01-01T00:00:00Z"),
            (Kind::Url, "http://backup.invalid"),
        ];
        for (kind, expected) in kinds {
            let value = of_input(&input(kind));
            assert_eq!(value.text().as_deref(), Some(expected), "{kind:?}");
            assert_eq!(Value::parse(expected, kind), Ok(value), "{kind:?}");
        }
        let list = Value::List(vec![Value::Text("assumed-backup".into())]);
        assert_eq!(of_input(&input(Kind::List)), list);
    }

    #[test]
    fn it_keeps_to_what_the_input_admits_where_the_input_says_that() {
        let choices = vec![Value::Text("a".into()), Value::Text("b".into())];
        let chosen = of_input(&Input { choices: choices.clone(), ..input(Kind::Choice) });
        assert_eq!(chosen, Value::Text("a".into()));
        let ranged =
            Input { min: Some(Value::Int(5)), max: Some(Value::Int(9)), ..input(Kind::Int) };
        assert_eq!(of_input(&ranged), Value::Int(5));
        let listed = of_input(&Input { choices, ..input(Kind::List) });
        assert_eq!(listed, Value::List(vec![Value::Text("a".into())]));
    }
}
