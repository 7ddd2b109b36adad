//! An output: what a step hands to those after it.

use regex::Regex;

use crate::document::shape::{Form, Rule, may};
use crate::document::{Node, Shape};
use crate::source::{Span, Spanned};

use super::expect::at_path;
use super::kind::{KINDS, Kind};
use super::pattern::Pattern;
use super::reader::Reader;
use super::value::Value;

/// The most that is kept of what outputs are read from, in bytes.
pub const MOST: usize = 64 * 1024;

/// One declared output.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// What templates call it.
    pub name: Spanned<String>,
    /// Where it is read from.
    pub from: From,
    /// What its value must be.
    pub kind: Kind,
    /// The value when the step did not yield one.
    pub default: Option<Value>,
    /// Which objective of the runbook its value is held against, if it is.
    pub measures: Option<Objective>,
    /// Whether its value is for those only who may know it.
    pub is_secret: bool,
}

/// An objective that an output can measure.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Objective {
    /// How much is lost, as a length of time.
    Rpo,
}

/// What measures an objective.
const LENGTH_OF_TIME: &[(&str, Kind)] = &[("duration", Kind::Duration)];

const OBJECTIVES: &[(&str, Objective)] = &[("rpo", Objective::Rpo)];

/// Where an output is read from.
#[derive(Clone, Debug, PartialEq)]
pub enum From {
    /// All of standard output.
    Stdout,
    /// All of standard error.
    Stderr,
    /// A place in JSON on standard output.
    Json(String),
    /// One line of standard output: from 1, or from the end with -1.
    Line(i64),
    /// What the first group of a pattern matches in standard output.
    Pattern(Pattern),
    /// The status of an answer.
    Status,
    /// What a person answers.
    Person,
}

const SOURCES: &[(&str, &str)] = &[
    ("stdout", "stdout"),
    ("stderr", "stderr"),
    ("json", "json"),
    ("line", "line"),
    ("regex", "regex"),
];

pub(super) static OUTPUT: Shape = Shape {
    noun: "an output",
    name: "output",
    about: "What a step hands to those after it. More than 64 KiB is an error, never cut.",
    keys: &[&[
        may("from", Form::Words(&SOURCES)).about(
            "Where it is read from: all of `stdout` (when left out) or `stderr`, a place in \
             `json`, one `line`, or what a `regex` matches.",
        ),
        may("path", Form::Text).about("The place in the JSON, such as `$.items[0].name`."),
        may("line", Form::Integer)
            .about("The number of the line: `1` is the first, `-1` the last."),
        may("pattern", Form::Regex)
            .about("The regular expression for `from: regex`; its first group is the value."),
        may("type", Form::Words(&KINDS)).about("What its value must be; `string` when left out."),
        may("default", Form::Either(&[Form::Scalar, Form::List(&Form::Any)]))
            .about("The value when the step did not yield one."),
        may("secret", Form::Boolean)
            .about("Whether it is never shown and never stored; nor is what the step prints then."),
        may("measures", Form::Words(&OBJECTIVES)).about(
            "The objective that its value is held against: `rpo` is how much was lost, and the \
             `type` then `duration`.",
        ),
    ]],
    rules: &[&[
        Rule::Excludes("secret", &["default", "measures"]),
        Rule::Narrows("measures", "type", Form::Words(&LENGTH_OF_TIME)),
        Rule::Narrows("measures", "default", Form::Duration),
    ]],
};

impl Objective {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Objective::Rpo => "rpo",
        }
    }
}

impl Output {
    /// One that a person gives.
    pub fn of_person(name: Spanned<String>, kind: Kind, default: Option<Value>) -> Output {
        Output { name, from: From::Person, kind, default, measures: None, is_secret: false }
    }

    /// Reads the mapping under `outputs`.
    pub fn read_all(node: &Node, reader: &mut Reader<'_>) -> Vec<Output> {
        let entries = reader.entries(node, "`outputs`");
        entries.into_iter().filter_map(|(name, node)| Output::read(name, &node, reader)).collect()
    }

    fn read(name: Spanned<String>, node: &Node, reader: &mut Reader<'_>) -> Option<Output> {
        let mut fields = reader.open(node, &OUTPUT)?;
        let source = fields.take("from").and_then(|node| reader.one_of(node, SOURCES));
        let path = fields.take("path").and_then(|node| reader.string(node));
        let line = fields.take("line").and_then(|node| reader.integer(node));
        let pattern = fields.take("pattern").and_then(|node| reader.regex(node, Regex::new));
        let measures = fields.take("measures");
        let measures = measures.and_then(|node| reader.one_of(node, OBJECTIVES));
        let kinds = if measures.is_some() { LENGTH_OF_TIME } else { KINDS };
        let kind = fields.take("type").and_then(|node| reader.one_of(node, kinds));
        let kind = kind.unwrap_or(if measures.is_some() { Kind::Duration } else { Kind::String });
        let default = fields.take("default").and_then(|node| {
            let value = Value::typed(&node.to_json(), kind);
            value.map_err(|message| reader.error(node.span, message)).ok()
        });
        for key in ["default", "measures"] {
            if let Some(span) = fields.key_span(key).filter(|_| fields.peek("secret")) {
                reader.error(span, format!("a secret has no `{key}`"));
            }
        }
        let is_secret = reader.flag(&mut fields, "secret");
        reader.finish(fields);
        let from = match (source.unwrap_or("stdout"), path, line, pattern) {
            ("stderr", ..) => From::Stderr,
            ("json", path, ..) => From::Json(path.unwrap_or_else(|| "$".into())),
            ("line", _, line, _) => From::Line(line.unwrap_or(1)),
            ("regex", _, _, Some(pattern)) => From::Pattern(pattern.into()),
            ("regex", ..) => {
                reader.error(node.span, "`from: regex` needs a `pattern`");
                return None;
            }
            _ => From::Stdout,
        };
        Some(Output { name, from, kind, default, measures, is_secret })
    }

    /// An output that every answer has: its status, its body, or the JSON in that.
    pub fn of_answer(name: &str) -> Option<Output> {
        let (from, kind) = match name {
            "status" => (From::Status, Kind::Int),
            "body" => (From::Stdout, Kind::String),
            "json" => (From::Json("$".into()), Kind::String),
            _ => return None,
        };
        let name = Spanned { value: name.to_owned(), span: Span::default() };
        Some(Output { name, from, kind, default: None, measures: None, is_secret: false })
    }

    /// The value in what a step printed, or why there is none.
    pub fn extract(&self, stdout: &str, stderr: &str) -> Result<Value, String> {
        let text = match &self.from {
            From::Stdout => without_newline(stdout).to_owned(),
            From::Stderr => without_newline(stderr).to_owned(),
            From::Status => return Err("only an answer has a status".into()),
            From::Line(number) => line(stdout, *number)
                .ok_or_else(|| format!("there is no line {number} in what it printed"))?,
            From::Pattern(pattern) => {
                let found = pattern.captures(stdout);
                let group = found.and_then(|found| found.get(1).or_else(|| found.get(0)));
                let text = group.map(|group| group.as_str().to_owned());
                text.ok_or_else(|| format!("nothing that it printed matches {pattern}"))?
            }
            From::Person => return Err("nothing that is printed answers for a person".into()),
            From::Json(path) => {
                let json: serde_json::Value = serde_json::from_str(stdout)
                    .map_err(|error| format!("what it printed is not JSON: {error}"))?;
                let found = at_path(&json, path)
                    .ok_or_else(|| format!("there is nothing at {path} in what it printed"))?;
                return match self.kind {
                    Kind::String if !found.is_string() => Ok(Value::from_json(found)),
                    kind => Value::typed(found, kind),
                };
            }
        };
        match self.kind {
            Kind::List => {
                Ok(Value::List(text.lines().map(|line| Value::Text(line.into())).collect()))
            }
            _ => self.parse(&text),
        }
    }

    /// The value in a line; a list is written as JSON.
    pub fn parse(&self, line: &str) -> Result<Value, String> {
        let line = line.trim_end_matches('\r');
        match self.kind {
            Kind::List => {
                let json: serde_json::Value = serde_json::from_str(line)
                    .map_err(|_| format!("`{line}` is not a list: write [\"a\", \"b\"]"))?;
                Value::typed(&json, Kind::List)
            }
            kind => Value::parse(line, kind),
        }
    }
}

fn without_newline(text: &str) -> &str {
    text.strip_suffix('\n').unwrap_or(text)
}

fn line(text: &str, number: i64) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let index = if number < 0 {
        lines.len().checked_sub(usize::try_from(number.unsigned_abs()).ok()?)?
    } else {
        usize::try_from(number).ok()?.checked_sub(1)?
    };
    lines.get(index).map(|line| (*line).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(from: From, kind: Kind) -> Output {
        Output {
            name: Spanned::default(),
            from,
            kind,
            default: None,
            measures: None,
            is_secret: false,
        }
    }

    #[test]
    fn an_output_is_read_from_where_it_says() {
        let text = |text: &str| Ok(Value::Text(text.into()));
        let printed = "rows: 217\nlast line\n";
        assert_eq!(output(From::Line(1), Kind::String).extract(printed, ""), text("rows: 217"));
        assert_eq!(output(From::Line(-1), Kind::String).extract(printed, ""), text("last line"));
        let pattern = From::Pattern(Regex::new(r"rows: (\d+)").unwrap().into());
        assert_eq!(output(pattern, Kind::Int).extract(printed, ""), Ok(Value::Int(217)));
        let json = output(From::Json("$.rows".into()), Kind::Int);
        assert_eq!(json.extract("{\"rows\": 3}", ""), Ok(Value::Int(3)));
        assert_eq!(output(From::Stderr, Kind::String).extract("", "no\n"), text("no"));
    }

    #[test]
    fn an_output_that_is_not_there_says_why() {
        assert_eq!(
            output(From::Line(3), Kind::String).extract("a\nb\n", ""),
            Err("there is no line 3 in what it printed".into())
        );
        assert_eq!(
            output(From::Stdout, Kind::Int).extract("many\n", ""),
            Err("`many` is not a whole number".into())
        );
    }
}
