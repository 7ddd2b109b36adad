//! The terminal: lines that stay, and below them the screen of the run.
//!
//! Lines go to standard output. The screen tells where the run stands, what runs and what it prints;
//! it is drawn on standard error, and only where that is a terminal that can be redrawn. There the
//! output of a command is seen as it comes and leaves its last lines behind; everywhere else it comes
//! line by line. While a question is open nothing else is drawn: lines wait.

mod canvas;
mod frame;
mod marks;
mod tail;

use std::collections::{BTreeMap, VecDeque};
use std::env;
use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::Utc;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use self::canvas::Canvas;
use self::frame::{Scene, Window};
use self::marks::Marks;
use self::tail::Tail;
use super::standing::Standing;

/// How often a second the screen is drawn anew at most.
const REDRAWS: u8 = 8;

/// How often it is looked whether it has to be.
const LOOK: Duration = Duration::from_millis(125);

/// How many lines wait while a question is open; of more, the first are left out.
const WAITING: usize = 1_000;

/// A terminal, or what stands in its place. Clones share it.
#[derive(Clone)]
pub struct Terminal {
    inner: Arc<Mutex<Inner>>,
    facts: Arc<Mutex<Facts>>,
    manner: Manner,
    marks: Marks,
}

/// How a run is shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Manner {
    /// As lines, with a screen below them.
    Screen,
    /// As lines that a person reads or hears one after the other.
    Spoken,
    /// As lines that go somewhere else.
    Lines,
}

struct Inner {
    screen: Option<Screen>,
    /// Lines that wait for a question to be answered, and how many were left out.
    waiting: Option<(VecDeque<String>, usize)>,
    /// Whether standard output can still be written.
    is_open: bool,
    /// Whether only ASCII can be shown.
    is_ascii: bool,
}

/// What draws the screen.
struct Screen {
    bars: MultiProgress,
    /// The whole screen, of as many rows as it needs.
    bar: ProgressBar,
}

/// What the screen tells. Whoever draws takes this lock, so nobody draws while holding it.
#[derive(Default)]
struct Facts {
    standing: Option<Standing>,
    tails: BTreeMap<String, Tail>,
    /// The step that printed last.
    speaker: Option<String>,
    /// Whether something else has the terminal.
    is_aside: bool,
}

impl Terminal {
    /// The terminal of this process; a plain one has lines only.
    pub fn new(is_plain: bool) -> Terminal {
        let is_terminal = io::stderr().is_terminal() && io::stdout().is_terminal();
        let can_redraw = env::var_os("CI").is_none()
            && env::var_os("TERM").is_some_and(|term| term != "dumb" && !term.is_empty());
        let manner = match is_terminal {
            true if can_redraw && !is_plain => Manner::Screen,
            false if !is_plain => Manner::Lines,
            _ => Manner::Spoken,
        };
        let (facts, marks) = (Arc::<Mutex<Facts>>::default(), Marks::of_locale());
        let screen = (manner == Manner::Screen).then(|| Screen::of(Arc::clone(&facts), marks));
        let is_ascii = io::stdout().is_terminal() && !marks.is_unicode;
        let inner = Inner { screen, waiting: None, is_open: true, is_ascii };
        Terminal { inner: Arc::new(Mutex::new(inner)), facts, manner, marks }
    }

    /// Shows a line, which must be safe for a terminal.
    pub fn line(&self, line: &str) {
        self.lines(std::slice::from_ref(&line.to_owned()));
    }

    /// Shows lines that belong together, which must be safe for a terminal.
    pub fn lines(&self, lines: &[String]) {
        if lines.is_empty() {
            return;
        }
        let mut inner = self.lock();
        match &mut inner.waiting {
            Some((waiting, left_out)) => {
                waiting.extend(lines.iter().cloned());
                let over = waiting.len().saturating_sub(WAITING);
                waiting.drain(..over);
                *left_out += over;
            }
            None => inner.write(lines),
        }
    }

    /// Shows lines at once, even while a question is open; that must be put anew below them.
    pub fn urgent(&self, lines: &[String]) {
        let mut inner = self.lock();
        if inner.waiting.is_some() {
            // The question stands on a line that has not ended; where nobody sees it, nothing is lost.
            let _ = writeln!(io::stderr().lock());
        }
        inner.write(lines);
    }

    /// Shows lines that the command of a step printed, safe for a terminal; before them some were
    /// left out.
    pub fn output(&self, step: &str, lines: &[String], left_out: u64) {
        if self.manner == Manner::Screen {
            let mut facts = self.facts();
            facts.tails.entry(step.to_owned()).or_default().push(lines, left_out);
            if facts.speaker.as_deref() != Some(step) {
                facts.speaker = Some(step.to_owned());
            }
            return;
        }
        if left_out > 0 {
            self.line(&format!(
                "          > … {left_out} lines are not shown; its files have them"
            ));
        }
        let lines: Vec<String> = lines.iter().map(|line| format!("          > {line}")).collect();
        self.lines(&lines);
    }

    /// Leaves on the screen what a command printed last; more of one that failed.
    pub(super) fn end(&self, step: &str, has_failed: bool) {
        let tail = {
            let mut facts = self.facts();
            facts.speaker.take_if(|speaker| speaker == step);
            facts.tails.remove(step)
        };
        let count = if has_failed { tail::FAILED } else { tail::ENDED };
        self.lines(&tail.map(|tail| tail.rest(step, count, self.marks)).unwrap_or_default());
    }

    /// Whether a screen is drawn. What is typed meanwhile must not be echoed: it would move the cursor.
    pub fn has_screen(&self) -> bool {
        self.manner == Manner::Screen
    }

    /// Whether facts that a screen would tell are told in lines.
    pub(super) fn is_spoken(&self) -> bool {
        self.manner == Manner::Spoken
    }

    /// What stands where something was left out.
    pub(super) fn ellipsis(&self) -> &'static str {
        self.marks.ellipsis
    }

    /// Draws where the run stands from now on.
    pub(super) fn stand(&self, standing: Standing) {
        let is_first = self.facts().standing.replace(standing).is_none();
        // Later ones are drawn in their turn.
        if is_first {
            let mut inner = self.lock();
            inner.go_on();
            inner.screen.iter_mut().for_each(Screen::draw);
        }
    }

    /// Draws no screen any more, until the run goes on. What still runs leaves its last lines.
    pub fn rest(&self) {
        let steps: Vec<String> = self.facts().tails.keys().cloned().collect();
        steps.iter().for_each(|step| self.end(step, false));
        self.facts().standing = None;
        self.lock().stop();
    }

    /// Gives the terminal to a question, and takes it back.
    pub fn give_to<T>(&self, question: impl FnOnce() -> T) -> T {
        self.facts().is_aside = true;
        {
            let mut inner = self.lock();
            inner.waiting = Some((VecDeque::new(), 0));
            inner.stop();
        }
        let answer = question();
        self.facts().is_aside = false;
        let mut inner = self.lock();
        if let Some((lines, left_out)) = inner.waiting.take() {
            if left_out > 0 {
                inner.write(&[format!("          ({left_out} lines left out)")]);
            }
            inner.write(&Vec::from(lines));
        }
        inner.go_on();
        answer
    }

    /// Draws nothing while something else has the screen.
    pub fn step_aside<T>(&self, meanwhile: impl FnOnce() -> T) -> T {
        let was_aside = std::mem::replace(&mut self.facts().is_aside, true);
        self.lock().stop();
        let came = meanwhile();
        self.facts().is_aside = was_aside;
        if !was_aside {
            self.lock().go_on();
        }
        came
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn facts(&self) -> MutexGuard<'_, Facts> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Draws the screen as often as something changes from now on.
    fn go_on(&self) {
        if let Some(screen) = &self.screen {
            screen.bar.enable_steady_tick(LOOK);
        }
    }

    /// Draws no more. Nothing wakes up meanwhile: whoever asks is the first to hear of a terminal.
    fn stop(&mut self) {
        if let Some(screen) = &mut self.screen {
            screen.bar.disable_steady_tick();
            screen.wipe();
        }
    }

    fn write(&mut self, lines: &[String]) {
        if !self.is_open || lines.is_empty() {
            return;
        }
        let mut text = lines.join("\n");
        text.push('\n');
        if self.is_ascii {
            text = text.replace('…', "...");
        }
        let write = || io::stdout().lock().write_all(text.as_bytes());
        // While a question is open nothing is drawn that would have to make room.
        let written = match &self.screen {
            Some(screen) if self.waiting.is_none() => screen.bars.suspend(write),
            _ => write(),
        };
        self.is_open = written.is_ok();
    }
}

impl Screen {
    fn of(facts: Arc<Mutex<Facts>>, marks: Marks) -> Screen {
        let target = ProgressDrawTarget::term_like_with_hz(Box::new(Canvas::stderr()), REDRAWS);
        let bars = MultiProgress::with_draw_target(target);
        let has_colours = console::colors_enabled_stderr();
        let style = ProgressStyle::with_template("{screen}");
        let style = style.unwrap_or_else(|_| ProgressStyle::default_spinner());
        let bar = bars.add(ProgressBar::new_spinner());
        bar.set_style(style.with_key("screen", move |_: &_, out: &mut dyn std::fmt::Write| {
            let (columns, rows) = canvas::size();
            let window = Window { columns, rows, marks, has_colours };
            let facts = facts.lock().unwrap_or_else(PoisonError::into_inner);
            // The text is kept in memory, which takes all of it.
            let _ = out.write_str(&facts.rows(window).join("\n"));
        }));
        Screen { bars, bar }
    }

    fn draw(&mut self) {
        self.bar.force_draw();
    }

    fn wipe(&mut self) {
        // What cannot be wiped stays as lines; nothing depends on it.
        let _ = self.bars.clear();
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.wipe();
    }
}

impl Facts {
    fn rows(&self, window: Window) -> Vec<String> {
        let Some(standing) = self.standing.as_ref().filter(|_| !self.is_aside) else {
            return Vec::new();
        };
        let speaker = self.speaker.as_deref();
        let speaker = speaker.and_then(|step| Some((step, self.tails.get(step)?)));
        frame::rows(&Scene { standing, speaker, now: Utc::now() }, window)
    }
}
