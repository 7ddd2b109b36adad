//! A handover as Markdown, for a ticket or a chat.

use std::fmt::Write;

use crate::report::inert::inert_line;
use crate::run::event::Moment;
use crate::timeline::code;

use super::Handover;
use super::page::{Part, facts, heading, parts};

/// The page as Markdown. What was printed or typed is inert in it.
pub fn handover_markdown(handover: &Handover, now: Moment) -> String {
    let mut page = format!("# Handover: {}\n\n", line(&heading(handover)));
    for fact in facts(handover, now) {
        let _ = writeln!(page, "- {}", line(&fact));
    }
    for part in parts(handover, now) {
        push_part(&mut page, &part);
    }
    page
}

fn push_part(page: &mut String, part: &Part) {
    if part.lines.is_empty() {
        let _ = writeln!(page, "\n**{}:** {}", part.title, part.none);
        return;
    }
    let _ = write!(page, "\n## {}\n\n", part.title);
    for item in &part.lines {
        let indent = if item.text.is_empty() { "" } else { "  " };
        if !item.text.is_empty() {
            let _ = writeln!(page, "- {}", line(&item.text));
        }
        for below in &item.below {
            let _ = writeln!(page, "{indent}- {}", code(&one_line(below)));
        }
        for way in &item.ways {
            let _ = writeln!(page, "{indent}- {}: {}", way.what, code(&one_line(&way.command)));
        }
    }
}

/// Text in one line, in which nothing is a mark, a link or a tag.
fn line(text: &str) -> String {
    inert_line(&one_line(text))
}

fn one_line(text: &str) -> String {
    text.trim_end().replace(['\r', '\n', '\t'], " ")
}
