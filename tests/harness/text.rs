//! Text as a test writes it and as a program prints it, and whether the two agree.
//!
//! A test writes `[TIME]`, `[AT]`, `[HASH]`, `[PID]` and `[MARK]` where a program prints a length of
//! time, a moment, a digest, a number or the mark of a session, which differ from run to run. Everything else is compared as it is,
//! so a `60s` that belongs to the message must be that `60s`.

/// A word that a test writes, and what takes its part at the beginning of a printed text.
type Stand = (&'static str, fn(&str) -> usize);

const STANDS: &[Stand] = &[
    ("[TIME]", time_length),
    ("[AT]", moment_length),
    ("[HASH]", hash_length),
    ("[PID]", digits),
    ("[MARK]", mark_length),
];

/// The text without the indentation that all its lines share, ending in one line break.
pub(crate) fn dedented(text: &str) -> String {
    let text = text.strip_prefix('\n').unwrap_or(text).trim_end();
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let lines = || text.lines();
    let shared = lines().filter(|line| !line.trim().is_empty()).map(indent).min().unwrap_or(0);
    lines().map(|line| format!("{}\n", line.get(shared..).unwrap_or_default())).collect()
}

/// Whether the whole text is as expected.
pub(crate) fn agrees(expected: &str, text: &str) -> bool {
    after(expected, text) == Some("")
}

/// Whether some part of the text is as expected.
pub(crate) fn holds(expected: &str, text: &str) -> bool {
    text.char_indices().any(|(at, _)| after(expected, text.get(at..).unwrap_or("")).is_some())
}

/// How often the text holds a part that is as expected.
pub(crate) fn count(expected: &str, text: &str) -> usize {
    let starts = text.char_indices().map(|(at, _)| text.get(at..).unwrap_or(""));
    starts.filter(|rest| after(expected, rest).is_some()).count()
}

/// The number of the first line that is not as expected, from 1.
pub(crate) fn first_difference(expected: &str, text: &str) -> usize {
    let pairs = expected.lines().zip(text.lines());
    1 + pairs.take_while(|(expected, found)| agrees(expected, found)).count()
}

/// What stands after the expected beginning, if the text begins so.
fn after<'a>(mut expected: &str, mut text: &'a str) -> Option<&'a str> {
    'next: while let Some(wanted) = expected.chars().next() {
        for (word, length) in STANDS {
            if let Some(rest) = expected.strip_prefix(word) {
                let length = length(text);
                text = text.get(length..).filter(|_| length > 0)?;
                expected = rest;
                continue 'next;
            }
        }
        text = text.strip_prefix(wanted)?;
        expected = expected.strip_prefix(wanted)?;
    }
    Some(text)
}

/// The text without what is said of an answer that came at once, as it does from a test.
pub(crate) fn unhurried(text: &str) -> String {
    const BEGINS: &str = ", answered in ";
    const ENDS: &str = ", too fast to have been read";
    let mut text = text.to_owned();
    while let Some(start) = text.find(BEGINS)
        && let Some(length) = text.get(start..).and_then(|rest| rest.find(ENDS))
    {
        text.replace_range(start..start + length + ENDS.len(), "");
    }
    text
}

fn digits(text: &str) -> usize {
    text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len()
}

/// Three syllables: `kelumo`.
fn mark_length(text: &str) -> usize {
    let is_vowel = |at: usize| text.get(at..=at).is_some_and(|c| "aeiou".contains(c));
    let is_word = (0..6).all(|at| is_vowel(at) == (at % 2 == 1));
    let ends = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric());
    if is_word && text.get(6..).is_some_and(ends) { 6 } else { 0 }
}

/// `312ms`, `0.3s`, `0.3 s`, `1m 30s`, `3 m 20 s`, `1h30m`.
fn time_length(text: &str) -> usize {
    let mut whole = 0;
    loop {
        let gap = usize::from(whole > 0 && text.get(whole..).is_some_and(|t| t.starts_with(' ')));
        match one_time_length(text.get(whole + gap..).unwrap_or_default()) {
            0 => return whole,
            length => whole += gap + length,
        }
    }
}

fn one_time_length(text: &str) -> usize {
    let number = match digits(text) {
        0 => return 0,
        n => text.get(n..).and_then(|t| t.strip_prefix('.')).map_or(n, |t| n + 1 + digits(t)),
    };
    let number = number + usize::from(text.get(number..).is_some_and(|t| t.starts_with(' ')));
    let unit = text.get(number..).unwrap_or_default();
    let ends = |rest: &str| !rest.starts_with(|c: char| c.is_alphabetic());
    let fits = |name: &&str| unit.strip_prefix(*name).is_some_and(ends);
    ["ms", "s", "m", "h", "d"].into_iter().find(fits).map_or(0, |name| number + name.len())
}

/// `2026-11-20T10:00:00.123Z`, `2026-11-20`, `10:00:00`.
fn moment_length(text: &str) -> usize {
    let is_part = |c: char| c.is_ascii_digit() || "-:.TZ+".contains(c);
    let part = text.len() - text.trim_start_matches(is_part).len();
    let moment = text.get(..part).unwrap_or_default().trim_end_matches(['.', ':', '-', '+', 'T']);
    let is_moment = digits(moment) >= 2 && moment.contains(['-', ':']) && moment.len() >= 5;
    if is_moment { moment.len() } else { 0 }
}

/// At least seven digits of lowercase hexadecimal.
fn hash_length(text: &str) -> usize {
    let is_hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    let length = text.len() - text.trim_start_matches(is_hex).len();
    if length < 7 { 0 } else { length }
}
