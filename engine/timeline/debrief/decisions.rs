//! Who decided what, how long that took, and what was waved through.

use serde::Serialize;

use crate::run::RunState;
use crate::run::event::exercise::InjectTold;
use crate::run::event::{Decider, Event, GateQuestion, InputSource, NoteKind, Question};
use crate::timeline::words::HASTY;

/// What a word takes to be read, in milliseconds: ten words a second is faster than anybody reads.
const WORD: u64 = 100;

/// Something that was decided.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Decision {
    /// When, in milliseconds after the beginning.
    pub after_ms: u64,
    /// Who decided.
    pub by: String,
    /// What was decided, in words.
    pub said: String,
    /// How long the question had stood, in milliseconds; none where nobody had asked.
    pub took_ms: Option<u64>,
}

/// What followed an inject.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reaction {
    /// The number of the inject in the script.
    pub inject: Option<usize>,
    /// What was told.
    pub text: String,
    /// How long it took to the next decision, in milliseconds, and what that was; none where nothing
    /// was decided any more.
    pub decision: Option<(u64, String)>,
}

/// A gate that nobody can have read.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WavedThrough {
    /// The path of the step behind it.
    pub step: String,
    /// Who let it pass.
    pub by: String,
    /// Why it counts as waved through.
    pub why: String,
}

/// What was decided so far.
#[derive(Default)]
pub(super) struct Decided {
    /// The questions that stand, and since when.
    open: Vec<(Question, u64)>,
    decisions: Vec<Decision>,
    /// The injects that were told, when, and how much had been decided before.
    injects: Vec<(InjectTold, u64, usize)>,
    waved_through: Vec<WavedThrough>,
}

impl Decided {
    /// Takes in an event; `state` is the state after it.
    pub(super) fn hear(&mut self, event: &Event, state: &RunState, said: &str, after_ms: u64) {
        match event {
            Event::QuestionAsked { question } => self.open.push((question.clone(), after_ms)),
            Event::InjectTold(told) => {
                self.injects.push((told.clone(), after_ms, self.decisions.len()));
            }
            _ => {}
        }
        if let Some(by) = decider(event) {
            let answered = self.open.iter().find(|(question, _)| !state.is_asked(question));
            // An approval of several leaves the question open.
            let asked = answered.or_else(|| self.open.iter().find(|(it, _)| is_its(it, event)));
            let took_ms = match event {
                Event::Discussed(said) => Some(said.took_ms),
                _ => asked.map(|(_, since)| after_ms.saturating_sub(*since)),
            };
            self.wave(event, asked.map(|(question, _)| question.clone()).as_ref());
            let said = said.to_owned();
            self.decisions.push(Decision { after_ms, by, said, took_ms });
        }
        self.open.retain(|(question, _)| state.is_asked(question));
    }

    fn wave(&mut self, event: &Event, question: Option<&Question>) {
        let Event::GateApproved { step, by, took_ms: Some(took), wrong_words, .. } = event else {
            return;
        };
        let words = match question {
            Some(Question::Gate(gate)) => words(gate),
            _ => 0,
        };
        let seconds = format!("{}.{} s", took / 1000, took % 1000 / 100);
        let why = if *took < HASTY {
            format!("answered after {seconds}")
        } else if *took < words * WORD {
            format!("answered after {seconds}, and its {words} words take longer to read")
        } else {
            return;
        };
        let tries = match wrong_words {
            0 => String::new(),
            count => format!(", with {count} wrong words before"),
        };
        let (step, by, why) = (step.clone(), by.clone(), format!("{why}{tries}"));
        self.waved_through.push(WavedThrough { step, by, why });
    }

    /// All of it.
    pub(super) fn all(self) -> (Vec<Decision>, Vec<Reaction>, Vec<WavedThrough>) {
        let Decided { decisions, injects, waved_through, .. } = self;
        let reactions = injects.into_iter().map(|(told, since, before)| {
            let next = decisions.get(before);
            let took = |next: &Decision| next.after_ms.saturating_sub(since);
            let decision = next.map(|next| (took(next), next.said.clone()));
            Reaction { inject: told.number, text: told.text, decision }
        });
        let reactions = reactions.collect();
        (decisions, reactions, waved_through)
    }
}

/// How many words stand in the question of a gate.
fn words(gate: &GateQuestion) -> u64 {
    let count = |text: &str| text.split_whitespace().count() as u64;
    count(&gate.ask) + gate.commands.iter().map(|command| count(command)).sum::<u64>()
}

fn is_its(question: &Question, event: &Event) -> bool {
    match (question, event) {
        (Question::Gate(gate), Event::GateApproved { step, .. }) => gate.step == *step,
        _ => false,
    }
}

/// Who decided something, where an event is a decision of a person.
fn decider(event: &Event) -> Option<String> {
    Some(match event {
        Event::GateApproved { by, .. }
        | Event::GateRejected { by, .. }
        | Event::NeedDecided { by, .. }
        | Event::StepGivenUp { by, .. }
        | Event::HoldResolved { by, .. }
        | Event::CheckWaived { by, .. }
        | Event::CheckRefused { by: Some(by), .. }
        | Event::InvariantResolved { by, .. }
        | Event::VerdictResolved { by, .. }
        | Event::StepPassedOver { by, .. }
        | Event::JumpRequested { by, .. }
        | Event::BackRequested { by, .. }
        | Event::StepUndoRequested { by, .. }
        | Event::UndoRequested { by, .. }
        | Event::AbortRequested { by, .. }
        | Event::DoubtSettled { by: Decider::Person { name: by }, .. } => by.clone(),
        Event::StepAnswered(answered) => answered.by.clone(),
        Event::ItemTicked(ticked) => ticked.by.clone(),
        // A question at the end is about what was decided.
        Event::Discussed(said) if said.step.is_some() => said.by.clone(),
        Event::NoteAdded(note) if note.kind == NoteKind::Decision => note.by.clone(),
        Event::InputGiven(given) if given.from == InputSource::Prompt => "the operator".to_owned(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gate_has_the_words_of_its_question_and_of_all_that_would_run() {
        let gate = GateQuestion {
            step: "a".into(),
            ask: "Really drop it?".into(),
            word: None,
            approvers: Vec::new(),
            commands: vec!["drop it".into(), "now".into()],
            digest: String::new(),
            quorum: 1,
            barred: None,
            value: None,
            may_bypass: false,
        };
        assert_eq!(words(&gate), 6);
    }
}
