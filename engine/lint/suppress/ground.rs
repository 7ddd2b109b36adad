//! Where comments stand, and what begins on each line: in YAML, and in the scripts in it.

use std::collections::HashMap;

use crate::document::{Node, Style, Value};
use crate::lint::scene::Scene;
use crate::source::{Source, Span};

use super::Comment;

/// How many lines below a comment are looked at for what it stands above.
const LINES_BELOW: usize = 100;

/// A text with all that a comment can be attached to.
pub(super) struct Ground<'g> {
    source: &'g Source,
    /// Items of lists and entries of mappings.
    parts: Vec<Span>,
    /// Scalars, and whether each is a block.
    scalars: Vec<(Span, bool)>,
    /// Scripts that a shell reads by their places: their commands and, in them, what is no comment.
    scripts: HashMap<Span, Script>,
}

struct Script {
    commands: Vec<Span>,
    words: Vec<Span>,
}

impl<'g> Ground<'g> {
    pub(super) fn of(source: &'g Source, tree: &Node, scene: Option<&Scene<'_>>) -> Ground<'g> {
        let scripts = scene.iter().flat_map(|scene| &scene.scripts).filter(|it| it.is_shell);
        let scripts = scripts.map(|script| {
            let commands = script.commands.iter();
            let place = |range| script.place(range, source);
            let words = commands.clone().flat_map(|command| {
                let words = command.words.iter().map(|word| &word.range);
                let values = command.assignments.iter().map(|it| &it.value.range);
                words.chain(values).chain(command.redirects.iter().map(|it| &it.target.range))
            });
            let own = Script {
                words: words.map(place).collect(),
                commands: commands.map(|command| place(&command.range)).collect(),
            };
            (script.node.span, own)
        });
        let scripts = scripts.collect();
        let mut ground = Ground { source, parts: Vec::new(), scalars: Vec::new(), scripts };
        ground.walk(tree);
        ground.parts.sort_by_key(|part| (part.start, std::cmp::Reverse(part.end)));
        ground.scalars.sort();
        ground
    }

    fn walk(&mut self, node: &Node) {
        match &node.value {
            Value::Null => {}
            Value::Scalar(scalar) => {
                let is_block = matches!(scalar.style, Style::Literal | Style::Folded);
                self.scalars.push((node.span, is_block));
            }
            Value::Sequence(items) => {
                for item in items.iter() {
                    self.parts.push(item.span);
                    self.walk(item);
                }
            }
            Value::Mapping(entries) => {
                for entry in entries.iter() {
                    self.parts.push(entry.key.span.to(entry.value.span));
                    self.scalars.push((entry.key.span, false));
                    self.walk(&entry.value);
                }
            }
        }
    }

    /// What a comment is for; none where it is no comment, but a part of a text.
    pub(super) fn scope(&self, comment: &Comment) -> Option<Span> {
        let at = comment.span.start;
        let text = self.source.text();
        let scope = match self.scalar_around(at) {
            None => self.in_yaml(comment),
            Some((scalar, is_block)) => {
                let header =
                    text[scalar.start..].find('\n').map_or(text.len(), |it| scalar.start + it);
                match is_block && at < header {
                    true => self.in_yaml(comment),
                    false => self.in_script(scalar, comment)?,
                }
            }
        };
        Some(if comment.is_for_file { Span::new(0, text.len() + 1) } else { scope })
    }

    fn scalar_around(&self, at: usize) -> Option<(Span, bool)> {
        let last = self.scalars.partition_point(|(span, _)| span.start <= at).checked_sub(1)?;
        let (span, is_block) = self.scalars[last];
        (at < span.end).then_some((span, is_block))
    }

    /// The outermost part that begins on the line of a comment, or on the next line that says
    /// something.
    fn in_yaml(&self, comment: &Comment) -> Span {
        let line = match comment.is_alone {
            true => self.line_below(comment.span.end),
            false => self.line_of(comment.span.start),
        };
        let first = self.parts.partition_point(|part| part.start < line.start);
        let part = self.parts.get(first).filter(|part| part.start < line.end);
        part.copied().unwrap_or(line)
    }

    /// The commands on the line of a comment, or those that begin on the next line that says
    /// something.
    fn in_script(&self, scalar: Span, comment: &Comment) -> Option<Span> {
        let script = self.scripts.get(&scalar)?;
        let at = comment.span.start;
        if script.words.iter().any(|word| word.start <= at && at < word.end) {
            return None;
        }
        let line = match comment.is_alone {
            true => self.line_below(comment.span.end),
            false => self.line_of(at),
        };
        // One that ends on the line of its comment was begun on an earlier one.
        let is_there = |command: &&Span| {
            let last = if comment.is_alone { command.start + 1 } else { command.end };
            command.start < line.end && line.start < last
        };
        Some(
            script.commands.iter().filter(is_there).fold(line, |scope, command| scope.to(*command)),
        )
    }

    fn line_of(&self, at: usize) -> Span {
        let line = self.source.position(at).line;
        Span::new(self.source.line_start(line), self.source.line_start(line + 1))
    }

    /// The next line that is neither blank nor a comment, or the last that is looked at.
    fn line_below(&self, at: usize) -> Span {
        let mut line = self.line_of(at);
        for _ in 0..LINES_BELOW {
            let next = self.line_of(line.end);
            let said = self.source.text().get(next.start..next.end).unwrap_or_default().trim();
            if next.start <= line.start || (!said.is_empty() && !said.starts_with('#')) {
                return next;
            }
            line = next;
        }
        line
    }
}
