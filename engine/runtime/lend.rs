//! Lending the terminal to another command of this program, in the middle of a question.

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::atomic::Ordering;

use crate::drive::Tell;
use crate::run::event::Event;

use super::prompt;
use super::tty::LISTENING;
use super::world::Live;

impl Live {
    /// Remembers where it is told what happens, for what a person does in between.
    pub(super) fn remember(&self, tell: &Tell) {
        // The same for the whole session.
        self.told.get_or_init(|| tell.clone());
    }

    /// Tells something that a person did in between.
    pub(super) fn tell(&self, event: Event) {
        if let Some(tell) = self.told.get() {
            // Nobody listens any more only when the run is being left.
            let _ = tell.send(event);
        }
    }

    /// The id of the run: the name of its folder.
    pub(super) fn run_id(&self) -> String {
        let name = self.place.run.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    /// Whether a Ctrl-C is for something else that has the terminal.
    pub fn has_lent_terminal(&self) -> bool {
        self.is_lent.load(Ordering::SeqCst)
    }

    /// Runs another command of this program on the terminal, and waits for its end. What is long
    /// goes through a pager.
    pub(super) fn lend_to_ourselves(&self, words: &[&str], is_paged: bool) {
        // Of the run's folder, the one above `runs` is the store.
        let Some(store) = self.place.run.parent().and_then(|runs| runs.parent()) else { return };
        let mut command = Command::new(&self.place.program);
        command.arg("--state").arg(store).args(words);
        // Single keys are read no more until it comes back.
        let _lent = prompt::lend();
        self.is_lent.store(true, Ordering::SeqCst);
        let done = match is_paged {
            true => paged(&mut command),
            false => command.status().map(drop),
        };
        // A Ctrl-C that it heard may reach us a moment later.
        std::thread::sleep(LISTENING);
        self.is_lent.store(false, Ordering::SeqCst);
        if let Err(error) = done {
            self.tell_person(&format!("  that could not be shown: {error}\n"));
        }
    }
}

/// Shows what a command prints in a pager, where there is one.
fn paged(command: &mut Command) -> std::io::Result<()> {
    let printed = command.stdin(Stdio::null()).output()?;
    let pager = std::env::var("PAGER").ok().filter(|pager| !pager.trim().is_empty());
    let pager = pager.unwrap_or_else(|| "less".to_owned());
    let mut words = pager.split_whitespace();
    let shown = words.next().map(|program| {
        // What was printed must not make a pager do anything but show it.
        let mut pager = Command::new(program);
        pager.args(words).env("LESSSECURE", "1").env("LESS", "FX").stdin(Stdio::piped());
        let mut child = pager.spawn()?;
        if let Some(mut input) = child.stdin.take() {
            // A pager that is left early has read enough.
            let _ = input.write_all(&printed.stdout);
        }
        child.wait().map(drop)
    });
    match shown {
        Some(Ok(())) => Ok(()),
        // Without a pager all of it is shown at once.
        _ => std::io::stderr().write_all(&printed.stdout),
    }
}
