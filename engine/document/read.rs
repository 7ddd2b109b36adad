//! Readers of single values. Each reports a node of another kind and gives `None` for it.

use std::time::Duration;

use super::amount::{parse_duration, parse_size};
use super::node::{Node, Style, Value};
use crate::source::{Diagnostic, Problems, Spanned};

/// Reports a node that is not what was expected: "expected text, found a list".
pub fn unexpected(node: &Node, expected: &str, problems: &mut Problems) {
    problems.push(mismatch(node, expected));
}

/// The text of any scalar, numbers and booleans as they are written.
pub fn text(node: &Node, problems: &mut Problems) -> Option<Spanned<String>> {
    str(node, "text", problems).map(|text| Spanned::new(text.to_owned(), node.span))
}

/// `true` or `false`.
pub fn boolean(node: &Node, problems: &mut Problems) -> Option<Spanned<bool>> {
    if let Some(value) = node.as_bool() {
        return Some(Spanned::new(value, node.span));
    }
    let mut problem = mismatch(node, "true or false");
    let text = node.as_str().unwrap_or_default();
    if ["yes", "no", "on", "off"].iter().any(|word| text.eq_ignore_ascii_case(word)) {
        problem = problem.help("write true or false");
    } else if matches!(text, "true" | "false") {
        problem = problem.help("leave the quotes out");
    }
    problems.push(problem);
    None
}

/// A whole number.
pub fn integer(node: &Node, problems: &mut Problems) -> Option<Spanned<i64>> {
    let value = node.as_integer();
    if value.is_none() {
        problems.push(not_a_number(node, "a whole number"));
    }
    value.map(|value| Spanned::new(value, node.span))
}

/// A number, whole or not, but a finite one.
pub fn number(node: &Node, problems: &mut Problems) -> Option<Spanned<f64>> {
    let value = node.as_number().filter(|value| value.is_finite());
    if value.is_none() {
        let expected = if node.as_number().is_some() { "a finite number" } else { "a number" };
        problems.push(not_a_number(node, expected));
    }
    value.map(|value| Spanned::new(value, node.span))
}

/// The items of a list.
pub fn list<'d>(node: &'d Node, problems: &mut Problems) -> Option<&'d [Node]> {
    let items = node.as_sequence();
    if items.is_none() {
        unexpected(node, "a list", problems);
    }
    items
}

/// A list of texts; all items that are none are reported.
pub fn texts(node: &Node, problems: &mut Problems) -> Option<Vec<Spanned<String>>> {
    let items = list(node, problems)?;
    let read: Vec<_> = items.iter().map(|item| text(item, problems)).collect();
    read.into_iter().collect()
}

/// One text, or a list of texts.
pub fn one_or_many(node: &Node, problems: &mut Problems) -> Option<Vec<Spanned<String>>> {
    match &node.value {
        Value::Scalar(_) => text(node, problems).map(|text| vec![text]),
        Value::Sequence(_) => texts(node, problems),
        Value::Null | Value::Mapping(_) => {
            unexpected(node, "text or a list of texts", problems);
            None
        }
    }
}

/// A duration such as `5s` or `1h30m`, in quotes or not.
pub fn duration(node: &Node, problems: &mut Problems) -> Option<Spanned<Duration>> {
    let text = str(node, "a duration", problems)?;
    let problem = match parse_duration(text) {
        Ok(value) => return Some(Spanned::new(value, node.span)),
        Err(message) => Diagnostic::error(node.span, message),
    };
    let is_bare = text.len() <= 6 && text.bytes().all(|byte| byte.is_ascii_digit());
    problems.push(match is_bare && !text.is_empty() {
        true => problem.help(format!("write a unit: {text}s, {text}m")),
        false => problem.help("write whole numbers with ms, s, m, h or d: 500ms, 5s, 1h30m"),
    });
    None
}

/// A size in bytes such as `512` or `10MiB`, in quotes or not.
pub fn size(node: &Node, problems: &mut Problems) -> Option<Spanned<u64>> {
    let text = str(node, "a size", problems)?;
    match parse_size(text) {
        Ok(value) => Some(Spanned::new(value, node.span)),
        Err(message) => {
            let help = "write a whole number of bytes, or one with KB, KiB, MB, MiB, GB, GiB, TB \
                        or TiB: 10MiB";
            problems.push(Diagnostic::error(node.span, message).help(help));
            None
        }
    }
}

fn str<'d>(node: &'d Node, expected: &str, problems: &mut Problems) -> Option<&'d str> {
    let text = node.as_str();
    if text.is_none() {
        unexpected(node, expected, problems);
    }
    text
}

fn mismatch(node: &Node, expected: &str) -> Diagnostic {
    Diagnostic::error(node.span, format!("expected {expected}, found {}", node.kind()))
}

fn not_a_number(node: &Node, expected: &str) -> Diagnostic {
    let problem = mismatch(node, expected);
    let Some(scalar) = node.as_scalar() else { return problem };
    let digits = scalar.text.trim_start_matches(['-', '+']);
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        problem
    } else if scalar.style != Style::Plain {
        problem.help("leave the quotes out")
    } else if digits.starts_with('0') {
        problem.help("leave the zeros at the front out")
    } else {
        problem
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse::tests::document;
    use super::*;

    /// What a reader gives for a text, or the message and the help of what it reports.
    fn outcome<T>(
        text: &str,
        read: impl Fn(&Node, &mut Problems) -> Option<T>,
    ) -> Result<T, Vec<(String, String)>> {
        let (_, node) = document(text);
        let mut problems = Problems::default();
        let value = read(&node, &mut problems);
        let problems = problems.sorted();
        assert_eq!(value.is_none(), !problems.is_empty(), "{text}");
        let words = |found: Diagnostic| (found.message, found.help.unwrap_or_default());
        value.ok_or_else(|| problems.into_iter().map(words).collect())
    }

    fn refused<T>(message: &str, help: &str) -> Result<T, Vec<(String, String)>> {
        Err(vec![(message.to_owned(), help.to_owned())])
    }

    fn spanned<T>(value: T) -> Spanned<T> {
        Spanned::new(value, crate::source::Span::default())
    }

    #[test]
    fn text_is_any_scalar_but_nothing() {
        for (yaml, value) in [("a b", "a b"), ("012", "012"), ("true", "true"), ("''", "")] {
            assert_eq!(outcome(yaml, text), Ok(spanned(value.to_owned())));
        }
        assert_eq!(outcome("[a]", text), refused("expected text, found a list", ""));
        assert_eq!(outcome("~", text), refused("expected text, found nothing", ""));
    }

    #[test]
    fn a_boolean_is_true_or_false_and_nothing_like_it() {
        assert_eq!(outcome("true", boolean), Ok(spanned(true)));
        assert_eq!(outcome("False", boolean), Ok(spanned(false)));
        for (yaml, help) in [
            ("yes", "write true or false"),
            ("No", "write true or false"),
            ("on", "write true or false"),
            ("'OFF'", "write true or false"),
            ("'true'", "leave the quotes out"),
        ] {
            let expected = refused("expected true or false, found a string", help);
            assert_eq!(outcome(yaml, boolean), expected, "{yaml}");
        }
        let expected = refused("expected true or false, found a number", "");
        assert_eq!(outcome("1", boolean), expected);
    }

    #[test]
    fn numbers_are_plain_and_finite() {
        assert_eq!(outcome("-5", integer), Ok(spanned(-5)));
        assert_eq!(outcome("-5", number), Ok(spanned(-5.0)));
        assert_eq!(outcome("2.5", number), Ok(spanned(2.5)));
        let whole = |found: &str| format!("expected a whole number, found {found}");
        assert_eq!(outcome("2.5", integer), refused(&whole("a number"), ""));
        assert_eq!(outcome("'5'", integer), refused(&whole("a string"), "leave the quotes out"));
        let help = "leave the zeros at the front out";
        assert_eq!(outcome("012", integer), refused(&whole("a string"), help));
        assert_eq!(outcome("{}", integer), refused(&whole("a mapping"), ""));
        assert_eq!(
            outcome(".inf", number),
            refused("expected a finite number, found a number", "")
        );
    }

    #[test]
    fn lists_hold_texts_and_report_each_that_is_none() {
        let ab = vec![spanned("a".to_owned()), spanned("1".to_owned())];
        assert_eq!(outcome("[a, 1]", texts), Ok(ab.clone()));
        assert_eq!(outcome("[a, 1]", one_or_many), Ok(ab));
        assert_eq!(outcome("a", one_or_many), Ok(vec![spanned("a".to_owned())]));
        assert_eq!(outcome("[]", texts), Ok(vec![]));
        assert_eq!(outcome("a", texts), refused("expected a list, found a string", ""));
        let found = outcome("[[], a, {}]", texts).map_err(|found| found.len());
        assert_eq!(found, Err(2));
        let expected = refused("expected text or a list of texts, found a mapping", "");
        assert_eq!(outcome("{}", one_or_many), expected);
    }

    #[test]
    fn amounts_need_their_units() {
        let seconds = |seconds| Ok(spanned(Duration::from_secs(seconds)));
        assert_eq!(outcome("1h30m", duration), seconds(5_400));
        assert_eq!(outcome("'5s'", duration), seconds(5));
        let expected = refused("the duration `5` has no unit", "write a unit: 5s, 5m");
        assert_eq!(outcome("5", duration), expected);
        let help = "write whole numbers with ms, s, m, h or d: 500ms, 5s, 1h30m";
        assert_eq!(outcome("soon", duration), refused("`soon` is not a duration", help));
        assert_eq!(outcome("[]", duration), refused("expected a duration, found a list", ""));
        assert_eq!(outcome("10MiB", size), Ok(spanned(10 << 20)));
        assert_eq!(outcome("512", size), Ok(spanned(512)));
        let help = "write a whole number of bytes, or one with KB, KiB, MB, MiB, GB, GiB, TB or \
                    TiB: 10MiB";
        assert_eq!(outcome("10M", size), refused("`10M` is not a size", help));
    }
}
