//! A handover as lines for a terminal.

use std::fmt::Write;

use crate::report::visible_str;
use crate::run::event::Moment;

use super::Handover;
use super::page::{Part, facts, heading, parts};

/// The page as text. What was printed or typed is inert in it.
pub fn handover_text(handover: &Handover, now: Moment) -> String {
    let mut text = format!("HANDOVER  {}\n", plain(&heading(handover)));
    for fact in facts(handover, now) {
        let _ = writeln!(text, "  {}", plain(&fact));
    }
    for part in parts(handover, now) {
        push_part(&mut text, &part);
    }
    text
}

fn push_part(text: &mut String, part: &Part) {
    if part.lines.is_empty() {
        let _ = write!(text, "\n{}: {}\n", part.title, part.none);
        return;
    }
    let _ = write!(text, "\n{}\n", part.title);
    for line in &part.lines {
        if !line.text.is_empty() {
            let _ = writeln!(text, "  {}", plain(&line.text));
        }
        for below in &line.below {
            let _ = writeln!(text, "    | {}", plain(below));
        }
        let indent = if line.text.is_empty() { 2 } else { 4 };
        for way in &line.ways {
            let _ = writeln!(text, "{:indent$}{}: {}", "", way.what, plain(&way.command));
        }
    }
}

/// A text in one line: a line break in it would look like another line of ours.
fn plain(text: &str) -> String {
    visible_str(text).trim_end().replace(['\n', '\t'], " ")
}
