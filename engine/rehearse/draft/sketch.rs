//! A sketch: a case that is still being written.

use serde_json::{Map, Value as Json, json};

use super::yaml;

/// Things by their names, in the order in which they were found to be needed.
pub type Listed = Vec<(String, Json)>;

/// A case that is still being written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sketch {
    /// What it shows.
    pub name: String,
    /// Where it runs.
    pub environment: Option<String>,
    /// What the runbook is told.
    pub inputs: Listed,
    /// What actions do.
    pub mocks: Listed,
    /// What looks show.
    pub checks: Listed,
    /// What people answer.
    pub answers: Listed,
    /// What the operator decides.
    pub decisions: Listed,
    /// What must come of it.
    pub expect: Listed,
}

/// Sets what stands under a name.
pub fn set(listed: &mut Listed, name: &str, value: Json) {
    match listed.iter_mut().find(|(known, _)| known == name) {
        Some((_, known)) => *known = value,
        None => listed.push((name.to_owned(), value)),
    }
}

/// What stands under a name.
pub fn at<'l>(listed: &'l Listed, name: &str) -> Option<&'l Json> {
    listed.iter().find(|(known, _)| known == name).map(|(_, value)| value)
}

/// The lists of a sketch from which entries may be taken away again.
const PARTS: usize = 5;

impl Sketch {
    /// Adds to what is said of one step, beside what is said already.
    pub fn answer(&mut self, step: &str, more: &Json) {
        let mut answer = at(&self.answers, step).and_then(Json::as_object).cloned();
        let answer = answer.get_or_insert_with(Map::new);
        let more = more.as_object().into_iter().flatten();
        answer.extend(more.map(|(key, value)| (key.clone(), value.clone())));
        set(&mut self.answers, step, Json::Object(answer.clone()));
    }

    /// Has a step refused in what a person does, whatever is said of that.
    pub fn give_up(&mut self, step: &str) {
        let mut answer =
            at(&self.answers, step).and_then(Json::as_object).cloned().unwrap_or_default();
        ["answers", "evidence", "items", "choice"].iter().for_each(|key| drop(answer.remove(*key)));
        answer.insert("failed".into(), json!("it cannot be done"));
        set(&mut self.answers, step, Json::Object(answer));
    }

    /// One more decision about something.
    pub fn decide(&mut self, about: &str, word: &str) {
        let mut decided = match at(&self.decisions, about) {
            Some(Json::Array(words)) => words.clone(),
            Some(word) => vec![word.clone()],
            None => Vec::new(),
        };
        decided.push(json!(word));
        let decided = match decided.as_slice() {
            [only] => only.clone(),
            _ => Json::Array(decided),
        };
        set(&mut self.decisions, about, decided);
    }

    /// Hands an output on, beside what else a step hands on.
    pub fn hand_on(&mut self, step: &str, output: &str, value: Json) {
        let mut mock = at(&self.mocks, step).and_then(Json::as_object).cloned().unwrap_or_default();
        let outputs = mock.entry("outputs").or_insert_with(|| json!({}));
        if let Some(outputs) = outputs.as_object_mut() {
            outputs.insert(output.to_owned(), value);
        }
        set(&mut self.mocks, step, Json::Object(mock));
    }

    /// Forgets all that is said of one step.
    pub fn forget(&mut self, step: &str) {
        let is_other = |(name, _): &(String, Json)| {
            name != step && name.strip_prefix(step).is_none_or(|rest| !rest.starts_with('/'))
        };
        for part in 1..PARTS {
            self.part(part).retain(is_other);
        }
    }

    fn part(&mut self, part: usize) -> &mut Listed {
        match part {
            0 => &mut self.inputs,
            1 => &mut self.mocks,
            2 => &mut self.checks,
            3 => &mut self.answers,
            _ => &mut self.decisions,
        }
    }

    /// The same sketch with one thing less, for each thing that it says.
    pub fn with_less(&self) -> Vec<Sketch> {
        let mut found = Vec::new();
        for part in 0..PARTS {
            let count = self.clone().part(part).len();
            for place in (0..count).rev() {
                let mut less = self.clone();
                less.part(part).remove(place);
                found.push(less);
                found.extend(self.with_less_at(part, place));
            }
        }
        found
    }

    /// The same with one key less of what it says in one place.
    fn with_less_at(&self, part: usize, place: usize) -> Vec<Sketch> {
        let mut found = Vec::new();
        let value = self.clone().part(part).get(place).map(|(_, value)| value.clone());
        let keys: Vec<String> = match &value {
            // Inputs are values, and stay whole.
            Some(Json::Object(entries)) if part > 0 && entries.len() > 1 => {
                entries.keys().cloned().collect()
            }
            _ => Vec::new(),
        };
        for key in keys {
            let mut less = self.clone();
            if let Some((_, Json::Object(entries))) = less.part(part).get_mut(place) {
                entries.remove(&key);
            }
            found.push(less);
        }
        found
    }

    /// The case as it stands in a file of tests.
    pub fn written(&self) -> String {
        let mut out = format!("  - name: {}\n", yaml::text(&self.name));
        if let Some(environment) = &self.environment {
            yaml::entry("environment", &json!(environment), 4, &mut out);
        }
        if !self.inputs.is_empty() {
            let inputs: Map<String, Json> = self.inputs.iter().cloned().collect();
            yaml::entry("inputs", &Json::Object(inputs), 4, &mut out);
        }
        yaml::block("mocks", &self.mocks, 4, &mut out);
        yaml::block("checks", &self.checks, 4, &mut out);
        yaml::block("answers", &self.answers, 4, &mut out);
        yaml::block("decisions", &self.decisions, 4, &mut out);
        // A case without expectations could not be read; it is played to find them.
        let first = [("outcome".to_owned(), json!("succeeded"))];
        let expect = if self.expect.is_empty() { &first[..] } else { &self.expect };
        yaml::block("expect", expect, 4, &mut out);
        out
    }
}
