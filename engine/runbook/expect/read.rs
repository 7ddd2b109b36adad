//! Reading `expect` from a document.

use regex::Regex;

use crate::document::{Node, nearest};
use crate::runbook::reader::Reader;
use crate::source::Spanned;

use super::{Comparison, Expectations, FileExpectations, Subject};

impl Expectations {
    /// Reads the mapping under `expect`.
    pub fn read(node: &Node, reader: &mut Reader<'_>) -> Expectations {
        let mut expected = Expectations::default();
        let Some(mut fields) = reader.open(node, "`expect`") else { return expected };
        expected.exit = fields.take("exit").map(|node| numbers(node, reader));
        expected.status = fields.take("status").map(|node| numbers(node, reader));
        for (key, subject) in
            [("stdout", Subject::Stdout), ("stderr", Subject::Stderr), ("body", Subject::Body)]
        {
            if let Some(node) = fields.take(key) {
                comparisons(node, &subject, reader, &mut expected.texts);
            }
        }
        if let Some(node) = fields.take("header") {
            for (name, node) in reader.entries(node, "`header`") {
                comparisons(&node, &Subject::Header(name.value), reader, &mut expected.texts);
            }
        }
        if let Some(node) = fields.take("json") {
            json_comparisons(node, reader, &mut expected.texts);
        }
        expected.file = FileExpectations {
            exists: fields.take("exists").and_then(|node| reader.boolean(node)),
            younger_than: fields.take("younger_than").and_then(|node| reader.duration(node)),
            larger_than: fields.take("larger_than").and_then(|node| reader.size(node)),
            sha256: fields.take("sha256").and_then(|node| reader.template(node)),
            mode: fields.take("mode").and_then(|node| reader.string(node)),
        };
        expected.warn = fields.take("warn").map(|node| Box::new(Expectations::read(node, reader)));
        fields.later("answer", reader.problems);
        reader.finish(fields);
        expected
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
