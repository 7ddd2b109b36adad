//! The terminal while one question is open.

use std::fmt;
use std::io::{self, Stdin, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use dialoguer::theme::Theme;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode as FileMode, OFlags, open};
use rustix::io::Errno;
use rustix::process::getpgrp;
use rustix::termios::{
    InputModes, LocalModes, OptionalActions, QueueSelector, SpecialCodeIndex, Termios, tcflush,
    tcgetattr, tcgetpgrp, tcsetattr,
};

use super::turn::{self, Turn};
use super::{Interrupt, is_attended, theme};

/// The settings of the terminal: whoever changes them holds this.
static SETTINGS: Mutex<Settings> = Mutex::new(Settings { before: None, are_given_back: false });

/// Raised when the open question is to be asked anew.
static AGAIN: OnceLock<Option<Interrupt>> = OnceLock::new();

/// How long nothing more must come for what came to be all of it: what is pasted comes faster.
pub(super) const QUIET: Duration = Duration::from_millis(25);

/// How often a terminal that another program has is looked at.
pub(super) const LOOK: Duration = Duration::from_millis(100);

struct Settings {
    /// How the terminal was before the open question.
    before: Option<Before>,
    /// They are the shell's for a while, and stay as they are.
    are_given_back: bool,
}

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
    /// The same, and the cursor is somebody else's.
    Quiet,
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

/// What came of waiting for a line.
pub(super) enum Line {
    /// A line that can be taken for one.
    Whole(String),
    /// What cannot, and why.
    Refused(&'static str),
    Interrupted,
    Again,
    Nothing,
}

/// The longest line that a terminal hands on; what is longer has lost its end.
const LONGEST: usize = 4095;

/// The most bytes of what comes at once that are looked at.
const BURST: usize = 64;

impl Line {
    /// A line, with which more may have come.
    fn of(bytes: Vec<u8>, has_more: bool) -> Line {
        if has_more {
            return Line::Refused("several lines at once are no answer: type one, then Enter");
        }
        if bytes.len() >= LONGEST {
            return Line::Refused("it is longer than a terminal can take: 4094 bytes are the most");
        }
        match String::from_utf8(bytes) {
            Err(_) => Line::Refused("it is not text in UTF-8"),
            Ok(text) if text.contains(|it: char| it.is_control() && it != '\t') => {
                Line::Refused("it holds a key that is no text, such as an arrow: type it again")
            }
            Ok(text) => Line::Whole(text),
        }
    }
}

/// The terminal, taken for one question. Dropping it gives it back as it was.
pub(super) struct Terminal<'a> {
    input: Stdin,
    /// The same terminal, opened so that reading it never waits: a Ctrl-C can empty it after it was
    /// seen to hold something.
    keys: Option<OwnedFd>,
    theme: Box<dyn Theme>,
    interrupt: &'a Interrupt,
    /// The settings while it is asked at.
    asking: Termios,
    mode: Mode,
    _turn: Turn,
}

/// What came of waiting for a key that nobody asked for.
pub(super) enum Heard {
    Typed(Typed),
    /// Somebody else wants the terminal.
    GiveWay,
}

impl Drop for Terminal<'_> {
    fn drop(&mut self) {
        restore();
    }
}

/// Gives the terminal back as it was before the open question, if there is one.
pub fn restore() {
    if let Some(before) = lock().before.take() {
        before.put_back();
    }
}

/// Gives the terminal back as it was, until [`ask_again`]; the question stays open.
pub fn give_back() {
    let mut settings = lock();
    settings.are_given_back = true;
    if let Some(before) = &settings.before {
        before.put_back();
    }
}

/// Asks the open question anew, at a terminal that may be as another program left it.
pub fn ask_again() {
    lock().are_given_back = false;
    if let Some(again) = again() {
        again.raise();
    }
}

fn lock() -> MutexGuard<'static, Settings> {
    SETTINGS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn again() -> Option<&'static Interrupt> {
    AGAIN.get_or_init(|| Interrupt::new().ok()).as_ref()
}

/// Whether we may have the terminal: no other program of its session has it now.
pub(super) fn is_foreground() -> bool {
    tcgetpgrp(io::stdin()).map_or(true, |group| group == getpgrp())
}

impl<'a> Terminal<'a> {
    /// Takes the terminal; none when nobody is there.
    pub(super) fn take(mode: Mode, interrupt: &'a Interrupt) -> Option<Terminal<'a>> {
        if !is_attended() {
            return None;
        }
        Terminal::take_in_turn(mode, interrupt, turn::take())
    }

    /// Takes the terminal for whoever's turn it is; none when nobody is there.
    pub(super) fn take_in_turn(
        mode: Mode,
        interrupt: &'a Interrupt,
        turn: Turn,
    ) -> Option<Terminal<'a>> {
        if !wait_for_foreground(interrupt) {
            return None;
        }
        let settings = tcgetattr(io::stdin()).ok()?;
        let asking = settings_for(mode, settings.clone());
        let before = Before { settings, hides_cursor: mode == Mode::Keys };
        lock().before = Some(before);
        let (input, keys, theme) = (io::stdin(), opened(), theme());
        let terminal = Terminal { input, keys, theme, interrupt, asking, mode, _turn: turn };
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
        let is_lost = self.forget_typed() && matches!(self.mode, Mode::Line | Mode::Hidden);
        // Whoever goes on typing would be taken to have said the rest only.
        let told = if is_lost { "what had been typed is gone: type all of it\n" } else { "" };
        self.show(|_, out| write!(out, "\n{told}"));
    }

    fn prepare(&self) -> Option<()> {
        if let Some(again) = again() {
            again.lower();
        }
        let settings = lock();
        if settings.are_given_back {
            return Some(());
        }
        tcsetattr(&self.input, OptionalActions::Now, &self.asking).ok()?;
        if self.mode == Mode::Keys {
            console::Term::stderr().hide_cursor().ok()?;
        }
        Some(())
    }

    fn set(&self, to: &Termios) {
        let settings = lock();
        if !settings.are_given_back {
            // A terminal that is gone tells that when it is read.
            let _ = tcsetattr(&self.input, OptionalActions::Now, to);
        }
    }

    /// Throws away what was typed and not read; whether there was any.
    pub(super) fn forget_typed(&self) -> bool {
        let forgotten = self.drain(Duration::ZERO, LONGEST);
        // Not where a person may have typed it: flushing loses a Ctrl-C that is on its way to us.
        if forgotten > BURST {
            // It fails when the terminal is gone, which reading will tell.
            let _ = tcflush(&self.input, QueueSelector::IFlush);
        }
        forgotten > 0
    }

    /// Writes something in the look of questions.
    pub(super) fn show(&self, draw: impl Fn(&dyn Theme, &mut dyn fmt::Write) -> fmt::Result) {
        let mut text = String::new();
        draw(&*self.theme, &mut text).expect("a string takes all that is written to it");
        // A terminal that cannot be written to cannot be read from either, which tells.
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }

    /// Waits for a line, without its end.
    pub(super) fn read_line(&self) -> Line {
        let mut line = Vec::new();
        loop {
            match self.read() {
                Typed::Bytes(bytes) => line.extend(bytes),
                Typed::Again => return Line::Again,
                Typed::Interrupted => {
                    self.show(|_, out| out.write_char('\n'));
                    return Line::Interrupted;
                }
                Typed::Nothing => {
                    self.show(|_, out| out.write_char('\n'));
                    return Line::Nothing;
                }
            }
            if line.pop_if(|last| *last == b'\n').is_some() {
                return Line::of(line, self.has_more());
            }
        }
    }

    /// Waits for whatever is typed next.
    pub(super) fn read(&self) -> Typed {
        loop {
            if let Some(typed) = self.wait(None, None) {
                return typed;
            }
        }
    }

    /// Waits for whatever is typed next, no longer than so; none when nothing is.
    pub(super) fn read_within(&self, limit: Duration) -> Option<Typed> {
        self.wait(None, Some(limit))
    }

    /// Waits for whatever is typed next, until somebody else wants the terminal.
    pub(super) fn read_or_give_way(&self) -> Heard {
        self.wait(turn::give_way(), None).map_or(Heard::GiveWay, Heard::Typed)
    }

    /// What was typed with all that comes at once with it, as far as a key can be long, and whether
    /// that is all of it.
    pub(super) fn burst(&self, mut bytes: Vec<u8>) -> (Vec<u8>, bool) {
        let mut is_whole = bytes.len() <= BURST;
        bytes.truncate(BURST);
        // What ends the question meanwhile is there to be read once more.
        while let Some(Typed::Bytes(more)) = self.read_within(QUIET) {
            is_whole &= bytes.len() + more.len() <= BURST;
            bytes.extend(more);
            bytes.truncate(BURST);
        }
        (bytes, is_whole)
    }

    /// Whether more was typed with a line than the line: it was pasted, and is thrown away.
    fn has_more(&self) -> bool {
        self.drain(QUIET, usize::MAX) > 0
    }

    /// Reads and throws away what comes until nothing does for so long, or there were more bytes than
    /// `most`; how many it was.
    fn drain(&self, quiet: Duration, most: usize) -> usize {
        // A line that is not ended is there to be read only where no line is waited for.
        let loose = settings_for(Mode::Quiet, self.asking.clone());
        self.set(&loose);
        let mut count = 0;
        while count <= most
            && let Some(Typed::Bytes(bytes)) = self.read_within(quiet)
        {
            count += bytes.len();
        }
        self.set(&self.asking);
        count
    }

    /// Waits for input; none when the limit is over, or somebody wants us to give way.
    fn wait(&self, way: Option<&Interrupt>, limit: Option<Duration>) -> Option<Typed> {
        let limit = limit.and_then(|limit| Timespec::try_from(limit).ok());
        loop {
            let mut waiting = vec![
                PollFd::new(self.interrupt, PollFlags::IN),
                PollFd::new(&self.input, PollFlags::IN),
            ];
            waiting.extend(again().map(|again| PollFd::new(again, PollFlags::IN)));
            let before_way = waiting.len();
            waiting.extend(way.map(|way| PollFd::new(way, PollFlags::IN)));
            match poll(&mut waiting, limit.as_ref()) {
                Err(Errno::INTR) => continue,
                Err(_) => return Some(Typed::Nothing),
                Ok(0) => return None,
                Ok(_) => {}
            }
            let has = |place: usize| waiting.get(place).is_some_and(|it| !it.revents().is_empty());
            if has(0) {
                return Some(Typed::Interrupted);
            }
            if before_way > 2 && has(2) {
                return Some(Typed::Again);
            }
            if has(before_way) {
                return None;
            }
            // What is typed now is typed at another program.
            if has(1) && !is_foreground() {
                return Some(Typed::Again);
            }
            if has(1)
                && let Some(typed) = self.take_typed()
            {
                return Some(typed);
            }
        }
    }

    /// What is there to be read; none when it is gone again.
    fn take_typed(&self) -> Option<Typed> {
        let mut buffer = [0; 4096];
        let keys = self.keys.as_ref().map_or_else(|| self.input.as_fd(), AsFd::as_fd);
        match rustix::io::read(keys, &mut buffer) {
            Ok(count) if count > 0 => {
                Some(Typed::Bytes(buffer.get(..count).unwrap_or_default().to_vec()))
            }
            Err(Errno::INTR | Errno::AGAIN) => None,
            Ok(_) | Err(_) => Some(Typed::Nothing),
        }
    }

    /// Makes itself heard.
    pub(super) fn beep(&self) {
        self.show(|_, out| out.write_char('\u{7}'));
    }

    /// How questions look here.
    pub(super) fn theme(&self) -> &dyn Theme {
        &*self.theme
    }
}

/// The terminal of standard input, opened once more; none where it is another user's, as after `su`.
fn opened() -> Option<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    open("/proc/self/fd/0", flags, FileMode::empty()).ok()
}

/// Waits until we may have the terminal; not when the question is ended before.
fn wait_for_foreground(interrupt: &Interrupt) -> bool {
    while !is_foreground() {
        if pause(interrupt) {
            return false;
        }
    }
    true
}

/// Waits until it is time to look again who has the terminal; true when it was ended before.
pub(super) fn pause(interrupt: &Interrupt) -> bool {
    let mut waiting = [PollFd::new(interrupt, PollFlags::IN)];
    let pause = Timespec::try_from(LOOK).ok();
    poll(&mut waiting, pause.as_ref()).is_ok_and(|ready| ready > 0)
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
    if matches!(mode, Mode::Keys | Mode::Quiet) {
        settings.local_modes -= LocalModes::ICANON;
        settings.special_codes[SpecialCodeIndex::VMIN] = 1;
        settings.special_codes[SpecialCodeIndex::VTIME] = 0;
    }
    settings
}
