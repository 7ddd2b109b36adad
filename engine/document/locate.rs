//! From a place in a scalar's text back to its place in the source.
//!
//! Exact where the text stands in the source as it is: plain and quoted scalars on one line without
//! escapes, and literal blocks, whose indentation is skipped line by line. Elsewhere (folded text,
//! escapes) the scalar itself is the answer.

use std::ops::Range;

use super::node::{Node, Style};
use crate::source::{Source, Span};

/// Where the text of one scalar stands in the source, worked out once for any number of its places.
pub struct Places<'d> {
    text: Option<&'d str>,
    whole: Span,
    writing: Writing,
}

/// How the text of a scalar is written in the source.
enum Writing {
    /// In another way than it reads.
    Changed,
    /// As it is, from this byte on.
    AsIs(usize),
    /// Line by line behind an indentation.
    Lines(Vec<Line>),
}

/// One line of a literal block.
struct Line {
    /// Where it begins in the text.
    start: usize,
    /// Where that stands in the source, if it stands there as it is.
    written: Option<usize>,
}

impl Node {
    /// Where byte `offset` of this scalar's text stands in the source; otherwise where it begins.
    pub fn at(&self, offset: usize, source: &Source) -> usize {
        self.places(source).span(offset..offset).start
    }

    /// Where a range of bytes of this scalar's text stands; otherwise the whole node.
    pub fn span_at(&self, range: Range<usize>, source: &Source) -> Span {
        self.places(source).span(range)
    }

    /// Where the text of this scalar stands in the source.
    pub fn places(&self, source: &Source) -> Places<'_> {
        let scalar = self.as_scalar();
        let writing = scalar.map_or(Writing::Changed, |scalar| match scalar.style {
            Style::Literal => in_block(&scalar.text, self.span, source),
            Style::SingleQuoted | Style::DoubleQuoted => {
                in_line(&scalar.text, 1, self.span, source)
            }
            _ => in_line(&scalar.text, 0, self.span, source),
        });
        Places { text: scalar.map(|scalar| &*scalar.text), whole: self.span, writing }
    }
}

impl Places<'_> {
    /// Where a range of bytes of the text stands; otherwise the whole scalar.
    pub fn span(&self, range: Range<usize>) -> Span {
        self.exact(range).unwrap_or(self.whole)
    }

    fn exact(&self, range: Range<usize>) -> Option<Span> {
        let within = self.text?.get(range.clone())?;
        let last = match self.writing {
            // A range that ends with a line break ends there, not after the next indentation.
            Writing::Lines(_) => range.end - usize::from(within.ends_with('\n')),
            _ => range.end,
        };
        Some(Span::new(self.place(range.start)?, self.place(last)?))
    }

    fn place(&self, offset: usize) -> Option<usize> {
        match &self.writing {
            Writing::Changed => None,
            Writing::AsIs(start) => Some(start + offset),
            Writing::Lines(lines) => {
                let after = lines.partition_point(|line| line.start <= offset);
                let line = lines.get(after.checked_sub(1)?)?;
                Some(line.written? + (offset - line.start))
            }
        }
    }
}

fn in_line(text: &str, quote: usize, span: Span, source: &Source) -> Writing {
    let start = span.start + quote;
    let is_as_it_is = source.text().get(start..start + text.len()) == Some(text)
        && start + text.len() + quote == span.end;
    if is_as_it_is { Writing::AsIs(start) } else { Writing::Changed }
}

fn in_block(text: &str, span: Span, source: &Source) -> Writing {
    let block = source.text().get(span.start..).filter(|block| block.starts_with('|'));
    let Some(block) = block else { return Writing::Changed };
    // The header, `|`, is the first line.
    let mut written = lines(block).skip(1);
    let mut start = 0;
    let line = |content: &str| {
        let begins = start;
        start += content.len() + 1;
        let place = written
            .next()
            .and_then(|(at, written)| Some(span.start + at + indentation(written, content)?));
        Line { start: begins, written: place }
    };
    Writing::Lines(text.split('\n').map(line).collect())
}

/// How far a line of a block is indented, if what it holds stands there as it is.
fn indentation(written: &str, content: &str) -> Option<usize> {
    match written.strip_suffix(content) {
        Some(indent) if indent.bytes().all(|byte| byte == b' ') => Some(indent.len()),
        // A blank line may be shorter than the indentation.
        _ if content.is_empty() && written.trim().is_empty() => Some(written.len()),
        _ => None,
    }
}

/// Each line's offset and its text without the line break.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_inclusive('\n').scan(0, |next, line| {
        let at = *next;
        *next += line.len();
        let line = line.strip_suffix('\n').unwrap_or(line);
        Some((at, line.strip_suffix('\r').unwrap_or(line)))
    })
}

/// The span of a block scalar from its `|` or `>` to the end of its last line, made from the span
/// that the parser gives, which begins somewhere in the content. `after` is where the node before
/// it ended.
pub(super) fn block_span(text: &str, after: usize, content: Span) -> Span {
    let written = text.get(content.start..content.end).unwrap_or_default().trim_end();
    let line = line_start(text, content.start);
    let own = text.get(line.max(after)..content.start).unwrap_or_default();
    if written.starts_with(['|', '>']) && !own.trim().is_empty() {
        // Without content, the parser gives the header itself.
        return Span::new(content.start, content.start + written.len());
    }
    let Some(before) = text.get(after..line).map(str::trim_end) else { return content };
    let header_end = after + before.len();
    let header_line = line_start(text, header_end).max(after);
    let header = text.get(header_line..header_end).and_then(header_in);
    let start = header.map_or(content.start, |at| header_line + at);
    let end = if written.is_empty() { header_end } else { content.start + written.len() };
    Span::new(start, end)
}

fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |found| found + 1)
}

/// Where a line's block header begins: `|` or `>`, indicators, and nothing more but a comment.
fn header_in(line: &str) -> Option<usize> {
    let is_header = |at: usize| {
        let rest = line.get(at + 1..).unwrap_or_default();
        let rest = rest.trim_start_matches(|found: char| "+-123456789".contains(found));
        let comment = rest.trim_start();
        comment.is_empty() || (comment.starts_with('#') && comment.len() < rest.len())
    };
    line.match_indices(['|', '>']).map(|(at, _)| at).find(|at| is_header(*at))
}

#[cfg(test)]
mod tests {
    use super::super::parse::tests::document;

    /// What the source has where `needle` stands in the value of the only key.
    fn found(text: &str, needle: &str) -> String {
        let (source, node) = document(text);
        let value = node.as_mapping().and_then(|entries| entries.last()).map(|entry| &entry.value);
        let value = value.expect("the text has a key");
        let at =
            value.as_str().and_then(|text| text.find(needle)).expect("the value has the needle");
        let span = value.span_at(at..at + needle.len(), &source);
        text[span.start..span.end].to_owned()
    }

    /// The column and line of the same.
    fn place(text: &str, needle: &str) -> (usize, usize) {
        let (source, node) = document(text);
        let value = node.as_mapping().and_then(|entries| entries.last()).map(|entry| &entry.value);
        let value = value.expect("the text has a key");
        let at =
            value.as_str().and_then(|text| text.find(needle)).expect("the value has the needle");
        let position = source.position(value.at(at, &source));
        (position.line, position.column)
    }

    #[test]
    fn text_on_one_line_is_found_exactly() {
        for text in ["a: x é needle y", "a: 'x é needle y'", "a: \"x é needle y\" # needle"] {
            assert_eq!(found(text, "needle"), "needle", "{text}");
        }
        assert_eq!(place("b: needle\na: x é needle y", "needle"), (2, 8));
        assert_eq!(place("b: needle\na: 'x é needle y'", "needle"), (2, 9));
    }

    #[test]
    fn a_line_of_a_literal_block_is_found_behind_its_indentation() {
        let text = "a: | # c\n\n \n    one\n      two\n\n    é three\n\n";
        assert_eq!(place(text, "one"), (4, 5));
        assert_eq!(place(text, "  two"), (5, 5));
        assert_eq!(place(text, "two"), (5, 7));
        assert_eq!(place(text, "three"), (7, 7));
        assert_eq!(found(text, "two\n\né three"), "two\n\n    é three");
        assert_eq!(found(text, "three\n"), "three");
        assert_eq!(place("a: |2-\n    one\n   two", "  one"), (2, 3));
        assert_eq!(place("a: |2-\n    one\n   two", "two"), (3, 4));
        assert_eq!(place("a: |\r\n  one\r\n  two\r\n", "two"), (3, 3));
        assert_eq!(place("a:\n- x: 1\nb: |+\n  |one\n  two\n\n", "two\n\n"), (5, 3));
    }

    #[test]
    fn text_that_was_changed_by_reading_gives_the_whole_scalar() {
        assert_eq!(found("a: \"x\\tneedle\"", "needle"), "\"x\\tneedle\"");
        assert_eq!(found("a: 'it''s needle'", "needle"), "'it''s needle'");
        assert_eq!(found("a: x\n  needle", "needle"), "x\n  needle");
        assert_eq!(found("a: >\n  x\n  needle\n", "needle"), ">\n  x\n  needle");
        assert_eq!(found("b: &b needle\na: *b", "needle"), "*b");
        assert_eq!(found("b: &b |\n  needle\na: *b\n", "needle"), "*b");
    }

    #[test]
    fn many_places_of_a_text_are_found_without_reading_it_again_for_each() {
        let text = format!("a: |\n{}", "  x é\n".repeat(100_000));
        let (source, node) = document(&text);
        let value = node.as_mapping().map(|entries| &entries[0].value).expect("it is a mapping");
        let places = value.places(&source);
        let columns = |line: usize| {
            let span = places.span(line * 5 + 2..line * 5 + 4);
            (source.position(span.start), &text[span.start..span.end])
        };
        for line in 0..100_000 {
            let (position, found) = columns(line);
            assert_eq!((position.line, position.column, found), (line + 2, 5, "é"));
        }
    }

    #[test]
    fn a_range_outside_of_the_text_gives_the_whole_node() {
        let (source, node) = document("é");
        assert_eq!(node.span_at(0..9, &source), node.span);
        assert_eq!(node.span_at(1..2, &source), node.span);
        assert_eq!(node.span_at(0..2, &source), node.span);
        let (source, list) = document("[a]");
        assert_eq!(list.at(0, &source), list.span.start);
    }

    #[test]
    fn a_block_begins_at_its_header() {
        for (text, block) in [
            ("a: |\n  x\n\nb: c", "|\n  x"),
            ("a: |2-  # | c\n  x", "|2-  # | c\n  x"),
            ("a: >-\n\n  x\n", ">-\n\n  x"),
            ("\"a | # b\": |\n  | x\n", "|\n  | x"),
            ("a: |+\n\n\nb: c", "|+"),
            ("a: |\nb: c", "|"),
            ("a: |", "|"),
        ] {
            let (_, node) = document(text);
            let span = node.as_mapping().map(|entries| entries[0].value.span).unwrap_or_default();
            assert_eq!(&text[span.start..span.end], block, "{text}");
        }
    }
}
