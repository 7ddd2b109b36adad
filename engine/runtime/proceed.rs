//! The menu before a step that changes something, where that is wanted: one key goes on, and what
//! costs something shows what it costs and asks for a reason.

use crate::run::Offer;
use crate::run::event::{Event, HandedOver, Note, NoteKind};
use crate::run::offer::Course;

use super::people::{given, panel};
use super::prompt::{self, Choice};
use super::world::Live;

impl Live {
    /// Asks whether to go on with a step, until that is said.
    pub(super) fn put_proceed(&self, step: &str, command: &str, offer: &Offer) -> Option<Event> {
        let course = offer.course.as_ref()?;
        let choices = choices(course);
        loop {
            let place = self.place.environment.as_deref();
            self.tell_decider(&panel::proceed(step, command, offer, place));
            let key = given(prompt::key("Go on?", &choices, &self.interrupt))?;
            let (step, by) = (step.to_owned(), self.place.operator.clone());
            let event = match key {
                'g' => Some(Event::StepReleased { step, by }),
                'u' => Some(Event::PaceSet { is_stepwise: false, by }),
                's' => {
                    self.tell_person(&cost_of_skipping(&step, course));
                    self.reason(WHY).map(|reason| Event::StepPassedOver { step, by, reason })
                }
                'b' => self.go_back(course),
                'j' => self.jump(&step, course),
                'h' => self.hand_over(),
                'a' => {
                    self.tell_person(&end(offer));
                    self.reason(WHY).map(|reason| Event::AbortRequested { by, reason })
                }
                'n' => {
                    self.note();
                    None
                }
                'o' => {
                    self.show_whole(course.printed.as_deref());
                    None
                }
                _ => {
                    self.open_shell();
                    None
                }
            };
            // What was broken off leads back to the menu, unless nothing is asked any more.
            if event.is_some() || self.is_interrupted() {
                return event;
            }
        }
    }

    /// Asks to which step to go back, and shows what is done again.
    fn go_back(&self, course: &Course) -> Option<Event> {
        let items: Vec<String> = course.behind.iter().rev().cloned().collect();
        let place = given(prompt::select("Back to which step?", &items, &self.interrupt))?;
        let to = items.get(place)?.clone();
        let again = course.behind.iter().skip_while(|path| **path != to);
        let list: String = again.map(|path| format!("    {path}\n")).collect();
        let before = items.len() - place;
        let skipped = course.passed_over.iter().filter(|(_, above)| *above >= before);
        let skipped: String = skipped.map(|(path, _)| format!("    {path}\n")).collect();
        let skipped = match skipped.as_str() {
            "" => skipped,
            list => format!("  these were skipped, and would not be any more:\n{list}"),
        };
        self.tell_person(&format!(
            "  these would be done again, and their gates asked again:\n{list}{skipped}"
        ));
        let (by, reason) = (self.place.operator.clone(), self.reason(WHY)?);
        Some(Event::BackRequested { to, by, reason })
    }

    /// Asks at which step to go on, and shows what is skipped.
    fn jump(&self, step: &str, course: &Course) -> Option<Event> {
        let place = given(prompt::select("Go on at which step?", &course.ahead, &self.interrupt))?;
        let to = course.ahead.get(place)?.clone();
        // The groups around it are entered, not skipped.
        let is_around = |path: &&String| to.starts_with(&format!("{path}/"));
        let over = course.ahead.iter().take(place).filter(|path| !is_around(path));
        let list: String = over.map(|path| format!("    {path}\n")).collect();
        self.tell_person(&format!("  these would be skipped:\n    {step}\n{list}"));
        let (by, reason) = (self.place.operator.clone(), self.reason(WHY)?);
        Some(Event::JumpRequested { to, by, reason })
    }

    /// Leaves the run to somebody else.
    fn hand_over(&self) -> Option<Event> {
        self.tell_person("  the run stays open and waits; nothing new begins\n");
        let any = |_: &str| Ok(());
        let question = "To whom? (Enter: whoever comes)";
        let to = given(prompt::line(question, any, None, &self.interrupt))?;
        let to = Some(to.trim().to_owned()).filter(|to| !to.is_empty());
        let (by, reason) = (self.place.operator.clone(), self.reason("What must they know?")?);
        Some(Event::HandedOver(HandedOver { by, to, reason }))
    }

    /// Puts a remark on the timeline.
    pub(super) fn note(&self) {
        let by = self.place.operator.clone();
        if let Some(text) = self.reason("Note") {
            let note = Note::new(by, NoteKind::Note, text);
            self.tell(Event::NoteAdded(note));
        }
    }

    /// Shows all that a step printed.
    pub(super) fn show_whole(&self, step: Option<&str>) {
        match step {
            None => self.tell_person("  no step has printed anything yet\n"),
            Some(step) => self.lend_to_ourselves(&["show", &self.run_id(), step], true),
        }
    }

    /// Opens a shell for a person; that it was open is on record.
    pub(super) fn open_shell(&self) {
        let shell = std::env::var("SHELL").unwrap_or_else(|_| "sh".to_owned());
        let by = self.place.operator.clone();
        self.tell_person("  a shell; leave it with Ctrl-D to come back here\n");
        self.lend_to_ourselves(
            &["exec", &self.run_id(), "--tty", "--by", &by, "--", &shell],
            false,
        );
    }
}

/// What is asked where something costs something.
const WHY: &str = "Reason";

fn choices(course: &Course) -> Vec<Choice> {
    let mut choices = vec![
        Choice::of('g', "go", "do this step now"),
        Choice::of('u', "unasked", "go, and ask no more before steps that have no gate"),
    ];
    if course.may_skip {
        choices.push(Choice::of('s', "skip", "go on without this step"));
    }
    if !course.behind.is_empty() {
        choices.push(Choice::of('b', "back", "do a step above again, and all below it"));
    }
    if !course.ahead.is_empty() {
        choices.push(Choice::of('j', "jump", "go on at a step below, and skip what is between"));
    }
    choices.push(Choice::of('n', "note", "put a remark on the timeline"));
    if course.printed.is_some() {
        choices.push(Choice::of('o', "output", "all that the last step printed"));
    }
    choices.extend([
        Choice::of('t', "terminal", "a shell, to look for yourself; that is on record"),
        Choice::of('h', "hand over", "leave the run to somebody else"),
    ]);
    if course.may_end {
        choices.push(Choice::of('a', "abort", "end the run; what closes it is still done"));
    }
    choices
}

fn cost_of_skipping(step: &str, course: &Course) -> String {
    let lines = course.skipping.lines();
    let lines: String = lines.iter().map(|line| format!("    {line}\n")).collect();
    format!("  without {step}:\n{lines}")
}

fn end(offer: &Offer) -> String {
    match offer.undos.len() {
        0 => "  the run ends here\n".to_owned(),
        _ => "  the run ends here; `holdpoint undo` can take back what was done\n".to_owned(),
    }
}
