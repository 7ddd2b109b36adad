//! The texts that a regular expression describes: what a reader accepts, as far as one can say it.
//!
//! The expressions are plain enough for every engine: no looking around, nothing possessive. An
//! editor shows the sentence beside a pattern, and not the pattern.

use serde_json::{Value as Json, json};

/// A text without `${{`, and without the beginning of one at its end.
const PLAIN: &str = r"[^$]|\$+(?:\{\$+)*\{?[^${]";

/// What may end a text without being the beginning of a template.
const REST: &str = r"(?:\$+(?:\{\$+)*\{?)?";

/// What stands between `${{` and `}}`: the brackets may stand in strings.
const CODE: &str =
    concat!(r#"(?:\}?(?:[^}'"]|'(?:[^'\\]|\\[\s\S])*'|"#, r#""(?:[^"\\]|\\[\s\S])*"))*"#,);

/// The definition of a text by its name.
pub(super) fn definition(name: &str) -> Json {
    match name {
        "Id" | "Duration" | "Day" | "Size" => of_value(name),
        _ => of_text(name),
    }
}

/// Texts that are read by people, by shells and by the expression language.
fn of_text(name: &str) -> Json {
    let scalar = ["string", "number", "boolean"];
    match name {
        "Template" => json!({
            "description": "Text in which `${{ … }}` may stand.",
            "type": scalar,
            "pattern": template(),
            "patternErrorMessage": "`${{` is never closed by `}}`.",
        }),
        "Expression" => json!({
            "description": "An expression, such as `inputs.platform == \"systemd\"`.",
            "type": scalar,
            "pattern": format!(r"^\s*(?:[^\s$]|\$+(?:\{{\$+)*\{{?[^${{])(?:{PLAIN})*{REST}$"),
            "patternErrorMessage": "An expression stands by itself, without `${{` and `}}`.",
        }),
        "Script" => json!({
            "description": "A script for a shell, or a program and its arguments as a list.",
            "anyOf": [
                { "$ref": "#/$defs/Template", "pattern": r"\S" },
                { "type": "array", "items": { "$ref": "#/$defs/Template" }, "minItems": 1 },
            ],
        }),
        "Url" => json!({
            "description": "A URL that begins with `http://` or `https://`, or with a template.",
            "$ref": "#/$defs/Template",
            "type": "string",
            "pattern": r"^(?:https?://|\$\{\{)",
            "patternErrorMessage": "A URL begins with http:// or https://.",
        }),
        _ => json!({
            "description": "Anything, with `${{ … }}` in its texts.",
            "anyOf": [
                { "$ref": "#/$defs/Template" },
                { "type": "null" },
                { "type": "array", "items": { "$ref": "#/$defs/Json" } },
                { "type": "object", "additionalProperties": { "$ref": "#/$defs/Json" } },
            ],
        }),
    }
}

/// Texts with a value.
fn of_value(name: &str) -> Json {
    match name {
        "Id" => json!({
            "description": "Lower-case letters and digits in words joined by `-`.",
            "type": ["string", "boolean"],
            "pattern": "^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$",
            "patternErrorMessage": "An id is lower-case letters and digits in words joined by `-`.",
            "maxLength": 64,
        }),
        "Duration" => json!({
            "description": "A length of time: whole numbers with `ms`, `s`, `m`, `h` or `d`.",
            "type": "string",
            "pattern": "^(?:[0-9]+(?:ms|s|m|h|d))+$",
            "patternErrorMessage": "Write whole numbers with ms, s, m, h or d: 500ms, 5s, 1h30m.",
        }),
        "Day" => json!({
            "description": "A day, such as `2026-01-31`.",
            "type": "string",
            "format": "date",
            "pattern": "^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$",
            "patternErrorMessage": "Write a day as year, month and day: 2026-01-31.",
        }),
        _ => json!({
            "description": "A number of bytes: bare, or with a unit such as `KiB`.",
            "type": ["string", "integer"],
            "minimum": 0,
            "pattern": "^[0-9]+(?:B|[KMGT]i?B)?$",
            "patternErrorMessage": "Write a whole number of bytes, or one with KB, KiB … TiB.",
        }),
    }
}

fn template() -> String {
    format!(r"^(?:{PLAIN}|\$+(?:\{{\$+)*\{{\{{{CODE}\}}\}})*{REST}$")
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::*;

    fn pattern(name: &str) -> Regex {
        let definition = definition(name);
        Regex::new(definition["pattern"].as_str().unwrap_or("(")).expect("the pattern compiles")
    }

    #[test]
    fn a_template_is_text_in_which_every_bracket_is_closed() {
        for text in [
            "",
            "a b",
            "$",
            "${",
            "$$",
            "a ${HOME} $x $((1)) ${",
            "${{ a }}",
            "x${{ a }}y${{ b }}",
            "$${{ a }}",
            "${${{ a }}",
            "${{ '}}' }}",
            r#"${{ "\"}}" }}"#,
            "${{ {'a': 1} }}",
            "${{ a }}}",
            "}}",
            "line\n${{ a\n}}\n",
        ] {
            assert!(pattern("Template").is_match(text), "{text}");
        }
        for text in
            ["${{", "a ${{ b", "${{ a }} ${{ b }", "${{ '}}", "$${{ a", "${{ a } }", "${${{"]
        {
            assert!(!pattern("Template").is_match(text), "{text}");
        }
    }

    #[test]
    fn an_expression_is_not_blank_and_holds_no_template() {
        for text in ["a", " a ", "a == '$'", "'${'", "'$'", "$a", "${a}", "\n a"] {
            assert!(pattern("Expression").is_match(text), "{text}");
        }
        for text in ["", " ", "\n", "${{ a }}", "a ${{", " ${{", "$${{", "${${{"] {
            assert!(!pattern("Expression").is_match(text), "{text}");
        }
    }

    #[test]
    fn amounts_have_the_units_that_are_read() {
        for text in ["5s", "1h30m", "250ms", "007s", "1d1h1m1s1ms"] {
            assert!(pattern("Duration").is_match(text), "{text}");
            assert!(super::super::super::parse_duration(text).is_ok(), "{text}");
        }
        for text in ["", "5", "s", "1.5h", "-5m", "1h 30m", " 5s", "5S", "1w", "5s3"] {
            assert!(!pattern("Duration").is_match(text), "{text}");
            assert!(super::super::super::parse_duration(text).is_err(), "{text}");
        }
        for text in ["0", "7B", "1KB", "1KiB", "2MB", "2MiB", "3GB", "3GiB", "1TB", "1TiB"] {
            assert!(pattern("Size").is_match(text), "{text}");
            assert!(super::super::super::parse_size(text).is_ok(), "{text}");
        }
        for text in ["", "KB", "1kb", "1 KB", "1.5GB", "-1", "1K", "1iB", "1KBB"] {
            assert!(!pattern("Size").is_match(text), "{text}");
            assert!(super::super::super::parse_size(text).is_err(), "{text}");
        }
    }
}
