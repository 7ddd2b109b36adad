//! Standard error as something to draw on, whose failures end nothing.
//!
//! The library that draws takes a failure for a defect and panics. A terminal can be closed at any
//! moment, and then nobody is there to see what is missing.

use std::io;

use console::Term;
use indicatif::TermLike;

/// What is drawn on.
#[derive(Debug)]
pub(super) struct Canvas(Term);

impl Canvas {
    /// Standard error.
    pub(super) fn stderr() -> Canvas {
        Canvas(Term::buffered_stderr())
    }
}

/// Forgets that something could not be drawn.
fn drawn(result: io::Result<()>) -> io::Result<()> {
    result.or(Ok(()))
}

impl TermLike for Canvas {
    fn width(&self) -> u16 {
        self.0.size().1
    }

    fn height(&self) -> u16 {
        self.0.size().0
    }

    fn move_cursor_up(&self, lines: usize) -> io::Result<()> {
        drawn(self.0.move_cursor_up(lines))
    }

    fn move_cursor_down(&self, lines: usize) -> io::Result<()> {
        drawn(self.0.move_cursor_down(lines))
    }

    fn move_cursor_right(&self, columns: usize) -> io::Result<()> {
        drawn(self.0.move_cursor_right(columns))
    }

    fn move_cursor_left(&self, columns: usize) -> io::Result<()> {
        drawn(self.0.move_cursor_left(columns))
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        drawn(self.0.write_line(text))
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        drawn(self.0.write_str(text))
    }

    fn clear_line(&self) -> io::Result<()> {
        drawn(self.0.clear_line())
    }

    fn flush(&self) -> io::Result<()> {
        drawn(self.0.flush())
    }
}
