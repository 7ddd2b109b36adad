//! Bytes of any origin become text that a terminal only shows; what is plain passes unchanged.

use std::sync::LazyLock;

use holdpoint::report::{visible, visible_str};
use regex::Regex;

/// What acts on a terminal or on other text, as Unicode itself names it: control characters but
/// tab and newline, separators of lines, and what is ignored when it is shown, but for the mark
/// that makes emoji; and the marks around a gloss.
static ACTING: LazyLock<Regex> = LazyLock::new(|| {
    let acting = r"[[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}
        \x{FFF9}-\x{FFFB}]--[\t\n\x{FE0F}]]";
    let acting = format!("(?x){acting}");
    Regex::new(&acting).expect("the class is written well")
});

pub(crate) fn play(bytes: &[u8]) {
    let shown = visible(bytes);
    assert_plain(&shown);
    assert_eq!(visible_str(&shown), shown, "what was made plain is plain");
    let text = String::from_utf8_lossy(bytes);
    let has_line_ends_only = text.replace("\r\n", "\n");
    if !ACTING.is_match(&has_line_ends_only) && !text.chars().any(is_no_character) {
        assert_eq!(shown, has_line_ends_only, "plain text was changed");
    }
    assert_eq!(shown, visible_str(&text), "text and its bytes are shown the same");
}

/// Codes that Unicode gives to no character for ever.
fn is_no_character(char: char) -> bool {
    u32::from(char) & 0xfffe == 0xfffe
}

/// A text that a terminal takes as text and nothing else.
#[track_caller]
pub(crate) fn assert_plain(text: &str) {
    if let Some(found) = ACTING.find(text) {
        panic!("{:?} was let through", found.as_str());
    }
}
