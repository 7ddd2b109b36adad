//! A handover as the parts of one page, in the order in which somebody needs them: the text and the
//! Markdown are the same parts, set in two ways.

use crate::document::duration_text;
use crate::report::standing::long_clock;
use crate::run::event::{Moment, Verdict};
use crate::timeline::handover::{Fate, Message, Remark, Said};

use super::{Handover, Tried, Undo, Waiting, Way};

/// The most lines of one list; the timeline has all.
const MOST: usize = 12;
/// The most lines of one message.
const MESSAGE: usize = 4;
/// The most steps that are named in one line.
const NAMED: usize = 12;

/// One part of the page.
pub(super) struct Part {
    pub(super) title: &'static str,
    /// What is said where it has no line.
    pub(super) none: &'static str,
    pub(super) lines: Vec<Line>,
}

/// One line of a part, and what stands below it.
#[derive(Default)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) below: Vec<String>,
    /// What can be typed about it.
    pub(super) ways: Vec<Way>,
}

impl Line {
    fn of(text: String) -> Line {
        Line { text, ..Line::default() }
    }
}

/// What the page is about, in a line, with the stamp of an exercise.
pub(super) fn heading(handover: &Handover) -> String {
    let place = handover.environment.as_ref().map(|name| format!(" in {name}")).unwrap_or_default();
    format!("{}{place}", handover.mode.stamped(&handover.title))
}

/// What it is, line by line.
pub(super) fn facts(handover: &Handover, now: Moment) -> Vec<String> {
    let incident = handover.incident.as_ref().map(|id| format!("incident {id}"));
    let severity = handover.severity.clone();
    let what = [Some(handover.runbook.clone()), severity, incident];
    let what: Vec<String> = what.into_iter().flatten().collect();
    let mut facts = vec![format!("run {} of {}", handover.run, what.join(", "))];
    facts.extend(handover.impact.as_ref().map(|impact| format!("impact: {}", impact.trim())));
    facts.push(begun(handover));
    facts.extend(handover.rto.as_ref().map(|rto| promise(handover, rto, now)));
    facts.push(standing(handover));
    facts.push(driver(handover));
    facts.extend(handover.damage.as_ref().map(|damage| format!("NOT THE WHOLE STORY: {damage}")));
    facts.extend(handover.notice.as_ref().map(|notice| notice.trim_end().to_owned()));
    facts
}

/// What is left of the RTO, while that counts.
fn promise(handover: &Handover, rto: &super::Objective, now: Moment) -> String {
    let of = duration_text(std::time::Duration::from_millis(rto.objective_ms));
    let until = moment(rto.until);
    match (rto.until - now).to_std() {
        _ if handover.verdict == Some(Verdict::Recovered) => {
            format!("RTO of {of}, until {until}; recovered")
        }
        _ if handover.outcome.is_some() => {
            format!("RTO of {of}, until {until}; not seen to be recovered")
        }
        Ok(left) => format!("RTO {} left of {of}, until {until}", long_clock(left)),
        Err(_) => format!("RTO of {of} spent {} ago", ago(rto.until, now)),
    }
}

fn begun(handover: &Handover) -> String {
    let detected = handover.detected_at.map(|at| format!("noticed {}, ", moment(at)));
    let started = handover.started_at.map(moment).unwrap_or_else(|| "at an unknown time".into());
    let last = handover.last_at.map(|at| format!("; last record {}", moment(at)));
    format!("{}begun {started}{}", detected.unwrap_or_default(), last.unwrap_or_default())
}

fn standing(handover: &Handover) -> String {
    let word = handover.state.replace('_', " ");
    let part = handover.part.as_ref().map(|part| format!(", in {part}")).unwrap_or_default();
    let verdict = handover.verdict.map(|it| format!(", {}", it.word().replace('_', " ")));
    let next = handover.next.as_ref().map(|next| format!("; next: {next}")).unwrap_or_default();
    let Handover { settled, total, .. } = handover;
    let verdict = verdict.unwrap_or_default();
    format!("stands: {word}{verdict}, {settled} of {total} steps settled{part}{next}")
}

fn driver(handover: &Handover) -> String {
    match (&handover.driver, handover.is_driven) {
        (Some(driver), _) => {
            let since = moment(driver.since);
            format!("driven by {} on {} since {since}", driver.operator, driver.host)
        }
        (None, true) => "driven by another process".to_owned(),
        (None, false) if handover.outcome.is_some() => {
            format!("nobody drives it: it has ended; {} drove it last", handover.operator)
        }
        (None, false) => format!("nobody drives it; {} drove it last", handover.operator),
    }
}

/// The parts of the page.
pub(super) fn parts(handover: &Handover, now: Moment) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut part = |title, none, lines| parts.push(Part { title, none, lines });
    part("Said at the last handover", "", handed_over(handover));
    part("Waits for somebody", "no", waiting(&handover.waiting_for, now));
    part("Under way", "nothing", under_way(handover, now));
    part("In doubt", "nothing", in_doubt(handover));
    part("What can be typed now", "nothing", handover.ways.iter().map(way).collect());
    part("Tried", "nothing yet", tried(&handover.tried));
    part("Exceptions", "none", last(said(&handover.exceptions)));
    part("To do", "nothing is noted", remarks(&handover.todos));
    part("Findings", "none are noted", last(remarks(&handover.findings)));
    part("Decisions", "none are noted", last(remarks(&handover.decisions)));
    part("What people answered", "nothing yet", last(said(&handover.answers)));
    part("Notes", "", last(remarks(&handover.notes)));
    part("Told", "nobody yet", last(handover.messages.iter().map(message).collect()));
    part("Would be taken back", "nothing", first(handover.undos.iter().map(undo).collect()));
    part("Secrets that a next driver is asked for", "none", secrets(handover));
    // Where nothing is usual, nothing is said.
    parts.retain(|part| !(part.none.is_empty() && part.lines.is_empty()));
    parts
}

/// The last lines of a long list, and how many stand before them.
fn last(mut lines: Vec<Line>) -> Vec<Line> {
    let more = lines.len().saturating_sub(MOST);
    if more > 0 {
        lines = lines.split_off(more);
        lines.insert(0, Line::of(format!("{more} earlier ones are on the timeline")));
    }
    lines
}

/// The first lines of a long list, and how many follow them.
fn first(mut lines: Vec<Line>) -> Vec<Line> {
    let more = lines.len().saturating_sub(MOST);
    if more > 0 {
        lines.truncate(MOST);
        lines.push(Line::of(format!("and {more} more")));
    }
    lines
}

fn handed_over(handover: &Handover) -> Vec<Line> {
    let said = handover.handed_over.iter().map(|handed| {
        let to = handed.to.as_ref().map(|to| format!(" to {to}")).unwrap_or_default();
        Line::of(format!("{} {}{to}: {}", time(handed.at), handed.by, handed.reason))
    });
    said.collect()
}

fn waiting(waiting: &[Waiting], now: Moment) -> Vec<Line> {
    let line = |wait: &Waiting| {
        let step = wait.step.as_deref().unwrap_or("the run");
        let kind = wait.kind.replace('_', " ");
        let since = wait.since.map(|at| format!(" since {} ({})", time(at), ago(at, now)));
        let who = match wait.who.as_slice() {
            [] => String::new(),
            who => format!(", for {}", who.join(", ")),
        };
        let text = format!("{step} ({kind}){}{who}: {}", since.unwrap_or_default(), wait.question);
        let commands = wait.commands.iter().flat_map(|command| command.lines());
        Line { text, below: commands.map(str::to_owned).collect(), ways: wait.ways.clone() }
    };
    waiting.iter().map(line).collect()
}

fn under_way(handover: &Handover, now: Moment) -> Vec<Line> {
    let line = |it: &super::UnderWay| {
        let step = it.step.as_ref().filter(|step| **step != it.title);
        let step = step.map(|step| format!("{step}: ")).unwrap_or_default();
        let since = it.since.map(|at| format!(" since {} ({})", time(at), ago(at, now)));
        let again =
            if it.attempt > 1 { format!(", attempt {}", it.attempt) } else { String::new() };
        Line::of(format!("{step}{}, {}{}{again}", it.title, it.doing, since.unwrap_or_default()))
    };
    handover.under_way.iter().map(line).collect()
}

fn in_doubt(handover: &Handover) -> Vec<Line> {
    let line = |doubt: &super::InDoubt| {
        let since = doubt.since.map(|at| format!(" at {}", time(at))).unwrap_or_default();
        let text = format!(
            "{}: attempt {} was started{since}, and how it ended is not known",
            doubt.step, doubt.attempt
        );
        let below = doubt.command.lines().map(str::to_owned).collect();
        Line { text, below, ways: Vec::new() }
    };
    handover.in_doubt.iter().map(line).collect()
}

fn way(way: &Way) -> Line {
    Line { text: String::new(), below: Vec::new(), ways: vec![way.clone()] }
}

/// The steps by what came of them, then what went wrong on the way.
fn tried(tried: &[Tried]) -> Vec<Line> {
    let mut by_state: Vec<(&str, Vec<&str>)> = Vec::new();
    for step in tried {
        match by_state.iter_mut().find(|(state, _)| *state == step.state) {
            Some((_, steps)) => steps.push(&step.step),
            None => by_state.push((step.state, vec![&step.step])),
        }
    }
    let mut lines: Vec<Line> = by_state
        .into_iter()
        .map(|(state, steps)| {
            let (count, named) = (steps.len(), &steps[steps.len().saturating_sub(NAMED)..]);
            let more = if count > NAMED { "…, " } else { "" };
            Line::of(format!("{} ({count}): {more}{}", state.replace('_', " "), named.join(", ")))
        })
        .collect();
    let mut failures: Vec<(Moment, String)> = Vec::new();
    for step in tried {
        for failed in &step.failures {
            let attempt = match failed.attempt {
                0 => String::new(),
                attempt => format!(", attempt {attempt}"),
            };
            let text = format!("{} {}{attempt}: {}", time(failed.at), step.step, failed.why);
            failures.push((failed.at, text));
        }
    }
    failures.sort_by_key(|(at, _)| *at);
    lines.extend(last(failures.into_iter().map(|(_, text)| Line::of(text)).collect()));
    lines
}

fn said(said: &[Said]) -> Vec<Line> {
    let line = |said: &Said| {
        let step = said.step.as_ref().map(|step| format!("{step} ")).unwrap_or_default();
        Line::of(format!("{} {step}{}", time(said.at), said.text))
    };
    said.iter().map(line).collect()
}

fn remarks(remarks: &[Remark]) -> Vec<Line> {
    let line = |remark: &Remark| {
        let about = remark.about.map(|at| format!(", about {}", moment(at))).unwrap_or_default();
        Line::of(format!("{} {}{about}: {}", time(remark.at), remark.by, remark.text))
    };
    remarks.iter().map(line).collect()
}

fn message(message: &Message) -> Line {
    let to = message.to.as_ref().map(|to| format!(" to {to}")).unwrap_or_default();
    let fate = match message.fate {
        Fate::Sent => format!("sent{to}"),
        Fate::Shown => "shown to be passed on; whether it was is not on record".to_owned(),
        Fate::Failed => {
            let why = message.why.as_deref().unwrap_or("it is not known why");
            let at = message.to.as_ref().map(|to| format!(" at {to}")).unwrap_or_default();
            format!("NOT known to have arrived{at} ({why})")
        }
        Fate::Assumed => format!("not sent{to}: this is practice"),
    };
    let mut below: Vec<String> = message.text.lines().map(str::to_owned).collect();
    if below.len() > MESSAGE {
        below.truncate(MESSAGE);
        below.push("…".to_owned());
    }
    Line { text: format!("{} {fate}", time(message.at)), below, ways: Vec::new() }
}

fn undo(undo: &Undo) -> Line {
    let paired = if undo.is_paired { " (also done at a happy end)" } else { "" };
    let by = undo.by.lines().map(str::to_owned).collect();
    Line { text: format!("{}{paired}", undo.step), below: by, ways: Vec::new() }
}

fn secrets(handover: &Handover) -> Vec<Line> {
    let line = |secret: &super::Secret| {
        let variable = secret.variable.as_ref().map(|name| format!(", or the variable {name}"));
        let step = secret.step.as_ref().map(|step| format!(", which {step} handed on"));
        let more: String = [step, variable].into_iter().flatten().collect();
        Line::of(format!("{}{more}", secret.name))
    };
    handover.secrets.iter().map(line).collect()
}

/// A moment with its day.
fn moment(at: Moment) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// The time of a moment; its day stands above.
fn time(at: Moment) -> String {
    at.format("%H:%M:%S").to_string()
}

/// How long ago a moment was; a clock that was set back makes that nothing.
fn ago(at: Moment, now: Moment) -> String {
    long_clock((now - at).to_std().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::handover::Failed;

    fn texts(lines: &[Line]) -> Vec<&str> {
        lines.iter().map(|line| line.text.as_str()).collect()
    }

    #[test]
    fn of_a_long_list_the_last_are_told_or_the_first_and_how_many_there_are_more() {
        let lines = |count: usize| (1..=count).map(|n| Line::of(n.to_string())).collect();
        assert_eq!(texts(&last(lines(MOST))).len(), MOST);
        let told = last(lines(MOST + 3));
        assert_eq!(texts(&told)[..2], ["3 earlier ones are on the timeline", "4"]);
        let told = first(lines(MOST + 3));
        assert_eq!(texts(&told)[MOST - 1..], ["12", "and 3 more"]);
    }

    #[test]
    fn steps_stand_by_what_came_of_them_however_much_went_wrong() {
        let failed = |attempt| Failed { at: Moment::UNIX_EPOCH, attempt, why: "exit 1".into() };
        let step = |number: usize, state| Tried {
            step: format!("s{number}"),
            state,
            attempts: 20,
            failures: if state == "failed" { (1..=20).map(failed).collect() } else { Vec::new() },
        };
        let mut steps: Vec<Tried> = (1..=14).map(|number| step(number, "succeeded")).collect();
        steps.push(step(15, "failed"));
        let lines = tried(&steps);
        let told = texts(&lines);
        assert!(told[0].starts_with("succeeded (14): …, s3, s4,"), "{}", told[0]);
        assert_eq!(told[1..3], ["failed (1): s15", "8 earlier ones are on the timeline"]);
        assert_eq!(told.last(), Some(&"00:00:00 s15, attempt 20: exit 1"));
    }
}
