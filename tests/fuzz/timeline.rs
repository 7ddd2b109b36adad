//! The timeline of any story can be told in both forms, and nothing in it is more than text.

use std::sync::LazyLock;

use holdpoint::journal::{Ending, FIRST_PREV, Record};
use holdpoint::timeline::{fold, markdown};
use regex::Regex;

use super::story::Story;
use super::terminal::assert_plain;

/// What would be a link, where it is written by itself.
static LINK: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)(https?|ftp)://|www\.").expect("it is written well"));

/// The only tags of the page.
static TAGS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"<br>|<code>[^<>]*</code>").expect("it is written well"));

/// What may stand in a row of the table, with its tags taken away: no mark that is not escaped.
static INERT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^([^|`*_\[\]\\~#!<>&]|\\.|&(#[0-9]+|amp|lt|gt);)*$").expect("it is written well")
});

pub(crate) fn play(bytes: &[u8]) {
    let mut story = Story::of(bytes);
    let (mut seq, mut prev) = (0, FIRST_PREV.to_owned());
    let records: Vec<Record> = story
        .events
        .iter()
        .map(|(at, event)| {
            seq += 1;
            let (record, line) = Record::write(seq, 1, *at, &prev, event.clone());
            assert_eq!(Record::read(line.trim_end()).as_ref(), Ok(&record));
            prev.clone_from(&record.hash);
            record
        })
        .collect();
    let ending = Ending::Damaged { line: 1, reason: story.words() };
    let (timeline, state) =
        fold(&mut story.whole_plan().into(), &records, &ending).expect("all of it was taken once");
    assert_eq!(state, story.state);
    let json = serde_json::to_string_pretty(&timeline).expect("a timeline is JSON");
    let read: serde_json::Value = serde_json::from_str(&json).expect("what is written can be read");
    assert_eq!(read["entries"].as_array().map(Vec::len), Some(timeline.entries.len()));
    assert_page(&markdown(&timeline), timeline.entries.len(), !timeline.unseen.is_empty());
}

/// A title, facts, a table with a row for each entry, and last words about what is not known and
/// about damage.
fn assert_page(page: &str, entries: usize, has_unseen: bool) {
    assert_plain(page);
    assert!(!LINK.is_match(page), "a link can be followed");
    let lines: Vec<&str> = page.lines().collect();
    let facts = lines.iter().skip(2).take_while(|line| line.starts_with("- ")).count();
    assert!(lines[0].starts_with("# ") && lines[1].is_empty() && facts > 5);
    let rows = &lines[2 + facts + 3..];
    let (table, words) = rows.split_at(entries);
    table.iter().for_each(|row| assert_row(row));
    let mut due = Vec::new();
    if has_unseen {
        due.extend(["", "**Not known:** "]);
    }
    due.extend(["", "**Not the whole story:** "]);
    assert_eq!(words.len(), due.len(), "a row for each entry, and a line for each last word");
    assert!(words.iter().zip(due).all(|(line, due)| {
        if due.is_empty() { line.is_empty() } else { line.starts_with(due) }
    }));
}

fn assert_row(row: &str) {
    let bare = TAGS.replace_all(row, "");
    let inner = bare.strip_prefix("| ").and_then(|bare| bare.strip_suffix(" |"));
    let inner = inner.unwrap_or_else(|| panic!("{row:?} is no row"));
    let cells: Vec<&str> = inner.splitn(4, " | ").collect();
    assert_eq!(cells.len(), 4, "{row:?} has not four cells");
    for cell in cells {
        assert!(INERT.is_match(cell), "{cell:?} holds a mark");
    }
}
