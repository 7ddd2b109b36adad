//! The terminal while one question is open.

use std::fmt;
use std::io::{self, Stdin, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use dialoguer::theme::Theme;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::termios::{
    InputModes, LocalModes, OptionalActions, QueueSelector, SpecialCodeIndex, Termios, tcflush,
    tcgetattr, tcsetattr,
};

use super::{Interrupt, is_attended, theme};

/// How the terminal was before the open question, and whether its cursor is hidden.
static BEFORE: Mutex<Option<Before>> = Mutex::new(None);

/// Held by the open question: two at once could not both be answered.
static TURN: Mutex<()> = Mutex::new(());

struct Before {
    settings: Termios,
    hides_cursor: bool,
}

/// What typing does.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Mode {
    /// It makes a line that can be seen and mended until Enter.
    Line,
    /// The same, and cannot be seen.
    Hidden,
    /// Each key counts at once and cannot be seen, nor can the cursor.
    Keys,
}

/// What came of waiting for a person.
pub(super) enum Typed {
    Bytes(Vec<u8>),
    Interrupted,
    /// The end of input, or the terminal is gone.
    Nothing,
}

/// The terminal, taken for one question. Dropping it gives it back as it was.
pub(super) struct Terminal<'a> {
    input: Stdin,
    theme: Box<dyn Theme>,
    interrupt: &'a Interrupt,
    _turn: MutexGuard<'static, ()>,
}

impl Drop for Terminal<'_> {
    fn drop(&mut self) {
        restore();
    }
}

/// Gives the terminal back as it was before the open question, if there is one.
pub fn restore() {
    let before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(before) = before {
        // A terminal that is gone needs nothing.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &before.settings);
        if before.hides_cursor {
            let _ = console::Term::stderr().show_cursor();
        }
    }
}

impl<'a> Terminal<'a> {
    /// Takes the terminal; none when nobody is there.
    pub(super) fn take(mode: Mode, interrupt: &'a Interrupt) -> Option<Terminal<'a>> {
        if !is_attended() {
            return None;
        }
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let settings = tcgetattr(io::stdin()).ok()?;
        let asking = settings_for(mode, settings.clone());
        let before = Before { settings, hides_cursor: mode == Mode::Keys };
        *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) = Some(before);
        let terminal = Terminal { input: io::stdin(), theme: theme(), interrupt, _turn: turn };
        tcsetattr(&terminal.input, OptionalActions::Now, &asking).ok()?;
        if mode == Mode::Keys {
            console::Term::stderr().hide_cursor().ok()?;
        }
        Some(terminal)
    }

    /// Throws away what was typed and not read.
    pub(super) fn forget_typed(&self) {
        // It fails when the terminal is gone, which reading will tell.
        let _ = tcflush(&self.input, QueueSelector::IFlush);
    }

    /// Writes something in the look of questions.
    pub(super) fn show(&self, draw: impl Fn(&dyn Theme, &mut dyn fmt::Write) -> fmt::Result) {
        let mut text = String::new();
        draw(&*self.theme, &mut text).expect("a string takes all that is written to it");
        // A terminal that cannot be written to cannot be read from either, which tells.
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }

    /// Waits for a line, without its end.
    pub(super) fn read_line(&self) -> Typed {
        let mut line = Vec::new();
        loop {
            match self.read() {
                Typed::Bytes(bytes) => line.extend(bytes),
                other => {
                    self.show(|_, out| out.write_char('\n'));
                    return other;
                }
            }
            if line.pop_if(|last| *last == b'\n').is_some() {
                return Typed::Bytes(line);
            }
        }
    }

    /// Waits for whatever is typed next.
    pub(super) fn read(&self) -> Typed {
        loop {
            let mut waiting = [
                PollFd::new(&self.input, PollFlags::IN),
                PollFd::new(self.interrupt, PollFlags::IN),
            ];
            match poll(&mut waiting, None) {
                Err(Errno::INTR) => continue,
                Err(_) => return Typed::Nothing,
                Ok(_) => {}
            }
            let [typed, interrupted] = waiting;
            if !interrupted.revents().is_empty() {
                return Typed::Interrupted;
            }
            if typed.revents().is_empty() {
                continue;
            }
            let mut buffer = [0; 4096];
            match rustix::io::read(&self.input, &mut buffer) {
                Ok(count) if count > 0 => {
                    return Typed::Bytes(buffer.get(..count).unwrap_or_default().to_vec());
                }
                Err(Errno::INTR | Errno::AGAIN) => {}
                Ok(_) | Err(_) => return Typed::Nothing,
            }
        }
    }
}

/// The settings for a question, whatever state an earlier program left the terminal in.
fn settings_for(mode: Mode, mut settings: Termios) -> Termios {
    settings.input_modes |= InputModes::ICRNL;
    settings.local_modes |= LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG;
    if mode == Mode::Line {
        return settings;
    }
    settings.local_modes -= LocalModes::ECHO;
    // The end of the line shows, so that what follows begins a new one.
    settings.local_modes |= LocalModes::ECHONL;
    // Ctrl-\ and Ctrl-Z would leave the terminal to the shell as it is now.
    settings.special_codes[SpecialCodeIndex::VQUIT] = 0;
    settings.special_codes[SpecialCodeIndex::VSUSP] = 0;
    if mode == Mode::Keys {
        settings.local_modes -= LocalModes::ICANON;
        settings.special_codes[SpecialCodeIndex::VMIN] = 1;
        settings.special_codes[SpecialCodeIndex::VTIME] = 0;
    }
    settings
}
