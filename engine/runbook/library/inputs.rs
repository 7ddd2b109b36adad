//! The values that an environment of a library gives to the inputs of a runbook.

use crate::runbook::Runbook;
use crate::runbook::input::Input;
use crate::runbook::value::Value;

use super::Library;

/// Why a library cannot give an input what it says.
#[derive(Debug)]
pub enum Misgiven<'r> {
    /// The input is a secret, which stands in no file that others can read.
    Secret(&'r str),
    /// The value does not fit the input.
    Value(&'r Input, String),
}

impl Library {
    /// The values of an environment, for the inputs that the runbook has.
    pub fn inputs_of<'r>(
        &self,
        runbook: &'r Runbook,
        environment: Option<&str>,
    ) -> Result<Vec<(String, Value)>, Misgiven<'r>> {
        let chosen = environment.and_then(|name| self.environment(name));
        let mut found = Vec::new();
        for (name, json) in chosen.iter().flat_map(|chosen| &chosen.inputs) {
            let mut inputs = runbook.inputs.iter();
            let Some(input) = inputs.find(|input| input.name == *name) else { continue };
            if input.is_secret {
                return Err(Misgiven::Secret(&input.name.value));
            }
            let reason = |reason: String| format!("the library says {}: {reason}", json.value);
            let value = input.taken(&json.value);
            let value = value.map_err(|it| Misgiven::Value(input, reason(it)))?;
            found.push((name.value.clone(), value));
        }
        Ok(found)
    }
}
