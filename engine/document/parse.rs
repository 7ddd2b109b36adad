//! From text to a tree: the limits, and the loop over the parser's events.

use granit_parser::{Options, Parser, options};

use super::node::Node;
use super::syntax;
use super::tree::Tree;
use crate::source::{Problems, Source, Span};

/// The longest text that is read, in bytes. A runbook of 100,000 steps has a third of it.
pub const TEXT_LIMIT: usize = 64 << 20;

/// How deep collections may nest, aliases followed, so that a tree can be walked by recursion.
pub const DEPTH_LIMIT: usize = 64;

/// How many nodes a document may hold, keys included, aliases not followed.
pub const NODE_LIMIT: usize = 4_000_000;

/// How many nodes all aliases of a document may stand for together.
pub const ALIAS_LIMIT: usize = 10_000;

/// How many problems of a tree are reported before the rest of the file is left unread.
pub const PROBLEM_LIMIT: usize = 100;

/// Reads one document. What is wrong goes to `problems`; `None` when no tree could be built.
///
/// A tree may come with errors: a key that comes twice is reported and left out, and the rest is
/// there, so that all problems of a file can be shown at once.
pub fn parse(source: &Source, problems: &mut Problems) -> Option<Node> {
    let text = source.text();
    if text.len() > TEXT_LIMIT {
        problems.error(Span::default(), "the file is larger than 64 MiB");
        return None;
    }
    if let Some((at, control)) = text.char_indices().find(|(_, found)| is_forbidden(*found)) {
        let message = format!("the control character U+{:04X} cannot stand here", control as u32);
        problems.error(Span::new(at, at + control.len_utf8()), message);
        return None;
    }
    let mut tree = Tree::new(text, problems);
    for next in Parser::new_from_str_with_options(text, options()) {
        match next {
            Ok((event, span)) => {
                if tree.grow(event, &span).is_break() {
                    break;
                }
            }
            Err(error) => {
                let problem = syntax::explain(&error, source, tree.reached());
                tree.fail(problem);
                break;
            }
        }
    }
    tree.finish()
}

/// YAML allows no control character but tab, line feed, carriage return and next line.
fn is_forbidden(found: char) -> bool {
    found.is_control() && !matches!(found, '\t' | '\n' | '\r' | '\u{85}')
}

fn options() -> Options {
    options! {
        // Nothing reads comments yet. Whoever needs them turns this on and raises the limit on
        // comments in a row, which refuses a long block of them.
        emit_comments: false,
        emit_unresolved_aliases: true,
        emit_anchor_events: true,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::source::{Diagnostic, Severity};

    pub(crate) fn read(text: &str) -> (Option<Node>, Vec<Diagnostic>) {
        let source = Source::new("test.yaml", text);
        let mut problems = Problems::default();
        let node = parse(&source, &mut problems);
        (node, problems.sorted())
    }

    pub(crate) fn document(text: &str) -> (Source, Node) {
        let (node, problems) = read(text);
        assert_eq!(problems, []);
        (Source::new("test.yaml", text), node.expect("a text without problems has a tree"))
    }

    /// Each problem as `the marked text: its message`.
    pub(crate) fn complaints(text: &str) -> Vec<String> {
        let (_, problems) = read(text);
        problems.iter().map(|found| complaint(text, found)).collect()
    }

    fn complaint(text: &str, found: &Diagnostic) -> String {
        assert_eq!(found.severity, Severity::Error);
        let marked = text.get(found.at.start..found.at.end).unwrap_or("outside of the text");
        format!("{marked}: {}", found.message)
    }

    #[test]
    fn an_empty_file_is_refused_and_says_so() {
        for text in ["", "\n\n", "# only a comment\n", "---\n", "---\n...\n", "\u{feff}"] {
            assert_eq!(complaints(text), [": the file is empty"], "{text:?}");
            assert!(read(text).0.is_none());
        }
    }

    #[test]
    fn a_second_document_is_refused_and_the_first_is_read() {
        let text = "a: 1\n---\nb: 2\n";
        assert_eq!(complaints(text), ["---: a second document starts here"]);
        assert_eq!(read(text).0.map(|node| node.to_json().to_string()), Some("{\"a\":1}".into()));
        assert_eq!(complaints("a\n...\nb\n"), [": a second document starts here"]);
        assert_eq!(complaints("--- # one\na: 1\n...\n"), [""; 0]);
    }

    #[test]
    fn a_byte_order_mark_and_carriage_returns_are_accepted() {
        let (_, node) = document("\u{feff}a: |\r\n  x\r\n  y\r\nb: 'c'\r\n");
        assert_eq!(node.to_json().to_string(), r#"{"a":"x\ny\n","b":"c"}"#);
        let entries = node.as_mapping().unwrap_or_default();
        assert_eq!(
            (entries[0].key.span, entries[1].key.span),
            (Span::new(3, 4), Span::new(19, 20))
        );
    }

    #[test]
    fn a_control_character_is_refused_where_it_stands() {
        assert_eq!(complaints("a: b\0c"), ["\0: the control character U+0000 cannot stand here"]);
        assert_eq!(
            complaints("a: \u{1b}[31m"),
            ["\u{1b}: the control character U+001B cannot stand here"]
        );
    }

    #[test]
    fn a_text_over_the_limit_is_refused_unread() {
        let (node, problems) = read(&" ".repeat(TEXT_LIMIT + 1));
        assert!(node.is_none());
        assert_eq!(
            problems,
            [Diagnostic::error(Span::default(), "the file is larger than 64 MiB")]
        );
    }

    #[test]
    fn spans_cover_what_was_written() {
        let text = "a: [1, {b: 2 } ] # c\nd:\n  - e f\n  - >-\n    g\n    h\n\ni:\n";
        let (_, node) = document(text);
        let entries = node.as_mapping().unwrap_or_default();
        let slices: Vec<_> = entries
            .iter()
            .map(|entry| &text[entry.value.span.start..entry.value.span.end])
            .collect();
        assert_eq!(slices, ["[1, {b: 2 } ]", "- e f\n  - >-\n    g\n    h", ""]);
        assert_eq!(&text[node.span.start..node.span.end], text.trim_end());
        let items = entries[1].value.as_sequence().unwrap_or_default();
        assert_eq!(&text[items[1].span.start..items[1].span.end], ">-\n    g\n    h");
    }
}
