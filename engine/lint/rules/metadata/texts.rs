//! The texts of a runbook that reach a tool: its commands without their comments, its requests, and
//! what they are told.

use std::ops::Range;

use crate::document::{Node, Value};
use crate::lint::reading::Ground;
use crate::lint::scene::{Scene, Script};
use crate::source::Span;

/// A text, and where it stands.
pub(super) struct Text<'t> {
    /// The text.
    pub(super) text: &'t str,
    /// The program that is given the text, where it is one of a command.
    pub(super) program: &'t str,
    /// Whether a tool is given it; otherwise it is only read, or is a value that can be replaced.
    pub(super) is_used: bool,
    /// The step that it belongs to.
    pub(super) step: Option<usize>,
    place: Place<'t>,
}

enum Place<'t> {
    Script(&'t Script<'t>, usize),
    Node(&'t Node),
}

/// Keys of which the text is for people, is a pattern, or is an example by its nature.
const FOR_PEOPLE: [&str; 18] = [
    "title",
    "summary",
    "description",
    "prompt",
    "example",
    "pattern",
    "why",
    "symptoms",
    "impact",
    "revisions",
    "review",
    "tabletop",
    "discuss",
    "matches",
    "none",
    "source",
    "when",
    "tags",
];

/// Keys of which the text is a value that can be replaced, or is only read.
const NOT_USED: [&str; 12] = [
    "inputs",
    "owner",
    "escalation",
    "references",
    "manual",
    "checklist",
    "ask",
    "triggers",
    "lab",
    "simulate",
    "drill",
    "objectives",
];

impl Text<'_> {
    /// Where a range of it stands.
    pub(super) fn span(&self, range: Range<usize>, scene: &Scene<'_>) -> Span {
        match &self.place {
            Place::Script(script, from) => {
                script.place(&(from + range.start..from + range.end), scene.source)
            }
            Place::Node(node) => node.span_at(range, scene.source),
        }
    }
}

/// Gives every text that reaches a tool, and those that a person reads to act, to a function.
pub(super) fn each(scene: &Scene<'_>, see: &mut dyn FnMut(&Text<'_>)) {
    for script in &scene.scripts {
        for (piece, program) in pieces(script) {
            let Some(text) = script.text.get(piece.clone()) else { continue };
            let place = Place::Script(script, piece.start);
            see(&Text { text, program, is_used: true, step: script.step, place });
        }
    }
    let ground = Ground::of(scene);
    for entry in scene.document.as_mapping().unwrap_or_default() {
        let key = entry.key.as_str();
        if !FOR_PEOPLE.contains(&key) {
            walk(&entry.value, !NOT_USED.contains(&key), &ground, see);
        }
    }
}

/// What of a script is run: its commands and their here-documents, each byte once.
fn pieces<'t>(script: &'t Script<'_>) -> Vec<(Range<usize>, &'t str)> {
    let mut pieces: Vec<(Range<usize>, &str)> = Vec::new();
    for command in &script.commands {
        let program = command.program();
        pieces.push((command.range.clone(), program));
        let bodies = command.redirects.iter().map(|redirect| redirect.target.range.clone());
        pieces.extend(bodies.map(|body| (body, program)));
        let values = command.assignments.iter().map(|it| it.value.range.clone());
        pieces.extend(values.map(|value| (value, program)));
    }
    pieces.sort_by_key(|(piece, _)| (piece.start, std::cmp::Reverse(piece.end)));
    let mut end = 0;
    pieces.retain_mut(|(piece, _)| {
        piece.start = piece.start.max(end);
        end = end.max(piece.end);
        piece.start < piece.end
    });
    pieces
}

fn walk(node: &Node, is_used: bool, ground: &Ground<'_>, see: &mut dyn FnMut(&Text<'_>)) {
    match &node.value {
        Value::Null => {}
        Value::Scalar(scalar) => {
            let step = ground.step_at(node.span.start);
            see(&Text { text: &scalar.text, program: "", is_used, step, place: Place::Node(node) });
        }
        Value::Sequence(items) => items.iter().for_each(|item| walk(item, is_used, ground, see)),
        Value::Mapping(entries) => {
            for entry in entries.iter() {
                let key = entry.key.as_str();
                // What `run` says has been seen as commands.
                if key != "run" && !FOR_PEOPLE.contains(&key) {
                    let is_used = is_used && !NOT_USED.contains(&key);
                    walk(&entry.value, is_used, ground, see);
                }
            }
        }
    }
}
