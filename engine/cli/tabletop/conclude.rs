//! What is said and left when an exercise is over.

use std::fmt::Write;

use crate::cli::failure::Failure;
use crate::cli::find::Found;
use crate::cli::finish;
use crate::journal::Folder;
use crate::report::{debrief as shown, visible_str};
use crate::run::RunState;
use crate::timeline::debrief::{Debrief, debrief};

/// The pages in the folder of an exercise.
const MARKDOWN: &str = "debrief.md";
const HTML: &str = "debrief.html";

/// Writes the debrief, and says in a few lines what stands there.
pub fn conclude(folder: &Folder, state: &RunState) -> Result<(), Failure> {
    let found = Found::in_folder(folder.clone())?;
    let debrief = debrief(&mut found.plans()?, &found.reading.records)?;
    let kept = finish::keep_pages(folder, state).and_then(|_| keep(folder, &debrief));
    let mut text = summary(&debrief);
    match kept {
        Ok(()) => {
            for name in [MARKDOWN, HTML] {
                let place = folder.path().join(name).display().to_string();
                let _ = writeln!(text, "debrief: {place}");
            }
            let _ =
                writeln!(text, "timeline: holdpoint {}timeline {}", folder.option(), folder.run);
        }
        // The journal has it all; only the pages beside it are missing.
        Err(failure) => {
            let _ = writeln!(text, "the debrief was not written: {failure}");
        }
    }
    let _ = writeln!(text, "EXERCISE: it is over, and cannot be gone on with");
    // What cannot be shown changes nothing of how it went.
    let _ = crate::cli::print(&visible_str(&text));
    Ok(())
}

fn keep(folder: &Folder, debrief: &Debrief) -> Result<(), Failure> {
    folder.write(MARKDOWN, shown::markdown(debrief).as_bytes())?;
    folder.write(HTML, shown::html(debrief).as_bytes())?;
    Ok(())
}

fn summary(debrief: &Debrief) -> String {
    let mut text = "\nEXERCISE, in short\n".to_owned();
    let met = debrief.objectives.iter().filter(|(_, is_met)| *is_met == Some(true)).count();
    let counts = [
        (debrief.decisions.len(), "decisions"),
        (debrief.waved_through.len(), "gates waved through"),
        (debrief.missing_contacts.len(), "contacts missing"),
        (debrief.deviations.len(), "deviations from the runbook"),
        (debrief.actions.len(), "action items"),
    ];
    if !debrief.objectives.is_empty() {
        let _ = writeln!(text, "  {met} of {} objectives met", debrief.objectives.len());
    }
    for (count, what) in counts {
        let _ = writeln!(text, "  {count} {what}");
    }
    text
}
