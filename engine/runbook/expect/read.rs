//! Reading `expect` from a document.

use regex::Regex;

use crate::document::{Fields, Node, Shape};
use crate::runbook::reader::Reader;

use super::shape::{COMPARISON, JSON, OF_ANSWER, OF_COMMAND, OF_FILE, OF_RECORDS};
use super::{Comparison, Expectations, FileExpectations, Seen, Subject};

impl Expectations {
    /// Reads the mapping under `expect`, which can hold what can be seen.
    pub fn read(node: &Node, seen: Seen, reader: &mut Reader<'_>) -> Expectations {
        let mut expected = Expectations::default();
        let shape: &'static Shape = match seen {
            Seen::Command => &OF_COMMAND,
            Seen::Answer => &OF_ANSWER,
            Seen::File => &OF_FILE,
            Seen::Records => &OF_RECORDS,
        };
        let Some(mut fields) = reader.open(node, shape) else { return expected };
        match seen {
            Seen::Command => expected.read_command(&mut fields, reader),
            Seen::Answer => expected.read_answer(&mut fields, reader),
            Seen::File => expected.file = FileExpectations::read(&mut fields, reader),
            Seen::Records => {
                if let Some(node) = fields.take("answer") {
                    comparisons(node, &Subject::Answer, reader, &mut expected.texts);
                }
            }
        }
        let warn = fields.take("warn").map(|node| Expectations::read(node, seen, reader));
        expected.warn = warn.map(Box::new);
        reader.finish(fields);
        expected
    }

    fn read_command(&mut self, fields: &mut Fields<'_>, reader: &mut Reader<'_>) {
        self.exit = fields.take("exit").map(|node| numbers(node, reader));
        for (key, subject) in [("stdout", Subject::Stdout), ("stderr", Subject::Stderr)] {
            if let Some(node) = fields.take(key) {
                comparisons(node, &subject, reader, &mut self.texts);
            }
        }
        self.read_json(fields, reader);
    }

    fn read_answer(&mut self, fields: &mut Fields<'_>, reader: &mut Reader<'_>) {
        self.status = fields.take("status").map(|node| numbers(node, reader));
        if let Some(node) = fields.take("body") {
            comparisons(node, &Subject::Body, reader, &mut self.texts);
        }
        if let Some(node) = fields.take("header") {
            for (name, node) in reader.entries(node, "`header`") {
                comparisons(&node, &Subject::Header(name.value), reader, &mut self.texts);
            }
        }
        self.read_json(fields, reader);
    }

    fn read_json(&mut self, fields: &mut Fields<'_>, reader: &mut Reader<'_>) {
        if let Some(node) = fields.take("json") {
            json_comparisons(node, reader, &mut self.texts);
        }
    }
}

impl FileExpectations {
    fn read(fields: &mut Fields<'_>, reader: &mut Reader<'_>) -> FileExpectations {
        FileExpectations {
            exists: fields.take("exists").and_then(|node| reader.boolean(node)),
            younger_than: fields.take("younger_than").and_then(|node| reader.duration(node)),
            larger_than: fields.take("larger_than").and_then(|node| reader.size(node)),
            sha256: fields.take("sha256").and_then(|node| reader.template(node)),
            mode: fields.take("mode").and_then(|node| reader.string(node)),
        }
    }
}

fn numbers(node: &Node, reader: &mut Reader<'_>) -> Vec<i64> {
    match node.as_sequence() {
        None => reader.integer(node).into_iter().collect(),
        Some(items) => items.iter().filter_map(|node| reader.integer(node)).collect(),
    }
}

fn json_comparisons(node: &Node, reader: &mut Reader<'_>, found: &mut Vec<(Subject, Comparison)>) {
    let Some(mut fields) = reader.open(node, &JSON) else { return };
    let path = fields.require("path", reader.problems).and_then(|node| reader.string(node));
    let subject = Subject::Json(path.unwrap_or_default());
    demand_comparison(node, reader);
    read_comparisons(fields, &subject, reader, found);
}

fn comparisons(
    node: &Node,
    subject: &Subject,
    reader: &mut Reader<'_>,
    found: &mut Vec<(Subject, Comparison)>,
) {
    if let Some(fields) = reader.open(node, &COMPARISON) {
        demand_comparison(node, reader);
        read_comparisons(fields, subject, reader, found);
    }
}

/// Reports a mapping that compares with nothing. A key that is unknown is reported as such.
fn demand_comparison(node: &Node, reader: &mut Reader<'_>) {
    let entries = node.as_mapping().unwrap_or_default();
    if entries.iter().all(|entry| entry.key.value == "path") {
        let help = "say equals, contains, not_contains, matches, at_least, at_most or between; \
                    `matches: ''` is met by whatever is there";
        reader.error_with_help(node.span, "a comparison is needed", help);
    }
}

fn read_comparisons(
    mut fields: Fields<'_>,
    subject: &Subject,
    reader: &mut Reader<'_>,
    found: &mut Vec<(Subject, Comparison)>,
) {
    for (key, value) in fields.take_in_order() {
        found.extend(comparison(key, value, reader).map(|it| (subject.clone(), it)));
    }
    reader.finish(fields);
}

fn comparison(key: &str, node: &Node, reader: &mut Reader<'_>) -> Option<Comparison> {
    Some(match key {
        "equals" => Comparison::Equals(reader.template(node)?),
        "contains" => Comparison::Contains(reader.template(node)?),
        "not_contains" => Comparison::NotContains(reader.template(node)?),
        "matches" => Comparison::Matches(reader.regex(node, Regex::new)?.into()),
        "at_least" => Comparison::AtLeast(reader.template(node)?),
        "at_most" => Comparison::AtMost(reader.template(node)?),
        "between" => match reader.list(node) {
            [low, high] => Comparison::Between(reader.template(low)?, reader.template(high)?),
            _ => {
                reader.error(node.span, "`between` takes a list of two numbers");
                return None;
            }
        },
        _ => return None,
    })
}
