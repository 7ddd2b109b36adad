//! The forms in which a secret may turn up in output.
//!
//! As it is, in base64 at each of the three places in a group (standard and URL alphabet), in hex,
//! percent-encoded, escaped for JSON, and quoted for a shell; for a secret of several lines also
//! each line that is long enough. A form without one character that depends on what stands beside
//! the secret is what counts, so base64 forms are a little shorter than the real thing.

use std::fmt::Write;

use super::{SHORTEST, STRONG};

/// A value without the line end that files and commands put behind it.
pub fn without_line_end(value: &[u8]) -> &[u8] {
    let is_line_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let end = value.iter().rposition(|byte| !is_line_end(byte)).map_or(0, |last| last + 1);
    value.get(..end).unwrap_or_default()
}

/// Every form of a secret; none when it is too short to be masked.
pub fn of_secret(value: &[u8]) -> Vec<Vec<u8>> {
    let lines = value.split(|byte| *byte == b'\n').map(without_line_end);
    let long = lines.filter(|line| line.len() >= STRONG);
    let pieces = std::iter::once(value).chain(long).filter(|piece| piece.len() >= SHORTEST);
    pieces.flat_map(of_piece).filter(|form| form.len() >= SHORTEST).collect()
}

fn of_piece(piece: &[u8]) -> Vec<Vec<u8>> {
    let mut forms = vec![piece.to_vec()];
    for before in 0..3 {
        let standard = base64(piece, before);
        forms.push(standard.bytes().map(in_url_alphabet).collect());
        forms.push(standard.into_bytes());
    }
    forms.push(piece.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect());
    forms.push(piece.iter().flat_map(|byte| format!("{byte:02X}").into_bytes()).collect());
    forms.extend(percent_encoded(piece));
    forms.extend(quoted_for_shell(piece));
    if let Ok(text) = std::str::from_utf8(piece) {
        forms.extend(escaped_for_json(text));
    }
    forms
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The characters that `piece` alone determines when `before` bytes stand before it in its group.
fn base64(piece: &[u8], before: usize) -> String {
    let mut bits = 0_u32;
    let mut count = 0;
    let mut encoded = String::new();
    for byte in std::iter::repeat_n(&0, before).chain(piece) {
        bits = bits << 8 | u32::from(*byte);
        count += 8;
        while count >= 6 {
            count -= 6;
            encoded.push(char::from(ALPHABET[(bits >> count & 63) as usize]));
        }
    }
    encoded.chars().skip([0, 2, 3][before]).collect()
}

fn in_url_alphabet(byte: u8) -> u8 {
    match byte {
        b'+' => b'-',
        b'/' => b'_',
        other => other,
    }
}

/// As RFC 3986 says with either case of hex, as `encodeURIComponent` does, as `encodeURI` does, as
/// forms do.
fn percent_encoded(piece: &[u8]) -> [Vec<u8>; 5] {
    let strict = percent(piece, "-._~", Case::Upper);
    let form = percent(piece, "-._* ", Case::Upper).replace(' ', "+");
    [
        percent(piece, "-._~", Case::Lower).into_bytes(),
        percent(piece, "-._~!'()*", Case::Upper).into_bytes(),
        percent(piece, "-._~!'()*;/?:@&=+$,#", Case::Upper).into_bytes(),
        form.into_bytes(),
        strict.into_bytes(),
    ]
}

#[derive(Clone, Copy)]
enum Case {
    Lower,
    Upper,
}

fn percent(piece: &[u8], kept: &str, case: Case) -> String {
    let mut encoded = String::new();
    for byte in piece {
        let char = char::from(*byte);
        if char.is_ascii_alphanumeric() || kept.contains(char) {
            encoded.push(char);
        } else {
            let written = match case {
                Case::Lower => write!(encoded, "%{byte:02x}"),
                Case::Upper => write!(encoded, "%{byte:02X}"),
            };
            written.expect("a string takes all that is written to it");
        }
    }
    encoded
}

/// Inside single quotes, with a quote as `'\''` or as `'"'"'`; and with backslashes, bare and
/// inside double quotes.
fn quoted_for_shell(piece: &[u8]) -> [Vec<u8>; 4] {
    let replaced = |quote: &[u8]| {
        let parts: Vec<&[u8]> = piece.split(|byte| *byte == b'\'').collect();
        parts.join(quote)
    };
    let escaped = |needs: fn(u8) -> bool| {
        let with = |byte: &u8| needs(*byte).then_some(b'\\').into_iter().chain([*byte]);
        piece.iter().flat_map(with).collect()
    };
    let bare = |byte: u8| {
        byte.is_ascii() && !byte.is_ascii_alphanumeric() && !b"%+-./:=@_".contains(&byte)
    };
    let in_double_quotes = |byte: u8| b"\\\"$`".contains(&byte);
    [replaced(br"'\''"), replaced(br#"'"'"'"#), escaped(bare), escaped(in_double_quotes)]
}

/// As it must be, with `<`, `>` and `&` escaped as well, and with all but ASCII escaped.
fn escaped_for_json(text: &str) -> [Vec<u8>; 3] {
    let escaped = |needs: fn(char) -> bool| {
        let mut escaped = String::new();
        for char in text.chars() {
            push_json(&mut escaped, char, needs);
        }
        escaped.into_bytes()
    };
    [
        escaped(|_| false),
        escaped(|char| matches!(char, '<' | '>' | '&' | '\u{2028}' | '\u{2029}')),
        escaped(|char| !char.is_ascii()),
    ]
}

fn push_json(escaped: &mut String, char: char, needs: fn(char) -> bool) {
    match char {
        '"' => escaped.push_str("\\\""),
        '\\' => escaped.push_str("\\\\"),
        '\n' => escaped.push_str("\\n"),
        '\r' => escaped.push_str("\\r"),
        '\t' => escaped.push_str("\\t"),
        '\u{8}' => escaped.push_str("\\b"),
        '\u{c}' => escaped.push_str("\\f"),
        _ if char < ' ' || needs(char) => {
            for unit in char.encode_utf16(&mut [0; 2]) {
                write!(escaped, "\\u{unit:04x}").expect("a string takes all that is written to it");
            }
        }
        _ => escaped.push(char),
    }
}
