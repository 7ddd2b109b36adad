//! Changes of a script that stand in the source as it is: words that are put in, replaced or taken
//! away. Where the text was changed by reading it, there is no change to offer.

use std::ops::Range;

use crate::lint::Edit;
use crate::lint::scene::{Scene, Script};
use crate::lint::shell::Word;

/// Puts words behind one.
pub(super) fn behind(
    scene: &Scene<'_>,
    script: &Script<'_>,
    word: &Word,
    more: &[&str],
) -> Option<Vec<Edit>> {
    let span = script.exact(&word.range, scene.source).filter(|_| is_plain(script, word))?;
    let glue = glue(scene, script)?;
    let text: String = more.iter().map(|word| format!("{glue}{}", quoted(word, script))).collect();
    Some(vec![Edit::insert(span.end, text)])
}

/// Puts words before one.
pub(super) fn before(
    scene: &Scene<'_>,
    script: &Script<'_>,
    word: &Word,
    more: &[&str],
) -> Option<Vec<Edit>> {
    let span = script.exact(&word.range, scene.source)?;
    let glue = glue(scene, script)?;
    let text: String = more.iter().map(|word| format!("{}{glue}", quoted(word, script))).collect();
    Some(vec![Edit::insert(span.start, text)])
}

/// Replaces a part of a script.
pub(super) fn replaced(
    scene: &Scene<'_>,
    script: &Script<'_>,
    range: &Range<usize>,
    text: &str,
) -> Option<Vec<Edit>> {
    let span = script.exact(range, scene.source)?;
    Some(vec![Edit::replace(span, text)])
}

/// Takes a word away, with the blank before it.
pub(super) fn without(scene: &Scene<'_>, script: &Script<'_>, word: &Word) -> Option<Vec<Edit>> {
    let before = script.text.get(..word.range.start)?;
    let blanks = before.len() - before.trim_end_matches(' ').len();
    let range = word.range.start - blanks..word.range.end;
    let is_free = script.is_shell && blanks > 0 && is_plain(script, word);
    is_free.then(|| replaced(scene, script, &range, "")).flatten()
}

/// Whether a word stands in the script as its text.
fn is_plain(script: &Script<'_>, word: &Word) -> bool {
    script.text.get(word.range.clone()) == Some(&word.text)
}

/// What stands between two words: a blank, or a comma in a list of one line.
fn glue(scene: &Scene<'_>, script: &Script<'_>) -> Option<&'static str> {
    let is_flow =
        || scene.source.text().get(script.node.span.start..)?.starts_with('[').then_some(", ");
    if script.is_shell { Some(" ") } else { is_flow() }
}

/// A word as it is written; in a list a number is text only in quotes.
fn quoted(word: &str, script: &Script<'_>) -> String {
    if !script.is_shell && word.bytes().all(|byte| byte.is_ascii_digit()) {
        format!("\"{word}\"")
    } else {
        word.to_owned()
    }
}
