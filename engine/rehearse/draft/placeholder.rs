//! Values that would do where nobody has said any yet.

use serde_json::{Value as Json, json};

use crate::runbook::input::Input;
use crate::runbook::kind::Kind;
use crate::runbook::manual::EvidenceKind;
use crate::runbook::value::Value;

use super::pattern::sample;

/// A value that an input may be given; none where no value was found that fits.
pub fn of_input(input: &Input) -> Option<Json> {
    let mut tried = Vec::new();
    tried.extend(input.example.as_ref().map(|example| json!(example)));
    match input.kind {
        Kind::List if !input.choices.is_empty() => {
            let choices = input.choices.iter().take(2).map(Value::to_json);
            tried.push(Json::Array(choices.collect()));
        }
        _ => tried.extend(input.choices.first().map(Value::to_json)),
    }
    let texts = input.pattern.as_ref().and_then(|pattern| sample(pattern.as_str()));
    match input.kind {
        Kind::List => tried.extend(texts.map(|text| json!([text]))),
        _ => tried.extend(texts.map(|text| json!(text))),
    }
    tried.extend(input.min.iter().chain(&input.max).map(Value::to_json));
    let plain = of_kind(input.kind, &input.name);
    tried.extend(sized(input, &plain));
    tried.push(plain);
    tried.into_iter().find(|value| input.taken(value).is_ok())
}

/// A text of the least length that it may have, or cut to the greatest.
fn sized(input: &Input, plain: &Json) -> Option<Json> {
    let text = plain.as_str().filter(|_| input.kind == Kind::String)?;
    let bound = |value: &Option<Value>| value.as_ref()?.text()?.parse::<usize>().ok();
    let least = bound(&input.min).unwrap_or_default().min(10_000);
    let most = bound(&input.max).unwrap_or(usize::MAX);
    let long = text.chars().chain(std::iter::repeat('x')).take(least.max(text.len()));
    Some(json!(long.take(most).collect::<String>()))
}

/// A value of a type, for what is called so.
pub fn of_kind(kind: Kind, name: &str) -> Json {
    match kind {
        Kind::String | Kind::Choice => json!(name.replace('_', "-")),
        Kind::Int => json!(1),
        Kind::Number => json!(1),
        Kind::Bool => json!(true),
        Kind::Duration => json!("10m"),
        Kind::Size => json!("1GiB"),
        Kind::Timestamp => json!("2026-01-31T03:00:00Z"),
        Kind::Path => json!(format!("/srv/{}", name.replace('_', "-"))),
        Kind::Url => json!("https://example.com"),
        Kind::List => json!(["one", "two"]),
    }
}

/// What shows that a thing was done.
pub fn of_evidence(kind: EvidenceKind, name: &str) -> Json {
    match kind {
        EvidenceKind::Text => json!(name.replace('_', " ")),
        EvidenceKind::File => json!(format!("/srv/{name}")),
        EvidenceKind::Number => json!(1),
    }
}

/// Other values that an input may be given, to come to other places: those that a condition names,
/// and those that are just beside them.
pub fn others(input: &Input, literals: &[Json]) -> Vec<Json> {
    let mut found: Vec<Json> = input.choices.iter().map(Value::to_json).collect();
    found.extend(literals.iter().cloned());
    match input.kind {
        Kind::Bool => found.extend([json!(true), json!(false)]),
        Kind::List => found.extend([json!([]), json!(["one"]), json!(["one", "two"])]),
        Kind::Int | Kind::Number => {
            found.extend([json!(0), json!(1)]);
            found.extend(input.min.iter().chain(&input.max).map(Value::to_json));
        }
        Kind::String => found.push(json!("other")),
        _ => {}
    }
    found.retain(|value| input.taken(value).is_ok());
    let mut unique: Vec<Json> = Vec::new();
    for value in found {
        if !unique.contains(&value) {
            unique.push(value);
        }
    }
    unique
}
