//! Text from outside as one piece of a Markdown page, wherever on a line it stands.

use crate::timeline::inert;

/// Text in which nothing is a mark, a link or a tag, also where it begins a line.
pub(super) fn inert_line(text: &str) -> String {
    let text = inert(text.trim_start_matches([' ', '\t']));
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let mut rest = text.chars().skip(digits);
    match (digits, rest.next(), rest.next()) {
        // A list, a rule, a heading by what stands above it, a list with numbers.
        (0, Some('-' | '+' | '='), _) => format!("\\{text}"),
        (1.., Some('.' | ')'), None | Some(' ' | '\t' | '<')) => {
            format!("{}\\{}", &text[..digits], &text[digits..])
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_a_list_a_rule_or_a_heading_at_the_start_of_a_line_is_none() {
        let cases = [
            ("- one", r"\- one"),
            ("+ one", r"\+ one"),
            ("===", r"\==="),
            ("12. one", r"12\. one"),
            ("1) one", r"1\) one"),
            ("1.", r"1\."),
            ("0.4 s", "0.4 s"),
            ("    code", "code"),
            ("# one", r"\# one"),
            ("> one", "&gt; one"),
            ("18:05 one", "18:05 one"),
            ("one - two", "one - two"),
            ("", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(inert_line(text), expected, "{text}");
        }
    }
}
