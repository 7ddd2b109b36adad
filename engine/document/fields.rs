//! The keys of a mapping, each handed out once.
//!
//! Whoever reads a mapping asks for the keys it knows; what nobody asked for is reported at the
//! end, with the known name that is nearest. So the reader's code is the list of known keys.

use std::collections::HashMap;

use super::key::FEW;
use super::nearest::nearest;
use super::node::{Entry, Node};
use crate::source::{Diagnostic, Problems, Span};

/// How many unknown keys of one mapping are reported one by one.
const UNKNOWN_SHOWN: usize = 50;

/// Up to so many known keys are listed for a key that is near none of them.
const KNOWN_LISTED: usize = 12;

/// The keys of one mapping that are still to be read.
#[derive(Debug)]
pub struct Fields<'d> {
    what: &'static str,
    span: Span,
    entries: &'d [Entry],
    /// By name, where a search would be slow.
    index: Option<HashMap<&'d str, usize>>,
    taken: Vec<bool>,
    known: Vec<&'static str>,
}

impl<'d> Fields<'d> {
    /// Begins to read a mapping; anything else is reported as not being `what` ("a step").
    pub fn open(node: &'d Node, what: &'static str, problems: &mut Problems) -> Option<Fields<'d>> {
        let Some(entries) = node.as_mapping() else {
            problems.error(node.span, format!("{what} must be a mapping, found {}", node.kind()));
            return None;
        };
        let names = || entries.iter().enumerate().map(|(at, entry)| (entry.key.as_str(), at));
        Some(Fields {
            what,
            span: node.span,
            entries,
            index: (entries.len() > FEW).then(|| names().collect()),
            taken: vec![false; entries.len()],
            known: Vec::new(),
        })
    }

    /// The value of a key that this reader knows; once only.
    pub fn take(&mut self, key: &'static str) -> Option<&'d Node> {
        if !self.known.contains(&key) {
            self.known.push(key);
        }
        let at = self.find(key)?;
        let taken = self.taken.get_mut(at)?;
        if std::mem::replace(taken, true) {
            return None;
        }
        self.entries.get(at).map(|entry| &entry.value)
    }

    /// The value of a key that must be there; otherwise that is reported.
    pub fn require(&mut self, key: &'static str, problems: &mut Problems) -> Option<&'d Node> {
        if !self.peek(key) {
            problems.error(self.head(), format!("{} needs `{key}`", self.what));
        }
        self.take(key)
    }

    /// Knows a key of the format that cannot be run yet, and reports it when it is there.
    pub fn later(&mut self, key: &'static str, problems: &mut Problems) {
        let span = self.key_span(key);
        if let (Some(_), Some(span)) = (self.take(key), span) {
            let message =
                format!("`{key}` is part of format 1, but this version cannot run it yet");
            problems.error(span, message);
        }
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
        let unknown = || self.entries.iter().zip(&self.taken).filter(|(_, taken)| !**taken);
        for (entry, _) in unknown().take(UNKNOWN_SHOWN) {
            let mut problem = Diagnostic::error(
                entry.key.span,
                format!("unknown key `{}` in {}", entry.key, self.what),
            )
            .label("not a key here");
            problem.help = self.help(&entry.key);
            problems.push(problem);
        }
        if let Some((entry, _)) = unknown().nth(UNKNOWN_SHOWN) {
            let more = unknown().count() - UNKNOWN_SHOWN;
            let message = format!("and {more} more unknown keys in {}", self.what);
            problems.error(entry.key.span, message);
        }
    }

    fn help(&self, unknown: &str) -> Option<String> {
        if let Some(near) = nearest(unknown, self.known.iter().copied()) {
            return Some(format!("did you mean `{near}`?"));
        }
        let names: Vec<_> = self.known.iter().map(|known| format!("`{known}`")).collect();
        (1..=KNOWN_LISTED)
            .contains(&names.len())
            .then(|| format!("keys here: {}", names.join(", ")))
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
    fn a_key_for_later_is_reported_as_such_and_is_known() {
        let found = problems("each: {}\nwatc: 1\n", |fields, problems| {
            fields.later("each", problems);
            fields.later("watch", problems);
        });
        let message = "`each` is part of format 1, but this version cannot run it yet";
        assert_eq!(
            found,
            [
                ["each", message, ""],
                ["watc", "unknown key `watc` in a step", "did you mean `watch`?"],
            ]
        );
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
}
