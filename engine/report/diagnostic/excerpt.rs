//! The part of a source that a diagnostic shows.
//!
//! Each line is cut to a window around its mark, and what a terminal would act on is written out,
//! so places are translated from the source to the excerpt.

use std::ops::Range;

use crate::report::visible::visible_str;
use crate::source::{Diagnostic, Position, Source, Span};

/// How many characters of a line are shown before and after the beginning of its mark.
const BEFORE: usize = 60;
const AFTER: usize = 120;

/// Related places further than so many lines away are named, not drawn.
const FAR: usize = 200;

const BYTE_ORDER_MARK: char = '\u{feff}';

/// Lines of a source, cut and made safe, with marks in them.
pub(super) struct Excerpt {
    /// The number of the first line.
    pub(super) first_line: usize,
    /// Each line ends with a line feed.
    pub(super) text: String,
    pub(super) marks: Vec<Mark>,
    /// Related places that are not in the lines, with their words.
    pub(super) elsewhere: Vec<(Position, String)>,
    /// Where the diagnostic's place begins in the source.
    pub(super) place: Position,
}

/// A range of bytes of an excerpt.
pub(super) struct Mark {
    pub(super) range: Range<usize>,
    pub(super) label: Option<String>,
    pub(super) is_primary: bool,
}

/// A place to be marked: part of one line of the source.
struct Place {
    position: Position,
    span: Span,
    label: Option<String>,
    is_primary: bool,
}

impl Excerpt {
    /// The excerpt that shows a diagnostic and what is near of its related places.
    pub(super) fn cut(source: &Source, diagnostic: &Diagnostic) -> Excerpt {
        let main = Place::new(source, diagnostic.at, diagnostic.label.clone(), true);
        let place = main.position;
        let related = diagnostic.related.iter();
        let related =
            related.map(|(span, words)| Place::new(source, *span, Some(words.clone()), false));
        let (near, far): (Vec<_>, Vec<_>) =
            related.partition(|other| other.position.line.abs_diff(place.line) <= FAR);
        let places: Vec<_> = std::iter::once(main).chain(near).collect();
        let lines = || places.iter().map(|place| place.position.line);
        let first_line = lines().min().unwrap_or(1);
        let last_line = lines().max().unwrap_or(1);

        let mut excerpt = Excerpt {
            first_line,
            text: String::new(),
            marks: Vec::new(),
            elsewhere: vec![],
            place,
        };
        for line in first_line..=last_line {
            excerpt.add(source, line, places.iter().filter(|place| place.position.line == line));
        }
        for place in &far {
            excerpt.name(place);
        }
        excerpt
    }

    /// The number of the last line.
    pub(super) fn last_line(&self) -> usize {
        self.first_line + self.text.matches('\n').count().saturating_sub(1)
    }

    /// Adds a line with the marks of its places, the first of which is sure to be seen.
    fn add<'p>(&mut self, source: &Source, line: usize, places: impl Iterator<Item = &'p Place>) {
        let mut places = places.peekable();
        let whole = line_span(source, line);
        let focus = places.peek().map_or(whole.start, |place| place.span.start);
        let window = Window::around(source.text(), whole, focus);
        let offset = self.text.len();
        for place in places {
            match window.range(place.span) {
                Some(range) => self.marks.push(Mark {
                    range: offset + range.start..offset + range.end,
                    label: place.label.clone(),
                    is_primary: place.is_primary,
                }),
                None => self.name(place),
            }
        }
        self.text.push_str(&window.shown);
        self.text.push('\n');
    }

    fn name(&mut self, place: &Place) {
        self.elsewhere.push((place.position, place.label.clone().unwrap_or_default()));
    }
}

impl Place {
    /// A span, cut to its first line. The end of a text that ends with a line feed is shown at the
    /// end of its last line.
    fn new(source: &Source, span: Span, label: Option<String>, is_primary: bool) -> Place {
        let text = source.text();
        let mut start = text.floor_char_boundary(span.start);
        if start == text.len() {
            start = text.trim_end_matches(['\n', '\r']).len();
        }
        let position = source.position(start);
        let line = line_span(source, position.line);
        let start = start.clamp(line.start, line.end);
        let end = text.floor_char_boundary(span.end).clamp(start, line.end);
        Place { position, span: Span::new(start, end), label, is_primary }
    }
}

/// A part of a line and what is shown of it.
struct Window<'s> {
    text: &'s str,
    span: Span,
    shown: String,
    /// How many bytes are shown before the span's first character.
    lead: usize,
}

impl<'s> Window<'s> {
    /// The part of `line` around the byte `focus`.
    fn around(text: &'s str, line: Span, focus: usize) -> Window<'s> {
        let before = text.get(line.start..focus).unwrap_or_default();
        let after = text.get(focus..line.end).unwrap_or_default();
        let start = before
            .char_indices()
            .rev()
            .nth(BEFORE)
            .map_or(line.start, |(at, cut)| line.start + at + cut.len_utf8());
        let end = after.char_indices().nth(AFTER).map_or(line.end, |(at, _)| focus + at);
        let span = Span::new(start, end);
        let mut shown = String::new();
        if start > line.start {
            shown.push('…');
        }
        let lead = shown.len();
        shown.push_str(&visible_str(text.get(start..end).unwrap_or_default()));
        if end < line.end {
            shown.push('…');
        }
        Window { text, span, shown, lead }
    }

    /// Where a span of the source is in what is shown, unless it begins outside of it.
    fn range(&self, span: Span) -> Option<Range<usize>> {
        if span.start < self.span.start || span.start > self.span.end {
            return None;
        }
        Some(self.shown_at(span.start)..self.shown_at(span.end.min(self.span.end)))
    }

    fn shown_at(&self, offset: usize) -> usize {
        let before = self.text.get(self.span.start..offset).unwrap_or_default();
        self.lead + visible_str(before).len()
    }
}

/// The bytes of a line without its line break, and without a byte order mark before it.
fn line_span(source: &Source, line: usize) -> Span {
    let start = source.line_start(line);
    let text = source.text().get(start..source.line_start(line + 1)).unwrap_or_default();
    let end = start + text.trim_end_matches(['\n', '\r']).len();
    let mark = if start == 0 && text.starts_with(BYTE_ORDER_MARK) {
        BYTE_ORDER_MARK.len_utf8()
    } else {
        0
    };
    Span::new(start + mark, end)
}
