//! An exercise at a table, as a runbook writes it down.

use std::time::Duration;

use crate::document::{Node, parse_duration};
use crate::source::Spanned;

/// An exercise: a facilitator tells what happens, and the team says what it does.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tabletop {
    /// What has happened when it begins.
    pub scenario: Option<String>,
    /// What is told on the way.
    pub injects: Vec<Inject>,
    /// What it is to show.
    pub objectives: Vec<String>,
    /// What is talked about at the end.
    pub questions: Vec<String>,
}

/// Something that happens during an exercise.
#[derive(Clone, Debug, PartialEq)]
pub struct Inject {
    /// When it is told.
    pub when: When,
    /// What is told.
    pub text: String,
    /// Whether only the facilitator sees it beforehand.
    pub is_hidden: bool,
}

/// When an inject is told.
#[derive(Clone, Debug, PartialEq)]
pub enum When {
    /// So long after the beginning.
    At(Duration),
    /// Before a step begins.
    Before(Spanned<String>),
}

impl Tabletop {
    /// What a mapping says whose form was checked already; what did not pass is left out.
    pub(super) fn of(node: &Node) -> Tabletop {
        Tabletop {
            scenario: text(node, "scenario"),
            injects: under(node, "injects")
                .iter()
                .flat_map(|it| many(it))
                .filter_map(inject)
                .collect(),
            objectives: texts(node, "objectives"),
            questions: texts(node, "questions"),
        }
    }
}

fn inject(node: &Node) -> Option<Inject> {
    let at = || under(node, "at").and_then(|it| parse_duration(it.as_str()?).ok()).map(When::At);
    let before = |node: &Node| Some(Spanned::new(node.as_str()?.to_owned(), node.span));
    let when = at().or_else(|| under(node, "before").and_then(before).map(When::Before));
    let is_hidden = under(node, "hidden").and_then(Node::as_bool).unwrap_or_default();
    Some(Inject { when: when?, text: text(node, "text")?, is_hidden })
}

fn under<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    let mut entries = node.as_mapping()?.iter();
    entries.find(|entry| entry.key.value == key).map(|entry| &entry.value)
}

fn text(node: &Node, key: &str) -> Option<String> {
    under(node, key)?.as_str().map(str::to_owned)
}

fn texts(node: &Node, key: &str) -> Vec<String> {
    let nodes = under(node, key).map(many).unwrap_or_default();
    nodes.iter().filter_map(|node| node.as_str().map(str::to_owned)).collect()
}

fn many(node: &Node) -> &[Node] {
    node.as_sequence().unwrap_or(std::slice::from_ref(node))
}
