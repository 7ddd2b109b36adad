//! A script inside a script: the text of `sh -c`, `ssh` or a here-document for a shell, and where
//! each byte of it stands in the outer one.

use std::ops::Range;

use super::{Command, Word};

/// The text of an inner script.
pub(super) struct Text {
    pub(super) text: String,
    pieces: Vec<Piece>,
}

/// A part of the text, and the word of the outer script that it was.
struct Piece {
    inner: Range<usize>,
    outer: Range<usize>,
    /// Whether it stands there byte by byte.
    is_exact: bool,
}

impl Text {
    /// The text that words are together, with blanks between them.
    pub(super) fn of(words: &[Word], script: Option<&str>) -> Text {
        let mut joined = Text { text: String::new(), pieces: Vec::new() };
        for word in words {
            if !joined.text.is_empty() {
                joined.text.push(' ');
            }
            let start = joined.text.len();
            joined.text.push_str(&word.text);
            let (outer, is_exact) = verbatim(word, script);
            joined.pieces.push(Piece { inner: start..joined.text.len(), outer, is_exact });
        }
        joined
    }

    /// Takes a command of the inner script to the outer one.
    pub(super) fn place(&self, command: &mut Command) {
        command.range = self.outer(&command.range);
        let words = command.words.iter_mut();
        let values = command.assignments.iter_mut().map(|assignment| &mut assignment.value);
        let targets = command.redirects.iter_mut().map(|redirect| &mut redirect.target);
        for word in words.chain(values).chain(targets) {
            word.range = self.outer(&word.range);
        }
    }

    /// Where a range of the inner text stands.
    pub(super) fn outer(&self, range: &Range<usize>) -> Range<usize> {
        let piece = |at: usize| {
            let next = self.pieces.partition_point(|piece| piece.inner.end < at);
            self.pieces.get(next).or(self.pieces.last())
        };
        // A range that ends with the blank between two words ends with the first of them.
        let (Some(first), Some(last)) = (piece(range.start), piece(range.end)) else {
            return range.clone();
        };
        let within = |piece: &Piece, at: usize| {
            piece.outer.start + at.clamp(piece.inner.start, piece.inner.end) - piece.inner.start
        };
        let start = if first.is_exact { within(first, range.start) } else { first.outer.start };
        let end = if last.is_exact { within(last, range.end) } else { last.outer.end };
        start..end.max(start)
    }
}

/// Where the text of a word stands as it is, without its quotes; otherwise the word.
fn verbatim(word: &Word, script: Option<&str>) -> (Range<usize>, bool) {
    let range = word.range.clone();
    let is_it = script.is_none_or(|script| script.get(range.clone()) == Some(&word.text));
    if range.len() == word.text.len() && is_it {
        return (range, true);
    }
    let inside = range.start + 1..range.end.saturating_sub(1).max(range.start + 1);
    let is_inside = script.and_then(|script| script.get(inside.clone())) == Some(&word.text);
    if is_inside { (inside, true) } else { (range, false) }
}

/// Where the templates of a text stand.
pub fn slots(text: &str) -> Vec<Range<usize>> {
    let mut slots = Vec::new();
    let mut from = 0;
    while let Some(start) = text[from..].find("${{").map(|at| from + at) {
        let end = text[start..].find("}}").map_or(text.len(), |at| start + at + 2);
        slots.push(start..end);
        from = end;
    }
    slots
}
