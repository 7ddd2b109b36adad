//! The lines that an attempt prints, on their way to whoever drives.
//!
//! Memory has a bound, and printing never waits: where lines come faster than they are taken, or
//! nobody is there, the oldest are left out and counted. The files of the step hold them all.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The most bytes that wait.
const MOST: usize = 1024 * 1024;

/// Lines that wait to be taken.
#[derive(Debug, Default)]
pub(super) struct Outlet {
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    lines: VecDeque<String>,
    bytes: usize,
    left_out: u64,
}

/// What waited.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Batch {
    pub(super) lines: Vec<String>,
    /// How many lines before these were left out.
    pub(super) left_out: u64,
}

impl Outlet {
    /// Adds a line; whether it is the first that waits.
    pub(super) fn push(&self, line: &str) -> bool {
        let mut waiting = self.lock();
        waiting.bytes += line.len() + 1;
        waiting.lines.push_back(line.to_owned());
        while waiting.bytes > MOST {
            let Some(oldest) = waiting.lines.pop_front() else { break };
            waiting.bytes -= oldest.len() + 1;
            waiting.left_out += 1;
        }
        waiting.lines.len() == 1
    }

    /// Takes what waits; none when nothing does.
    pub(super) fn take(&self) -> Option<Batch> {
        let mut waiting = self.lock();
        let Waiting { lines, left_out, .. } = std::mem::take(&mut *waiting);
        (!lines.is_empty()).then(|| Batch { lines: lines.into(), left_out })
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_taken_in_order_and_once() {
        let outlet = Outlet::default();
        assert!(outlet.push("one"));
        assert!(!outlet.push("two"));
        let taken = Batch { lines: vec!["one".into(), "two".into()], left_out: 0 };
        assert_eq!(outlet.take(), Some(taken));
        assert_eq!(outlet.take(), None);
        assert!(outlet.push("three"));
    }

    #[test]
    fn the_newest_lines_are_kept_and_the_others_counted() {
        let outlet = Outlet::default();
        for number in 0..5 {
            outlet.push(&format!("{number}{}", "x".repeat(MOST / 2 - 2)));
        }
        let batch = outlet.take().expect("something waits");
        let kept: Vec<&str> = batch.lines.iter().filter_map(|line| line.get(..1)).collect();
        assert_eq!((kept, batch.left_out), (vec!["3", "4"], 3));
    }
}
