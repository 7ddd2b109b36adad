//! The timeline as CSV, for spreadsheets. A cell that a spreadsheet would take as a formula is marked
//! as text with a `'` before it.

use chrono::SecondsFormat;
use csv::Writer;

use super::facts::Facts;
use super::visible::visible_str;
use super::{Entry, Timeline, View, Zone};

/// The columns. They are a promise: new ones come last.
const COLUMNS: [&str; 14] = [
    "seq",
    "time_utc",
    "time_local",
    "noted_utc",
    "after_ms",
    "kind",
    "step",
    "who",
    "where",
    "what",
    "took_ms",
    "waited_ms",
    "exit",
    "evidence",
];

/// The rows: the milestones first in the curated view, then the entries.
pub fn csv(timeline: &Timeline, zone: Zone) -> String {
    let facts = Facts { timeline, zone };
    let mut rows = Writer::from_writer(Vec::new());
    let mut push = |row: &[String]| {
        rows.write_record(row).expect("every row has all columns, and memory takes all of it");
    };
    push(&COLUMNS.map(str::to_owned));
    if timeline.view == View::Curated {
        milestones(&facts).iter().for_each(|row| push(row));
    }
    timeline.entries.iter().for_each(|entry| push(&row(&facts, entry)));
    for step in &timeline.unseen {
        push(&unknown(Some(step), "it had begun, and how it ended is not known"));
    }
    if let Some(damage) = &timeline.damage {
        push(&unknown(None, &format!("not the whole story: {damage}")));
    }
    let bytes = rows.into_inner().expect("memory takes all that is written to it");
    String::from_utf8(bytes).expect("it is made of text alone")
}

fn row(facts: &Facts<'_>, entry: &Entry) -> [String; 14] {
    let number = |it: Option<u64>| it.map(|it| it.to_string()).unwrap_or_default();
    let cell = |text: &Option<String>| text.as_deref().map(inert).unwrap_or_default();
    let noted = (entry.when() != entry.at).then(|| time(entry.at, Zone::Utc));
    let corrected = entry.corrected_by().map(|seq| format!("[corrected by {seq}] "));
    let what = [corrected.unwrap_or_default(), entry.text.clone()].concat();
    let what = std::iter::once(what.as_str()).chain(entry.lines.iter().map(String::as_str));
    let evidence = entry.evidence.iter().map(|it| format!("{} sha256:{}", it.file, it.sha256));
    let kind = serde_json::to_value(entry.kind).unwrap_or_default();
    [
        entry.seq.to_string(),
        time(entry.when(), Zone::Utc),
        time(entry.when(), facts.zone),
        noted.unwrap_or_default(),
        entry.elapsed_ms.to_string(),
        kind.as_str().unwrap_or_default().to_owned(),
        cell(&entry.step),
        cell(&entry.by),
        cell(&entry.place),
        inert(&what.collect::<Vec<&str>>().join("\n")),
        number(entry.took_ms),
        number(entry.waited_ms),
        entry.exit.map(|exit| exit.to_string()).unwrap_or_default(),
        inert(&evidence.collect::<Vec<String>>().join("\n")),
    ]
}

fn milestones(facts: &Facts<'_>) -> Vec<[String; 14]> {
    let row = |(label, reached): (&str, Option<&super::milestones::Reached>)| {
        let mut row: [String; 14] = Default::default();
        row[5] = "milestone".into();
        row[9] = format!("{label}: {}", facts.unreached(label));
        if let Some(it) = reached {
            row[0] = it.known.seq.to_string();
            row[1] = time(it.at, Zone::Utc);
            row[2] = time(it.at, facts.zone);
            row[4] = it.after_ms.to_string();
            row[7] = it.known.by.as_deref().map(inert).unwrap_or_default();
            let base = facts.base().to_lowercase();
            row[9] = inert(&format!("{label}: {}; after_ms is {base}", it.known.words()));
        }
        row
    };
    facts.milestones().into_iter().map(row).collect()
}

fn unknown(step: Option<&str>, what: &str) -> [String; 14] {
    let mut row: [String; 14] = Default::default();
    row[5] = "not_known".into();
    row[6] = step.map(inert).unwrap_or_default();
    row[9] = inert(what);
    row
}

fn time(at: crate::run::Moment, zone: Zone) -> String {
    let is_z = zone == Zone::Utc;
    zone.at(at).to_rfc3339_opts(SecondsFormat::Millis, is_z)
}

/// Text that no spreadsheet takes as a formula: not at the beginning of a cell, and not where a cell
/// would begin in a country whose spreadsheets split at a semicolon or a tab.
fn inert(text: &str) -> String {
    let text = visible_str(text);
    let mut inert = String::with_capacity(text.len());
    let mut begins = true;
    for c in text.chars() {
        if begins && matches!(c, '=' | '+' | '-' | '@' | '\t' | '＝' | '＋' | '－' | '＠') {
            inert.push('\'');
        }
        // Quotes and spaces before a formula are dropped by some.
        begins = matches!(c, ';' | '\t' | '\n') || begins && matches!(c, ' ' | '"');
        inert.push(c);
    }
    inert
}
