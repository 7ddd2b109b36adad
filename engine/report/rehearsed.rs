//! What a rehearsal showed, as lines for a terminal and as a page to keep. Text from outside is
//! inert in both.

use std::fmt::Write;

use crate::run::event::Outcome;
use crate::timeline::rehearsed::{Missing, Needed, Promise, Rehearsed, Time};
use crate::timeline::{duration, inert, would};

use super::visible_str;

/// The lines, each safe for a terminal.
pub fn text(rehearsed: &Rehearsed) -> String {
    let mut text = format!("\nREHEARSAL of {}: {}\n", rehearsed.runbook, outcome(rehearsed));
    for (heading, lines) in sections(rehearsed) {
        let _ = writeln!(text, "{heading}");
        for line in lines {
            let _ = writeln!(text, "  {line}");
        }
    }
    visible_str(&text).into_owned()
}

/// The page.
pub fn page(rehearsed: &Rehearsed) -> String {
    let mut page = format!("# REHEARSAL: {}\n\n", inert(&rehearsed.title));
    let _ = writeln!(page, "- Rehearsal: {}", inert(&rehearsed.run));
    let _ = writeln!(page, "- Runbook: {}", inert(&rehearsed.runbook));
    if let Some(environment) = &rehearsed.environment {
        let _ = writeln!(page, "- Environment: {}", inert(environment));
    }
    let _ = writeln!(page, "- Operator: {}", inert(&rehearsed.operator));
    let _ = writeln!(page, "- Outcome: {}", inert(&outcome(rehearsed)));
    for (heading, lines) in sections(rehearsed) {
        let _ = writeln!(page, "\n## {}\n", capital(&heading));
        for line in lines {
            let _ = writeln!(page, "- {}", inert(&line));
        }
    }
    page
}

fn capital(heading: &str) -> String {
    let mut letters = heading.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

fn outcome(rehearsed: &Rehearsed) -> String {
    let verdict = rehearsed.verdict.map(|verdict| verdict.word().replace('_', " "));
    let verdict = verdict.map(|word| format!(" ({word})")).unwrap_or_default();
    match (rehearsed.outcome, rehearsed.as_if) {
        (Some(Outcome::Rehearsed), Some(as_if)) => {
            format!("nothing was changed; as assumed, the run {}{verdict}", would(as_if))
        }
        _ => "nothing was changed; it was broken off before its end".to_owned(),
    }
}

/// What there is to say, by headings.
fn sections(rehearsed: &Rehearsed) -> Vec<(String, Vec<String>)> {
    let stages = rehearsed.stages.iter().map(|part| {
        let lines = part.lines.iter();
        let lines = lines.map(|it| format!("{:<14}  {}  {}", it.label.words(), it.what, it.text));
        (part.stage.to_owned(), lines.collect())
    });
    let more = [
        ("contradictions", rehearsed.contradictions.clone()),
        ("could not be shown", rehearsed.not_shown.clone()),
        ("was missing", missing(&rehearsed.missing)),
        ("needs a person", rehearsed.people.iter().map(needed).collect()),
        ("time", time(&rehearsed.time)),
    ];
    let more = more.into_iter().map(|(heading, lines)| (heading.to_owned(), lines));
    stages.chain(more).filter(|(_, lines): &(String, Vec<String>)| !lines.is_empty()).collect()
}

fn missing(missing: &Missing) -> Vec<String> {
    let of = |kind: &'static str, found: &[String]| -> Vec<String> {
        found.iter().map(|it| format!("{kind:<10}  {it}")).collect()
    };
    let Missing { tools, inputs, credentials, approvers } = missing;
    [
        of("tool", tools),
        of("input", inputs),
        of("credential", credentials),
        of("approver", approvers),
    ]
    .concat()
}

fn needed(needed: &Needed) -> String {
    let step = needed.step.as_deref().unwrap_or("run");
    let who = match needed.who.is_empty() {
        true => String::new(),
        false => format!("; by {}", needed.who.join(" or ")),
    };
    let count = match needed.how_many {
        1 => String::new(),
        more => format!("; {more} different people"),
    };
    let answered = match needed.answered_by.is_empty() {
        true => "nobody was there".to_owned(),
        false => format!("answered by {}", needed.answered_by.join(", ")),
    };
    format!("{step}  {}{who}{count}; {answered}", needed.asked)
}

fn time(time: &Time) -> Vec<String> {
    let mut lines = Vec::new();
    let least = if time.untimed.is_empty() { "" } else { "at least " };
    match time.restored_ms {
        Some(0..1_000) if !time.untimed.is_empty() => {
            lines.push("nothing says how long it takes until the exit criteria".to_owned());
        }
        Some(ms) => lines.push(format!("{least}{} until the exit criteria", duration(ms))),
        None => lines.push("service was not seen to be back".to_owned()),
    }
    if let (Some(rto_ms), Some(rto)) = (time.rto_ms, time.rto) {
        let said = match rto {
            Promise::Kept => "it is kept",
            Promise::KeptAsFarAsKnown if matches!(time.restored_ms, Some(0..1_000)) => {
                "nothing shows whether it is kept"
            }
            Promise::KeptAsFarAsKnown => "it is kept as far as is known",
            Promise::Broken => "it is BROKEN",
            Promise::NotRestored => "it is not kept: service is not restored",
        };
        lines.push(format!("RTO {}: {said}", duration(rto_ms)));
    }
    if !time.untimed.is_empty() {
        lines.push(format!("say nothing of their time: {}", time.untimed.join(", ")));
    }
    if let Some(own) = time.own_estimate_ms {
        lines.push(format!("the runbook says of itself: {}", range(own)));
    }
    if time.estimate_ms.1 > 0 {
        let estimate = range(time.estimate_ms);
        lines.push(format!(
            "its critical path, by its estimates: {estimate}: {}",
            time.critical.join(", ")
        ));
    }
    lines
}

fn range((low, high): (u64, u64)) -> String {
    match low == high {
        true => duration(high),
        false => format!("{} to {}", duration(low), duration(high)),
    }
}
