//! A checklist: items that a person ticks, one after the other.
//!
//! An item is known by its text as it is written, which no other item of the checklist has.

use std::collections::HashSet;

use crate::document::shape::{Form, may, must};
use crate::document::{Node, Shape, Value as NodeValue};
use crate::source::Spanned;

use super::expression::Expression;
use super::manual::{EVIDENCE_FORM, Evidence};
use super::reader::Reader;
use super::template::Template;

/// Items that a person ticks, one after the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Checklist {
    /// All items from top to bottom, each before those nested in it.
    pub items: Vec<Item>,
}

/// One item of a checklist.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Its text as it is written, by which it is known.
    pub name: Spanned<String>,
    /// Its text.
    pub text: Template,
    /// Whether a person may say that it does not apply.
    pub is_if_applicable: bool,
    /// What must show that it was done.
    pub evidence: Vec<Evidence>,
    /// How many items it is nested in.
    pub depth: usize,
}

pub(super) static ITEM: Shape = Shape {
    noun: "an item",
    name: "item",
    about: "One item of a checklist, known by its text. It is ticked by a person.",
    keys: &[&[
        must("item", Form::Filled(&Form::Template))
            .about("Its text, which no other item of the list has."),
        may("if_applicable", Form::Boolean).about(
            "Whether a person may say, with a reason, that it does not apply, and with it what \
             is nested in it.",
        ),
        may("evidence", EVIDENCE_FORM)
            .about("What must show that it was done: names, or names with their types."),
        may("items", Form::Filled(&Form::List(&Form::Shape(&ITEM))))
            .about("Items nested in it, which are asked about after it."),
    ]],
    rules: &[],
};

impl Checklist {
    /// Reads a list of items.
    pub fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Checklist> {
        let mut items = Vec::new();
        read_list(node, 0, &mut items, reader);
        let mut seen = HashSet::new();
        for item in items.iter().filter(|item| !seen.insert(item.name.as_str())) {
            let message = format!("the item `{}` stands here twice", item.name);
            let help = "an item is known by its text: say what is different";
            reader.error_with_help(item.name.span, message, help);
        }
        (!items.is_empty()).then_some(Checklist { items })
    }

    /// The place of an item.
    pub fn place(&self, name: &str) -> Option<usize> {
        self.items.iter().position(|item| item.name.value == name)
    }

    /// The items nested in one, at any depth.
    pub fn nested(&self, place: usize) -> &[Item] {
        let Some((item, below)) = self.items.get(place..).and_then(<[Item]>::split_first) else {
            return &[];
        };
        let count = below.iter().take_while(|other| other.depth > item.depth).count();
        below.get(..count).unwrap_or_default()
    }

    /// The items that one is nested in, the outermost first.
    pub fn around(&self, place: usize) -> Vec<&Item> {
        let mut found: Vec<&Item> = Vec::new();
        let above = self.items.get(..=place).unwrap_or_default();
        for item in above.iter().rev() {
            if found.last().is_none_or(|inner| item.depth < inner.depth) {
                found.push(item);
            }
        }
        found.reverse();
        found.pop();
        found
    }

    /// The expressions in it.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        self.items.iter().flat_map(|item| item.text.expressions())
    }
}

fn read_list(node: &Node, depth: usize, items: &mut Vec<Item>, reader: &mut Reader<'_>) {
    let list = reader.list(node);
    if node.as_sequence().is_some_and(<[Node]>::is_empty) {
        reader.error(node.span, "a checklist needs at least one item");
    }
    list.iter().for_each(|node| read(node, depth, items, reader));
}

fn read(node: &Node, depth: usize, items: &mut Vec<Item>, reader: &mut Reader<'_>) {
    if let NodeValue::Scalar(text) = &node.value {
        let help = format!("write {{item: {}}}", text.text);
        reader.error_with_help(node.span, "an item must be a mapping, found text", help);
        return;
    }
    let Some(mut fields) = reader.open(node, &ITEM) else { return };
    let text = fields.require("item", reader.problems);
    let name = text.and_then(|node| reader.text(node));
    let text = text.filter(|_| name.is_some()).and_then(|node| reader.template(node));
    if let Some(name) = name.as_ref().filter(|name| name.trim().is_empty()) {
        reader.error(name.span, "this item says nothing");
    }
    let evidence = fields.take("evidence").map(|node| Evidence::read_all(node, reader));
    let is_if_applicable = reader.flag(&mut fields, "if_applicable");
    if let (Some(name), Some(text)) = (name, text) {
        let evidence = evidence.unwrap_or_default();
        items.push(Item { name, text, is_if_applicable, evidence, depth });
    }
    if let Some(nested) = fields.take("items") {
        read_list(nested, depth + 1, items, reader);
    }
    reader.finish(fields);
}
