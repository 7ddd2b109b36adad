//! What an exercise at a table has shown, made from its plan and its records and nothing else: who
//! decided what and how fast, what was waved through, who could not have been reached, where the team
//! left the runbook, and what is to be done.

mod contacts;
mod decisions;

use serde::Serialize;

use crate::journal::Record;
use crate::run::event::exercise::{BEST, InjectTold, Script};
use crate::run::event::{
    DoubtChoice, Event, HoldChoice, InvariantChoice, Moment, NoteKind, Outcome, Verdict,
};
use crate::run::{self, IllegalEvent, Plans, RunState};

pub use decisions::{Decision, Reaction, WavedThrough};

use super::{Corrections, entry};

/// What an exercise has shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Debrief {
    /// The id of the exercise.
    pub exercise: String,
    /// The title of the runbook.
    pub title: String,
    /// The run that was gone through once more.
    pub past: Option<String>,
    /// What had happened when it began.
    pub scenario: Option<String>,
    /// Who ran the players' screen.
    pub operator: String,
    /// When it began.
    pub began_at: Option<Moment>,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// How the run would have ended, had all been so; none where the exercise was broken off.
    pub as_if: Option<Outcome>,
    /// What the exit criteria said.
    pub verdict: Option<Verdict>,
    /// The injects of the script and those that were made up, in the order in which they were told;
    /// those that were not come last.
    pub injects: Vec<Told>,
    /// What was decided, in order.
    pub decisions: Vec<Decision>,
    /// How long it took from each inject to the next decision.
    pub reactions: Vec<Reaction>,
    /// The gates that nobody can have read.
    pub waved_through: Vec<WavedThrough>,
    /// Who was to be asked, called or told, and could not have been reached.
    pub missing_contacts: Vec<String>,
    /// Where the team did something else than the runbook says.
    pub deviations: Vec<String>,
    /// The objectives, and whether each was met; none where nobody says.
    pub objectives: Vec<(String, Option<bool>)>,
    /// How well it went, and who says so.
    pub score: Option<Score>,
    /// What was talked about, and what of the questions at the end nobody answered.
    pub questions: Vec<Answer>,
    /// What is to be done, each with who said so.
    pub actions: Vec<(String, String)>,
}

/// An inject.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Told {
    /// Its number in the script.
    pub number: Option<usize>,
    /// What was told.
    pub text: String,
    /// When, in milliseconds after the beginning; none where it was not told.
    pub after_ms: Option<u64>,
    /// Who told it before its time.
    pub by: Option<String>,
}

/// How well an exercise went.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Score {
    /// Who says so.
    pub by: String,
    /// From 1 to [`BEST`].
    pub score: Option<u8>,
    /// The best there is.
    pub of: u8,
}

/// A question, and its answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer {
    /// The step that asks; none for a question at the end.
    pub step: Option<String>,
    /// The question.
    pub question: String,
    /// Who answered what; none where nobody did.
    pub answer: Option<(String, String)>,
}

/// Makes the debrief of an exercise.
pub fn debrief(plans: &mut Plans, records: &[Record]) -> Result<Debrief, IllegalEvent> {
    let mut state = RunState::new(&plans.current);
    let (mut seen, corrections) = (Seen::default(), Corrections::of(records));
    let mut decided = decisions::Decided::default();
    for record in records {
        run::fold(plans, &mut state, record.at, &record.event)?;
        if corrections.of_record(record.seq).is_some() {
            continue;
        }
        let entry = entry(record, &plans.current, &state);
        let said = entry.map(|entry| match entry.step {
            Some(step) => format!("{step}: {}", entry.text),
            None => entry.text,
        });
        let after_ms = since_beginning(&state, record.at);
        seen.hear(&record.event, said.as_deref().unwrap_or_default(), after_ms);
        decided.hear(&record.event, &state, said.as_deref().unwrap_or_default(), after_ms);
    }
    let script = state.exercise.as_ref().map(|it| it.script.clone()).unwrap_or_default();
    let start = state.start.clone();
    let plan = &plans.current;
    let (decisions, reactions, waved_through) = decided.all();
    Ok(Debrief {
        exercise: start.as_ref().map(|start| start.run.clone()).unwrap_or_default(),
        title: plan.runbook.title.clone(),
        past: script.past.as_ref().map(|past| past.run.clone()),
        scenario: script.scenario.clone(),
        operator: start.map(|start| start.operator).unwrap_or_default(),
        began_at: state.exercise.as_ref().map(|exercise| exercise.began_at),
        took_ms: state.last_at.map(|at| since_beginning(&state, at)).unwrap_or_default(),
        as_if: state.as_if,
        verdict: state.verdict,
        injects: injects(&script, seen.injects),
        decisions,
        reactions,
        waved_through,
        missing_contacts: contacts::missing(plan),
        deviations: seen.deviations,
        objectives: objectives(&script, &seen.met),
        score: seen.score,
        questions: questions(&script, seen.answers),
        actions: seen.actions,
    })
}

/// How long after the beginning of the exercise something happened, in milliseconds.
fn since_beginning(state: &RunState, at: Moment) -> u64 {
    let began = state.exercise.as_ref().map(|exercise| exercise.began_at);
    let after = began.map(|began| at - began).unwrap_or_default();
    u64::try_from(after.num_milliseconds()).unwrap_or_default()
}

/// What was said and done, as far as it is no answer to a question of the run.
#[derive(Default)]
struct Seen {
    injects: Vec<(InjectTold, u64)>,
    deviations: Vec<String>,
    answers: Vec<Answer>,
    actions: Vec<(String, String)>,
    met: Vec<bool>,
    score: Option<Score>,
}

impl Seen {
    fn hear(&mut self, event: &Event, said: &str, after_ms: u64) {
        match event {
            Event::InjectTold(told) => self.injects.push((told.clone(), after_ms)),
            Event::Discussed(said) => self.answers.push(Answer {
                step: said.step.clone(),
                question: said.question.clone(),
                answer: Some((said.by.clone(), said.answer.clone())),
            }),
            Event::NoteAdded(note) if note.kind == NoteKind::Todo => {
                self.actions.push((note.text.clone(), note.by.clone()));
            }
            Event::ExerciseScored(scored) => {
                self.met.clone_from(&scored.objectives);
                let by = scored.by.clone();
                self.score = Some(Score { by, score: scored.score, of: BEST });
            }
            event if deviates(event) => self.deviations.push(said.to_owned()),
            _ => {}
        }
    }
}

/// Whether something was done that the runbook does not say.
fn deviates(event: &Event) -> bool {
    match event {
        Event::StepPassedOver { .. }
        | Event::JumpRequested { .. }
        | Event::BackRequested { .. }
        | Event::StepUndoRequested { .. }
        | Event::UndoRequested { .. }
        | Event::CheckWaived { .. }
        | Event::StepGivenUp { .. } => true,
        Event::HoldResolved { choice, .. } => {
            matches!(choice, HoldChoice::Done | HoldChoice::Skip)
        }
        Event::DoubtSettled { choice, .. } => matches!(choice, DoubtChoice::Done),
        Event::InvariantResolved { choice, .. } => matches!(choice, InvariantChoice::Waive),
        Event::ItemTicked(ticked) => ticked.waived.is_some(),
        Event::NoteAdded(note) => note.kind == NoteKind::Decision,
        _ => false,
    }
}

fn injects(script: &Script, told: Vec<(InjectTold, u64)>) -> Vec<Told> {
    let is_untold = |number: &usize| told.iter().all(|(it, _)| it.number != Some(*number));
    let untold = (1..).zip(&script.injects).filter(|(number, _)| is_untold(number));
    let untold = untold.map(|(number, inject)| Told {
        number: Some(number),
        text: inject.text.clone(),
        after_ms: None,
        by: None,
    });
    let untold: Vec<Told> = untold.collect();
    let told = told.into_iter().map(|(InjectTold { number, text, by }, after_ms)| Told {
        number,
        text,
        after_ms: Some(after_ms),
        by,
    });
    told.chain(untold).collect()
}

fn objectives(script: &Script, met: &[bool]) -> Vec<(String, Option<bool>)> {
    let judged = met.iter().map(|is_met| Some(*is_met)).chain(std::iter::repeat(None));
    script.objectives.iter().cloned().zip(judged).collect()
}

fn questions(script: &Script, mut answers: Vec<Answer>) -> Vec<Answer> {
    for question in &script.questions {
        let is_it = |answer: &Answer| answer.step.is_none() && answer.question == *question;
        if !answers.iter().any(is_it) {
            answers.push(Answer { step: None, question: question.clone(), answer: None });
        }
    }
    answers
}
