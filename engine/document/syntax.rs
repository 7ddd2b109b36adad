//! The parser's refusals in words that say what to do, at the place where the slip was made.
//!
//! The parser notices some slips late: a quote that is not closed at the first line that cannot
//! belong to it, a tab at the text before it. Those are looked for in the source.

use granit_parser::{ErrorKind, ScanError};

use super::parse::DEPTH_LIMIT;
use crate::source::{Diagnostic, Source, Span};

const TAB: &str = "a tab stands in the indentation";
const SPACES: &str = "indent with spaces only";
const OPEN_QUOTE: &str = "this quote is not closed";
const QUOTES: &str = "if a bracket or comma belongs to a text, put the text in quotes";

/// What is wrong with a source that cannot be parsed. Up to `reached` all was well.
pub(super) fn explain(error: &ScanError, source: &Source, reached: usize) -> Diagnostic {
    let text = source.text();
    let at = text.floor_char_boundary(error.marker().byte_offset().unwrap_or_default());
    if let Some(tab) = indenting_tab(source, at, is_about_tabs(error.kind())) {
        return Diagnostic::error(Span::new(tab, tab + 1), TAB).help(SPACES);
    }
    match error.kind() {
        ErrorKind::InvalidQuotedScalarIndent | ErrorKind::DocumentIndicatorInQuotedScalar => {
            open_quote(text, reached, at)
        }
        ErrorKind::UndeclaredTagHandle => {
            let length = text.get(at..).and_then(|rest| rest.find(char::is_whitespace));
            let span = Span::new(at, length.map_or(text.len(), |length| at + length));
            tag(span, text.get(span.start..span.end).unwrap_or("!"))
        }
        ErrorKind::ExpectedFlowMappingSeparator | ErrorKind::ExpectedFlowSequenceSeparator
            if text.get(..at).is_some_and(|before| before.ends_with('$')) =>
        {
            Diagnostic::error(mark(text, at), "a template inside of `{…}` or `[…]` has no quotes")
                .help("write \"${{ … }}\" with the quotes")
        }
        kind => {
            let (message, help) = words(kind);
            let problem = Diagnostic::error(mark(text, at), message);
            if help.is_empty() { problem } else { problem.help(help) }
        }
    }
}

/// A tag, which no runbook needs.
pub(super) fn tag(at: Span, written: &str) -> Diagnostic {
    Diagnostic::error(at, format!("the tag `{written}` is not part of a runbook"))
        .help("leave it out; quotes make a text of a number, and of true and false")
}

/// What is said of a document that nests too deep.
pub(super) fn too_deep() -> String {
    format!("lists and mappings nest deeper than {DEPTH_LIMIT} levels")
}

/// One character, or nothing at the end of the text or of a line.
pub(super) fn mark(text: &str, at: usize) -> Span {
    let marked = text.get(at..).and_then(|rest| rest.chars().next());
    let length = marked.filter(|found| !matches!(found, '\n' | '\r')).map_or(0, char::len_utf8);
    Span::new(at, at + length)
}

fn is_about_tabs(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::TabInPlainScalar
            | ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabInIndentation
            | ErrorKind::TabAtBlockScalarStart
    )
}

/// A tab in the indentation of the line of `at`, or around it when the fault is known to be a tab.
fn indenting_tab(source: &Source, at: usize, is_about_tabs: bool) -> Option<usize> {
    let line = source.position(at).line;
    let around = [line, line + 1, line.saturating_sub(1).max(1)];
    let lines = if is_about_tabs { &around[..] } else { &around[..1] };
    lines.iter().find_map(|line| {
        let start = source.line_start(*line);
        let rest = source.text().get(start..)?;
        let indent = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let is_blank = rest.get(indent..)?.starts_with(['\n', '\r']) || rest.len() == indent;
        let tab = rest.get(..indent)?.find('\t')?;
        (!is_blank).then_some(start + tab)
    })
}

/// Blames the quote that was open when the parser gave up at `fault`.
fn open_quote(text: &str, reached: usize, fault: usize) -> Diagnostic {
    let Some(quote) = opening_quote(text, reached, fault) else {
        return Diagnostic::error(mark(text, fault), "this cannot stand inside of quotes")
            .help("close the quote before it");
    };
    Diagnostic::error(Span::new(quote, quote + 1), OPEN_QUOTE)
        .related(mark(text, fault), "this cannot belong to the quoted text")
        .help("close it, or indent all lines of the quoted text")
}

/// The first quote after `reached` that begins a scalar and is not closed before `fault`.
fn opening_quote(text: &str, reached: usize, fault: usize) -> Option<usize> {
    let mut at = reached;
    let mut begins = true;
    while at < fault {
        let found = text.get(at..)?.chars().next()?;
        let next = at + found.len_utf8();
        match found {
            '"' | '\'' if begins => match closing_quote(text, next, found) {
                Some(close) if close < fault => at = close,
                _ => return Some(at),
            },
            '#' if text.get(..at)?.ends_with(char::is_whitespace) => {
                at = text.get(at..)?.find('\n').map_or(text.len(), |end| at + end);
                continue;
            }
            _ => {}
        }
        begins = match found {
            '[' | '{' | ',' | ':' | '-' | '?' | '\n' => true,
            _ => begins && found.is_whitespace(),
        };
        at = at.max(next);
    }
    None
}

/// Where the text after an opening quote is closed.
fn closing_quote(text: &str, from: usize, quote: char) -> Option<usize> {
    // Inside of single quotes, two stand for one.
    let is_single = |next: &(usize, char)| next.1 == '\'';
    let mut rest = text.get(from..)?.char_indices().peekable();
    while let Some((at, found)) = rest.next() {
        if found == '\\' && quote == '"' {
            rest.next();
        } else if found == quote && (quote == '"' || rest.next_if(is_single).is_none()) {
            return Some(from + at);
        }
    }
    None
}

/// The message and the help for a fault; the parser's own words for what hardly ever happens.
fn words(kind: &ErrorKind) -> (String, &'static str) {
    use ErrorKind as E;
    match kind {
        E::UnclosedFlowCollection { open } => {
            (format!("this `{open}` is not closed"), "close it, or put the text in quotes")
        }
        E::MismatchedFlowCollectionEnd { open, close } => {
            (format!("`{close}` cannot close what `{open}` has opened"), "")
        }
        E::UnexpectedCharacter { character } => {
            (format!("text cannot begin with `{character}`"), "put the text in quotes")
        }
        E::RecursionLimitExceeded => (too_deep(), ""),
        _ if is_about_tabs(kind) => (TAB.to_owned(), SPACES),
        _ => match words_on_structure(kind).or_else(|| words_on_text(kind)) {
            Some((message, help)) => (message.to_owned(), help),
            None => (kind.to_string(), ""),
        },
    }
}

/// Faults in how keys, items and brackets follow each other.
fn words_on_structure(kind: &ErrorKind) -> Option<(&'static str, &'static str)> {
    use ErrorKind as E;
    Some(match kind {
        E::MappingValueNotAllowed | E::InvalidColonPlacement => (
            "a `:` cannot stand here",
            "if it belongs to the text, put the text in quotes; otherwise look for a slip in the \
             indentation, or a bracket that is not closed",
        ),
        E::SimpleKeyExpected => (
            "this line is neither `key: value` nor an item of a list",
            "look for a missing `:`, or a slip in the indentation",
        ),
        E::ExpectedBlockMappingKey => {
            ("a key was expected here", "keys of one mapping begin in the same column")
        }
        E::ExpectedBlockSequenceEntry => {
            ("an item of the list, `- `, was expected here", "items begin in the same column")
        }
        E::BlockSequenceEntryNotAllowed | E::BlockEntryInFlowCollection => (
            "an item of a list, `- `, cannot stand here",
            "begin the list on a line of its own; if this is text, put it in quotes",
        ),
        E::ExpectedFlowMappingSeparator => ("`,` or `}` was expected here", QUOTES),
        E::ExpectedFlowSequenceSeparator => ("`,` or `]` was expected here", QUOTES),
        E::MisplacedFlowCollectionEnd => ("this bracket closes nothing", QUOTES),
        E::InvalidSimpleKey => {
            ("a key must stand on one line and have at most 1024 characters", "")
        }
        _ => return None,
    })
}

/// Faults inside of a text.
fn words_on_text(kind: &ErrorKind) -> Option<(&'static str, &'static str)> {
    use ErrorKind as E;
    Some(match kind {
        E::UnclosedQuotedScalar => (OPEN_QUOTE, ""),
        E::MissingAnchorOrAliasName => {
            ("a name was expected after `*` or `&`", "if this is text, put it in quotes")
        }
        E::InvalidTrailingSingleQuotedScalar => (
            "this stands behind a closing quote",
            "inside of single quotes a quote is written twice: ''",
        ),
        E::InvalidTrailingDoubleQuotedScalar => (
            "this stands behind a closing quote",
            "inside of double quotes a quote is written \\\"",
        ),
        E::UnknownQuotedScalarEscape | E::InvalidQuotedScalarHexEscape => (
            "this text has an escape that YAML does not know",
            "write \\\\ for a backslash, or use single quotes",
        ),
        E::InvalidBlockScalarHeader => {
            ("nothing can follow `|` or `>`", "begin the text on the next line")
        }
        E::InvalidBlockScalarIndent => ("this line is indented less than the text before it", ""),
        E::CommentInterceptedScalar => {
            ("a comment stands inside of a text of several lines", "use `|` or `>` for the text")
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::parse::tests::{complaints, read};

    /// The marked text, the message and the help of the only problem.
    fn fault(text: &str) -> (String, String, String) {
        let (node, problems) = read(text);
        assert!(node.is_none(), "{text}");
        assert_eq!(problems.len(), 1, "{text}");
        let found = &problems[0];
        let marked = text[found.at.start..found.at.end].to_owned();
        (marked, found.message.clone(), found.help.clone().unwrap_or_default())
    }

    fn place(text: &str) -> usize {
        read(text).1.first().map(|found| found.at.start).unwrap_or_default()
    }

    #[test]
    fn a_tab_in_the_indentation_is_blamed_itself() {
        for (text, at) in [
            ("a:\n\tb: c", 3),
            ("a: b\n\tc: d", 5),
            ("a:\n  b: c\n \td: e\n", 11),
            ("- a\n\t- b", 4),
            ("a: |\n\tb\n", 5),
            ("a: 'x'\n\tb: c\n", 7),
        ] {
            let problem = ("\t", "a tab stands in the indentation", "indent with spaces only");
            let (marked, message, help) = fault(text);
            assert_eq!((&*marked, &*message, &*help), problem, "{text:?}");
            assert_eq!(place(text), at, "{text:?}");
        }
    }

    #[test]
    fn a_tab_in_a_text_is_not_blamed() {
        let text = "a: |\n  x\n  \ty\nb: c\nd: e: f\n";
        assert_eq!(complaints(text), [":: a `:` cannot stand here"]);
        assert_eq!(complaints("a: |\n  x\n  \ty\nb: [\tc,\n\td]\n"), [""; 0]);
    }

    #[test]
    fn a_quote_that_is_not_closed_is_blamed_where_it_opens() {
        for (text, at) in [
            ("a: \"x", 3),
            ("a: \"x\nb: \"y\"\nc: d\n", 3),
            ("a: 'it''s'\nb: \"\\\" # '\nc: d\n", 14),
            ("a: \"x\n---\n", 3),
            ("- \"x\": 1\n- y: don't # \"\n  z: 'w\nv: 1\n", 29),
        ] {
            let (marked, message, _) = fault(text);
            assert!(marked == "\"" || marked == "'", "{text:?}");
            assert_eq!(message, "this quote is not closed", "{text:?}");
            assert_eq!(place(text), at, "{text:?}");
        }
    }

    #[test]
    fn a_template_without_quotes_in_brackets_is_named() {
        for text in ["run: [${{ x }}, b]", "run: {a: ${{ x }}}"] {
            let (marked, message, help) = fault(text);
            assert_eq!(marked, "{");
            assert_eq!(message, "a template inside of `{…}` or `[…]` has no quotes");
            assert_eq!(help, "write \"${{ … }}\" with the quotes");
        }
    }

    #[test]
    fn common_slips_have_their_own_words() {
        for (text, marked, message) in [
            ("a: b: c", ":", "a `:` cannot stand here"),
            ("a: b\nc", "c", "this line is neither `key: value` nor an item of a list"),
            ("a:\n  - b\n c: d", "c", "a key was expected here"),
            ("- a\nb: c", "b", "an item of the list, `- `, was expected here"),
            ("a: - b", "-", "an item of a list, `- `, cannot stand here"),
            ("a: @b", "@", "text cannot begin with `@`"),
            ("a: *", "*", "a name was expected after `*` or `&`"),
            ("a: [b", "[", "this `[` is not closed"),
            ("a: [b}", "[", "`}` cannot close what `[` has opened"),
            ("a: ]", "]", "this bracket closes nothing"),
            ("a: 'it's'", "s", "this stands behind a closing quote"),
            ("a: \"\\q\"", "\"", "this text has an escape that YAML does not know"),
            ("a: |x\n  b", "|", "nothing can follow `|` or `>`"),
            ("a: b #c\n  d", "#", "a comment stands inside of a text of several lines"),
            ("!e!x b", "!e!x", "the tag `!e!x` is not part of a runbook"),
        ] {
            let (found, words, _) = fault(text);
            assert_eq!((&*found, &*words), (marked, message), "{text:?}");
        }
    }
}
