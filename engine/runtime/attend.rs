//! Single keys while a run goes on and nothing is asked: to pause it, to note something, to see more.

use std::sync::{Arc, PoisonError};

use tokio::sync::mpsc;

use super::prompt::Keyboard;
use super::world::Live;
use crate::journal::Record;
use crate::report::Terminal;
use crate::run::event::Event;

/// What the keys do, in a line.
const KEYS: &str =
    "keys: p ask before each change, n note, o all that was printed, ? this; Ctrl-C stops";

impl Live {
    /// Listens to single keys from now on, where a screen is drawn. Nothing is echoed meanwhile.
    pub fn attend(self: &Arc<Self>) -> std::io::Result<()> {
        if !self.terminal.as_ref().is_some_and(Terminal::has_screen) {
            return Ok(());
        }
        let (sender, mut keys) = mpsc::unbounded_channel();
        let keyboard = Keyboard::open(sender)?;
        *self.keyboard.lock().unwrap_or_else(PoisonError::into_inner) = keyboard;
        let world = Arc::downgrade(self);
        tokio::spawn(async move {
            while let Some(key) = keys.recv().await {
                let Some(world) = world.upgrade() else { return };
                world.press(key).await;
            }
        });
        Ok(())
    }

    /// Listens no more; the terminal is as it was.
    pub(super) fn attend_no_more(&self) {
        drop(self.keyboard.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    /// Remembers which step a person may want to see more of.
    pub(super) fn notice(&self, record: &Record) {
        if let Event::StepStarted { step, .. } | Event::StepFound { step, .. } = &record.event {
            let mut last = self.last_step.lock().unwrap_or_else(PoisonError::into_inner);
            *last = Some(step.clone());
        }
    }

    async fn press(self: Arc<Self>, key: char) {
        match key {
            'p' | 'n' if !self.place.is_attended => {}
            'p' => {
                let by = self.place.operator.clone();
                self.tell(Event::PaceSet { is_stepwise: true, by });
            }
            'n' => self.with_terminal(Live::note).await,
            'o' => {
                let last = self.last_step.lock().unwrap_or_else(PoisonError::into_inner).clone();
                self.with_terminal(move |world| world.show_whole(last.as_deref())).await;
            }
            '?' => self.say(&format!("          {KEYS}")),
            _ => {}
        }
    }

    /// Does something that has the terminal to itself, as a question has.
    async fn with_terminal(self: Arc<Self>, what: impl FnOnce(&Live) + Send + 'static) {
        let _alone = self.asking.lock().await;
        let world = Arc::clone(&self);
        let done = tokio::task::spawn_blocking(move || world.give_terminal(|| what(&world)));
        // What broke off there changes nothing of the run.
        let _ = done.await;
    }
}
