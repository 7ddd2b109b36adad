//! What a step hands on, found in what it printed or was answered, and in what it handed over.
//!
//! A secret output goes into memory and nowhere else: neither it nor what it was found in is shown
//! or kept, and no reason quotes it.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::run::event::{Failure, FailureKind, StepEnded};
use crate::run::{Execution, secret_name};
use crate::runbook::expect::Sight;
use crate::runbook::output::{From, Output};
use crate::runbook::value::Value;

use super::handed::Handed;
use super::people::weak_secret;
use super::redact::Redactor;
use super::world::Live;

impl Live {
    /// Gives an ending its outputs; or the reason why they are not there.
    pub(super) fn hand_on(
        &self,
        execution: &Execution,
        ended: &mut StepEnded,
        sight: &Sight,
        handed: Option<&Handed>,
    ) {
        let values = handed.map(|handed| handed.values(&execution.outputs)).transpose();
        let values = values.map_err(|reason| Failure::new(FailureKind::Expect, reason));
        let found =
            values.and_then(|values| outputs(execution, sight, &values.unwrap_or_default()));
        let mut found = match found {
            Ok(found) => found,
            Err(failure) => {
                ended.failure = Some(failure);
                return;
            }
        };
        for output in execution.outputs.iter().filter(|output| output.is_secret) {
            let name = output.name.value.clone();
            let Some(value) = found.remove(&name) else { continue };
            let kept = secret_name(&execution.step, &name);
            self.secrets.add(&kept, value.as_str().map_or(value.to_string(), str::to_owned));
            if self.secrets.weak().contains(&kept) {
                ended.notes.push(weak_secret(&kept));
            }
            ended.secrets.push(name);
        }
        let redactor = self.secrets.redactor();
        let masked = |(name, value)| (name, masked(value, &redactor));
        ended.outputs = found.into_iter().map(masked).collect();
        ended.measured = measured(execution, &ended.outputs);
    }
}

/// Takes what would quote a secret out of an ending, and says why nothing is shown.
pub(super) fn hide(execution: &Execution, ended: &mut StepEnded) {
    if !execution.is_private() {
        return;
    }
    let secret = "an output of it is a secret";
    ended.notes.push(format!("what it printed is neither shown nor kept: {secret}"));
    if let Some(failure) = &mut ended.failure
        && failure.kind == FailureKind::Expect
    {
        failure.detail = format!("it is not what was expected; what it is, is not shown: {secret}");
    }
}

/// A value without the secrets in it.
fn masked(value: Json, redactor: &Redactor) -> Json {
    match value {
        Json::Array(items) => items.into_iter().map(|item| masked(item, redactor)).collect(),
        Json::Object(entries) => {
            entries.into_iter().map(|(name, item)| (name, masked(item, redactor))).collect()
        }
        Json::String(text) => Json::String(redactor.mask_str(&text).into()),
        other => {
            let text = other.to_string();
            let masked = redactor.mask_str(&text);
            if masked == text { other } else { Json::String(masked.into()) }
        }
    }
}

/// What was found that is held against an objective.
fn measured(
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
fn outputs(
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
            Err(_) if execution.is_private() => {
                let detail = format!("its output `{}` is not there, or does not fit", output.name);
                return Err(Failure::new(FailureKind::Expect, detail));
            }
            Err(reason) => {
                let detail = format!("its output `{}`: {reason}", output.name);
                return Err(Failure::new(FailureKind::Expect, detail));
            }
        }
    }
    Ok(found)
}
