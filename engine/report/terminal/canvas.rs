//! Standard error as something to draw rows on, whose failures end nothing.
//!
//! The library that draws says when, and which rows there are; how they come onto the terminal is
//! decided here. A row that stands there already is not written again, so that nothing flickers
//! over a slow line. No row is filled up to the edge, and a window that was made narrower is taken
//! into account: most terminals wrap the rows that no longer fit, and they are more then. The cursor
//! rests at the beginning of the last row, where an echoed key does least harm.
//!
//! The library takes a failure for a defect and panics. A terminal can be closed at any moment, and
//! then nobody is there to see what is missing.

mod paint;

use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

use console::Term;
use indicatif::TermLike;

use self::paint::Painted;

/// What is drawn on.
#[derive(Debug)]
pub(super) struct Canvas {
    term: Term,
    drawing: Mutex<Drawing>,
}

#[derive(Debug)]
struct Drawing {
    /// The rows of the frame that is being handed over.
    rows: Vec<String>,
    painted: Painted,
}

impl Canvas {
    /// Standard error.
    pub(super) fn stderr() -> Canvas {
        // Where this is set it is xterm itself, which cuts rows off that no longer fit.
        let wraps = std::env::var_os("XTERM_VERSION").is_none();
        let drawing = Mutex::new(Drawing { rows: Vec::new(), painted: Painted::new(wraps) });
        Canvas { term: Term::stderr(), drawing }
    }
}

/// The columns and the rows of the terminal.
pub(super) fn size() -> (usize, usize) {
    size_of(&Term::stderr())
}

fn size_of(term: &Term) -> (usize, usize) {
    let (rows, columns) = term.size_checked().unwrap_or((24, 80));
    // A terminal that does not know its size says that it has none.
    let known = |size: u16, usual: usize| if size == 0 { usual } else { usize::from(size) };
    (known(columns, 80), known(rows, 24))
}

impl TermLike for Canvas {
    fn width(&self) -> u16 {
        u16::try_from(size_of(&self.term).0).unwrap_or(u16::MAX)
    }

    /// All rows of a frame are handed over, whatever the library thinks of their length.
    fn height(&self) -> u16 {
        u16::MAX
    }

    fn move_cursor_up(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_down(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_right(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_left(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.write_str(text)
    }

    /// Takes a row; what fills one up is left out.
    fn write_str(&self, text: &str) -> io::Result<()> {
        if !text.trim().is_empty() {
            let mut drawing = self.drawing.lock().unwrap_or_else(PoisonError::into_inner);
            drawing.rows.push(text.to_owned());
        }
        Ok(())
    }

    fn clear_line(&self) -> io::Result<()> {
        Ok(())
    }

    /// Brings the frame onto the terminal.
    fn flush(&self) -> io::Result<()> {
        let mut drawing = self.drawing.lock().unwrap_or_else(PoisonError::into_inner);
        let rows = std::mem::take(&mut drawing.rows);
        let painting = drawing.painted.paint(rows, size_of(&self.term));
        if !painting.is_empty() {
            let mut err = io::stderr().lock();
            // What cannot be drawn is forgotten.
            let _ = err.write_all(painting.as_bytes()).and_then(|()| err.flush());
        }
        Ok(())
    }
}
