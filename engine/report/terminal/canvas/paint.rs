//! How one frame becomes the next: what is written so that a terminal shows it.

use console::measure_text_width;

/// What stands on a terminal now.
#[derive(Debug, Default)]
pub(super) struct Painted {
    rows: Vec<String>,
    /// The columns and rows of the window when they were painted.
    size: (usize, usize),
    /// Whether rows that no longer fit are wrapped when a window is made narrower.
    wraps: bool,
}

/// From the cursor on, all that stands below and to the right goes.
const ERASE_BELOW: &str = "\x1b[J";
/// From the cursor on, the rest of its row goes.
const ERASE_ROW: &str = "\x1b[K";

impl Painted {
    /// Nothing, on a terminal that wraps rows which no longer fit, or cuts them off.
    pub(super) fn new(wraps: bool) -> Painted {
        Painted { wraps, ..Painted::default() }
    }

    /// What turns the frame that stands there into this one, in a window of this size.
    pub(super) fn paint(&mut self, rows: Vec<String>, size: (usize, usize)) -> String {
        let mut text = String::new();
        if rows == self.rows && size == self.size {
            return text;
        }
        let same_size = size == self.size && !self.rows.is_empty();
        text.push_str(&up(self.rows_above(size)));
        text.push('\r');
        if !same_size {
            text.push_str(ERASE_BELOW);
        }
        let last = rows.len().saturating_sub(1);
        for (place, row) in rows.iter().enumerate() {
            if !same_size || self.rows.get(place) != Some(row) {
                text.push_str(row);
                text.push_str(ERASE_ROW);
            }
            text.push_str(if place == last { "" } else { "\r\n" });
        }
        if same_size && rows.len() < self.rows.len() {
            text.push_str(&below(rows.len()));
        }
        text.push('\r');
        *self = Painted { rows, size, wraps: self.wraps };
        text
    }

    /// How many rows stand above the cursor, which is at the beginning of the last one.
    fn rows_above(&self, (columns, height): (usize, usize)) -> usize {
        let Some((_, above)) = self.rows.split_last() else { return 0 };
        let needs = |row: &String| match self.wraps {
            true => plain_width(row).div_ceil(columns.max(1)).max(1),
            false => 1,
        };
        above.iter().map(needs).sum::<usize>().min(height.saturating_sub(1))
    }
}

/// Erases what stood below the last row of a frame; the cursor stays in that row, or at its start
/// where there is none.
fn below(rows: usize) -> String {
    match rows {
        0 => ERASE_BELOW.to_owned(),
        _ => format!("\r\n{ERASE_BELOW}\x1b[A"),
    }
}

fn up(rows: usize) -> String {
    if rows == 0 { String::new() } else { format!("\x1b[{rows}A") }
}

/// The width of a row without what styles it.
fn plain_width(row: &str) -> usize {
    let mut width = 0;
    for (place, part) in row.split('\x1b').enumerate() {
        let text =
            if place == 0 { part } else { part.split_once('m').map_or("", |(_, text)| text) };
        width += measure_text_width(text);
    }
    width
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: (usize, usize) = (80, 24);

    fn frame(rows: &[&str]) -> Vec<String> {
        rows.iter().map(|row| (*row).to_owned()).collect()
    }

    fn painted(rows: &[&str]) -> Painted {
        let mut painted = Painted::new(true);
        painted.paint(frame(rows), WINDOW);
        painted
    }

    #[test]
    fn the_first_frame_is_written_as_a_whole() {
        let mut painted = Painted::default();
        let text = painted.paint(frame(&["one", "two"]), WINDOW);
        assert_eq!(text, "\r\x1b[Jone\x1b[K\r\ntwo\x1b[K\r");
    }

    #[test]
    fn a_frame_that_stands_there_is_not_written_again() {
        assert_eq!(painted(&["one", "two"]).paint(frame(&["one", "two"]), WINDOW), "");
        assert_eq!(Painted::default().paint(Vec::new(), (0, 0)), "");
    }

    #[test]
    fn only_rows_that_differ_are_written() {
        let text = painted(&["one", "two", "three"]).paint(frame(&["one", "2", "three"]), WINDOW);
        assert_eq!(text, "\x1b[2A\r\r\n2\x1b[K\r\n\r");
    }

    #[test]
    fn a_shorter_frame_leaves_nothing_below() {
        let text = painted(&["one", "two", "three"]).paint(frame(&["one"]), WINDOW);
        assert_eq!(text, "\x1b[2A\r\r\n\x1b[J\x1b[A\r");
        let text = painted(&["one", "two"]).paint(Vec::new(), WINDOW);
        assert_eq!(text, "\x1b[1A\r\x1b[J\r");
    }

    #[test]
    fn rows_that_a_narrower_window_wraps_are_erased_all() {
        let wide = "x".repeat(70);
        let dressed = format!("\x1b[1m{wide}\x1b[0m");
        let text = painted(&[&wide, &dressed, "last"]).paint(frame(&["new"]), (40, 24));
        assert_eq!(text, "\x1b[4A\r\x1b[Jnew\x1b[K\r");
        let mut cut = painted(&[&wide, &dressed, "last"]);
        cut.wraps = false;
        assert_eq!(cut.paint(frame(&["new"]), (40, 24)), "\x1b[2A\r\x1b[Jnew\x1b[K\r");
    }

    #[test]
    fn nothing_above_the_window_is_sought() {
        let text = painted(&["one", "two", "three", "four"]).paint(frame(&["new"]), (80, 2));
        assert_eq!(text, "\x1b[1A\r\x1b[Jnew\x1b[K\r");
    }
}
