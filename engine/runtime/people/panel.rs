//! What stands above a question: all that a tired person needs to answer it, in one look.
//!
//! The texts are pure: they follow from the question and from what was offered to help. They are
//! masked and made inert by whoever shows them.

use console::measure_text_width;

use crate::run::Known;
use crate::run::event::{
    CheckRef, End, Failure, GateQuestion, HoldChoice, Mode, Moment, Purpose, Sight,
};
use crate::run::offer::{Back, Held, Offer, Stakes};
use crate::runbook::input::Input;
use crate::runbook::kind::Kind;
use crate::runbook::step::{OnFailure, Repeat};
use crate::runbook::value::Value;

use super::super::prompt::Choice;

/// The most lines of a command that failed.
const COMMAND: usize = 10;

/// The most characters of a printed line.
const WIDE: usize = 200;

/// The columns of a list beside its items.
const MARGIN: usize = 3;

/// The most checks of which the last sight is told.
const SIGHTS: usize = 8;

/// What stands above a question, with the stamp of the run before it.
pub(super) fn stamped(text: &str, mode: Mode) -> String {
    match (mode.stamp(), text.strip_prefix('\n')) {
        (None, _) => text.to_owned(),
        (Some(stamp), Some(text)) => format!("\n[{stamp}] {text}"),
        (Some(stamp), None) => format!("[{stamp}]\n{text}"),
    }
}

/// What is said of a check that does not hold.
pub(super) fn check(check: &CheckRef, detail: &str, mode: Mode) -> String {
    let is_expected = mode == Mode::Drill && check.purpose == Purpose::Confirm;
    let why = if is_expected { "  this is a drill: the symptom need not be there\n" } else { "" };
    format!("\n{detail}\n{why}")
}

/// What is said of a held step before it is asked what to do.
pub(super) fn hold(step: &str, failure: &Failure, offer: &Offer) -> String {
    let mut text = format!("\n{step} failed: {}\n", failure.detail);
    text.extend(offer.title.iter().map(|title| format!("  {title}\n")));
    if let Some(held) = &offer.held {
        text.push_str(&what_ran(step, held));
    }
    text.push_str(&sights(&offer.known));
    for Way { choice, key, label, meaning } in options(offer) {
        let advice = offer.held.as_ref().and_then(|held| held.advice.as_ref());
        let advice = advice.filter(|advice| advice.choice == choice);
        let mark = if advice.is_some() { ">" } else { " " };
        text.push_str(&format!("{mark} {key}  {label:6}  {meaning}\n"));
        text.extend(advice.map(|it| format!("             advised: {}\n", it.reason)));
    }
    text
}

/// The choices about a held step, by their keys.
pub(super) fn hold_choices(offer: &Offer) -> Vec<(HoldChoice, Choice)> {
    let options = options(offer).into_iter();
    options.map(|it| (it.choice, Choice::of(it.key, it.label, &it.meaning))).collect()
}

/// One thing to do with a held step.
struct Way {
    choice: HoldChoice,
    key: char,
    label: &'static str,
    meaning: String,
}

fn options(offer: &Offer) -> Vec<Way> {
    let of = |choice, key, label, meaning| Way { choice, key, label, meaning };
    let held = offer.held.as_ref();
    let costs = |failing: bool| {
        let cost = held.map(|held| if failing { &held.failing } else { &held.skipping });
        cost.map(|cost| cost.to_string()).unwrap_or_default()
    };
    let retry = held.map(|held| again(held)).unwrap_or_else(|| "it is tried again".to_owned());
    let done = "you have done it by hand: what needs it goes on".to_owned();
    let abort = "the run ends; what was done stays done".to_owned();
    let mut options = vec![
        of(HoldChoice::Retry, 'r', "retry", retry),
        of(HoldChoice::Done, 'd', "done", done),
        of(HoldChoice::Failed, 'f', "failed", costs(true)),
        of(HoldChoice::Skip, 's', "skip", costs(false)),
        of(HoldChoice::Abort, 'a', "abort", abort),
    ];
    let undo = super::undo_offer(&offer.undos);
    options.extend(undo.map(|undo| of(HoldChoice::Undo, 'u', "undo", undo)));
    options
}

/// Whether a step may be done again.
fn again(held: &Held) -> String {
    let gate = if held.is_gated { "asks its gate again; " } else { "" };
    let is_new = held.attempts == 0 && held.repeat != Repeat::Read;
    let cost = if is_new { "it was never begun" } else { repeats(held.repeat) };
    format!("{gate}{cost}")
}

fn repeats(repeat: Repeat) -> &'static str {
    match repeat {
        Repeat::Read => "it only looks, so it is safe to do again",
        Repeat::Idempotent => "doing it again changes nothing more",
        Repeat::Once => "twice may do harm: look first at what it did",
    }
}

/// What ran, how that ended, and what it printed last.
fn what_ran(step: &str, held: &Held) -> String {
    let mut text = String::new();
    let ending = held.end.as_ref().and_then(ending);
    text.extend(ending.map(|ending| format!("  {ending}\n")));
    if held.attempts > 1 {
        text.push_str(&format!("  attempt {}\n", held.attempts));
    }
    let lines = held.command.lines();
    text.extend(lines.take(COMMAND).map(|line| format!("    {line}\n")));
    let more = held.command.lines().count().saturating_sub(COMMAND);
    if more > 0 {
        text.push_str(&format!("    … {more} more lines\n"));
    }
    if !held.printed.is_empty() {
        text.push_str("  the last that it printed:\n");
        text.extend(held.printed.iter().map(|line| format!("    | {}\n", shortened(line))));
        text.push_str(&format!("  all of it: holdpoint show {step}\n"));
    }
    text
}

/// How an action ended, in words, where that says more than the failure does.
fn ending(end: &End) -> Option<String> {
    match end {
        End::Exited { code: 126 } => Some("exit code 126: the command may not be executed".into()),
        End::Exited { code: 127 } => Some("exit code 127: the command was not found".into()),
        End::Exited { code: code @ 129..=159 } => {
            let signal = signal_name(code - 128)?;
            Some(format!("exit code {code}: something in it was ended by {signal}"))
        }
        End::Signalled { signal } => {
            let name = signal_name(*signal)?;
            let often = match signal {
                9 => ", which is often a lack of memory",
                _ => "",
            };
            Some(format!("signal {signal} is {name}{often}"))
        }
        _ => None,
    }
}

fn signal_name(signal: i32) -> Option<&'static str> {
    Some(match signal {
        1 => "HUP (its terminal went away)",
        2 => "INT (Ctrl-C)",
        3 => "QUIT",
        4 => "ILL (it crashed)",
        6 => "ABRT (it gave up by itself)",
        7 => "BUS (it crashed)",
        8 => "FPE (it crashed)",
        9 => "KILL (it was killed)",
        11 => "SEGV (it crashed)",
        13 => "PIPE (nobody read what it wrote)",
        15 => "TERM (it was asked to end)",
        24 => "XCPU (its processor time was spent)",
        25 => "XFSZ (a file became too large)",
        _ => return None,
    })
}

/// The last sight of the checks that were looked at, the newest first.
fn sights(known: &[Known]) -> String {
    if known.is_empty() {
        return String::new();
    }
    let mut text = String::from("  known of the system:\n");
    for Known { at, sight, title, detail } in known.iter().take(SIGHTS) {
        let (word, detail) = match sight {
            Sight::Holds => ("holds", String::new()),
            Sight::Warns => ("warns", format!(": {detail}")),
            Sight::Fails => ("fails", format!(": {detail}")),
            Sight::Unseen => ("unseen", format!(": {detail}")),
        };
        let line = shortened(&format!("{title}{detail}").replace('\n', " "));
        text.push_str(&format!("    {word:6}  {}  {line}\n", clock(*at)));
    }
    if known.len() > SIGHTS {
        text.push_str(&format!("    … {} more\n", known.len() - SIGHTS));
    }
    text
}

/// What is said of a gate before it is asked.
pub(in crate::runtime) fn gate(
    gate: &GateQuestion,
    offer: &Offer,
    environment: Option<&str>,
) -> String {
    let asked = format!("{}: {}", gate.step, gate.ask.trim_end());
    let mut text = about(&asked, &gate.commands, offer, environment);
    text.push_str(&gate.approvals(&offer.approved));
    let until = offer.stakes.as_ref().and_then(|stakes| stakes.until);
    text.extend(until.map(|until| format!("  it can be answered until {} UTC\n", clock(until))));
    text
}

/// What is said of a step before it begins, where that is asked.
pub(in crate::runtime) fn proceed(
    step: &str,
    command: &str,
    offer: &Offer,
    environment: Option<&str>,
) -> String {
    let title = offer.title.as_ref().map(|title| format!(": {title}")).unwrap_or_default();
    let asked = format!("next: {step}{title}");
    about(&asked, std::slice::from_ref(&command.to_owned()), offer, environment)
}

/// What is said of a step in a rehearsal, before it is asked how it would go.
pub(in crate::runtime) fn practice(
    step: &str,
    command: &str,
    offer: &Offer,
    environment: Option<&str>,
) -> String {
    let title = offer.title.as_ref().map(|title| format!(": {title}")).unwrap_or_default();
    let asked = format!("nothing is run: {step} would run{title}");
    about(&asked, std::slice::from_ref(&command.to_owned()), offer, environment)
}

/// What is asked about, where, why, what would run, and what is at stake.
fn about(asked: &str, commands: &[String], offer: &Offer, environment: Option<&str>) -> String {
    let place = environment.map(|name| format!("[{}] ", name.to_uppercase())).unwrap_or_default();
    let mut text = format!("\n{place}{asked}\n");
    let why = offer.why.iter().flat_map(|why| why.lines());
    text.extend(why.map(|line| format!("  {line}\n")));
    let commands = commands.iter().flat_map(|command| command.lines());
    text.extend(commands.map(|line| format!("    {line}\n")));
    text.extend(offer.stakes.iter().map(|stakes| at_stake(stakes)));
    text
}

fn at_stake(stakes: &Stakes) -> String {
    let mut text = String::new();
    text.extend(stakes.target.iter().map(|target| format!("  it runs on {target}\n")));
    text.push_str(&format!("  if it fails: {}\n", follows(stakes)));
    let back = match &stakes.back {
        Back::Needless => "it changes nothing".to_owned(),
        Back::Never(reason) => format!("THERE IS NO WAY BACK: {reason}"),
        Back::Unknown if stakes.is_destructive => "THERE IS NO WAY BACK".to_owned(),
        Back::Unknown => "the runbook names no way back".to_owned(),
        Back::By(undos) => {
            let lines = undos.iter().flat_map(|undo| undo.lines());
            let lines: Vec<String> = lines.map(|line| format!("\n    {line}")).collect();
            format!("it can be taken back by{}", lines.concat())
        }
    };
    text.push_str(&format!("  {back}\n"));
    text
}

/// What follows when something fails.
fn follows(stakes: &Stakes) -> &'static str {
    match stakes.on_failure {
        OnFailure::Hold => "nothing new begins, and you are asked what to do",
        OnFailure::Fail if stakes.is_in_rung => {
            "what needs it is not reached, and the next rung is tried, if there is one"
        }
        OnFailure::Fail => "what needs it is not reached, and the step around it fails",
        OnFailure::Continue => "the run goes on all the same",
        OnFailure::Abort => "the run ends",
    }
}

/// The options that a list in a terminal of so many columns cuts off.
pub(super) fn in_full<'l>(labels: impl Iterator<Item = &'l str>, columns: usize) -> String {
    let is_cut = |label: &&str| measure_text_width(label) + MARGIN > columns;
    labels.filter(is_cut).map(|label| format!("    {label}\n")).collect()
}

/// What is said of an input before it is asked for; `is_listed` tells that its values are.
pub(super) fn input(input: &Input, is_listed: bool) -> String {
    let mut lines: Vec<String> =
        input.description.iter().flat_map(|text| text.lines()).map(str::to_owned).collect();
    let mut facts = Vec::new();
    if !is_listed {
        facts.extend(must_be(input));
        facts.extend(input.example.iter().map(|example| format!("for example {example}")));
        let default = input.default.as_ref().map(written);
        facts.extend(default.map(|default| format!("{default} when nothing is typed")));
    }
    if !facts.is_empty() {
        lines.push(facts.join("; "));
    }
    lines.into_iter().map(|line| format!("  {line}\n")).collect()
}

/// What the value of an input must be.
fn must_be(input: &Input) -> Option<String> {
    let bound = |value: &Option<Value>| value.as_ref().map(written);
    let range = match (bound(&input.min), bound(&input.max)) {
        (Some(min), Some(max)) => Some(format!("from {min} to {max}")),
        (Some(min), None) => Some(format!("at least {min}")),
        (None, Some(max)) => Some(format!("at most {max}")),
        (None, None) => None,
    };
    let is_text = input.kind == Kind::String;
    let range = range.map(|range| if is_text { format!("{range} characters") } else { range });
    let noun = (!is_text).then(|| input.kind.noun().to_owned());
    let choices: Vec<String> = input.choices.iter().map(written).collect();
    let choices = (!choices.is_empty()).then(|| format!("one of {}", choices.join(", ")));
    let said: Vec<String> = [noun, range, choices].into_iter().flatten().collect();
    (!said.is_empty()).then(|| said.join(", "))
}

fn written(value: &Value) -> String {
    value.text().unwrap_or_else(|| value.to_json().to_string())
}

fn clock(at: Moment) -> String {
    at.format("%H:%M:%S").to_string()
}

fn shortened(line: &str) -> String {
    match line.char_indices().nth(WIDE) {
        Some((at, _)) => format!("{}…", line.get(..at).unwrap_or_default()),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests;
