//! Builds the tree from the parser's events and keeps it within bounds.
//!
//! What makes the tree unusable (too deep, too large, an alias bomb, a cycle) ends the reading;
//! what spoils one entry only (a key that comes twice, a merge key, a tag) is reported, and the
//! rest is built.

use std::collections::HashSet;
use std::ops::ControlFlow::{self, Break, Continue};

use granit_parser::{Event, ScalarStyle, Span as Marks, StructureStyle};

use super::anchors::{Anchors, Grown};
use super::key;
use super::locate::block_span;
use super::node::{Entry, Node, Scalar, Style, Value};
use super::parse::{DEPTH_LIMIT, NODE_LIMIT, PROBLEM_LIMIT};
use super::scalar::{Meaning, meaning};
use super::syntax;
use crate::source::{Diagnostic, Problems, Span, Spanned};

/// A tree while it grows.
pub(super) struct Tree<'t> {
    text: &'t str,
    problems: &'t mut Problems,
    reported: usize,
    /// Collections that have begun and not ended, the outermost first.
    open: Vec<Open>,
    root: Option<Node>,
    documents: usize,
    failed: bool,
    anchors: Anchors<'t>,
    nodes: usize,
    reached: usize,
}

/// A collection that has not ended.
struct Open {
    anchor: usize,
    style: StructureStyle,
    span: Span,
    size: usize,
    height: usize,
    parts: Parts,
}

enum Parts {
    Items(Vec<Node>),
    Entries { done: Vec<Entry>, key: Key },
}

/// What a mapping knows of the entry under way.
enum Key {
    Awaited,
    Known(Spanned<String>),
    /// Reported as unusable: its value is left out too.
    Refused,
}

impl<'t> Tree<'t> {
    pub(super) fn new(text: &'t str, problems: &'t mut Problems) -> Tree<'t> {
        Tree {
            text,
            problems,
            reported: 0,
            open: Vec::new(),
            root: None,
            documents: 0,
            failed: false,
            anchors: Anchors::default(),
            nodes: 0,
            reached: 0,
        }
    }

    /// How far into the text the events have come.
    pub(super) fn reached(&self) -> usize {
        self.reached
    }

    /// Takes the next event; a break means that no more are wanted.
    pub(super) fn grow(&mut self, event: Event<'t>, marks: &Marks) -> ControlFlow<()> {
        let span = self.span(marks);
        match event {
            Event::DocumentStart(..) => self.begin_document(span),
            Event::Scalar(text, style, anchor, _) => {
                self.begin(span, marks)?;
                let node = self.scalar(&text, style, span);
                self.place(anchor, Grown { node, size: 1, height: 0 })
            }
            Event::SequenceStart(style, anchor, _) => {
                self.open(span, marks, style, anchor, Parts::Items(Vec::new()))
            }
            Event::MappingStart(style, anchor, _) => {
                let parts = Parts::Entries { done: Vec::new(), key: Key::Awaited };
                self.open(span, marks, style, anchor, parts)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::Alias(anchor) => self.alias(anchor, span),
            Event::UnresolvedAlias(name) => self.unknown_alias(&name, span),
            Event::Anchor(_, name) => {
                self.anchors.begin(name);
                Continue(())
            }
            _ => Continue(()),
        }
    }

    /// Ends the reading with a problem of the syntax.
    pub(super) fn fail(&mut self, problem: Diagnostic) {
        self.problems.push(problem);
        self.failed = true;
        self.root = None;
    }

    /// The tree of the first document, when it is complete.
    pub(super) fn finish(self) -> Option<Node> {
        if self.documents == 0 && !self.failed {
            self.problems.error(Span::default(), "the file is empty");
        }
        self.root
    }

    fn begin_document(&mut self, span: Span) -> ControlFlow<()> {
        self.documents += 1;
        if self.documents == 1 {
            return Continue(());
        }
        let marker = self.text.get(span.start..).is_some_and(|rest| rest.starts_with("---"));
        let at = Span::new(span.start, span.start + if marker { 3 } else { 0 });
        self.report(
            Diagnostic::error(at, "a second document starts here")
                .help("keep one document in a file: move this one into a file of its own"),
        )?;
        Break(())
    }

    /// Counts a node and looks at its tag.
    fn begin(&mut self, span: Span, marks: &Marks) -> ControlFlow<()> {
        self.nodes += 1;
        if self.nodes > NODE_LIMIT {
            return self.refuse(span, format!("the document has more than {NODE_LIMIT} nodes"));
        }
        if marks.tag_start().is_none() {
            return Continue(());
        }
        let tag = marks.tag_span().map_or(span, |tag| self.span(&tag));
        self.report(syntax::tag(tag, self.text.get(tag.start..tag.end).unwrap_or("!")))
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, span: Span) -> Node {
        let style = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted => Style::SingleQuoted,
            ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
            ScalarStyle::Literal => Style::Literal,
            ScalarStyle::Folded => Style::Folded,
        };
        let is_null = style == Style::Plain && meaning(text) == Meaning::Null;
        let span = match style {
            Style::Literal | Style::Folded => block_span(self.text, self.reached, span),
            Style::Plain if span.start == span.end => self.after_colon(span.start),
            _ => span,
        };
        self.reached = self.reached.max(span.end);
        let value = match is_null {
            true => Value::Null,
            false => Value::Scalar(Scalar { text: text.into(), style }),
        };
        Node { span, value }
    }

    /// Where a value would stand that is left out at `at`.
    fn after_colon(&self, at: usize) -> Span {
        let is_value = matches!(
            self.open.last(),
            Some(Open { parts: Parts::Entries { key: Key::Known(_) | Key::Refused, .. }, .. })
        );
        let has_colon = self.text.get(at..).is_some_and(|rest| rest.starts_with(':'));
        let at = at + usize::from(is_value && has_colon);
        Span::new(at, at)
    }

    fn open(
        &mut self,
        span: Span,
        marks: &Marks,
        style: StructureStyle,
        anchor: usize,
        parts: Parts,
    ) -> ControlFlow<()> {
        self.begin(span, marks)?;
        if self.open.len() == DEPTH_LIMIT {
            return self.refuse(syntax::mark(self.text, span.start), syntax::too_deep());
        }
        self.reached = self.reached.max(span.end);
        self.open.push(Open { anchor, style, span, size: 1, height: 0, parts });
        Continue(())
    }

    fn close(&mut self, end: Span) -> ControlFlow<()> {
        let Some(open) = self.open.pop() else { return Continue(()) };
        // The end of a block is only seen at what follows it, so its last part says where it ends.
        if open.style == StructureStyle::Flow {
            self.reached = self.reached.max(end.end);
        }
        let last = self.reached;
        let value = match open.parts {
            Parts::Items(items) => Value::Sequence(items.into()),
            Parts::Entries { done, .. } => Value::Mapping(self.unique(done)?.into()),
        };
        let node = Node { span: Span::new(open.span.start, last), value };
        self.place(open.anchor, Grown { node, size: open.size, height: open.height + 1 })
    }

    fn alias(&mut self, anchor: usize, span: Span) -> ControlFlow<()> {
        self.reached = self.reached.max(span.end);
        self.nodes += 1;
        let written = self.text.get(span.start..span.end).unwrap_or("*");
        match self.anchors.follow(anchor, written, span, self.open.len()) {
            Ok(grown) => self.place(0, grown),
            Err(message) => self.refuse(span, message),
        }
    }

    fn unknown_alias(&mut self, name: &str, span: Span) -> ControlFlow<()> {
        self.reached = self.reached.max(span.end);
        self.report(self.anchors.unknown(name, span))?;
        self.leave_out();
        Continue(())
    }

    /// Puts a complete node where it belongs.
    fn place(&mut self, anchor: usize, grown: Grown) -> ControlFlow<()> {
        self.anchors.complete(anchor, &grown);
        let Some(open) = self.open.last_mut() else {
            return self.place_root(grown.node);
        };
        open.size += grown.size;
        open.height = open.height.max(grown.height);
        match &mut open.parts {
            Parts::Items(items) => items.push(grown.node),
            Parts::Entries { done, key } => match std::mem::replace(key, Key::Awaited) {
                Key::Known(key) => done.push(Entry { key, value: grown.node }),
                Key::Refused => {}
                Key::Awaited => return self.key(grown.node),
            },
        }
        Continue(())
    }

    fn place_root(&mut self, node: Node) -> ControlFlow<()> {
        if node.is_null() && node.span.start == node.span.end {
            self.report(Diagnostic::error(Span::default(), "the file is empty"))?;
        } else {
            self.root = Some(node);
        }
        Continue(())
    }

    /// Takes a node as the key of the mapping under way.
    fn key(&mut self, node: Node) -> ControlFlow<()> {
        let (next, problem) = match key::read(self.text, node) {
            Ok(key) => (Key::Known(key), None),
            Err(problem) => (Key::Refused, Some(*problem)),
        };
        if let Some(Open { parts: Parts::Entries { key, .. }, .. }) = self.open.last_mut() {
            *key = next;
        }
        problem.map_or(Continue(()), |problem| self.report(problem))
    }

    /// Forgets the place where a node was expected and none can be put.
    fn leave_out(&mut self) {
        if let Some(Open { parts: Parts::Entries { key, .. }, .. }) = self.open.last_mut() {
            *key = match key {
                Key::Awaited => Key::Refused,
                Key::Known(_) | Key::Refused => Key::Awaited,
            };
        }
    }

    /// Leaves out the entries whose key came before, and reports them.
    fn unique(&mut self, entries: Vec<Entry>) -> ControlFlow<(), Vec<Entry>> {
        let repeated = key::repeated(&entries);
        for (again, first) in &repeated {
            let (again, first) = (&entries[*again].key, &entries[*first].key);
            self.report(
                Diagnostic::error(again.span, format!("the key `{again}` comes twice"))
                    .code("HP102")
                    .label("again")
                    .related(first.span, "first here"),
            )?;
        }
        if repeated.is_empty() {
            return Continue(entries);
        }
        let repeated: HashSet<usize> = repeated.into_iter().map(|(again, _)| again).collect();
        let kept = entries.into_iter().enumerate().filter(|(at, _)| !repeated.contains(at));
        Continue(kept.map(|(_, entry)| entry).collect())
    }

    fn span(&self, marks: &Marks) -> Span {
        let range = marks.byte_range().unwrap_or_default();
        let start = self.text.floor_char_boundary(range.start);
        Span::new(start, self.text.floor_char_boundary(range.end))
    }

    /// Reports what spoils one entry only.
    fn report(&mut self, problem: Diagnostic) -> ControlFlow<()> {
        let at = problem.at;
        self.problems.push(problem);
        self.reported += 1;
        if self.reported < PROBLEM_LIMIT {
            return Continue(());
        }
        self.refuse(at, "too many problems: what follows was not read".to_owned())
    }

    /// Reports what makes the tree unusable.
    fn refuse(&mut self, at: Span, message: String) -> ControlFlow<()> {
        self.problems.error(at, message);
        Break(())
    }
}

#[cfg(test)]
mod tests;
