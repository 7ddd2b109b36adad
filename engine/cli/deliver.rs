//! Delivering what somebody at another terminal wants of a run.
//!
//! It goes into the inbox, and whoever drives the run takes it and puts on record what became of
//! it; that is waited for and told. Where nobody drives the run, an answer waits for the next
//! driver, and a remark is put on record at once.

use std::time::{Duration, Instant};

use chrono::Utc;

use crate::journal::{Durability, Folder, Inbox, LETTER, Lock, Record, Writer};
use crate::plan::Plan;
use crate::run::event::{Event, Letter, Sender, Wish};
use crate::run::{RunState, receive, refusal};

use super::failure::{Exit, Failure};
use super::find::Found;
use super::follow::{EVERY, Follower};
use super::{finish, session};

/// How long a driver may take to take a letter.
const PATIENCE: Duration = Duration::from_secs(10);

/// What became of a letter.
pub enum Delivered {
    /// It is on record, and so is what it led to.
    Taken,
    /// It waits for the next driver, for the reason given.
    Waits(&'static str),
}

/// A letter about a run, from whoever types here.
pub fn letter(by: Option<String>, wish: Wish) -> Letter {
    let now = Utc::now();
    let sender = Sender { user: session::user(), host: session::host() };
    let (v, id, by) = (LETTER, Inbox::new_id(now), session::operator(by));
    Letter { v, id, sent_at: now, by, sender, wish }
}

/// Delivers a letter, and says what became of it.
pub fn send(found: &Found, letter: &Letter, done: &str) -> Result<Exit, Failure> {
    match deliver(found, letter)? {
        Delivered::Taken => super::print(&found.stamped(&format!("{done}\n")))?,
        Delivered::Waits(why) => {
            let mut go_on = finish::go_on(&found.folder);
            if Lock::is_held(&found.folder.lock()) {
                go_on.push_str(
                    " --take-over --reason TEXT, where its driver is stopped or out of reach",
                );
            }
            let text = format!("{why}: it waits in the inbox\n{go_on}\n");
            super::print(&found.stamped(&text))?;
        }
    }
    Ok(Exit::Done)
}

/// Delivers a letter to whoever drives a run, or leaves it for the next driver.
pub fn deliver(found: &Found, letter: &Letter) -> Result<Delivered, Failure> {
    let folder = &found.folder;
    folder.check()?;
    if let Some(reason) = found.damage() {
        return Err(Failure::Journal { run: folder.run.clone(), reason });
    }
    // Where nobody drives it, the letter is for whoever does so next.
    let (plan, state) = found.view()?;
    possible(&plan, &state, letter)?;
    if letter.wish.is_remark() && !Lock::is_held(&folder.lock()) {
        return remark(folder, letter);
    }
    let mut journal = Follower::behind(folder.journal(), &found.reading);
    let inbox = Inbox::of(folder);
    inbox.put(letter)?;
    let began = Instant::now();
    loop {
        // Looked at before the journal is read, so that what its last driver wrote is seen.
        let is_driven = Lock::is_held(&folder.lock());
        let records = journal.more().map_err(|error| Failure::journal(&folder.run, &error))?;
        if let Some(taken) = records.iter().find_map(|record| outcome(record, letter)) {
            return taken;
        }
        if records.iter().any(|record| matches!(record.event, Event::RunEnded { .. })) {
            inbox.remove(&letter.id);
            return Err(refused("the run ended before it was taken"));
        }
        // Whoever had the lock had it only to put another remark on record.
        if !is_driven && letter.wish.is_remark() {
            return remark(folder, letter);
        }
        if !is_driven {
            return Ok(Delivered::Waits("nobody drives the run"));
        }
        if began.elapsed() > PATIENCE {
            return Ok(Delivered::Waits("its driver has not taken it yet"));
        }
        std::thread::sleep(EVERY);
    }
}

/// Whether a letter would be taken as things stand, or why not.
pub fn possible(plan: &Plan, state: &RunState, letter: &Letter) -> Result<(), Failure> {
    match refusal(plan, state, Utc::now(), letter) {
        None => Ok(()),
        Some(reason) => Err(refused(&reason)),
    }
}

/// What a record says became of a letter, if it is about that.
fn outcome(record: &Record, letter: &Letter) -> Option<Result<Delivered, Failure>> {
    match &record.event {
        Event::LetterTaken(taken) if taken.letter == letter.id => Some(match &taken.refused {
            None => Ok(Delivered::Taken),
            Some(reason) => Err(refused(reason)),
        }),
        _ => None,
    }
}

fn refused(reason: &str) -> Failure {
    let help = "the run is unharmed; `holdpoint status` shows what it waits for";
    Failure::usage(format!("not done: {reason}"), help)
}

/// The lock of a run that nobody drives. Whoever else puts a remark on record has it for a moment only.
fn alone(folder: &Folder, by: &str) -> Result<Lock, Failure> {
    let began = Instant::now();
    loop {
        match session::lock(folder, by) {
            Err(Failure::Driven(_)) if began.elapsed() < PATIENCE => std::thread::sleep(EVERY),
            done => return done,
        }
    }
}

/// Puts a remark on record, as nobody drives the run.
fn remark(folder: &Folder, letter: &Letter) -> Result<Delivered, Failure> {
    let _lock = alone(folder, &letter.by)?;
    // What was read before the lock was taken may be old by now.
    let found = Found::in_folder(folder.clone())?;
    if let Some(taken) = found.reading.records.iter().find_map(|it| outcome(it, letter)) {
        return taken;
    }
    let (plan, state) = found.state()?;
    let now = Utc::now();
    let events = receive(&plan, &state, now, letter).unwrap_or_default();
    let refusal = events.iter().find_map(|event| match event {
        Event::LetterTaken(taken) => taken.refused.clone(),
        _ => None,
    });
    if let Some(reason) = refusal {
        return Err(refused(&reason));
    }
    let journal = |error: std::io::Error| Failure::journal(&folder.run, &error);
    let mut writer = Writer::remark(&folder.journal(), Durability::Power).map_err(journal)?;
    // Nobody wrote it into the inbox, so what it says is on record alone.
    let events = events.into_iter().filter(|event| !matches!(event, Event::LetterTaken(_)));
    writer.append(now, events.collect()).map_err(|error| journal(std::io::Error::other(error)))?;
    drop(writer);
    Inbox::of(folder).remove(&letter.id);
    let found = Found::in_folder(folder.clone())?;
    let (_, state) = found.state()?;
    finish::keep_pages(folder, &state)?;
    Ok(Delivered::Taken)
}
