//! What came of a case, held against what was expected of it.

use std::time::Duration;

use serde_json::Value as Json;

use crate::document::duration_text;
use crate::plan::Plan;
use crate::report::lines;
use crate::run::event::Question;
use crate::runbook::choose::same;
use crate::source::{Span, Spanned};
use crate::timeline::{Entry, outcome};

use super::course::{Course, course};
use super::play::Played;
use super::script::place::{Place, name_of};
use super::script::{Hopes, Waited};

/// An expectation that did not come true.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Miss {
    /// Where it stands.
    pub at: Span,
    /// What it is about, as keys of `expect` joined by dots: `states.load`.
    pub what: String,
    /// What was expected.
    pub expected: String,
    /// What came.
    pub came: String,
    /// Whether its line holds a secret, and is not shown.
    pub is_private: bool,
}

/// The expectations of a case that did not come true, in the order of the file.
pub fn compare(hopes: &Hopes, played: &Played, timeline: &[Entry]) -> Vec<Miss> {
    let course = course(played);
    let mut misses = Vec::new();
    ends(hopes, played, &mut misses);
    path(hopes, &course, &mut misses);
    states(hopes, played, &mut misses);
    gates(hopes, &course, &mut misses);
    outputs(hopes, played, &mut misses);
    undone(hopes, &course, &mut misses);
    waiting_for(hopes, played, &mut misses);
    in_order("messages", &hopes.expect.messages, &course.messages, &mut misses);
    if !hopes.expect.timeline.is_empty() {
        let entries: Vec<String> = timeline.iter().map(|entry| lines(entry).join("\n")).collect();
        in_order("timeline", &hopes.expect.timeline, &entries, &mut misses);
    }
    takes(hopes, played, &mut misses);
    misses.sort_by_key(|miss| miss.at.start);
    misses
}

/// How a run stands, in the word of `outcome`.
pub fn outcome_of(played: &Played) -> String {
    match played.state.outcome {
        Some(ended) => outcome(ended).replace(' ', "_"),
        None => "waiting".to_owned(),
    }
}

fn miss(at: Span, what: impl Into<String>, expected: &str, came: impl Into<String>) -> Miss {
    let (expected, is_private) = (expected.to_owned(), false);
    Miss { at, what: what.into(), expected, came: came.into(), is_private }
}

fn ends(hopes: &Hopes, played: &Played, misses: &mut Vec<Miss>) {
    let verdict = played.state.verdict.map_or("none", |verdict| verdict.word());
    let came = [
        ("outcome", &hopes.expect.outcome, outcome_of(played)),
        ("verdict", &hopes.expect.verdict, verdict.to_owned()),
    ];
    for (what, expected, came) in came {
        if let Some(expected) = expected.as_ref().filter(|expected| expected.value != came) {
            misses.push(miss(expected.span, what, expected, came));
        }
    }
}

/// A step by its id where that is enough, else by its path.
fn short<'p>(plan: &'p Plan, path: &'p str) -> &'p str {
    let index = plan.at_path(path);
    let id = index.map(|index| plan.nodes[index].id.as_str());
    id.filter(|id| plan.find(id) == index).unwrap_or(path)
}

fn path(hopes: &Hopes, course: &Course, misses: &mut Vec<Miss>) {
    let Some(expected) = &hopes.expect.path else { return };
    parted("path", expected, &hopes.path, &course.path, misses);
}

fn undone(hopes: &Hopes, course: &Course, misses: &mut Vec<Miss>) {
    let Some(expected) = &hopes.expect.undone else { return };
    parted("undone", expected, &hopes.undone, &course.undone, misses);
}

/// Holds one list of steps against another; where they part is marked in both.
fn parted(
    what: &str,
    expected: &Spanned<Vec<Spanned<String>>>,
    places: &[Place],
    came: &[String],
    misses: &mut Vec<Miss>,
) {
    let mut pairs = places.iter().zip(came);
    let first = pairs.position(|(place, path)| !place.holds(path));
    let first =
        first.or_else(|| (places.len() != came.len()).then(|| places.len().min(came.len())));
    let Some(first) = first else { return };
    let names: Vec<&str> = expected.iter().map(|name| name.value.as_str()).collect();
    // A step is called as the test calls it, where it does.
    let came: Vec<&str> = came
        .iter()
        .map(|path| {
            let known = places.iter().zip(&names).find(|(place, _)| place.holds(path));
            known.map_or_else(|| path.rsplit('/').next().unwrap_or(path), |(_, name)| *name)
        })
        .collect();
    let at = expected.get(first).map_or(expected.span, |name| name.span);
    misses.push(miss(at, what, &marked(&names, first), marked(&came, first)));
}

/// A list with the place marked where it parts from another.
fn marked(names: &[&str], at: usize) -> String {
    let mut shown: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    match shown.get_mut(at) {
        Some(name) => *name = format!("[{name}]"),
        None => shown.push("[nothing]".to_owned()),
    }
    shown.join(", ")
}

fn states(hopes: &Hopes, played: &Played, misses: &mut Vec<Miss>) {
    for ((name, expected), place) in hopes.expect.states.iter().zip(&hopes.states) {
        let index = played.plan.at_path(place.path());
        let came = index.map_or("none: its fan-out has no such item", |index| {
            played.state.steps[index].state.word()
        });
        if came != expected.value {
            misses.push(miss(expected.span, format!("states.{name}"), expected, came));
        }
    }
}

fn gates(hopes: &Hopes, course: &Course, misses: &mut Vec<Miss>) {
    for ((name, expected), place) in hopes.expect.gates.iter().zip(&hopes.gates) {
        let found: Vec<&str> = course
            .gates
            .iter()
            .filter(|(path, _)| place.holds(path))
            .map(|(_, became)| *became)
            .collect();
        let is_so = !found.is_empty() && found.iter().all(|became| *became == expected.value);
        if !is_so {
            let came = if found.is_empty() { "never asked".to_owned() } else { found.join(", ") };
            misses.push(miss(expected.span, format!("gates.{name}"), expected, came));
        }
    }
}

fn outputs(hopes: &Hopes, played: &Played, misses: &mut Vec<Miss>) {
    for ((step, expected), place) in hopes.expect.outputs.iter().zip(&hopes.outputs) {
        let index = played.plan.at_path(place.path());
        let found = index.map(|index| &played.state.steps[index].outputs);
        for (name, expected) in expected {
            let came = found.and_then(|outputs| outputs.get(&name.value));
            if came.is_some_and(|came| same(came, expected)) {
                continue;
            }
            let came = came.map_or("nothing".to_owned(), Json::to_string);
            let what = format!("outputs.{step}.{name}");
            misses.push(miss(expected.span, what, &expected.value.to_string(), came));
        }
    }
}

fn waiting_for(hopes: &Hopes, played: &Played, misses: &mut Vec<Miss>) {
    let Some(expected) = &hopes.expect.waiting_for else { return };
    let waiting = match played.state.has_ended() {
        true => Vec::new(),
        false => played.state.waiting_for(&played.plan),
    };
    let is_it = |waited: &Waited, question: &Question| match (waited, question) {
        (Waited::Answer(matter), question) => matter.holds(question),
        (Waited::Input(input), Question::Input { name }) => input == name,
        (Waited::Input(_), _) => false,
    };
    let all = |waited: &Waited| waiting.iter().any(|question| is_it(waited, question));
    let known =
        |question: &Question| hopes.waiting_for.iter().any(|waited| is_it(waited, question));
    if hopes.waiting_for.iter().all(all) && waiting.iter().all(known) {
        return;
    }
    let names: Vec<&str> = expected.iter().map(|name| name.value.as_str()).collect();
    let came: Vec<String> = waiting.iter().map(name_of).collect();
    let came: Vec<&str> = came.iter().map(|name| short(&played.plan, name)).collect();
    let shown = |names: &[&str]| match names {
        [] => "nothing".to_owned(),
        names => names.join(", "),
    };
    misses.push(miss(expected.span, "waiting_for", &shown(&names), shown(&came)));
}

/// Looks for parts of texts, each in the text in which the one before was found, or behind it.
fn in_order(what: &str, parts: &[Spanned<String>], texts: &[String], misses: &mut Vec<Miss>) {
    let mut from = 0;
    for part in parts {
        let found = texts.iter().skip(from).position(|text| text.contains(&part.value));
        match found {
            Some(found) => from += found,
            None => {
                let is_before = texts.iter().take(from).any(|text| text.contains(&part.value));
                let came = match is_before {
                    true => "it comes before what stands above it",
                    false => "nothing has it in it",
                };
                misses.push(miss(part.span, what, part, came));
            }
        }
    }
}

/// How long a run lasted, by the clock of the test.
pub fn lasted(played: &Played) -> Duration {
    let (from, to) = (played.state.started_at, played.state.last_at);
    let lasted = from.zip(to).map(|(from, to)| to - from);
    lasted.and_then(|lasted| lasted.to_std().ok()).unwrap_or_default()
}

fn takes(hopes: &Hopes, played: &Played, misses: &mut Vec<Miss>) {
    let lasted = lasted(played);
    let came = || duration_text(lasted);
    if let Some(least) = hopes.expect.at_least.as_ref().filter(|least| lasted < least.value) {
        misses.push(miss(least.span, "takes.at_least", &duration_text(least.value), came()));
    }
    if let Some(most) = hopes.expect.at_most.as_ref().filter(|most| lasted > most.value) {
        misses.push(miss(most.span, "takes.at_most", &duration_text(most.value), came()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_where_a_list_parts_is_marked_behind_its_end_too() {
        assert_eq!(marked(&["a", "b"], 1), "a, [b]");
        assert_eq!(marked(&["a"], 1), "a, [nothing]");
        assert_eq!(marked(&[], 0), "[nothing]");
    }

    #[test]
    fn parts_are_looked_for_in_order_and_several_may_stand_in_one_text() {
        let part = |text: &str| Spanned::new(text.to_owned(), Span::default());
        let texts = ["one two".to_owned(), "three".to_owned()];
        let missed = |parts: &[&str]| {
            let parts: Vec<_> = parts.iter().map(|text| part(text)).collect();
            let mut misses = Vec::new();
            in_order("timeline", &parts, &texts, &mut misses);
            misses.into_iter().map(|miss| (miss.expected, miss.came)).collect::<Vec<_>>()
        };
        assert_eq!(missed(&["two", "one", "three"]), []);
        let before = ("one".to_owned(), "it comes before what stands above it".to_owned());
        assert_eq!(missed(&["three", "one"]), [before]);
        let nowhere = ("four".to_owned(), "nothing has it in it".to_owned());
        assert_eq!(missed(&["four", "three"]), [nowhere]);
    }
}
