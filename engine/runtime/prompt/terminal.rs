//! The terminal while one question is open.

use std::fmt;
use std::io::{self, Stdin, Write};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use dialoguer::theme::Theme;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::getpgrp;
use rustix::termios::{
    InputModes, LocalModes, OptionalActions, QueueSelector, SpecialCodeIndex, Termios, tcflush,
    tcgetattr, tcgetpgrp, tcsetattr,
};

use super::{Interrupt, is_attended, theme};

/// How the terminal was before the open question, and whether its cursor is hidden.
static BEFORE: Mutex<Option<Before>> = Mutex::new(None);

/// Held by the open question: two at once could not both be answered.
static TURN: Mutex<()> = Mutex::new(());

/// Raised when the open question is to be asked anew.
static AGAIN: OnceLock<Option<Interrupt>> = OnceLock::new();

/// How often a terminal that another program has is looked at.
const LOOK: Duration = Duration::from_millis(100);

struct Before {
    settings: Termios,
    hides_cursor: bool,
}

impl Before {
    fn put_back(&self) {
        // Who touches a terminal that another program has is suspended by the system.
        if !is_foreground() {
            return;
        }
        // A terminal that is gone needs nothing.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.settings);
        if self.hides_cursor {
            let _ = console::Term::stderr().show_cursor();
        }
    }
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
    /// Nothing, and the terminal was elsewhere meanwhile: it must be taken and asked at anew.
    Again,
    /// The end of input, or the terminal is gone.
    Nothing,
}

/// The terminal, taken for one question. Dropping it gives it back as it was.
pub(super) struct Terminal<'a> {
    input: Stdin,
    theme: Box<dyn Theme>,
    interrupt: &'a Interrupt,
    /// The settings while it is asked at.
    asking: Termios,
    mode: Mode,
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
        before.put_back();
    }
}

/// Gives the terminal back as it was for a while; the question stays open.
pub fn give_back() {
    if let Some(before) = BEFORE.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
        before.put_back();
    }
}

/// Asks the open question anew, at a terminal that may be as another program left it.
pub fn ask_again() {
    if let Some(again) = again() {
        again.raise();
    }
}

fn again() -> Option<&'static Interrupt> {
    AGAIN.get_or_init(|| Interrupt::new().ok()).as_ref()
}

/// Whether we may have the terminal: no other program of its session has it now.
fn is_foreground() -> bool {
    tcgetpgrp(io::stdin()).map_or(true, |group| group == getpgrp())
}

impl<'a> Terminal<'a> {
    /// Takes the terminal; none when nobody is there.
    pub(super) fn take(mode: Mode, interrupt: &'a Interrupt) -> Option<Terminal<'a>> {
        if !is_attended() {
            return None;
        }
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        if !wait_for_foreground(interrupt) {
            return None;
        }
        let settings = tcgetattr(io::stdin()).ok()?;
        let asking = settings_for(mode, settings.clone());
        let before = Before { settings, hides_cursor: mode == Mode::Keys };
        *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) = Some(before);
        let (input, theme) = (io::stdin(), theme());
        let terminal = Terminal { input, theme, interrupt, asking, mode, _turn: turn };
        terminal.prepare()?;
        Some(terminal)
    }

    /// Takes the terminal once more, after another program had it.
    pub(super) fn take_again(&self) {
        if !wait_for_foreground(self.interrupt) {
            return;
        }
        // A terminal that is gone tells that when it is read.
        let _ = self.prepare();
        self.forget_typed();
        self.show(|_, out| out.write_char('\n'));
    }

    fn prepare(&self) -> Option<()> {
        if let Some(again) = again() {
            again.lower();
        }
        tcsetattr(&self.input, OptionalActions::Now, &self.asking).ok()?;
        if self.mode == Mode::Keys {
            console::Term::stderr().hide_cursor().ok()?;
        }
        Some(())
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
                Typed::Again => return Typed::Again,
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
            let mut waiting = vec![
                PollFd::new(self.interrupt, PollFlags::IN),
                PollFd::new(&self.input, PollFlags::IN),
            ];
            waiting.extend(again().map(|again| PollFd::new(again, PollFlags::IN)));
            match poll(&mut waiting, None) {
                Err(Errno::INTR) => continue,
                Err(_) => return Typed::Nothing,
                Ok(_) => {}
            }
            let has = |place: usize| waiting.get(place).is_some_and(|it| !it.revents().is_empty());
            match (has(0), has(1), has(2)) {
                (true, _, _) => return Typed::Interrupted,
                (_, _, true) => return Typed::Again,
                // What is typed now is typed at another program.
                (_, true, _) if !is_foreground() => return Typed::Again,
                (_, true, _) => {}
                _ => continue,
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

/// Waits until we may have the terminal; not when the question is ended before.
fn wait_for_foreground(interrupt: &Interrupt) -> bool {
    while !is_foreground() {
        let mut waiting = [PollFd::new(interrupt, PollFlags::IN)];
        let pause = Timespec::try_from(LOOK).ok();
        if poll(&mut waiting, pause.as_ref()).is_ok_and(|ready| ready > 0) {
            return false;
        }
    }
    true
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
    if mode == Mode::Keys {
        settings.local_modes -= LocalModes::ICANON;
        settings.special_codes[SpecialCodeIndex::VMIN] = 1;
        settings.special_codes[SpecialCodeIndex::VTIME] = 0;
    }
    settings
}
