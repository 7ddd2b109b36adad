//! The timeline of any story can be told in every form, and nothing in it is more than text.

use std::sync::LazyLock;

use holdpoint::journal::{Ending, FIRST_PREV, Record};
use holdpoint::timeline::visible::visible_json;
use holdpoint::timeline::{Timeline, View, Zone, csv, fold, markdown, text};
use regex::Regex;

use super::story::Story;
use super::terminal::assert_plain;

/// What would be a link, where it is written by itself.
static LINK: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)(https?|ftp)://|www\.").expect("it is written well"));

/// The only tags of the page.
static TAGS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"<br>|<code>[^<>]*</code>").expect("it is written well"));

/// A link to a kept output, which is the only one, and what is struck out.
static OWN: LazyLock<Regex> = LazyLock::new(|| {
    let link = r"\[(<code>[^<>]*</code>)\]\(output/[A-Za-z0-9._%-]*\)";
    Regex::new(&format!("{link}|~~")).expect("it is written well")
});

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
    for view in [View::Curated, View::Raw] {
        let (timeline, state) = fold(&mut story.whole_plan().into(), &records, &ending, view)
            .expect("all of it was taken once");
        assert_eq!(state, story.state);
        if view == View::Raw {
            assert_eq!(timeline.entries.len(), records.len(), "every record has an entry");
        }
        assert_json(&timeline);
        assert_page(&markdown(&timeline, Zone::Utc), &timeline);
        assert_plain(&text(&timeline, Zone::Utc));
        assert_sheet(&csv(&timeline, Zone::Utc), &timeline);
    }
}

fn assert_json(timeline: &Timeline) {
    let json = serde_json::to_string_pretty(timeline).expect("a timeline is JSON");
    let shown = visible_json(&json);
    assert_plain(&shown);
    let read: serde_json::Value = serde_json::from_str(&shown).expect("it can be read");
    assert_eq!(read, serde_json::from_str::<serde_json::Value>(&json).expect("and as written"));
    assert_eq!(read["entries"].as_array().map(Vec::len), Some(timeline.entries.len()));
}

/// No cell is a formula, and there is a row for each milestone, each entry and each last word.
fn assert_sheet(sheet: &str, timeline: &Timeline) {
    assert_plain(sheet);
    let mut reader = csv::Reader::from_reader(sheet.as_bytes());
    let rows: Vec<csv::StringRecord> =
        reader.records().map(|row| row.expect("every row has all columns")).collect();
    let milestones = if timeline.view == View::Curated { 7 } else { 0 };
    assert_eq!(rows.len(), milestones + timeline.entries.len() + timeline.unseen.len() + 1);
    let cells = rows.iter().flat_map(|row| row.iter());
    for cell in cells.filter(|cell| cell.parse::<i64>().is_err()) {
        assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell:?} is a formula");
    }
}

/// A title, facts, a table of milestones in the curated view, a table with a row for each entry, and
/// last words about what is not known and about damage.
fn assert_page(page: &str, timeline: &Timeline) {
    assert_plain(page);
    assert!(!LINK.is_match(page), "a link can be followed");
    let lines: Vec<&str> = page.lines().collect();
    let facts = lines.iter().skip(2).take_while(|line| line.starts_with("- ")).count();
    assert!(lines[0].starts_with("# ") && lines[1].is_empty() && facts > 5);
    let mut rows = &lines[2 + facts + 3..];
    if timeline.view == View::Curated {
        let (marks, rest) = rows.split_at(7);
        marks.iter().for_each(|row| assert_row(row, 4));
        rows = &rest[3..];
    }
    let (table, words) = rows.split_at(timeline.entries.len());
    table.iter().for_each(|row| assert_row(row, 7));
    let mut due = Vec::new();
    if !timeline.unseen.is_empty() {
        due.extend(["", "**Not known:** "]);
    }
    due.extend(["", "**Not the whole story:** "]);
    assert_eq!(words.len(), due.len(), "a row for each entry, and a line for each last word");
    assert!(words.iter().zip(due).all(|(line, due)| {
        if due.is_empty() { line.is_empty() } else { line.starts_with(due) }
    }));
}

fn assert_row(row: &str, columns: usize) {
    let bare = OWN.replace_all(row, "$1");
    let bare = TAGS.replace_all(&bare, "");
    let inner = bare.strip_prefix("| ").and_then(|bare| bare.strip_suffix(" |"));
    let inner = inner.unwrap_or_else(|| panic!("{row:?} is no row"));
    let cells: Vec<&str> = inner.split(" | ").collect();
    assert_eq!(cells.len(), columns, "{row:?} has not {columns} cells");
    for cell in cells {
        assert!(INERT.is_match(cell), "{cell:?} holds a mark");
    }
}
