//! What differs between a runbook and the one that a run goes by, line by line.

use std::fmt::Write;

use crate::plan::{Change, Difference, How};

/// What differs, a line for each step; `state` tells where a step of the run stands, where that is
/// worth a word.
pub fn changes(difference: &Difference, state: impl Fn(&str) -> Option<String>) -> String {
    let mut text = String::new();
    for Change { path, how } in &difference.steps {
        let was = match how {
            How::Changed { was: Some(was), .. } => was,
            _ => path,
        };
        let stands = state(was).map(|state| format!(" ({state})")).unwrap_or_default();
        match how {
            How::Added => _ = writeln!(text, "  added    {path}"),
            How::Removed => _ = writeln!(text, "  removed  {path}{stands}"),
            How::Changed { was, is_reordered, keys, command } => {
                let (word, from) = match (was, is_reordered) {
                    (Some(was), _) => ("moved  ", format!(", from {was}")),
                    (None, true) => ("moved  ", ", within its list".to_owned()),
                    (None, false) => ("changed", String::new()),
                };
                let keys = if keys.is_empty() { String::new() } else { keys.join(", ") };
                let keys = if keys.is_empty() { keys } else { format!(": {keys}") };
                let _ = writeln!(text, "  {word}  {path}{stands}{from}{keys}");
                if let Some((before, now)) = command {
                    let _ = writeln!(text, "             was: {before}\n             now: {now}");
                }
            }
        }
    }
    if !difference.parts.is_empty() {
        let _ = writeln!(text, "  changed  of the runbook: {}", difference.parts.join(", "));
    }
    text
}
