//! Secrets in every form, in texts cut anywhere.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;

const KEY: &str = "-----BEGIN KEY-----\nMIIEvQIBADANBg\nshort\nkqhkiG9w0BAQEF\n-----END KEY-----\n";

fn redactor(values: &[&str]) -> Redactor {
    Redactor::new(values.iter().map(|value| ("secret", value)))
}

fn masked(values: &[&str], text: &str) -> String {
    redactor(values).mask_str(text).into_owned()
}

/// `text` pushed in chunks of these sizes, over and over.
fn streamed(redactor: &Redactor, text: &[u8], sizes: &[usize]) -> Vec<u8> {
    let mut stream = redactor.stream();
    let mut shown = Vec::new();
    let mut rest = text;
    for size in sizes.iter().cycle() {
        let (chunk, after) = rest.split_at((*size).min(rest.len()));
        shown.extend_from_slice(&stream.push(chunk));
        rest = after;
        if rest.is_empty() {
            break;
        }
    }
    shown.extend(stream.finish());
    shown
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// Base64 written another way than the code under test does it.
fn base64_of(bytes: &[u8]) -> String {
    let bits: String = bytes.iter().map(|byte| format!("{byte:08b}")).collect();
    let groups: Vec<char> = bits.chars().collect();
    let alphabet: Vec<char> =
        ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['+', '/']).collect();
    let sextet = |group: &[char]| {
        let text: String = group.iter().chain(&['0'; 6]).take(6).collect();
        alphabet[usize::from_str_radix(&text, 2).unwrap_or_default()]
    };
    groups.chunks(6).map(sextet).collect()
}

#[test]
fn a_secret_becomes_one_mask() {
    assert_eq!(masked(&["hunter22"], "password hunter22!"), "password ***!");
    assert_eq!(masked(&["hunter22"], "hunter22hunter22"), "******");
}

#[test]
fn a_secret_that_begins_another_leaves_nothing_of_it() {
    assert_eq!(masked(&["abcd", "abcdef"], "abcdef abcde"), "*** ***e");
    assert_eq!(masked(&["abcd", "cdefgh"], "abcdefgh"), "***");
    assert_eq!(masked(&["aabb"], "aabbaabb"), "******");
}

#[test]
fn overlapping_secrets_share_a_mask_however_the_text_is_cut() {
    let redactor = redactor(&["abcdef", "efgh", "cdefghij"]);
    for size in 1..12 {
        assert_eq!(
            streamed(&redactor, b"<abcdefghij> <abcdefgh> <efghij>", &[size]),
            b"<***> <***> <***ij>"
        );
    }
}

#[test]
fn only_what_may_begin_a_secret_is_held_back() {
    let mut stream = redactor(&["hunter22"]).stream();
    assert_eq!(&*stream.push(b"Password: "), b"Password: ");
    assert_eq!(&*stream.push(b"a hunt"), b"a ");
    assert_eq!(&*stream.push(b"ing h"), b"hunting ");
    assert_eq!(&*stream.push(b"unter22"), b"***");
    assert_eq!(&*stream.push(b" hunter2"), b" ");
    assert_eq!(stream.finish(), b"hunter2");
}

#[test]
fn the_lines_of_a_long_secret_are_masked_alone() {
    assert_eq!(masked(&[KEY], KEY), "***\n");
    assert_eq!(masked(&[KEY], "got MIIEvQIBADANBg\r\nshort\r\n"), "got ***\r\nshort\r\n");
}

#[test]
fn the_line_end_of_a_secret_is_no_part_of_it() {
    assert_eq!(masked(&["hunter22\r\n"], "is hunter22."), "is ***.");
}

#[test]
fn every_encoded_form_is_masked() {
    let secret = "pä's <wörd>&\"x$`\\ y/?=\t1\n2;_~*";
    let case = |text: &str| {
        assert_eq!(masked(&[secret], &format!("[{text}]")), "[***]", "{text}");
    };
    case(secret);
    case("pä'\\''s <wörd>&\"x$`\\ y/?=\t1\n2;_~*");
    case("pä'\"'\"'s <wörd>&\"x$`\\ y/?=\t1\n2;_~*");
    case("pä's <wörd>&\\\"x\\$\\`\\\\ y/?=\t1\n2;_~*");
    case("pä's <wörd>&\\\"x$`\\\\ y/?=\\t1\\n2;_~*");
    case("pä's \\u003cwörd\\u003e\\u0026\\\"x$`\\\\ y/?=\\t1\\n2;_~*");
    case("p\\u00e4's <w\\u00f6rd>&\\\"x$`\\\\ y/?=\\t1\\n2;_~*");
    case("p%C3%A4%27s%20%3Cw%C3%B6rd%3E%26%22x%24%60%5C%20y%2F%3F%3D%091%0A2%3B_~%2A");
    case("p%c3%a4%27s%20%3cw%c3%b6rd%3e%26%22x%24%60%5c%20y%2f%3f%3d%091%0a2%3b_~%2a");
    case("p%C3%A4's%20%3Cw%C3%B6rd%3E%26%22x%24%60%5C%20y%2F%3F%3D%091%0A2%3B_~*");
    case("p%C3%A4%27s+%3Cw%C3%B6rd%3E%26%22x%24%60%5C+y%2F%3F%3D%091%0A2%3B_%7E*");
    case(&secret.bytes().map(|byte| format!("{byte:02x}")).collect::<String>());
    case(&secret.bytes().map(|byte| format!("{byte:02X}")).collect::<String>());
}

#[test]
fn a_short_secret_is_named_as_weak_and_below_four_bytes_not_masked() {
    let redactor =
        Redactor::new([("pin", "042"), ("word", "abcde"), ("key", "abcdefgh"), ("none", "")]);
    assert_eq!(redactor.weak(), ["pin", "word"]);
    assert_eq!(redactor.mask_str("042 abcde"), "042 ***");
}

#[test]
fn without_secrets_nothing_is_copied() {
    let mut stream = Redactor::default().stream();
    assert!(matches!(stream.push(b"text"), Cow::Borrowed(b"text")));
    assert!(matches!(redactor(&[""]).mask(b"text"), Cow::Borrowed(b"text")));
    assert!(stream.finish().is_empty());
}

#[test]
fn a_mask_that_cuts_a_character_leaves_text() {
    let redactor = Redactor::new([("bytes", b"abc\xc3")]);
    assert_eq!(redactor.mask_str("abcä!"), "***\u{fffd}!");
}

#[test]
fn a_redactor_does_not_print_what_it_knows() {
    assert_eq!(format!("{:?}", redactor(&["hunter22"])), "Redactor(***)");
}

/// Few letters, so that secrets overlap each other and themselves.
fn crowded_secrets() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec("[ab]{4,9}", 1..4)
}

proptest! {
    #[test]
    fn a_stream_shows_what_the_whole_would_show(
        secrets in crowded_secrets(), text in "[abc]{0,60}", sizes in prop::collection::vec(1_usize..9, 1..6),
    ) {
        let redactor = Redactor::new(secrets.iter().map(|secret| ("s", secret)));
        let whole = redactor.mask(text.as_bytes()).into_owned();
        prop_assert_eq!(streamed(&redactor, text.as_bytes(), &sizes), whole.clone());
        for secret in &secrets {
            prop_assert!(!contains(&whole, secret.as_bytes()));
        }
    }

    #[test]
    fn exactly_the_bytes_of_secrets_are_gone(secrets in crowded_secrets(), text in "[abc]{0,60}") {
        let redactor = Redactor::new(secrets.iter().map(|secret| ("s", secret)));
        let bytes = text.as_bytes();
        let mut hidden = vec![false; bytes.len()];
        for secret in &secrets {
            for at in 0..bytes.len() {
                if bytes[at..].starts_with(secret.as_bytes()) {
                    hidden[at..at + secret.len()].fill(true);
                }
            }
        }
        let kept: Vec<u8> = (0..bytes.len()).filter(|at| !hidden[*at]).map(|at| bytes[at]).collect();
        let mut shown = redactor.mask(bytes).into_owned();
        shown.retain(|byte| *byte != b'*');
        prop_assert_eq!(shown, kept);
    }

    #[test]
    fn text_without_a_secret_passes_unchanged(
        text in prop::collection::vec(any::<u8>(), 0..200), sizes in prop::collection::vec(1_usize..40, 1..6),
    ) {
        static REDACTOR: LazyLock<Redactor> =
            LazyLock::new(|| redactor(&["correct horse battery staple", KEY]));
        prop_assert_eq!(streamed(&REDACTOR, &text, &sizes), text);
    }
}

proptest! {
    // Each case builds its own search.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn base64_shows_no_secret_wherever_it_stands(
        before in prop::collection::vec(any::<u8>(), 0..7),
        secret in prop::collection::vec(any::<u8>(), 12..40).prop_filter("no line end", |secret| !secret.contains(&b'\n') && !secret.contains(&b'\r')),
        after in prop::collection::vec(any::<u8>(), 0..7),
        size in 1_usize..9,
    ) {
        let redactor = Redactor::new([("s", &secret)]);
        let encoded = base64_of(&[before.as_slice(), &secret, &after].concat());
        let url = encoded.replace('+', "-").replace('/', "_");
        for text in [encoded, url] {
            let shown = streamed(&redactor, text.as_bytes(), &[size]);
            prop_assert!(contains(&shown, b"***"), "{text}");
            let around = (before.len() + after.len()) * 8 / 6 + 6;
            prop_assert!(shown.len() <= MASK.len() + around, "{text}");
        }
    }
}
