//! Reading `expect` from a document.

use regex::Regex;

use crate::document::{Fields, Node, nearest};
use crate::runbook::reader::Reader;
use crate::source::Spanned;

use super::{Comparison, Expectations, FileExpectations, Seen, Subject};

impl Expectations {
    /// Reads the mapping under `expect`, which can hold what can be seen.
    pub fn read(node: &Node, seen: Seen, reader: &mut Reader<'_>) -> Expectations {
        let mut expected = Expectations::default();
        let Some(mut fields) = reader.open(node, "`expect`") else { return expected };
        match seen {
            Seen::Command => expected.read_command(&mut fields, reader),
            Seen::Answer => expected.read_answer(&mut fields, reader),
            Seen::File => expected.file = FileExpectations::read(&mut fields, reader),
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
    match node.as_integer() {
        Some(number) => vec![number],
        None => reader.list(node).iter().filter_map(|node| reader.integer(node)).collect(),
    }
}

const COMPARISONS: &[&str] =
    &["equals", "contains", "not_contains", "matches", "at_least", "at_most", "between"];

fn json_comparisons(node: &Node, reader: &mut Reader<'_>, found: &mut Vec<(Subject, Comparison)>) {
    let entries = reader.entries(node, "`json`");
    let path = entries.iter().find(|(key, _)| key.value == "path");
    let Some(path) = path.and_then(|(_, node)| reader.string(node)) else {
        reader.error_with_help(node.span, "`json` needs a `path`", "for example: path: $.status");
        return;
    };
    for (key, value) in entries.iter().filter(|(key, _)| key.value != "path") {
        found.extend(comparison(key, value, reader).map(|it| (Subject::Json(path.clone()), it)));
    }
}

fn comparisons(
    node: &Node,
    subject: &Subject,
    reader: &mut Reader<'_>,
    found: &mut Vec<(Subject, Comparison)>,
) {
    for (key, value) in reader.entries(node, "a comparison") {
        found.extend(comparison(&key, &value, reader).map(|it| (subject.clone(), it)));
    }
}

fn comparison(key: &Spanned<String>, node: &Node, reader: &mut Reader<'_>) -> Option<Comparison> {
    Some(match key.as_str() {
        "equals" => Comparison::Equals(reader.template(node)?),
        "contains" => Comparison::Contains(reader.template(node)?),
        "not_contains" => Comparison::NotContains(reader.template(node)?),
        "matches" => Comparison::Matches(reader.regex(node, Regex::new)?),
        "at_least" => Comparison::AtLeast(reader.template(node)?),
        "at_most" => Comparison::AtMost(reader.template(node)?),
        "between" => match reader.list(node) {
            [low, high] => Comparison::Between(reader.template(low)?, reader.template(high)?),
            _ => {
                reader.error(node.span, "`between` takes a list of two numbers");
                return None;
            }
        },
        other => {
            let help = match nearest(other, COMPARISONS.iter().copied()) {
                Some(word) => format!("did you mean `{word}`?"),
                None => format!("use one of {}", COMPARISONS.join(", ")),
            };
            reader.error_with_help(key.span, format!("`{other}` is no comparison"), help);
            return None;
        }
    })
}
