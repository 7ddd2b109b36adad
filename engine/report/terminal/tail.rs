//! The last lines that a command printed, in bounded memory.

use std::collections::VecDeque;

use super::marks::Marks;

/// How many lines of a command that failed stay on the screen.
pub(super) const FAILED: usize = 10;

/// How many of any other.
pub(super) const ENDED: usize = 4;

/// The most that is kept of a line, in characters; no screen shows more of it.
const WIDEST: usize = 1_000;

/// The last lines of one command.
#[derive(Debug, Default)]
pub(super) struct Tail {
    lines: VecDeque<String>,
    /// How many lines it printed.
    count: u64,
}

impl Tail {
    /// Takes lines that were printed, and how many came before them and were left out.
    pub(super) fn push(&mut self, lines: &[String], left_out: u64) {
        self.count += left_out + lines.len() as u64;
        let new = lines.get(lines.len().saturating_sub(FAILED)..).unwrap_or_default();
        let over = (self.lines.len() + new.len()).saturating_sub(FAILED);
        self.lines.drain(..over);
        self.lines.extend(new.iter().map(|line| cut(line).to_owned()));
    }

    /// The last so many lines.
    pub(super) fn last(&self, count: usize) -> impl Iterator<Item = &str> {
        let skipped = self.lines.len().saturating_sub(count);
        self.lines.iter().skip(skipped).map(String::as_str)
    }

    /// What stays on the screen once the command is over: its last lines, and where the others are.
    pub(super) fn rest(&self, step: &str, count: usize, marks: Marks) -> Vec<String> {
        let kept = count.min(self.lines.len());
        let more = self.count - kept as u64;
        let noun = if more == 1 { "line" } else { "lines" };
        let (dots, more_text) = (marks.ellipsis, grouped(more));
        let above = format!("          {dots} {more_text} more {noun}: holdpoint show {step}");
        let above = (more > 0).then_some(above);
        above.into_iter().chain(self.last(kept).map(|line| format!("          > {line}"))).collect()
    }
}

fn cut(line: &str) -> &str {
    line.char_indices().nth(WIDEST).map_or(line, |(end, _)| line.get(..end).unwrap_or(line))
}

/// A number with a comma before every three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(numbers: std::ops::Range<u64>) -> Vec<String> {
        numbers.map(|number| number.to_string()).collect()
    }

    #[test]
    fn what_fits_stays_as_it_is() {
        let mut tail = Tail::default();
        tail.push(&lines(1..3), 0);
        tail.push(&lines(3..4), 0);
        let rest = tail.rest("load", ENDED, Marks::of(None));
        assert_eq!(rest, ["          > 1", "          > 2", "          > 3"]);
        assert!(Tail::default().rest("load", ENDED, Marks::of(None)).is_empty());
    }

    #[test]
    fn of_more_the_last_stay_and_the_others_are_counted() {
        let mut tail = Tail::default();
        tail.push(&lines(0..1_000), 207);
        tail.push(&lines(1_000..1_001), 0);
        let rest = tail.rest("load", ENDED, Marks::of(Some("C.UTF-8")));
        let expected = [
            "          … 1,204 more lines: holdpoint show load",
            "          > 997",
            "          > 998",
            "          > 999",
            "          > 1000",
        ];
        assert_eq!(rest, expected);
        assert_eq!(tail.rest("load", FAILED, Marks::of(None)).len(), 1 + FAILED);
    }

    #[test]
    fn one_line_more_is_a_line_more() {
        let mut tail = Tail::default();
        tail.push(&lines(0..5), 0);
        let rest = tail.rest("a/b", ENDED, Marks::of(None));
        assert_eq!(rest[0], "          ... 1 more line: holdpoint show a/b");
    }

    #[test]
    fn a_line_without_an_end_is_cut() {
        let mut tail = Tail::default();
        tail.push(&["ü".repeat(WIDEST + 1)], 0);
        assert_eq!(tail.last(1).next(), Some("ü".repeat(WIDEST).as_str()));
    }

    #[test]
    fn numbers_are_grouped_by_three() {
        let cases = [(0, "0"), (999, "999"), (1_000, "1,000"), (12_345_678, "12,345,678")];
        for (number, text) in cases {
            assert_eq!(grouped(number), text);
        }
    }
}
