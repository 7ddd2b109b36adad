//! Reads nodes as what a runbook expects there, and gathers every problem on the way.

use std::collections::HashMap;
use std::time::Duration;

use regex::Regex;

use crate::document::{Fields, Node, Opening, Value as NodeValue, nearest, read};
use crate::source::{Diagnostic, Problems, Source, Span, Spanned};

use super::expression::{Expression, TemplateError};
use super::template::Template;

/// What the verdict of a run is called where a step or a check can be named too.
pub const VERDICT: &str = "verdict";

/// What decoding needs at hand: the text, for places inside scalars, and the problems so far.
pub struct Reader<'a> {
    /// The text that is read.
    pub source: &'a Source,
    /// What is wrong with it so far.
    pub problems: &'a mut Problems,
    /// The ids so far, and where each stands.
    pub ids: HashMap<String, Span>,
    /// The files that it includes, and where each is named.
    pub includes: Vec<Spanned<String>>,
}

/// Whether a text has the form of an id.
pub fn is_id(text: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.split('-').all(is_word)
}

impl<'a> Reader<'a> {
    /// A reader of a text that has no ids yet.
    pub fn new(source: &'a Source, problems: &'a mut Problems) -> Reader<'a> {
        Reader { source, problems, ids: HashMap::new(), includes: Vec::new() }
    }
}

impl Reader<'_> {
    /// Reports an error.
    pub fn error(&mut self, at: Span, message: impl Into<String>) {
        self.problems.error(at, message);
    }

    /// Reports an error with a way out.
    pub fn error_with_help(
        &mut self,
        at: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.problems.push(Diagnostic::error(at, message).help(help));
    }

    /// The keys of a mapping, to be taken one by one.
    pub fn open<'d>(&mut self, node: &'d Node, opening: impl Into<Opening>) -> Option<Fields<'d>> {
        Fields::open(node, opening, self.problems)
    }

    /// Reports the keys that nobody took.
    pub fn finish(&mut self, fields: Fields<'_>) {
        fields.finish(self.problems);
    }

    /// The entries of a mapping whose keys are names chosen by the author.
    pub fn entries(&mut self, node: &Node, what: &'static str) -> Vec<(Spanned<String>, Node)> {
        match &node.value {
            NodeValue::Mapping(entries) => {
                entries.iter().map(|entry| (entry.key.clone(), entry.value.clone())).collect()
            }
            NodeValue::Null => Vec::new(),
            _ => {
                let message = format!("{what} must be a mapping, found {}", node.kind());
                self.error(node.span, message);
                Vec::new()
            }
        }
    }

    /// The items of a list.
    pub fn list<'d>(&mut self, node: &'d Node) -> &'d [Node] {
        read::list(node, self.problems).unwrap_or_default()
    }

    /// A text with its place.
    pub fn text(&mut self, node: &Node) -> Option<Spanned<String>> {
        read::text(node, self.problems)
    }

    /// A text.
    pub fn string(&mut self, node: &Node) -> Option<String> {
        self.text(node).map(|text| text.value)
    }

    /// A text, or a list of texts.
    pub fn texts(&mut self, node: &Node) -> Vec<Spanned<String>> {
        read::one_or_many(node, self.problems).unwrap_or_default()
    }

    /// A length of time.
    pub fn duration(&mut self, node: &Node) -> Option<Duration> {
        read::duration(node, self.problems).map(|duration| duration.value)
    }

    /// A number of bytes.
    pub fn size(&mut self, node: &Node) -> Option<u64> {
        read::size(node, self.problems).map(|size| size.value)
    }

    /// A whole number.
    pub fn integer(&mut self, node: &Node) -> Option<i64> {
        read::integer(node, self.problems).map(|number| number.value)
    }

    /// True or false.
    pub fn boolean(&mut self, node: &Node) -> Option<bool> {
        read::boolean(node, self.problems).map(|flag| flag.value)
    }

    /// A key that is false unless it is set.
    pub fn flag(&mut self, fields: &mut Fields<'_>, key: &'static str) -> bool {
        fields.take(key).and_then(|node| self.boolean(node)).unwrap_or_default()
    }

    /// One word of a table.
    pub fn one_of<T: Copy>(&mut self, node: &Node, table: &[(&'static str, T)]) -> Option<T> {
        let text = self.text(node)?;
        if let Some((_, value)) = table.iter().find(|(word, _)| *word == text.value) {
            return Some(*value);
        }
        let words: Vec<&str> = table.iter().map(|(word, _)| *word).collect();
        let problem = Diagnostic::error(text.span, format!("`{text}` is not known here"));
        self.problems.push(match nearest(&text, words.iter().copied()) {
            Some(word) => problem.did_you_mean(&text, word),
            None => problem.help(format!("use one of {}", words.join(", "))),
        });
        None
    }

    /// A regular expression, made by `compile`.
    pub fn regex(
        &mut self,
        node: &Node,
        compile: impl Fn(&str) -> Result<Regex, regex::Error>,
    ) -> Option<Regex> {
        let text = self.text(node)?;
        compile(&text)
            .map_err(|error| {
                let reason = error.to_string();
                let reason =
                    reason.lines().last().unwrap_or_default().trim_start_matches("error: ");
                self.error(text.span, format!("this is no regular expression: {reason}"));
            })
            .ok()
    }

    /// Text with templates in it, for a place where no shell reads it.
    pub fn template(&mut self, node: &Node) -> Option<Template> {
        let text = self.text(node)?;
        let parsed = Template::parse(&text).map_err(|error| self.template_error(node, error));
        let mut template = parsed.ok()?;
        let places = node.places(self.source);
        for slot in template.slots_mut() {
            slot.expression.span = places.span(slot.range.clone());
        }
        Some(template)
    }

    /// An expression without brackets.
    pub fn expression(&mut self, node: &Node) -> Option<Expression> {
        let text = self.text(node)?;
        if text.contains("${{") {
            let help = "write the expression without `${{` and `}}`";
            self.error_with_help(node.span, "this is an expression by itself", help);
            return None;
        }
        let parsed = Expression::parse(&text).map_err(|error| self.template_error(node, error));
        let mut expression = parsed.ok()?;
        expression.span = node.span;
        Some(expression)
    }

    /// The id of a step or a check: of the right form, and not used before.
    pub fn id(&mut self, node: &Node) -> Option<Spanned<String>> {
        let id = self.text(node)?;
        if !is_id(&id) {
            let message = format!("`{id}` cannot be an id");
            let help =
                "use lower-case letters and digits in words joined by `-`, at most 64 characters";
            self.error_with_help(id.span, message, help);
            return Some(id);
        }
        if id.value == VERDICT {
            let message = format!("`{VERDICT}` cannot be an id: it means the run's own verdict");
            let help = "whoever decides about the verdict of a run calls it by this name; take \
                        another, such as `judge`";
            self.error_with_help(id.span, message, help);
            return Some(id);
        }
        match self.ids.get(&id.value) {
            Some(first) => self.problems.push(
                Diagnostic::error(id.span, format!("the id `{id}` is used twice"))
                    .code("HP104")
                    .related(*first, "first used here")
                    .help("ids are unique in a file, groups and checks included"),
            ),
            None => {
                self.ids.insert(id.value.clone(), id.span);
            }
        }
        Some(id)
    }

    /// Reports what is wrong with a template at its place inside the scalar.
    pub fn template_error(&mut self, node: &Node, error: TemplateError) {
        let span = match error.range {
            Some(range) => self.span_in(node, range),
            None => node.span,
        };
        self.error(span, error.message);
    }

    /// Where a byte range of a scalar's text stands in the source.
    pub fn span_in(&self, node: &Node, range: std::ops::Range<usize>) -> Span {
        node.span_at(range, self.source)
    }
}
