//! The facilitator's terminal: what is still to come, how things go, remarks, and what it has shown.
//!
//! It follows the exercise as its journal grows, and says what it wants by letter, as any other terminal
//! does. It may be left and taken again: the players' screen asks meanwhile.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use chrono::Utc;

use crate::cli::args::{TableFormat, Tabletop};
use crate::cli::deliver;
use crate::cli::failure::{Exit, Failure};
use crate::cli::find::Found;
use crate::cli::follow::{EVERY, Follower};
use crate::cli::session;
use crate::journal::{Folder, Holder, Inbox, Lock, LockError, Store};
use crate::report::{Terminal, visible_str};
use crate::run::event::exercise::Subject;
use crate::run::event::{Event, Mode, Note, NoteKind, Wish};
use crate::runtime::ask_alone;
use crate::runtime::prompt::{self, Answer, Choice, Interrupt};

use super::ask;
use super::view::View;

/// What is asked again and again.
const NOW: &str = "EXERCISE, facilitator: what now?";

/// Leads an exercise that is under way.
pub fn facilitate(store: &Store, args: &Tabletop) -> Result<Exit, Failure> {
    if !session::is_attended(false) {
        let help = "type it at a terminal of its own, beside the players' screen";
        return Err(Failure::usage("a facilitator needs a terminal", help));
    }
    let name = args.file.as_ref().map(|name| name.to_string_lossy().into_owned());
    let found = under_way(&store.practice(), name.as_deref())?;
    let by = session::operator(args.operator.clone());
    let _lock = seat(&found.folder, &by)?;
    let terminal = Terminal::new(args.format == TableFormat::Plain);
    Desk::at(&found, by, terminal)?.lead()
}

/// The exercise that was named, or the only one that is under way.
fn under_way(store: &Store, name: Option<&str>) -> Result<Found, Failure> {
    let is_named = |folder: &Folder| name.is_none_or(|name| folder.run.starts_with(name));
    let folders = store.folders()?.into_iter().filter(is_named);
    let found = folders.filter(|folder| Lock::is_held(&folder.lock()));
    let found = found.filter_map(|folder| Found::in_folder(folder).ok());
    let is_exercise = |found: &Found| found.start().is_some_and(|it| it.mode == Mode::Tabletop);
    let mut found: Vec<Found> = found.filter(is_exercise).collect();
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => {
            let named = name.map(|name| format!(" `{name}`")).unwrap_or_default();
            Err(Failure::NoRun(format!(
                "no exercise{named} is under way; begin one: holdpoint tabletop FILE"
            )))
        }
        _ => {
            let names: Vec<&str> = found.iter().map(|it| it.folder.run.as_str()).collect();
            let message = format!("several exercises are under way: {}", names.join(", "));
            Err(Failure::usage(message, "name one behind --facilitator"))
        }
    }
}

/// The facilitator's seat, which one person has at a time.
fn seat(folder: &Folder, by: &str) -> Result<Lock, Failure> {
    let holder = Holder::this(session::host(), by.to_owned(), Utc::now());
    Lock::take(&folder.facilitator(), &holder).map_err(|error| match error {
        LockError::Held(holder) => {
            let who = holder.map(|it| format!(" by {} on {}", it.operator, it.host));
            let message = format!("this exercise is led already{}", who.unwrap_or_default());
            Failure::usage(message, "leave it there first, with q")
        }
        LockError::Io(error) => Failure::journal(&folder.run, &error),
    })
}

/// What the terminal and whoever follows the journal share.
struct Shared {
    view: Mutex<View>,
    terminal: Terminal,
    /// Ends the question that waits.
    asked: Mutex<Option<Interrupt>>,
    /// Whether the question was ended since there is news.
    is_woken: AtomicBool,
    /// Whether nobody drives the exercise any more.
    is_over: AtomicBool,
    /// Whether nobody follows any more.
    is_left: AtomicBool,
}

/// The facilitator at work.
struct Desk {
    shared: Arc<Shared>,
    folder: Folder,
    by: String,
    follower: Option<JoinHandle<()>>,
}

impl Desk {
    fn at(found: &Found, by: String, terminal: Terminal) -> Result<Desk, Failure> {
        let mut view = View::of(found.plans()?);
        terminal.lines(&[
            "EXERCISE: this is the facilitator's screen. The players do not see it.".to_owned()
        ]);
        let lines = view.take(&found.reading.records)?;
        terminal.lines(&lines);
        let shared = Arc::new(Shared {
            view: Mutex::new(view),
            terminal,
            asked: Mutex::default(),
            is_woken: AtomicBool::new(false),
            is_over: AtomicBool::new(false),
            is_left: AtomicBool::new(false),
        });
        let journal = Follower::behind(found.folder.journal(), &found.reading);
        let (following, folder) = (Arc::clone(&shared), found.folder.clone());
        let follower = thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || following.follow(&folder, journal))
            .map_err(Failure::Setup)?;
        let (folder, follower) = (found.folder.clone(), Some(follower));
        Ok(Desk { shared, folder, by, follower })
    }

    /// Does what the keys say until the exercise is over or left.
    fn lead(self) -> Result<Exit, Failure> {
        let mut is_again = false;
        loop {
            if self.shared.is_over.load(Ordering::SeqCst) {
                self.say_over();
                break;
            }
            let answer = self.ask_next(is_again)?;
            is_again = answer == Answer::Interrupted;
            match answer {
                Answer::Given('q') => {
                    self.say(
                        "EXERCISE: you lead it no more; the players' screen asks from here on",
                    );
                    break;
                }
                Answer::Given(key) => self.press(key)?,
                Answer::Interrupted if self.shared.is_woken.swap(false, Ordering::SeqCst) => {}
                Answer::Interrupted | Answer::Nobody => break,
            }
        }
        Ok(Exit::Done)
    }

    /// Says that it is over, and where its debrief is; a players' screen that was killed leaves none.
    fn say_over(&self) {
        let debrief = self.folder.path().join("debrief.md");
        if debrief.exists() {
            self.say("EXERCISE: it is over; its debrief stands beside its journal:");
            self.say(&format!("  {}", debrief.display()));
        } else {
            let run = &self.folder.run;
            self.say(
                "EXERCISE: the players' screen was ended from outside, and there is no debrief:",
            );
            self.say(&format!("  holdpoint {}timeline {run}", self.folder.option()));
        }
    }

    fn choices(&self) -> Vec<Choice> {
        let view = self.shared.view();
        let mut choices = Vec::new();
        if view.is_to_be_scored() {
            choices.push(Choice::of('s', "score", "say what the exercise has shown"));
        }
        if !view.has_ended() {
            choices.push(Choice::of('o', "outcome", "say how what waits goes"));
            choices.push(Choice::of('i', "inject", "tell the players something now"));
        }
        choices.extend([
            Choice::of('l', "list", "all injects, with the time to go"),
            Choice::of('w', "where", "where the team stands"),
            Choice::of('n', "note", "a remark for the debrief"),
            Choice::of('d', "decision", "something that the team decided"),
            Choice::of('t', "todo", "an action item"),
            Choice::of('q', "leave", "lead it no more; the players' screen asks"),
        ]);
        choices
    }

    fn press(&self, key: char) -> Result<(), Failure> {
        match key {
            'o' => self.outcome(),
            'i' => self.inject(),
            's' => self.score(),
            'l' => {
                let lines = self.shared.view().injects(Utc::now());
                self.shared.terminal.lines(&lines);
                Ok(())
            }
            'w' => {
                let standing = self.shared.view().standing();
                let lines: Vec<String> = standing.lines().map(str::to_owned).collect();
                self.shared.terminal.lines(&lines);
                Ok(())
            }
            'n' => self.note("Note", NoteKind::Note),
            'd' => self.note("What did the team decide, and who", NoteKind::Decision),
            _ => self.note("What is to be done, and by whom", NoteKind::Todo),
        }
    }

    fn outcome(&self) -> Result<(), Failure> {
        let waiting = self.shared.view().waiting();
        let subject = match waiting.as_slice() {
            [] => {
                self.say("  nothing waits for you");
                return Ok(());
            }
            [only] => only.clone(),
            several => match self.pick(several)? {
                Some(subject) => subject,
                None => return Ok(()),
            },
        };
        let about = self.shared.view().about(&subject);
        let put = move |interrupt: &Interrupt| ask::outcome(&about, &say, interrupt);
        if let Answer::Given(outcome) = self.ask(put)? {
            self.send(Wish::Outcome { subject, outcome })?;
        }
        Ok(())
    }

    fn pick(&self, several: &[Subject]) -> Result<Option<Subject>, Failure> {
        let titles: Vec<String> = {
            let view = self.shared.view();
            several.iter().map(|subject| view.about(subject).title).collect()
        };
        let answer = self.ask(move |interrupt| prompt::decide("Which one?", &titles, interrupt))?;
        Ok(match answer {
            Answer::Given(place) => several.get(place).cloned(),
            Answer::Interrupted | Answer::Nobody => None,
        })
    }

    fn inject(&self) -> Result<(), Failure> {
        let lines = self.shared.view().injects(Utc::now());
        self.shared.terminal.lines(&lines);
        let question = "The number of an inject, or what happens";
        let Answer::Given(typed) = self.line(question)? else { return Ok(()) };
        let number = typed.parse::<usize>().ok();
        let known = number.and_then(|number| {
            let view = self.shared.view();
            let inject = view.exercise()?.script.injects.get(number.checked_sub(1)?)?;
            Some(inject.text.clone())
        });
        match (number, known) {
            (Some(number), None) => {
                self.say(&format!("  the script has no inject {number}"));
                Ok(())
            }
            (Some(_), Some(text)) => self.send(Wish::Inject { number, text }),
            (None, _) => self.send(Wish::Inject { number: None, text: typed }),
        }
    }

    fn note(&self, question: &str, kind: NoteKind) -> Result<(), Failure> {
        let Answer::Given(text) = self.line(question)? else { return Ok(()) };
        self.send(Wish::Note(Note::new(&self.by, kind, text)))
    }

    fn score(&self) -> Result<(), Failure> {
        let objectives = {
            let view = self.shared.view();
            view.exercise().map(|it| it.script.objectives.clone()).unwrap_or_default()
        };
        let put = move |interrupt: &Interrupt| ask::score(&objectives, &say, interrupt);
        if let Answer::Given((objectives, score)) = self.ask(put)? {
            self.send(Wish::Score { objectives, score })?;
        }
        Ok(())
    }

    fn line(&self, question: &str) -> Result<Answer<String>, Failure> {
        let question = question.to_owned();
        let check = |typed: &str| match typed.trim() {
            "" => Err("it is empty; Ctrl-D leaves this".to_owned()),
            _ => Ok(()),
        };
        let answer = self.ask(move |interrupt| prompt::line(&question, check, None, interrupt))?;
        Ok(answer.map(|typed| typed.trim().to_owned()))
    }

    /// Puts what is asked again and again; news end it, and then it is asked again.
    fn ask_next(&self, is_again: bool) -> Result<Answer<char>, Failure> {
        let (shared, choices) = (Arc::clone(&self.shared), self.choices());
        let put = move |interrupt: &Interrupt| {
            *lock(&shared.asked) = Some(interrupt.clone());
            if shared.is_woken.load(Ordering::SeqCst) {
                interrupt.raise();
            }
            let ask = if is_again { prompt::key_again } else { prompt::key };
            ask(NOW, &choices, interrupt)
        };
        let answer = self.ask(put);
        *lock(&self.shared.asked) = None;
        answer
    }

    /// Puts a question, which no news end.
    fn ask<T: Send + 'static>(
        &self,
        put: impl FnOnce(&Interrupt) -> Answer<T> + Send + 'static,
    ) -> Result<Answer<T>, Failure> {
        self.shared.terminal.give_to(|| ask_alone(put)).map_err(Failure::Setup)
    }

    /// Puts a letter into the inbox; what becomes of it is seen in the journal.
    fn send(&self, wish: Wish) -> Result<(), Failure> {
        let letter = deliver::letter(Some(self.by.clone()), wish);
        Ok(Inbox::of(&self.folder).put(&letter)?)
    }

    fn say(&self, line: &str) {
        self.shared.terminal.line(&visible_str(line));
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.shared.is_left.store(true, Ordering::SeqCst);
        if let Some(follower) = self.follower.take() {
            // That it panicked has been told.
            let _ = follower.join();
        }
    }
}

impl Shared {
    /// Shows what happens until nobody drives the exercise, or nobody looks any more.
    fn follow(&self, folder: &Folder, mut journal: Follower) {
        while !self.is_left.load(Ordering::SeqCst) {
            // Looked at first, so that the last words of a driver that leaves are still read.
            let is_driven = Lock::is_held(&folder.lock());
            let records = journal.more().unwrap_or_default();
            if records.is_empty() && !is_driven {
                self.is_over.store(true, Ordering::SeqCst);
                self.wake();
                return;
            }
            if !records.is_empty() {
                self.show(&records);
            }
            thread::sleep(EVERY);
        }
    }

    fn show(&self, records: &[crate::journal::Record]) {
        let taken = self.view().take(records);
        let lines = match taken {
            Ok(lines) => lines,
            Err(failure) => vec![visible_str(&failure.to_string()).into_owned()],
        };
        if !lines.is_empty() {
            self.terminal.urgent(&lines);
            prompt::ask_again();
        }
        let changes_choices =
            |event: &Event| matches!(event, Event::RunEnded { .. } | Event::ExerciseScored(_));
        if records.iter().any(|record| changes_choices(&record.event)) {
            self.wake();
        }
    }

    /// Ends the question that waits, so that it is put anew with what can be chosen now.
    fn wake(&self) {
        self.is_woken.store(true, Ordering::SeqCst);
        if let Some(asked) = &*lock(&self.asked) {
            asked.raise();
        }
    }

    fn view(&self) -> MutexGuard<'_, View> {
        lock(&self.view)
    }
}

/// Shows what stands above a question.
fn say(text: &str) {
    use std::io::Write;
    let text = text.trim_start_matches('\n');
    // A terminal that is gone answers nothing either, and that is what counts.
    let _ = write!(std::io::stderr().lock(), "\n[EXERCISE] {}", visible_str(text));
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
