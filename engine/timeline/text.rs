//! The timeline as plain text, to be pasted into a chat.

use std::fmt::Write;

use super::facts::Facts;
use super::visible::visible_str;
use super::{Entry, Timeline, View, Zone, words};

/// The text. What moves a cursor, hides or reorders text is written out in it.
pub fn text(timeline: &Timeline, zone: Zone) -> String {
    let facts = Facts { timeline, zone };
    let mut text = format!("{}\n", line(&timeline.mode.stamped(&timeline.title)));
    let verdict = timeline.verdict.map_or("none", |verdict| verdict.word()).replace('_', " ");
    let _ = writeln!(text, "run {}, {}, verdict {verdict}", timeline.run, facts.outcome());
    for (name, value) in facts.objectives() {
        let _ = writeln!(text, "{name}: {value}");
    }
    if timeline.view == View::Curated {
        let _ = writeln!(text, "\n{}:", facts.base());
        for (label, reached) in facts.milestones() {
            let told = reached.map_or_else(
                || facts.unreached(label).to_owned(),
                |it| {
                    let (after, at) = (words::signed(it.after_ms), facts.utc(it.at));
                    format!("{after}, at {at} UTC ({})", line(&it.known.words()))
                },
            );
            let _ = writeln!(text, "  {label:<17}  {told}");
        }
    }
    let zone = facts.zone_name().unwrap_or_else(|| "UTC".into());
    let _ = writeln!(text, "\nTimes in {zone}:");
    timeline.entries.iter().for_each(|entry| push_entry(&mut text, &facts, entry));
    if !timeline.unseen.is_empty() {
        let steps = timeline.unseen.join(", ");
        let _ = writeln!(text, "\nNot known: how these ended, which had begun: {steps}.");
    }
    if let Some(damage) = &timeline.damage {
        let _ = writeln!(text, "\nNot the whole story: {damage}.");
    }
    visible_str(&text).into_owned()
}

/// A text on one line: none of it may be taken for a line of the timeline.
fn line(text: &str) -> String {
    text.trim_end().replace('\n', " ")
}

fn push_entry(text: &mut String, facts: &Facts<'_>, entry: &Entry) {
    let at = entry.when();
    let time = facts.here(at).unwrap_or_else(|| facts.utc(at));
    let step = entry.step.as_ref().map(|step| format!("{step}: ")).unwrap_or_default();
    let mut more: Vec<String> = facts.noted(entry).into_iter().collect();
    more.extend(entry.waited_ms.map(|ms| format!("waited {}", words::duration(ms))));
    more.extend(entry.corrected_by().map(|seq| format!("no longer so: see #{seq}")));
    more.extend(entry.place.clone());
    let more = if more.is_empty() { String::new() } else { format!(" [{}]", more.join(", ")) };
    let said = entry.text.trim_end().replace('\n', "\n    ");
    let _ = writeln!(text, "{time}  {step}{said}{more} #{}", entry.seq);
    for shown in &entry.lines {
        let _ = writeln!(text, "    | {}", line(shown));
    }
    for evidence in &entry.evidence {
        let digest: String = evidence.sha256.chars().take(12).collect();
        let (file, bytes) = (&evidence.file, evidence.bytes);
        let _ = writeln!(text, "    {file}, {bytes} bytes, SHA-256 {digest}…");
    }
}
