//! The terminal: lines that stay, and below them what is running now.
//!
//! Lines go to standard output; what is running is drawn on standard error, and only where that is
//! a terminal that can be redrawn. While a question is open nothing else is drawn: lines wait.

mod canvas;

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use self::canvas::Canvas;

/// How often a second what is running is drawn anew at most.
const REDRAWS: u8 = 20;

/// How many lines wait while a question is open; of more, the first are left out.
const WAITING: usize = 1_000;

/// A terminal, or what stands in its place. Clones share it.
#[derive(Clone)]
pub struct Terminal {
    inner: Arc<Mutex<Inner>>,
}

struct Inner {
    /// What is running, where it can be drawn.
    bars: Option<MultiProgress>,
    running: BTreeMap<String, ProgressBar>,
    /// Lines that wait for a question to be answered, and how many were left out.
    waiting: Option<(VecDeque<String>, usize)>,
    /// Whether standard output can still be written.
    is_open: bool,
}

impl Terminal {
    /// The terminal of this process.
    pub fn new() -> Terminal {
        let can_redraw = io::stderr().is_terminal()
            && io::stdout().is_terminal()
            && std::env::var_os("CI").is_none()
            && std::env::var_os("TERM").is_some_and(|term| term != "dumb");
        let bars = can_redraw.then(|| MultiProgress::with_draw_target(canvas()));
        let inner = Inner { bars, running: BTreeMap::new(), waiting: None, is_open: true };
        Terminal { inner: Arc::new(Mutex::new(inner)) }
    }

    /// Shows a line, which must be safe for a terminal.
    pub fn line(&self, line: &str) {
        let mut inner = self.lock();
        match &mut inner.waiting {
            Some((lines, left_out)) => {
                if lines.len() == WAITING {
                    lines.pop_front();
                    *left_out += 1;
                }
                lines.push_back(line.to_owned());
            }
            None => inner.write(line),
        }
    }

    /// Shows lines at once, even while a question is open; that must be put anew below them.
    pub fn urgent(&self, lines: &[String]) {
        let mut inner = self.lock();
        if inner.waiting.is_some() {
            // The question stands on a line that has not ended; where nobody sees it, nothing is lost.
            let _ = writeln!(io::stderr().lock());
        }
        lines.iter().for_each(|line| inner.write(line));
    }

    /// Shows that a step is running.
    pub fn begin(&self, step: &str) {
        let mut inner = self.lock();
        let Some(bars) = &inner.bars else { return };
        let style = ProgressStyle::with_template("{spinner} {msg}  {elapsed}");
        let bar = bars.add(ProgressBar::new_spinner());
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.set_message(step.to_owned());
        bar.enable_steady_tick(Duration::from_millis(250));
        if let Some(before) = inner.running.insert(step.to_owned(), bar) {
            before.finish_and_clear();
        }
    }

    /// Shows no longer that a step is running.
    pub fn end(&self, step: &str) {
        if let Some(bar) = self.lock().running.remove(step) {
            bar.finish_and_clear();
        }
    }

    /// Gives the terminal to a question, and takes it back.
    pub fn give_to<T>(&self, question: impl FnOnce() -> T) -> T {
        self.quieten();
        let answer = question();
        let mut inner = self.lock();
        if let Some((lines, left_out)) = inner.waiting.take() {
            if left_out > 0 {
                inner.write(&format!("          ({left_out} lines left out)"));
            }
            for line in lines {
                inner.write(&line);
            }
        }
        if let Some(bars) = &inner.bars {
            bars.set_draw_target(canvas());
        }
        answer
    }

    /// Draws nothing while something else has the screen.
    pub fn step_aside(&self, meanwhile: impl FnOnce()) {
        self.lock().wipe();
        meanwhile();
        let inner = self.lock();
        if let (Some(bars), None) = (&inner.bars, &inner.waiting) {
            bars.set_draw_target(canvas());
        }
    }

    fn quieten(&self) {
        let mut inner = self.lock();
        inner.waiting = Some((VecDeque::new(), 0));
        inner.wipe();
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where what is running is drawn.
fn canvas() -> ProgressDrawTarget {
    ProgressDrawTarget::term_like_with_hz(Box::new(Canvas::stderr()), REDRAWS)
}

impl Default for Terminal {
    fn default() -> Terminal {
        Terminal::new()
    }
}

impl Inner {
    fn wipe(&self) {
        if let Some(bars) = &self.bars {
            // A bar that cannot be wiped stays as a line; nothing depends on it.
            let _ = bars.clear();
            bars.set_draw_target(ProgressDrawTarget::hidden());
        }
    }

    fn write(&mut self, line: &str) {
        if !self.is_open {
            return;
        }
        let write = || writeln!(io::stdout().lock(), "{line}");
        let written = match &self.bars {
            Some(bars) => bars.suspend(write),
            None => write(),
        };
        self.is_open = written.is_ok();
    }
}
