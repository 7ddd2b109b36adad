//! What comes after the last step of an exercise: its questions, and what it has shown.
//!
//! The run has ended by then. What is said goes on record behind its end, and letters of whoever leads
//! the exercise are still taken.

use std::sync::Arc;

use crate::cli::letters;
use crate::cli::session::record;
use crate::drive::{DriveError, World as _};
use crate::journal::{Folder, Inbox};
use crate::report::Reporter;
use crate::run::event::Event;
use crate::run::event::exercise::{ExerciseScored, Script};
use crate::run::receive;
use crate::runtime::Live;
use crate::runtime::prompt::{Answer, Interrupt};

use super::ask;
use super::orders::mask;
use super::players::Players;

/// The end of one exercise.
pub struct Epilogue<'p> {
    players: &'p mut Players,
    inbox: Inbox,
    operator: String,
    script: Script,
}

impl<'p> Epilogue<'p> {
    /// The end of an exercise whose run has ended.
    pub fn of(players: &'p mut Players, folder: &Folder, operator: &str) -> Epilogue<'p> {
        let exercise = players.state.exercise.as_ref();
        let script = exercise.map(|exercise| exercise.script.clone()).unwrap_or_default();
        Epilogue { players, inbox: Inbox::of(folder), operator: operator.to_owned(), script }
    }

    /// Puts the questions, and hears what the exercise has shown; ends at once when it is left.
    pub async fn play(mut self) -> Result<(), DriveError> {
        self.ask().await?;
        if !self.script.objectives.is_empty() {
            self.score().await?;
        }
        self.take_letters()
    }

    async fn ask(&mut self) -> Result<(), DriveError> {
        for question in self.script.questions.clone() {
            if self.players.world.is_left() {
                return Ok(());
            }
            let table = Arc::clone(&self.players.world);
            let mut talk = Box::pin(async move { table.talk(None, &question).await });
            let said = loop {
                tokio::select! {
                    said = &mut talk => break said,
                    () = tokio::time::sleep(letters::EVERY) => self.take_letters()?,
                }
            };
            if let Some(said) = said {
                record(self.players, vec![Event::Discussed(said)])?;
            }
        }
        self.take_letters()
    }

    /// Takes what came from another terminal meanwhile.
    fn take_letters(&mut self) -> Result<(), DriveError> {
        let (letters, others) = self.inbox.waiting();
        others.iter().for_each(|other| self.inbox.put_aside(other));
        for mut letter in letters {
            mask(&self.players.world, &mut letter);
            let now = self.players.world.read_clock().wall;
            let events = receive(&self.players.plan, &self.players.state, now, &letter);
            match events {
                Some(events) if !events.is_empty() => record(self.players, events)?,
                // It was put on record before, or its time never comes.
                _ => self.inbox.remove(&letter.id),
            }
        }
        Ok(())
    }

    fn is_scored(&self) -> bool {
        self.players.state.exercise.as_ref().is_none_or(|exercise| exercise.is_scored)
    }

    /// Waits for whoever leads the exercise to say what it has shown; where nobody does, that is asked
    /// here.
    async fn score(&mut self) -> Result<(), DriveError> {
        let mut is_told = false;
        while !self.is_scored() && !self.players.world.is_left() {
            if !self.players.world.is_led() {
                return self.score_here().await;
            }
            if let Reporter::Text(terminal, _) = &self.players.reporter
                && !std::mem::replace(&mut is_told, true)
            {
                terminal.line("EXERCISE: whoever leads it says now what it has shown");
            }
            let table = Arc::clone(&self.players.world);
            tokio::select! {
                () = table.left() => return Ok(()),
                () = tokio::time::sleep(letters::EVERY) => self.take_letters()?,
            }
        }
        Ok(())
    }

    /// Asks here what it has shown, until that is answered or somebody else says so.
    async fn score_here(&mut self) -> Result<(), DriveError> {
        let Ok(interrupt) = Interrupt::new() else { return Ok(()) };
        let (ended, objectives) = (interrupt.clone(), self.script.objectives.clone());
        let table = Arc::clone(&self.players.world);
        let live = Arc::clone(&table.live);
        let put = move |live: &Live| ask::score(&objectives, &|text| live.tell_above(text), &ended);
        let mut asked = tokio::spawn(async move { live.in_turn(put).await });
        let answer = loop {
            tokio::select! {
                answer = &mut asked => break answer,
                () = table.left() => {}
                () = tokio::time::sleep(letters::EVERY) => {
                    self.take_letters()?;
                    if !self.is_scored() {
                        continue;
                    }
                }
            }
            interrupt.raise_for_good();
            break asked.await;
        };
        if self.is_scored() {
            return Ok(());
        }
        let Ok(Some(Answer::Given((objectives, score)))) = answer else { return Ok(()) };
        let by = self.operator.clone();
        let scored = Event::ExerciseScored(ExerciseScored { by, objectives, score });
        record(self.players, vec![scored])
    }
}
