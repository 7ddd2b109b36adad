//! What is told at the wrong time, of the wrong step, or never: the events that `docs/journal.md`
//! shows, with their values changed.

use std::sync::LazyLock;

use holdpoint::run::event::Event;
use serde_json::{Value as Json, json};

use super::{Bytes, Story};

/// One event of each type, and the types that show several.
static SHOWN: LazyLock<Vec<Json>> = LazyLock::new(|| {
    let lines = include_str!("../../../docs/journal.md").lines();
    let lines = lines.filter(|line| line.starts_with("{\"type\":"));
    lines.map(|line| serde_json::from_str(line).expect("the page shows events as JSON")).collect()
});

/// The words that a key of an event may have.
const WORDS: &[(&str, &[&str])] = &[
    ("choice", &["retry", "done", "failed", "skip", "abort", "undo", "rerun", "waive", "end"]),
    ("how", &["exited", "timed_out", "stopped", "waited"]),
    ("kind", &["exit", "timeout", "when", "rejected", "retry", "expiry", "budget", "stopped"]),
    ("level", &["none", "drain", "interrupt", "kill"]),
    ("outcome", &["succeeded", "succeeded_with_exceptions", "failed", "aborted"]),
    (
        "purpose",
        &[
            "confirm",
            "precondition",
            "require",
            "done_when",
            "verify",
            "invariant",
            "exit_criterion",
        ],
    ),
    ("sight", &["holds", "warns", "fails", "unseen"]),
    ("stage", &["inputs", "confirm", "preconditions", "steps", "exit_criteria", "undo", "finally"]),
    ("then", &["fail", "continue", "abort"]),
    ("verdict", &["recovered", "not_recovered", "unverified"]),
    ("why", &["when", "operator", "declined", "not_needed"]),
];

impl Story {
    /// Any event; none when what became of it is none.
    pub(super) fn unlikely(&mut self, numbers: &mut Bytes<'_>) -> Option<Event> {
        let mut event = numbers.choose(&SHOWN)?.clone();
        if event["type"] == "question_asked" && numbers.below(2) == 0 {
            let waiting = self.state.waiting_for(&self.plan);
            event["question"] = json!(numbers.choose(&waiting)?);
        } else {
            self.change(&mut event, numbers);
        }
        serde_json::from_value(event).ok()
    }

    fn change(&mut self, json: &mut Json, numbers: &mut Bytes<'_>) {
        match json {
            Json::Object(entries) => {
                for (key, value) in entries {
                    match self.instead(key, numbers) {
                        Some(other) if !value.is_object() => *value = other,
                        _ if key == "type" => {}
                        _ => self.change(value, numbers),
                    }
                }
            }
            Json::Array(items) => {
                items.truncate(numbers.below(4));
                items.iter_mut().for_each(|item| self.change(item, numbers));
            }
            Json::String(text) => *text = self.words(),
            Json::Bool(flag) => *flag = numbers.below(2) == 0,
            Json::Null | Json::Number(_) => {}
        }
    }

    /// What a key of an event may have in this run.
    fn instead(&mut self, key: &str, numbers: &mut Bytes<'_>) -> Option<Json> {
        let known = WORDS.iter().find(|(name, _)| *name == key);
        if let Some((_, words)) = known {
            return numbers.choose(words).map(|word| json!(word));
        }
        Some(match key {
            "step" => json!(numbers.choose(&self.plan.nodes)?.path),
            "attempt" | "index" => json!(numbers.below(4)),
            "name" | "input" => json!(numbers.choose(&self.plan.runbook.inputs)?.name.value),
            "digest" => {
                let gates = self.state.waiting_for(&self.plan);
                let gates: Vec<Json> = gates.iter().map(|question| json!(question)).collect();
                numbers.choose(&gates)?.get("digest")?.clone()
            }
            "due" => json!(self.events.last()?.0),
            "item" | "case" => json!(numbers.choose(&["first", "second", "plain", "picky"])?),
            _ => return None,
        })
    }
}
