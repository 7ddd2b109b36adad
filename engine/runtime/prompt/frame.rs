//! Some lines of the screen that are drawn again and again in the same place.
//!
//! Each drawing is one write that puts the new lines over the old ones, so nothing flickers on a
//! slow line. A line that a narrower terminal has broken in two counts as two.

use console::{Term, measure_text_width};

use super::terminal::Terminal;

/// The lines that stand on the screen.
#[derive(Default)]
pub(super) struct Frame {
    /// How wide each of them is.
    widths: Vec<usize>,
}

impl Frame {
    /// Draws lines over those that were drawn before.
    pub(super) fn draw(&mut self, terminal: &Terminal<'_>, lines: &[String]) {
        let (_, columns) = size();
        let text = drawing(&self.widths, columns, lines);
        terminal.show(|_, out| out.write_str(&text));
        self.widths = lines.iter().map(|line| measure_text_width(line)).collect();
    }

    /// What was drawn stays as it is: the next drawing begins below.
    pub(super) fn leave(&mut self) {
        self.widths.clear();
    }
}

/// How many rows and columns the terminal has now.
pub(super) fn size() -> (usize, usize) {
    let (rows, columns) = Term::stderr().size();
    (usize::from(rows), usize::from(columns))
}

/// What puts lines over lines of these widths.
fn drawing(widths: &[usize], columns: usize, lines: &[String]) -> String {
    let rows: usize = widths.iter().map(|width| width.div_ceil(columns.max(1)).max(1)).sum();
    let mut text = match rows {
        0 => String::new(),
        rows => format!("\r\x1b[{rows}A"),
    };
    for line in lines {
        text.push_str(line);
        text.push_str("\x1b[K\n");
    }
    if rows > 0 {
        text.push_str("\x1b[J");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_put_over_those_before_also_where_the_terminal_broke_them() {
        let lines = ["one".to_owned(), "two".to_owned()];
        assert_eq!(drawing(&[], 80, &lines), "one\x1b[K\ntwo\x1b[K\n");
        assert_eq!(drawing(&[3, 3], 80, &[]), "\r\x1b[2A\x1b[J");
        assert_eq!(drawing(&[70, 0, 81], 40, &lines), "\r\x1b[6Aone\x1b[K\ntwo\x1b[K\n\x1b[J");
        assert_eq!(drawing(&[3], 0, &[]), "\r\x1b[3A\x1b[J");
    }
}
