//! How long things took, as text for people. For programs the form is that of
//! [`crate::timeline::metrics`].

use std::fmt::Write;

use crate::timeline::duration;
use crate::timeline::metrics::{GroupMetrics, Kept, Metrics, RunbookMetrics, Spread, StepTotals};

use super::visible_str;

/// The most steps of a runbook that are told; JSON has all.
const STEPS: usize = 20;

/// What was gathered, runbook by runbook.
pub fn metrics_text(metrics: &Metrics) -> String {
    if metrics.runbooks.is_empty() {
        return "no run is on record that could be measured\n".to_owned();
    }
    let runbooks: Vec<String> = metrics.runbooks.iter().map(of_runbook).collect();
    visible_str(&runbooks.join("\n")).into_owned()
}

fn of_runbook(runbook: &RunbookMetrics) -> String {
    let title = runbook.title.replace(['\n', '\t'], " ");
    let mut text = format!("{}: {title}\n", runbook.runbook);
    let groups = [("incident", &runbook.incidents), ("drill", &runbook.drills)];
    for (word, group) in groups {
        if let Some(group) = group {
            push_group(&mut text, word, group);
        }
    }
    text
}

fn push_group(text: &mut String, word: &str, group: &GroupMetrics) {
    let GroupMetrics { runs, open, detected, .. } = group;
    let plural = if *runs == 1 { "" } else { "s" };
    let mut ends: Vec<String> =
        group.outcomes.iter().map(|(outcome, count)| format!("{count} {outcome}")).collect();
    ends.extend((*open > 0).then(|| format!("{open} open")));
    let _ = writeln!(text, "\n  {runs} {word}{plural}: {}", ends.join(", "));
    let since = match runs - detected {
        0 => "from the detection".to_owned(),
        more => format!("from the detection, of {more} from the start: nobody said when"),
    };
    let _ = writeln!(text, "    times count {since}");
    let times = [
        ("acknowledged", group.acknowledged),
        ("mitigated", group.mitigated),
        ("restored", group.restored),
    ];
    for (what, spread) in times {
        let _ = writeln!(text, "    {what:<14} {}", of_runs(spread, *runs));
    }
    for (what, kept) in [("RTO", group.rto), ("RPO", group.rpo)] {
        if let Some(told) = promise(kept) {
            let _ = writeln!(text, "    {what:<14} {told}");
        }
    }
    if group.lost.count > 0 {
        let _ = writeln!(text, "    {:<14} {}", "lost", of_runs(group.lost, *runs));
    }
    if group.gates.count > 0 {
        let _ = writeln!(text, "    {:<14} {}", "gates waited", told(group.gates));
    }
    push_steps(text, &group.steps);
}

/// The steps of which there is something to say, the slowest first.
fn push_steps(text: &mut String, steps: &[StepTotals]) {
    let steps: Vec<&StepTotals> = steps.iter().filter(|step| says_something(step)).collect();
    if steps.is_empty() {
        return;
    }
    let _ = writeln!(text, "    steps, the slowest first");
    for step in steps.iter().take(STEPS) {
        let took = match step.took.count {
            0 => "not begun".to_owned(),
            _ => told(step.took),
        };
        let mut line = format!("      {}: {took}", step.step);
        let counts = [
            ("failed", step.failed),
            ("retried", step.retried),
            ("skipped", step.skipped),
            ("not reached", step.not_reached),
        ];
        for (word, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
            let _ = write!(line, ", {word} in {count}");
        }
        if step.gate.count > 0 {
            let _ = write!(line, "; its gate waited {}", told(step.gate));
        }
        let _ = writeln!(text, "{line}");
    }
    if let Some(more @ 1..) = steps.len().checked_sub(STEPS) {
        let _ = writeln!(text, "      and {more} more: --format json");
    }
}

fn says_something(step: &StepTotals) -> bool {
    step.begun + step.failed + step.skipped + step.not_reached + step.took.count > 0
}

/// How often a promise was kept; nothing where nothing was promised.
fn promise(kept: Kept) -> Option<String> {
    let Kept { met, missed, unknown } = kept;
    let of = met + missed;
    match (of, unknown) {
        (0, 0) => None,
        (0, _) => Some("not known of any".to_owned()),
        (_, 0) => Some(format!("kept {met} of {of} times")),
        (_, more) => Some(format!("kept {met} of {of} times, not known of {more}")),
    }
}

/// Lengths of which each run has at most one.
fn of_runs(spread: Spread, runs: usize) -> String {
    match runs - spread.count {
        _ if spread.count == 0 => "not known of any".to_owned(),
        0 => told(spread),
        more => format!("{}, not known of {more}", told(spread)),
    }
}

fn told(spread: Spread) -> String {
    let time = |ms: Option<u64>| ms.map(duration).unwrap_or_else(|| "?".into());
    match spread.count {
        1 => time(spread.max_ms),
        _ => {
            let (median, longest) = (time(spread.median_ms), time(spread.max_ms));
            format!("{median} in the middle of {}, {longest} at most", spread.count)
        }
    }
}
