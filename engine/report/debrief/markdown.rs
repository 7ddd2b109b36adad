//! The debrief in Markdown.

use std::fmt::Write;

use crate::timeline::debrief::Debrief;
use crate::timeline::inert;

use super::{STAMP, facts, sections};

/// The page.
pub fn markdown(debrief: &Debrief) -> String {
    let mut page = format!("# {STAMP}: {}\n\n", inert(&debrief.title));
    let _ = writeln!(
        page,
        "**{STAMP}:** nothing of this happened, nothing was run and nothing sent.\n"
    );
    for (name, value) in facts(debrief) {
        let _ = writeln!(page, "- {name}: {}", inert(&value));
    }
    if let Some(scenario) = &debrief.scenario {
        let _ = writeln!(page, "\n## Scenario\n\n{}", inert(scenario.trim()));
    }
    for section in sections(debrief) {
        let _ = writeln!(page, "\n## {}\n", section.heading);
        if section.rows.is_empty() {
            let _ = writeln!(page, "{}", section.none);
            continue;
        }
        let _ = writeln!(page, "| {} |", section.columns.join(" | "));
        let _ = writeln!(page, "|{}", "---|".repeat(section.columns.len()));
        for row in &section.rows {
            let cells: Vec<String> = row.iter().map(|cell| inert(cell)).collect();
            let _ = writeln!(page, "| {} |", cells.join(" | "));
        }
    }
    let _ = writeln!(page, "\n{STAMP}");
    page
}
