//! What a rehearsal or a test assumes of a step, which it does not run.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value as Json;

use crate::document::shape::{Form, may};
use crate::document::{Node, Shape};

use super::reader::Reader;

/// What a step is assumed to do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Simulate {
    /// Its exit code; 0 when nothing is said.
    pub exit: i64,
    /// What it prints to standard output.
    pub stdout: String,
    /// How long it takes; no time when nothing is said.
    pub takes: Option<Duration>,
    /// What it hands on, by name.
    pub answers: BTreeMap<String, Json>,
}

pub(super) static SIMULATE: Shape = Shape {
    noun: "`simulate`",
    name: "simulate",
    about: "What a rehearsal or a test assumes of a step, which it does not run.",
    keys: &[&[
        may("exit", Form::Integer).about("Its exit code; `0` when it is left out."),
        may("stdout", Form::Text).about("What it prints to standard output."),
        may("takes", Form::Duration).about("How long it takes."),
        may("answers", Form::Map(&Form::Any))
            .about("What it hands on, by name, instead of what is read from what it prints."),
    ]],
    rules: &[],
};

impl Simulate {
    /// Reads it.
    pub(super) fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Simulate> {
        let mut fields = reader.open(node, &SIMULATE)?;
        let exit = fields.take("exit").and_then(|node| reader.integer(node));
        let stdout = fields.take("stdout").and_then(|node| reader.string(node));
        let takes = fields.take("takes").and_then(|node| reader.duration(node));
        let answers = fields.take("answers").map(|node| reader.entries(node, "`answers`"));
        reader.finish(fields);
        let answers = answers.unwrap_or_default().into_iter();
        Some(Simulate {
            exit: exit.unwrap_or_default(),
            stdout: stdout.unwrap_or_default(),
            takes,
            answers: answers.map(|(name, node)| (name.value, node.to_json())).collect(),
        })
    }
}
