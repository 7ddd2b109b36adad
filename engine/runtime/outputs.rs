//! What a step hands on, found in what it printed or was answered, and in what it handed over.
//!
//! A secret output goes into memory and nowhere else: neither it nor what it was found in is shown
//! or kept, and no reason quotes it.

use serde_json::Value as Json;

use crate::run::event::{Failure, FailureKind, StepEnded};
use crate::run::{Execution, measured, outputs, secret_name};
use crate::runbook::expect::Sight;

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
pub(super) fn masked(value: Json, redactor: &Redactor) -> Json {
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
