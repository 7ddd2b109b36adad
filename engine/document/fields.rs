//! The keys of a mapping, each handed out once.
//!
//! Whoever reads a mapping says its shape and asks for the keys of that shape; what nobody asked
//! for is reported at the end, with the known name that is nearest. A reader that asks for a key
//! outside its shape, or leaves one out, is a defect that every debug build finds. Without a shape
//! the keys that were asked for are the known ones.

use std::collections::HashMap;

use super::key::FEW;
use super::nearest::nearest;
use super::node::{Entry, Node};
use super::shape::Shape;
use crate::source::{Diagnostic, Problems, Span};

/// How many unknown keys of one mapping are reported one by one.
const UNKNOWN_SHOWN: usize = 50;

/// Up to so many known keys are listed for a key that is near none of them.
const KNOWN_LISTED: usize = 12;

/// The keys of one mapping that are still to be read.
#[derive(Debug)]
pub struct Fields<'d> {
    what: &'static str,
    shape: Option<&'static Shape>,
    span: Span,
    entries: &'d [Entry],
    /// By name, where a search would be slow.
    index: Option<HashMap<&'d str, usize>>,
    taken: Vec<bool>,
    /// What was asked for so far; in a release build only what a shape does not say.
    asked: Vec<&'static str>,
}

/// What a mapping is read as: a shape, or only what a message calls it ("a step").
#[derive(Clone, Copy, Debug)]
pub enum Opening {
    /// Its keys are those of a shape.
    Shape(&'static Shape),
    /// Its keys are those that are asked for.
    Noun(&'static str),
}

impl From<&'static Shape> for Opening {
    fn from(shape: &'static Shape) -> Opening {
        Opening::Shape(shape)
    }
}

impl From<&'static str> for Opening {
    fn from(noun: &'static str) -> Opening {
        Opening::Noun(noun)
    }
}

impl<'d> Fields<'d> {
    /// Begins to read a mapping; anything else is reported as not being what it should be.
    pub fn open(
        node: &'d Node,
        opening: impl Into<Opening>,
        problems: &mut Problems,
    ) -> Option<Fields<'d>> {
        let (what, shape) = match opening.into() {
            Opening::Shape(shape) => (shape.noun, Some(shape)),
            Opening::Noun(noun) => (noun, None),
        };
        let Some(entries) = node.as_mapping() else {
            problems.error(node.span, format!("{what} must be a mapping, found {}", node.kind()));
            return None;
        };
        let names = || entries.iter().enumerate().map(|(at, entry)| (entry.key.as_str(), at));
        Some(Fields {
            what,
            shape,
            span: node.span,
            entries,
            index: (entries.len() > FEW).then(|| names().collect()),
            taken: vec![false; entries.len()],
            asked: Vec::new(),
        })
    }

    /// The value of a key that this reader knows; once only.
    pub fn take(&mut self, key: &'static str) -> Option<&'d Node> {
        debug_assert!(
            self.shape.is_none_or(|shape| shape.key(key).is_some()),
            "`{key}` is read, and is not in the shape of {}",
            self.what
        );
        if self.shape.is_none() || cfg!(debug_assertions) {
            self.ask(key);
        }
        self.find_untaken(key)
    }

    /// The keys of the shape that are there and were not taken, in the order of the file, each with
    /// its value.
    pub fn take_in_order(&mut self) -> Vec<(&'static str, &'d Node)> {
        let mut found = Vec::new();
        let Some(shape) = self.shape else { return found };
        shape.keys().for_each(|key| self.ask(key.name));
        for (entry, taken) in self.entries.iter().zip(&mut self.taken) {
            if let (false, Some(key)) = (*taken, shape.key(&entry.key)) {
                *taken = true;
                found.push((key.name, &entry.value));
            }
        }
        found
    }

    /// Lets the help for an unknown key name this one too, which stands in another shape.
    pub fn know(&mut self, key: &'static str) {
        self.ask(key);
    }

    fn ask(&mut self, key: &'static str) {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
    }

    fn find_untaken(&mut self, key: &str) -> Option<&'d Node> {
        let at = self.find(key)?;
        let taken = self.taken.get_mut(at)?;
        if std::mem::replace(taken, true) {
            return None;
        }
        self.entries.get(at).map(|entry| &entry.value)
    }

    /// The value of a key that must be there; otherwise that is reported.
    pub fn require(&mut self, key: &'static str, problems: &mut Problems) -> Option<&'d Node> {
        debug_assert!(
            self.shape.and_then(|shape| shape.key(key)).is_none_or(|key| key.is_required),
            "`{key}` is required, and the shape of {} says that it may be left out",
            self.what
        );
        if !self.peek(key) {
            problems.error(self.head(), format!("{} needs `{key}`", self.what));
        }
        self.take(key)
    }

    /// Whether a key is there, taken or not. Asking does not make it known.
    pub fn peek(&self, key: &str) -> bool {
        self.find(key).is_some()
    }

    /// Where a key stands.
    pub fn key_span(&self, key: &str) -> Option<Span> {
        self.find(key).and_then(|at| self.entries.get(at)).map(|entry| entry.key.span)
    }

    /// Where the mapping stands.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Reports each key that nobody asked for.
    pub fn finish(self, problems: &mut Problems) {
        debug_assert!(
            self.unread().is_empty(),
            "{:?} in the shape of {} is never read",
            self.unread(),
            self.what
        );
        let unknown = || self.entries.iter().zip(&self.taken).filter(|(_, taken)| !**taken);
        for (entry, _) in unknown().take(UNKNOWN_SHOWN) {
            let problem = Diagnostic::error(
                entry.key.span,
                format!("unknown key `{}` in {}", entry.key, self.what),
            );
            problems.push(self.with_help(problem.label("not a key here"), &entry.key));
        }
        if let Some((entry, _)) = unknown().nth(UNKNOWN_SHOWN) {
            let more = unknown().count() - UNKNOWN_SHOWN;
            let message = format!("and {more} more unknown keys in {}", self.what);
            problems.error(entry.key.span, message);
        }
    }

    fn with_help(&self, problem: Diagnostic, unknown: &str) -> Diagnostic {
        let known = self.known();
        if let Some(near) = nearest(unknown, known.iter().copied()) {
            return problem.did_you_mean(unknown, near);
        }
        let names: Vec<_> = known.iter().map(|known| format!("`{known}`")).collect();
        match (1..=KNOWN_LISTED).contains(&names.len()) {
            true => problem.help(format!("keys here: {}", names.join(", "))),
            false => problem,
        }
    }

    /// The keys of the shape, and those that were asked for beyond it.
    fn known(&self) -> Vec<&'static str> {
        let shape: Vec<_> =
            self.shape.iter().flat_map(|shape| shape.keys()).map(|key| key.name).collect();
        let beyond = self.asked.iter().copied().filter(|asked| !shape.contains(asked));
        let beyond: Vec<_> = beyond.collect();
        [shape, beyond].concat()
    }

    /// The keys of the shape that nobody asked for.
    fn unread(&self) -> Vec<&'static str> {
        let keys = self.shape.iter().flat_map(|shape| shape.keys()).map(|key| key.name);
        keys.filter(|key| !self.asked.contains(key)).collect()
    }

    /// The mapping's first key, or all of a mapping that begins with a bracket or is an alias.
    fn head(&self) -> Span {
        let first = self.entries.first().map(|entry| entry.key.span);
        first.filter(|first| first.start == self.span.start).unwrap_or(self.span)
    }

    fn find(&self, key: &str) -> Option<usize> {
        match &self.index {
            Some(index) => index.get(key).copied(),
            None => self.entries.iter().position(|entry| entry.key.as_str() == key),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse::tests::document;
    use super::super::shape::{Form, may, must};
    use super::*;

    /// Each problem of reading `text` as a step: the marked text, the message and the help.
    fn problems(text: &str, read: impl FnOnce(&mut Fields<'_>, &mut Problems)) -> Vec<[String; 3]> {
        let (_, node) = document(text);
        let mut problems = Problems::default();
        if let Some(mut fields) = Fields::open(&node, "a step", &mut problems) {
            read(&mut fields, &mut problems);
            fields.finish(&mut problems);
        }
        let words = |found: &Diagnostic| {
            let marked = text[found.at.start..found.at.end].to_owned();
            [marked, found.message.clone(), found.help.clone().unwrap_or_default()]
        };
        problems.sorted().iter().map(words).collect()
    }

    static SHELF: Shape = Shape {
        noun: "a shelf",
        name: "shelf",
        about: "A shelf.",
        keys: &[&[may("books", Form::Integer), must("wall", Form::Text)]],
        rules: &[],
    };

    /// Each problem of reading `text` as a shelf, as a message with its help.
    fn shelf_problems(
        text: &str,
        read: impl FnOnce(&mut Fields<'_>, &mut Problems),
    ) -> Vec<[String; 2]> {
        let (_, node) = document(text);
        let mut problems = Problems::default();
        if let Some(mut fields) = Fields::open(&node, &SHELF, &mut problems) {
            read(&mut fields, &mut problems);
            fields.finish(&mut problems);
        }
        let words = |found: Diagnostic| [found.message, found.help.unwrap_or_default()];
        problems.sorted().into_iter().map(words).collect()
    }

    fn take_all(keys: &[&'static str], fields: &mut Fields<'_>) {
        for key in keys {
            fields.take(key);
        }
    }

    #[test]
    fn a_key_is_handed_out_once() {
        let found = problems("{id: a, run: b}", |fields, _| {
            assert_eq!(fields.take("id").and_then(Node::as_str), Some("a"));
            assert!(fields.take("id").is_none());
            assert!(fields.peek("id") && fields.peek("run") && !fields.peek("when"));
            assert_eq!(fields.key_span("run"), Some(Span::new(8, 11)));
            assert_eq!(fields.span(), Span::new(0, 15));
            assert_eq!(fields.take("run").and_then(Node::as_str), Some("b"));
            assert!(fields.take("when").is_none());
        });
        assert_eq!(found, [[""; 3]; 0]);
    }

    #[test]
    fn a_key_that_nobody_asks_for_is_unknown_and_the_nearest_name_is_given() {
        let found = problems("nedes: [b]\nid: a\nquantum: c\n", |fields, _| {
            take_all(&["id", "needs", "run"], fields);
        });
        assert_eq!(
            found,
            [
                ["nedes", "unknown key `nedes` in a step", "did you mean `needs`?"],
                ["quantum", "unknown key `quantum` in a step", "keys here: `id`, `needs`, `run`"],
            ]
        );
    }

    #[test]
    fn a_long_list_of_known_keys_is_not_given() {
        const KEYS: [&str; 13] =
            ["aa", "bb", "cc", "dd", "ee", "ff", "gg", "hh", "ii", "jj", "kk", "ll", "mm"];
        let found = problems("quantum: c\n", |fields, _| take_all(&KEYS, fields));
        assert_eq!(found, [["quantum", "unknown key `quantum` in a step", ""]]);
        let found = problems("quantum: c\n", |_, _| {});
        assert_eq!(found, [["quantum", "unknown key `quantum` in a step", ""]]);
    }

    #[test]
    fn what_is_no_mapping_is_refused_by_its_kind() {
        let found = problems("[a]", |_, _| {});
        assert_eq!(found, [["[a]", "a step must be a mapping, found a list", ""]]);
        let found = problems("~", |_, _| {});
        assert_eq!(found, [["~", "a step must be a mapping, found nothing", ""]]);
    }

    #[test]
    fn a_missing_key_is_reported_at_the_first_key_or_the_bracket() {
        let require = |fields: &mut Fields<'_>, problems: &mut Problems| {
            assert!(fields.require("id", problems).is_none());
            assert!(fields.require("run", problems).is_some());
        };
        assert_eq!(problems("run: x\n", require), [["run", "a step needs `id`", ""]]);
        assert_eq!(problems("{run: x}\n", require), [["{run: x}", "a step needs `id`", ""]]);
    }

    #[test]
    fn many_keys_are_found_and_many_unknown_ones_counted() {
        let text: String = (0..100_000).map(|at| format!("k{at}: {at}\n")).collect();
        let found = problems(&text, |fields, _| {
            assert_eq!(fields.take("k99999").and_then(Node::as_integer), Some(99_999));
        });
        assert_eq!(found.len(), UNKNOWN_SHOWN + 1);
        assert_eq!(found[50], ["k50", "and 99949 more unknown keys in a step", ""]);
    }

    #[test]
    fn the_keys_of_a_shape_are_known_whatever_was_asked_for() {
        let read = |fields: &mut Fields<'_>, problems: &mut Problems| {
            assert_eq!(fields.require("wall", problems).and_then(Node::as_str), Some("north"));
            fields.take("books");
        };
        let help = "keys here: `books`, `wall`";
        assert_eq!(
            shelf_problems("wall: north\nboks: 3\nquantum: 1\n", read),
            [
                ["unknown key `boks` in a shelf", "did you mean `books`?"],
                ["unknown key `quantum` in a shelf", help]
            ]
        );
        assert_eq!(shelf_problems("[]", read), [["a shelf must be a mapping, found a list", ""]]);
    }

    #[test]
    fn the_keys_of_a_shape_can_be_taken_in_the_order_of_the_file() {
        let found = shelf_problems("wall: north\nboks: 3\nbooks: 2\n", |fields, _| {
            let keys: Vec<_> = fields.take_in_order().into_iter().map(|(key, _)| key).collect();
            assert_eq!(keys, ["wall", "books"]);
            assert!(fields.take("wall").is_none());
        });
        assert_eq!(found, [["unknown key `boks` in a shelf", "did you mean `books`?"]]);
    }

    #[cfg(debug_assertions)]
    #[test]
    #[should_panic(expected = "`lamp` is read, and is not in the shape of a shelf")]
    fn a_reader_that_asks_for_a_key_outside_the_shape_is_a_defect() {
        shelf_problems("wall: north\n", |fields, _| take_all(&["wall", "books", "lamp"], fields));
    }

    #[cfg(debug_assertions)]
    #[test]
    #[should_panic(expected = "[\"books\"] in the shape of a shelf is never read")]
    fn a_reader_that_leaves_a_key_of_the_shape_out_is_a_defect() {
        shelf_problems("wall: north\n", |fields, _| take_all(&["wall"], fields));
    }

    #[cfg(debug_assertions)]
    #[test]
    #[should_panic(expected = "the shape of a shelf says that it may be left out")]
    fn a_reader_that_requires_what_the_shape_does_not_is_a_defect() {
        shelf_problems("wall: north\n", |fields, problems| {
            fields.require("books", problems);
        });
    }
}
