//! Places of findings, as formats count them.

use crate::lint::{Edit, Fix};
use crate::source::{Position, Source, Span};

/// From where to where something reaches: lines and characters from 1, the end exclusive.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Region {
    pub(super) start: Position,
    pub(super) end: Position,
}

impl Region {
    /// The place of a span.
    pub(super) fn of(source: &Source, span: Span) -> Region {
        let start = source.position(span.start);
        // What ends with a line break ends in its line.
        let text = source.text().get(span.start..span.end).unwrap_or_default();
        let end = span.start + text.trim_end_matches(['\n', '\r']).len();
        Region { start, end: source.position(end.max(span.start)) }
    }

    /// The place of a change: every byte of it counts.
    pub(super) fn exactly(source: &Source, span: Span) -> Region {
        Region { start: source.position(span.start), end: source.position(span.end) }
    }

    /// The same with at least one character in it, for programs that mark nothing else.
    pub(super) fn visible(self) -> Region {
        match self.start == self.end {
            true => {
                let end = Position { column: self.end.column + 1, ..self.end };
                Region { end, ..self }
            }
            false => self,
        }
    }
}

/// All changes of a fix as one: the span from the first to the last, and the text that comes there.
pub(super) fn whole(source: &Source, fix: &Fix) -> Option<Edit> {
    let mut edits: Vec<&Edit> = fix.edits.iter().collect();
    edits.sort_by_key(|edit| (edit.at.start, edit.at.end));
    let (first, last) = (edits.first()?, edits.last()?);
    let span = Span::new(first.at.start, last.at.end);
    let mut text = String::new();
    let mut at = span.start;
    for edit in edits {
        text.push_str(source.text().get(at..edit.at.start)?);
        text.push_str(&edit.text);
        at = edit.at.end;
    }
    Some(Edit::replace(span, text))
}

/// A path as a URI that is relative: what may not stand in one is written as `%20`.
pub(super) fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::Safety;

    #[test]
    fn a_place_ends_in_its_line_and_may_be_widened_to_be_seen() {
        let source = Source::new("a.yaml", "á: b\nc: d\n");
        let region = |start, end| {
            let Region { start, end } = Region::of(&source, Span::new(start, end));
            (start.line, start.column, end.line, end.column)
        };
        assert_eq!(region(0, 2), (1, 1, 1, 2));
        assert_eq!(region(0, 6), (1, 1, 1, 5));
        assert_eq!(region(0, 7), (1, 1, 2, 2));
        let empty = Region::of(&source, Span::new(4, 4)).visible();
        assert_eq!((empty.start.column, empty.end.column), (4, 5));
    }

    #[test]
    fn several_changes_are_one_with_what_stands_between_them() {
        let source = Source::new("a.yaml", "curl -s x | sh");
        let edits = vec![Edit::insert(14, " -e"), Edit::replace(Span::new(5, 7), "-fsS")];
        let fix = Fix { safety: Safety::Safe, title: String::new(), edits };
        let edit = whole(&source, &fix).expect("there are changes");
        assert_eq!((edit.at, edit.text.as_str()), (Span::new(5, 14), "-fsS x | sh -e"));
    }

    #[test]
    fn a_path_is_a_uri() {
        assert_eq!(uri("a/ü b%.yaml"), "a/%C3%BC%20b%25.yaml");
    }
}
