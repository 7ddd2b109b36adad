//! A few forms of YAML, written so that they mean what they say: every text that could be read as
//! something else stands in quotes.

use std::fmt::Write;

use serde_json::Value as Json;

/// The longest line that a list or a mapping takes; a longer one stands entry by entry.
const WIDTH: usize = 96;

/// The plain words that do not mean a text, to one reader of YAML or another.
const TAKEN: &[&str] = &["true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf"];

/// A text as it stands in YAML.
pub fn text(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    let mut quoted = String::from("\"");
    for sign in text.chars() {
        match sign {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            ' '..='~' => quoted.push(sign),
            sign if sign.is_alphanumeric() => quoted.push(sign),
            sign => {
                let _ = write!(quoted, "\\U{:08X}", u32::from(sign));
            }
        }
    }
    quoted.push('"');
    quoted
}

fn is_plain(text: &str) -> bool {
    let is_good = |sign: char| sign.is_ascii_alphanumeric() || "_./~ -".contains(sign);
    let begins = text.starts_with(|sign: char| sign.is_ascii_alphabetic() || sign == '/');
    begins
        && text.chars().all(is_good)
        && !text.ends_with(' ')
        && !TAKEN.contains(&text.to_ascii_lowercase().as_str())
}

/// A value in one line.
pub fn flow(value: &Json) -> String {
    match value {
        Json::String(value) => text(value),
        Json::Array(items) => {
            format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", "))
        }
        Json::Object(entries) => {
            let entry = |(key, value): (&String, &Json)| format!("{}: {}", text(key), flow(value));
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// A key with its value below an indentation; over several lines where one would be too long.
pub fn entry(key: &str, value: &Json, indent: usize, out: &mut String) {
    let pad = " ".repeat(indent);
    let line = format!("{pad}{}: {}\n", text(key), flow(value));
    let is_short = line.chars().count() <= WIDTH;
    match value {
        Json::Array(items) if !is_short && !items.is_empty() => {
            let _ = writeln!(out, "{pad}{}:", text(key));
            for item in items {
                let _ = writeln!(out, "{pad}  - {}", flow(item));
            }
        }
        Json::Object(entries) if !is_short && !entries.is_empty() => {
            let _ = writeln!(out, "{pad}{}:", text(key));
            entries.iter().for_each(|(key, value)| entry(key, value, indent + 2, out));
        }
        _ => out.push_str(&line),
    }
}

/// A key with entries below it, each on a line of its own; nothing where there are none.
pub fn block(key: &str, entries: &[(String, Json)], indent: usize, out: &mut String) {
    if entries.is_empty() {
        return;
    }
    let _ = writeln!(out, "{}{}:", " ".repeat(indent), text(key));
    entries.iter().for_each(|(key, value)| entry(key, value, indent + 2, out));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::document::{self};
    use crate::source::{Problems, Source};

    use super::*;

    /// What a text of YAML means, as JSON.
    fn read(text: &str) -> Json {
        let mut problems = Problems::default();
        let source = Source::new("test.yaml", text);
        let node = document::parse(&source, &mut problems);
        assert!(!problems.has_errors(), "{text}");
        node.map(|node| node.to_json()).unwrap_or_default()
    }

    #[test]
    fn a_plain_text_has_no_quotes() {
        for plain in ["restart", "bring-back/restart", "stop~undo", "/backups/a.sql.gz", "a b"] {
            assert_eq!(text(plain), plain);
        }
    }

    const TEXTS: &[&str] = &[
        "",
        " ",
        "a ",
        " a",
        "yes",
        "No",
        "null",
        "~",
        "1",
        "1.5",
        "0x1f",
        "2026-01-31",
        "- a",
        "a: b",
        "a #b",
        "#a",
        "{a}",
        "[a]",
        "a, b",
        "'a'",
        "\"a\"",
        "a\\b",
        "a\nb",
        "a\tb",
        "\u{1b}[31m",
        "\u{7f}",
        "\u{85}",
        "\u{2028}",
        "\u{feff}",
        "ü",
        "日本",
        "🦀",
        "go/*",
        "*a",
        "&a",
        "!a",
        "%a",
        "@a",
        "`a`",
        "|",
        ">",
        "?",
        "? a",
        ":",
        "a:",
        "=",
        "<<",
        "---",
        "...",
        "${{ inputs.a }}",
        "\u{0}",
    ];

    #[test]
    fn every_text_is_read_as_what_it_was() {
        for one in TEXTS.iter().copied() {
            assert_eq!(read(&format!("key: {}\n", text(one))), json!({"key": one}), "{one:?}");
            assert_eq!(read(&format!("{}: 1\n", text(one))), json!({one: 1}), "{one:?}");
            let all = json!({"a": [one, {one: one}]});
            assert_eq!(read(&flow(&all)), all, "{one:?}");
        }
    }

    #[test]
    fn what_is_too_long_for_a_line_stands_entry_by_entry() {
        let steps: Vec<String> = (0..30).map(|number| format!("step-{number}")).collect();
        let long = json!({"list": steps, "map": {"one": "a".repeat(60), "two": "b".repeat(60)}});
        let mut written = String::new();
        entry("all", &long, 2, &mut written);
        assert_eq!(read(&written), json!({"all": long}));
        assert!(written.lines().all(|line| line.chars().count() <= WIDTH), "{written}");
    }
}
