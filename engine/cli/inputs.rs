//! Inputs that are given beforehand: on the command line, in a file, in the environment.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value as Json;

use crate::document::nearest;
use crate::run::event::{Event, InputGiven, InputSource};
use crate::runbook::Runbook;
use crate::runbook::input::Input;
use crate::runbook::library::Misgiven;
use crate::runbook::value::Value;
use crate::runtime::{Secrets, read_input};

use super::failure::Failure;
use super::load;

/// The events of all inputs that were given, by the chosen environment too; secrets go to
/// `secrets` alone.
pub fn given(
    runbook: &Runbook,
    environment: Option<&str>,
    flags: &[String],
    file: Option<&Path>,
    secrets: &Secrets,
) -> Result<Vec<Event>, Failure> {
    let mut found = from_library(runbook, environment)?;
    for input in &runbook.inputs {
        let variable = input.env.as_ref().and_then(|name| std::env::var(name).ok());
        // An empty variable is as if it were not set.
        if let Some(text) = variable.filter(|text| !text.is_empty()) {
            let value = read(input, &text)?;
            found.insert(input.name.value.clone(), (value, InputSource::Environment));
        }
    }
    found.extend(typed(runbook, flags, file)?);
    Ok(found.into_iter().map(|(name, value)| event(runbook, name, value, secrets)).collect())
}

/// What a command line says of inputs: by itself, and before that in a file that it names.
pub fn typed(
    runbook: &Runbook,
    flags: &[String],
    file: Option<&Path>,
) -> Result<BTreeMap<String, (Value, InputSource)>, Failure> {
    let mut found = BTreeMap::new();
    if let Some(path) = file {
        for (name, json) in from_file(path)? {
            let input = declared(runbook, &name)?;
            let value = Value::typed(&json, input.kind).and_then(|value| {
                input.admits(&value)?;
                Ok(value)
            });
            let value = value.map_err(|reason| refused(input, &reason))?;
            found.insert(name, (value, InputSource::File));
        }
    }
    for flag in flags {
        let (name, text) = flag.split_once('=').ok_or_else(|| {
            Failure::usage(format!("`{flag}` gives no value"), "write --input name=value")
        })?;
        let value = read(declared(runbook, name)?, text)?;
        found.insert(name.to_owned(), (value, InputSource::Flag));
    }
    Ok(found)
}

fn event(
    runbook: &Runbook,
    name: String,
    (value, from): (Value, InputSource),
    secrets: &Secrets,
) -> Event {
    let is_secret = runbook.inputs.iter().any(|input| input.name.value == name && input.is_secret);
    if is_secret {
        secrets.add(&name, value.text().unwrap_or_default());
    }
    let value = (!is_secret).then(|| value.to_json());
    Event::InputGiven(InputGiven { name, value, is_secret, from })
}

/// The values of the chosen environment, for the inputs that the runbook has.
fn from_library(
    runbook: &Runbook,
    environment: Option<&str>,
) -> Result<BTreeMap<String, (Value, InputSource)>, Failure> {
    let found = runbook.library.inputs_of(runbook, environment).map_err(|wrong| match wrong {
        Misgiven::Secret(name) => {
            let message = format!("the library gives the secret `{name}`");
            let help = "a secret stands in no file that others can read: take it out of there";
            Failure::usage(message, help)
        }
        Misgiven::Value(input, reason) => refused(input, &reason),
    })?;
    Ok(found.into_iter().map(|(name, value)| (name, (value, InputSource::Library))).collect())
}

fn declared<'r>(runbook: &'r Runbook, name: &str) -> Result<&'r Input, Failure> {
    let inputs = &runbook.inputs;
    inputs.iter().find(|input| input.name.value == name).ok_or_else(|| {
        let names = || inputs.iter().map(|input| input.name.value.as_str());
        let help = match nearest(name, names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if inputs.is_empty() => "this runbook has no inputs".to_owned(),
            None => format!("the inputs are {}", names().collect::<Vec<_>>().join(", ")),
        };
        Failure::usage(format!("the runbook has no input `{name}`"), help)
    })
}

fn read(input: &Input, text: &str) -> Result<Value, Failure> {
    read_input(input, text).map_err(|reason| refused(input, &reason))
}

fn refused(input: &Input, reason: &str) -> Failure {
    let help = match &input.description {
        Some(description) => format!("{} is {}: {description}", input.name, input.kind.noun()),
        None => format!("{} is {}", input.name, input.kind.noun()),
    };
    // A secret that does not fit is not shown either.
    let reason = if input.is_secret { "it does not fit" } else { reason };
    Failure::usage(format!("the value of `{}` is refused: {reason}", input.name), help)
}

fn from_file(path: &Path) -> Result<Vec<(String, Json)>, Failure> {
    let source = load::given(path)?;
    let help = "write a mapping of names to values";
    let values: serde_yaml::Value = serde_yaml::from_str(source.text())
        .map_err(|error| Failure::usage(format!("{}: {error}", source.name()), help))?;
    let json = serde_json::to_value(values)
        .map_err(|error| Failure::usage(format!("{}: {error}", source.name()), help))?;
    match json {
        Json::Object(map) => Ok(map.into_iter().collect()),
        _ => Err(Failure::usage(format!("{} is not a mapping", source.name()), help)),
    }
}
