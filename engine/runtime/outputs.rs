//! What a step hands on, found in what it printed or was answered, and in what it handed over.

use std::collections::BTreeMap;

use crate::run::Execution;
use crate::run::event::{Failure, FailureKind};
use crate::runbook::expect::Sight;
use crate::runbook::output::{From, Output};
use crate::runbook::value::Value;

/// What was found that is held against an objective.
pub(super) fn measured(
    execution: &Execution,
    found: &BTreeMap<String, serde_json::Value>,
) -> BTreeMap<String, serde_json::Value> {
    let measure = |output: &Output| {
        let value = found.get(&output.name.value)?;
        Some((output.measures?.word().to_owned(), value.clone()))
    };
    execution.outputs.iter().filter_map(measure).collect()
}

/// The outputs of an attempt, from what was seen and what was handed over in its file.
pub(super) fn outputs(
    execution: &Execution,
    sight: &Sight,
    handed: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, serde_json::Value>, Failure> {
    let mut found = BTreeMap::new();
    for output in &execution.outputs {
        let name = "what it printed";
        let value = match (sight.stdout.raw(name), sight.stderr.raw(name)) {
            _ if handed.contains_key(&output.name.value) => {
                output.parse(&handed[&output.name.value])
            }
            _ if matches!(output.from, From::Status) => {
                sight.status.map(Value::Int).ok_or_else(|| "it has none".into())
            }
            (Ok(stdout), Ok(stderr)) => output.extract(stdout, stderr),
            (Err(reason), _) | (_, Err(reason)) => Err(reason),
        };
        match value {
            Ok(value) => {
                found.insert(output.name.value.clone(), value.to_json());
            }
            Err(_) if output.default.is_some() => {}
            Err(reason) => {
                let detail = format!("its output `{}`: {reason}", output.name);
                return Err(Failure::new(FailureKind::Expect, detail));
            }
        }
    }
    Ok(found)
}
