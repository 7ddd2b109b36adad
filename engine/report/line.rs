//! Entries as plain lines, which read the same on a terminal, in a pipe and aloud.

use crate::timeline::{Entry, Kind};

use super::visible_str;

/// The lines of an entry: when, which step, what; then what belongs to it, indented.
pub fn lines(entry: &Entry) -> Vec<String> {
    let step = entry.step.as_deref().unwrap_or("run");
    let first = format!("{}  {step}  {}", entry.at.format("%H:%M:%S"), entry.text);
    let mark = match entry.kind {
        Kind::Failed | Kind::Check => "> ",
        _ => "| ",
    };
    let more = entry.lines.iter().map(|line| format!("          {mark}{line}"));
    std::iter::once(first).chain(more).map(|line| visible_str(&line).into_owned()).collect()
}
