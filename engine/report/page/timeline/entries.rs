//! All that happened, a row each, with what shows it.

use crate::report::page::Html;
use crate::timeline::{Entry, Evidence, Kind, Zone, duration, signed};

use super::{Chronicle, clock, link, section};

/// The most rows of a page; a longer run keeps those that tell more.
const MOST: usize = 2000;
/// The most lines that stand on a page unopened.
const PLAIN: usize = 6;
/// How much of a digest is read by people.
const SHORT: usize = 12;

/// The table of entries.
pub(super) fn write(html: &mut Html, chronicle: &Chronicle) {
    let entries = &chronicle.timeline.entries;
    let kept = kept(entries);
    section(html, "timeline", "Timeline", |html| {
        html.element(
            "p",
            &[("class", "quiet")],
            "Times are UTC, with the reader's own below where that differs. Links lead to files \
             beside this page, when it lies in the folder of the run.",
        );
        if let Some(left_out) = entries.len().checked_sub(kept.len()).filter(|count| *count > 0) {
            let text = format!(
                "{left_out} of {} entries are not shown here: steps that only began, went well or \
                 were passed over. `holdpoint timeline {} --format json` has all of them.",
                entries.len(),
                chronicle.timeline.run,
            );
            html.element("p", &[], &text);
        }
        html.table(&["When", "Step", "What happened"], |html| {
            let mut day = None;
            for entry in kept {
                let today = entry.when().date_naive();
                let with_day = day.replace(today) != Some(today);
                row(html, entry, chronicle.zone, with_day);
            }
        });
    });
}

/// The entries that are shown, in order: all, or first those that say more than that a step went well.
fn kept(entries: &[Entry]) -> Vec<&Entry> {
    if entries.len() <= MOST {
        return entries.iter().collect();
    }
    let is_routine = |entry: &&Entry| {
        matches!(
            entry.kind,
            Kind::Started | Kind::Succeeded | Kind::Skipped | Kind::Check | Kind::Record
        )
    };
    let telling = entries.iter().filter(|entry| !is_routine(entry)).take(MOST);
    let mut kept: Vec<&Entry> = telling.collect();
    let room = MOST - kept.len();
    kept.extend(entries.iter().filter(is_routine).take(room));
    kept.sort_by_key(|entry| entry.seq);
    kept
}

fn row(html: &mut Html, entry: &Entry, zone: Zone, with_day: bool) {
    html.within("tr", &[], |html| {
        let after = format!("after {}", signed(entry.elapsed_ms));
        let number = format!("entry {}", entry.seq);
        clock::cell(html, entry.when(), zone, with_day, &[&after, &number]);
        html.element("td", &[], entry.step.as_deref().unwrap_or_default());
        html.within("td", &[], |html| {
            html.within("p", &[], |html| {
                if !entry.text.starts_with(word(entry.kind)) {
                    html.element("span", &[("class", "kind")], word(entry.kind));
                    html.text(": ");
                }
                html.text(&entry.text);
            });
            let around = around(entry, zone);
            if !around.is_empty() {
                html.element("p", &[("class", "quiet")], &around.join("; "));
            }
            lines(html, &entry.lines);
            for evidence in &entry.evidence {
                let tail = evidence.excerpt.trim_end();
                let is_shown = entry.lines.starts_with(&lines_of(tail));
                write_evidence(html, evidence, if is_shown { "" } else { tail });
            }
        });
    });
}

fn lines_of(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

/// What else is known of an entry.
fn around(entry: &Entry, zone: Zone) -> Vec<String> {
    let corrected = entry.corrected_by();
    let corrects = entry.remark.as_ref().and_then(|remark| remark.corrects);
    let is_late = entry.when() != entry.at;
    [
        corrected.map(|seq| format!("corrected by entry {seq}")),
        corrects.map(|seq| format!("stands in place of entry {seq}")),
        is_late.then(|| format!("noted at {}", clock::full(entry.at, zone))),
        entry.by.as_ref().map(|by| format!("by {by}")),
        entry.place.as_ref().map(|place| format!("on {place}")),
        entry.took_ms.map(|ms| format!("took {}", duration(ms))),
        entry.waited_ms.map(|ms| format!("waited {}", duration(ms))),
        entry.exit.map(|code| format!("exit {code}")),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Lines as they are; many of them are opened by who wants to read them.
fn lines(html: &mut Html, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    let text = lines.join("\n");
    if lines.len() <= PLAIN {
        html.element("pre", &[], &text);
        return;
    }
    html.within("details", &[], |html| {
        html.element("summary", &[], &format!("{} lines", lines.len()));
        html.element("pre", &[], &text);
    });
}

/// A file, its digest, and the end of what was printed.
fn write_evidence(html: &mut Html, evidence: &Evidence, tail: &str) {
    html.within("p", &[], |html| {
        match link::address(&evidence.file) {
            Some(address) => html.element("a", &[("href", &address)], &evidence.file),
            None => html.element("code", &[], &evidence.file),
        }
        let cut = match evidence.cut {
            0 => String::new(),
            cut => format!(", {cut} of them left out of the file"),
        };
        html.text(&format!(" ({} bytes{cut}, SHA-256 ", evidence.bytes));
        let short: String = evidence.sha256.chars().take(SHORT).collect();
        html.element("code", &[("title", &evidence.sha256)], &format!("{short}…"));
        html.text(")");
    });
    html.within("details", &[], |html| {
        html.element(
            "summary",
            &[],
            if tail.is_empty() { "its digest" } else { "how it ends, and its digest" },
        );
        if !tail.is_empty() {
            html.element("pre", &[], tail);
        }
        html.within("p", &[], |html| {
            html.text("SHA-256 ");
            html.element("code", &[], &evidence.sha256);
        });
    });
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Run => "run",
        Kind::Input => "input",
        Kind::Check => "check",
        Kind::Gate => "gate",
        Kind::Started => "started",
        Kind::Succeeded => "succeeded",
        Kind::Failed => "failed",
        Kind::Skipped => "skipped",
        Kind::Waiting => "waiting",
        Kind::Decision => "decision",
        Kind::Note => "note",
        Kind::Message => "message",
        Kind::Verdict => "verdict",
        Kind::Record => "record",
    }
}
