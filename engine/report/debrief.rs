//! The debrief of an exercise as pages to keep: Markdown for a ticket, and HTML that needs nothing beside
//! it. Both are made of the same sections, and text from outside is inert in both.

mod html;
mod markdown;

use crate::timeline::debrief::{Answer, Debrief, Decision, Reaction, Told};
use crate::timeline::{duration, would};

pub use html::html;
pub use markdown::markdown;

/// The word that every page of an exercise bears.
const STAMP: &str = "EXERCISE";

/// A part of a page.
struct Section {
    heading: &'static str,
    columns: &'static [&'static str],
    rows: Vec<Vec<String>>,
    /// What is said where there are no rows.
    none: &'static str,
}

/// What stands above all sections, by name.
fn facts(debrief: &Debrief) -> Vec<(&'static str, String)> {
    let began = debrief.began_at.map(|at| at.format("%Y-%m-%d %H:%M UTC").to_string());
    let verdict = debrief.verdict.map(|verdict| verdict.word().replace('_', " "));
    let ended = match debrief.as_if {
        Some(as_if) => format!("as it was told, the run {}", would(as_if)),
        None => "it was broken off before its end".to_owned(),
    };
    let score = debrief.score.as_ref().map(|score| match score.score {
        Some(points) => format!("{points} of {}, says {}", score.of, score.by),
        None => format!("none given by {}", score.by),
    });
    let met = debrief.objectives.iter().filter(|(_, is_met)| *is_met == Some(true)).count();
    let objectives = format!("{met} of {} met", debrief.objectives.len());
    let objectives = (!debrief.objectives.is_empty()).then_some(objectives);
    [
        ("Exercise", Some(debrief.exercise.clone())),
        ("Past run", debrief.past.clone()),
        ("Players' screen", Some(debrief.operator.clone())),
        ("Began", began),
        ("Took", Some(duration(debrief.took_ms))),
        ("Outcome", Some(ended)),
        ("Verdict", verdict),
        ("Objectives", objectives),
        ("Score", score),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
    .collect()
}

fn sections(debrief: &Debrief) -> Vec<Section> {
    let mut sections = Vec::from(what_happened(debrief));
    sections.extend(what_it_shows(debrief));
    sections
}

fn section<T>(
    (heading, none): (&'static str, &'static str),
    columns: &'static [&'static str],
    facts: &[T],
    row: impl Fn(&T) -> Vec<String>,
) -> Section {
    Section { heading, columns, rows: facts.iter().map(row).collect(), none }
}

fn what_happened(debrief: &Debrief) -> [Section; 4] {
    [
        section(
            ("Objectives", "none are written down"),
            &["Objective", "Met"],
            &debrief.objectives,
            objective,
        ),
        section(
            ("Injects", "none"),
            &["After", "Inject", "What was told"],
            &debrief.injects,
            inject,
        ),
        section(
            ("Decisions", "nobody decided anything"),
            &["After", "Who", "What", "Took"],
            &debrief.decisions,
            decision,
        ),
        section(
            ("From an inject to the next decision", "nothing was told"),
            &["Inject", "Took", "Decision"],
            &debrief.reactions,
            reaction,
        ),
    ]
}

fn what_it_shows(debrief: &Debrief) -> [Section; 5] {
    let one = |line: &String| vec![line.clone()];
    [
        section(
            ("Gates waved through", "none"),
            &["Gate", "Who", "Why it counts"],
            &debrief.waved_through,
            |gate| vec![gate.step.clone(), gate.by.clone(), gate.why.clone()],
        ),
        section(
            ("Missing contacts", "none: everybody who is named can be reached"),
            &["Who"],
            &debrief.missing_contacts,
            one,
        ),
        section(
            ("Deviations from the runbook", "none"),
            &["What was done"],
            &debrief.deviations,
            one,
        ),
        section(
            ("Questions and answers", "none were asked"),
            &["Question", "Who", "Answer"],
            &debrief.questions,
            answer,
        ),
        section(("Action items", "none"), &["What", "Said by"], &debrief.actions, |(what, by)| {
            vec![what.clone(), by.clone()]
        }),
    ]
}

fn objective((text, is_met): &(String, Option<bool>)) -> Vec<String> {
    let met = match is_met {
        Some(true) => "yes",
        Some(false) => "no",
        None => "nobody says",
    };
    vec![text.clone(), met.to_owned()]
}

fn numbered(number: Option<usize>) -> String {
    number.map_or_else(|| "made up".to_owned(), |number| number.to_string())
}

fn inject(told: &Told) -> Vec<String> {
    let after = told.after_ms.map_or_else(|| "not told".to_owned(), duration);
    let by = told.by.as_ref().map(|by| format!(" (told early by {by})"));
    let by = by.filter(|_| told.number.is_some());
    let text = format!("{}{}", told.text.trim(), by.unwrap_or_default());
    vec![after, numbered(told.number), text]
}

fn decision(decision: &Decision) -> Vec<String> {
    let took = decision.took_ms.map_or_else(|| "not asked".to_owned(), duration);
    vec![duration(decision.after_ms), decision.by.clone(), decision.said.clone(), took]
}

fn reaction(reaction: &Reaction) -> Vec<String> {
    let (took, what) = match &reaction.decision {
        Some((took, what)) => (duration(*took), what.clone()),
        None => ("never".to_owned(), "nothing was decided after it".to_owned()),
    };
    vec![numbered(reaction.inject), took, what]
}

fn answer(answer: &Answer) -> Vec<String> {
    let step = answer.step.as_ref().map(|step| format!("{step}: ")).unwrap_or_default();
    let (by, said) = answer.answer.clone().unwrap_or_else(|| ("nobody".to_owned(), String::new()));
    vec![format!("{step}{}", answer.question.trim()), by, said]
}
