//! Text as it may be shown on a terminal, and stand on a page.
//!
//! An allow-list: printable characters, newline and tab pass. Whatever could move the cursor,
//! change the title, reorder or hide text is written out where it stands, as `\x1b` or `\u{202e}`,
//! so that a person sees that it was there. Bytes that are not UTF-8 become U+FFFD. Colour is no
//! exception: what a command prints never styles our lines.

use std::borrow::Cow;
use std::fmt::Write;

/// Bytes of any origin as text that a terminal takes as text and nothing else.
pub fn visible(bytes: &[u8]) -> String {
    visible_str(&String::from_utf8_lossy(bytes)).into_owned()
}

/// The same for text; it is borrowed when nothing had to be written out.
pub fn visible_str(text: &str) -> Cow<'_, str> {
    if text.bytes().all(is_plain_ascii) || text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    let mut rest = text.chars().peekable();
    while let Some(char) = rest.next() {
        match char {
            '\r' if rest.peek() == Some(&'\n') => {}
            _ if is_plain(char) => shown.push(char),
            _ => write_out(&mut shown, char),
        }
    }
    Cow::Owned(shown)
}

/// JSON in which nothing acts on a terminal: in a text such a character is written as its escape,
/// which means the same.
pub fn visible_json(json: &str) -> Cow<'_, str> {
    if json.bytes().all(is_plain_ascii) || json.chars().all(is_plain) {
        return Cow::Borrowed(json);
    }
    let mut shown = String::with_capacity(json.len() + 16);
    for char in json.chars() {
        match is_plain(char) {
            true => shown.push(char),
            false => {
                let mut units = [0; 2];
                for unit in char.encode_utf16(&mut units) {
                    write!(shown, "\\u{unit:04x}")
                        .expect("a string takes all that is written to it");
                }
            }
        }
    }
    Cow::Owned(shown)
}

fn write_out(shown: &mut String, char: char) {
    let code = u32::from(char);
    let written = match code {
        0..=0x7f => write!(shown, "\\x{code:02x}"),
        _ => write!(shown, "\\u{{{code:x}}}"),
    };
    written.expect("a string takes all that is written to it");
}

fn is_plain(char: char) -> bool {
    u8::try_from(char).is_ok_and(is_plain_ascii) || (!char.is_ascii() && !is_hidden(char))
}

fn is_plain_ascii(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\t' | b' '..=b'~')
}

/// Whether a character beyond ASCII acts on the terminal or on other text instead of showing itself.
fn is_hidden(char: char) -> bool {
    char.is_control()
        || matches!(char,
            '\u{ad}' | '\u{34f}' | '\u{61c}' // soft hyphen, grapheme joiner, Arabic letter mark
            | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' // Hangul fillers: letters without ink
            | '\u{17b4}' | '\u{17b5}' // Khmer vowels without ink
            | '\u{180b}'..='\u{180f}' // Mongolian selectors and separator
            | '\u{200b}'..='\u{200f}' // zero width, marks of direction
            | '\u{2028}'..='\u{202e}' // separators of lines and paragraphs, embeddings, overrides
            | '\u{2060}'..='\u{206f}' // joiners, invisible operators, isolates
            | '\u{fe00}'..='\u{fe0e}' // variation selectors; FE0F stays, it makes emoji
            | '\u{feff}' | '\u{fff0}'..='\u{fffb}' // byte order mark, interlinear marks
            | '\u{1bca0}'..='\u{1bca3}' // marks of shorthand without ink
            | '\u{1d173}'..='\u{1d17a}' // invisible marks of musical notation
            | '\u{e0000}'..='\u{e0fff}' // tags, more variation selectors
        )
        || u32::from(char) & 0xfffe == 0xfffe // not a character in any plane
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ordinary_text_is_borrowed_as_it_is() {
        let text = "größer: 日本語\tок ✓ e\u{301} ❤\u{fe0f}\n";
        assert!(matches!(visible_str(text), Cow::Borrowed(same) if same == text));
    }

    #[test]
    fn control_sequences_are_written_out() {
        let case = |bytes: &[u8], shown: &str| assert_eq!(visible(bytes), shown);
        case(b"\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m");
        case(b"\x1b]0;title\x07", r"\x1b]0;title\x07");
        case(b"\x1bP+q\x1b\\", r"\x1bP+q\x1b\");
        case("\u{9b}2J\u{85}".as_bytes(), r"\u{9b}2J\u{85}");
        case(b"a\x08b\x00c\x7f", r"a\x08b\x00c\x7f");
    }

    #[test]
    fn what_reorders_or_hides_text_is_written_out() {
        assert_eq!(visible_str("a\u{202e}b\u{2069}c\u{200b}d"), r"a\u{202e}b\u{2069}c\u{200b}d");
        assert_eq!(visible_str("\u{feff}x\u{e0041}"), r"\u{feff}x\u{e0041}");
        assert_eq!(visible_str("\u{1fffe}\u{1bca1}"), r"\u{1fffe}\u{1bca1}");
    }

    #[test]
    fn a_carriage_return_passes_only_as_part_of_a_line_end() {
        assert_eq!(visible(b"one\r\ntwo\rthree\r"), "one\ntwo\\x0dthree\\x0d");
    }

    #[test]
    fn bytes_that_are_no_utf_8_become_replacement_characters() {
        assert_eq!(visible(b"a\xff\xfeb\x9b"), "a\u{fffd}\u{fffd}b\u{fffd}");
    }

    #[test]
    fn json_means_the_same_when_what_acts_is_escaped() {
        let text = "a\u{1b}[0m\u{9b}b\u{202e}c\u{e0041}ü\n";
        let json = serde_json::to_string(text).unwrap();
        let shown = visible_json(&json);
        assert_eq!(shown, r#""a\u001b[0m\u009bb\u202ec\udb40\udc41ü\n""#);
        assert_eq!(serde_json::from_str::<String>(&shown).unwrap(), text);
    }

    proptest! {
        #[test]
        fn nothing_but_plain_characters_ever_comes_out(bytes: Vec<u8>) {
            prop_assert!(visible(&bytes).chars().all(is_plain));
        }
    }
}
