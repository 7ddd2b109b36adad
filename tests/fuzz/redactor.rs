//! Nothing of a secret is let out, in none of its forms, however its surroundings are cut.
//!
//! The mask is compared with one that looks at every place for every form; and what others make of
//! a secret (base64, hex, percent, JSON, a shell's word) must be among the forms.

use holdpoint::runtime::redact::{MASK, Redactor, forms};

use super::Bytes;

pub(crate) fn play(bytes: &[u8]) {
    let mut bytes = Bytes::new(bytes);
    let secrets: Vec<&[u8]> = (0..=bytes.below(4)).map(|_| secret(&mut bytes)).collect();
    let text = text(&mut bytes, &secrets);
    let cuts = bytes.take(8);
    let redactor = Redactor::new(secrets.iter().map(|secret| ("secret", *secret)));
    let masked = redactor.mask(&text).into_owned();
    assert_eq!(streamed(&redactor, &text, cuts), masked, "the cutting makes a difference");
    assert_eq!(masked, expected(&text, &secrets), "another mask than that of every place");
    if let Ok(text) = std::str::from_utf8(&text) {
        assert_eq!(redactor.mask_str(text), String::from_utf8_lossy(&masked));
    }
}

fn secret<'a>(bytes: &mut Bytes<'a>) -> &'a [u8] {
    let length = bytes.below(24);
    bytes.take(length)
}

/// Stretches of noise, of secrets in some form, and of beginnings of such.
fn text(bytes: &mut Bytes<'_>, secrets: &[&[u8]]) -> Vec<u8> {
    let mut text = Vec::new();
    for _ in 0..bytes.below(24) {
        let of = *bytes.choose(secrets).expect("there is a secret");
        match bytes.below(8) {
            0 => {
                let length = bytes.below(16);
                text.extend(bytes.take(length));
            }
            1 => text.extend(&of[..bytes.below(of.len() + 1)]),
            2 => {
                let before = bytes.below(4);
                let whole = [bytes.take(before), of, bytes.take(2)].concat();
                assert_known(of, &base64_inside(of, before.min(whole.len() - of.len())));
                text.extend(base64(&whole));
            }
            form => text.extend(written(of, form)),
        }
    }
    text
}

/// A secret as other programs write it.
fn written(secret: &[u8], form: usize) -> Vec<u8> {
    let piece = forms::without_line_end(secret);
    let each =
        |write: fn(&u8) -> String| piece.iter().flat_map(|b| write(b).into_bytes()).collect();
    let found: Vec<u8> = match form {
        3 => each(|byte| format!("{byte:02x}")),
        4 => each(|byte| match byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            true => char::from(*byte).to_string(),
            false => format!("%{byte:02X}"),
        }),
        5 => match std::str::from_utf8(piece) {
            Ok(text) => {
                let quoted = serde_json::to_string(text).expect("a text is JSON");
                quoted[1..quoted.len() - 1].into()
            }
            Err(_) => piece.to_vec(),
        },
        6 => each(|byte| match byte {
            b'\'' => r"'\''".to_owned(),
            other => char::from(*other).to_string(),
        }),
        _ => piece.to_vec(),
    };
    if form != 6 || piece.is_ascii() {
        assert_known(secret, &found);
    }
    found
}

/// What has at least four bytes and is a form of a secret must be known as one.
fn assert_known(secret: &[u8], form: &[u8]) {
    let piece = forms::without_line_end(secret);
    if piece.len() >= 4 && form.len() >= 4 {
        let known = forms::of_secret(piece);
        assert!(known.iter().any(|known| known == form), "{form:?} is no form of {piece:?}");
    }
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Base64 by groups of three bytes.
fn base64(bytes: &[u8]) -> Vec<u8> {
    let group = |three: &[u8]| {
        let byte = |at: usize| u32::from(three.get(at).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        (0..4).map(move |at| ALPHABET[(bits >> (18 - 6 * at) & 63) as usize]).collect::<Vec<u8>>()
    };
    bytes.chunks(3).flat_map(group).collect()
}

/// The characters of base64 that a secret alone decides, so many bytes after the beginning.
fn base64_inside(secret: &[u8], before: usize) -> Vec<u8> {
    let piece = forms::without_line_end(secret);
    let whole = base64(&[&vec![0; before], piece].concat());
    let (first, last) = ((before * 8).div_ceil(6), (before + piece.len()) * 8 / 6);
    whole.get(first..last).unwrap_or_default().to_vec()
}

/// The text in chunks whose sizes come from the input, over and over.
fn streamed(redactor: &Redactor, text: &[u8], cuts: &[u8]) -> Vec<u8> {
    let mut stream = redactor.stream();
    let mut shown = Vec::new();
    let mut rest = text;
    let mut sizes = cuts.iter().map(|size| usize::from(*size)).cycle();
    while !rest.is_empty() {
        let size = sizes.next().unwrap_or(1).clamp(1, rest.len());
        let (chunk, after) = rest.split_at(size);
        shown.extend_from_slice(&stream.push(chunk));
        rest = after;
    }
    shown.extend(stream.finish());
    shown
}

/// Every form at every place, those that overlap under one mask.
fn expected(text: &[u8], secrets: &[&[u8]]) -> Vec<u8> {
    let pieces = secrets.iter().map(|secret| forms::without_line_end(secret));
    let known: Vec<Vec<u8>> = pieces.flat_map(forms::of_secret).collect();
    let mut is_hidden = vec![false; text.len()];
    // Whether a byte is under the same mask as the one before it.
    let mut goes_on = vec![false; text.len()];
    for form in &known {
        for (at, _) in text.windows(form.len()).enumerate().filter(|(_, part)| part == form) {
            is_hidden[at..at + form.len()].fill(true);
            goes_on[at + 1..at + form.len()].fill(true);
        }
    }
    let mut shown = Vec::new();
    for (at, byte) in text.iter().enumerate() {
        match (is_hidden[at], goes_on[at]) {
            (false, _) => shown.push(*byte),
            (true, false) => shown.extend(MASK.bytes()),
            (true, true) => {}
        }
    }
    shown
}
