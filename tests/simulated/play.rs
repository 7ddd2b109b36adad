//! One schedule: drivers, a keeper, commands, people and faults, in an order that chance chooses.

use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

use chrono::TimeDelta;
use holdpoint::run::event::{Event, Moment};

use super::books::Book;
use super::bug::Bug;
use super::chance::Chance;
use super::disk::{Disk, Kept};
use super::driver::{Driver, Work};
use super::keeper::{Finish, Found, Host, Token};
use super::laws::{Broken, Laws};
use super::mix::{Counts, Fault, Mix};
use super::words;

/// Whoever wants to drive, before it is known whether they may.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub(crate) id: u32,
    pub(crate) is_attended: bool,
    /// What was read before the lock was held; a mistake.
    pub(crate) read: Option<Vec<Kept>>,
}

/// Something that may happen in the next turn.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    /// A driver commits what it was told.
    Tell(usize),
    /// Something that a driver began comes to its end.
    Finish(usize, usize),
    /// A driver finds that its keeper is gone.
    Notice(usize),
    /// The keeper takes an order.
    Take(usize),
    /// The keeper goes on with an order.
    Go(usize),
    /// A command has its effect.
    Effect(usize),
    /// A command ends.
    End(usize),
    /// The keeper sees that.
    Reap(usize),
    /// It is told a second time.
    EndAgain(usize),
    /// The keeper ends, since there is nothing left for it.
    Retire,
    /// Somebody wants to drive.
    Arrive,
    /// They try to.
    Try(usize),
    /// Something goes wrong.
    Fault(Fault),
}

/// A schedule as far as it has come.
#[derive(Clone)]
pub(crate) struct Play<'b> {
    pub(crate) book: &'b Book,
    pub(crate) chance: Chance,
    pub(crate) mix: Mix,
    pub(crate) bug: Option<Bug>,
    pub(crate) is_calm: bool,
    pub(crate) clock: Moment,
    pub(crate) disk: Disk,
    pub(crate) holder: Option<u32>,
    pub(crate) drivers: Vec<Driver>,
    pub(crate) candidates: Vec<Candidate>,
    pub(crate) arrived: u32,
    pub(crate) host: Host,
    pub(crate) late_ends: Vec<(Token, Finish)>,
    pub(crate) past_answers: Vec<Event>,
    pub(crate) laws: Laws,
    pub(crate) counts: Counts,
    /// What happened, where somebody wants to read it.
    pub(crate) tale: Option<String>,
    pub(crate) acts: Vec<(Act, u32)>,
}

impl<'b> Play<'b> {
    pub(crate) fn new(book: &'b Book, mix: Mix, chance: Chance, bug: Option<Bug>) -> Play<'b> {
        Play {
            book,
            chance,
            mix,
            bug,
            is_calm: false,
            clock: words::beginning(),
            disk: Disk::new(mix.durability, mix.lives_on),
            holder: None,
            drivers: Vec::new(),
            candidates: Vec::new(),
            arrived: 0,
            host: Host::new(),
            late_ends: Vec::new(),
            past_answers: Vec::new(),
            laws: Laws::default(),
            counts: Counts::default(),
            tale: None,
            acts: Vec::new(),
        }
    }

    /// Plays with faults, then without, until the run has ended.
    pub(crate) fn play(&mut self) -> Result<(), Broken> {
        for _ in 0..self.mix.turns {
            if self.has_ended() {
                break;
            }
            self.turn()?;
        }
        self.counts.ended += u64::from(self.has_ended());
        self.is_calm = true;
        self.note(|_| "---- from here on nothing goes wrong ----".into());
        let limit = 400 + 80 * self.book.plan.nodes.len();
        for _ in 0..limit {
            if self.has_ended() {
                return Ok(());
            }
            self.turn()?;
        }
        Err(format!("it does not come to an end in {limit} turns without faults"))
    }

    /// Whether the end of the run is on record.
    pub(crate) fn has_ended(&self) -> bool {
        let last = self.disk.good().last();
        last.is_some_and(|kept| matches!(*kept.event, Event::RunEnded { .. }))
    }

    /// One thing happens.
    pub(crate) fn turn(&mut self) -> Result<(), Broken> {
        self.counts.turns += 1;
        if !self.is_calm && !self.chance.is_exhaustive() && self.chance.one_in(self.mix.rarity) {
            let place = self.chance.choose(Fault::ALL.len());
            let fault = Fault::ALL[place];
            if self.mix.has(fault) && self.can(fault) {
                self.fault(fault)?;
                return self.settle();
            }
        }
        let mut acts = std::mem::take(&mut self.acts);
        acts.clear();
        self.list(&mut acts);
        if acts.is_empty() {
            return Err("nothing can happen any more, and the run has not ended".into());
        }
        let place = self.chance.weighed(acts.iter().map(|(_, weight)| *weight));
        let act = acts[place].0;
        self.acts = acts;
        self.perform(act)?;
        self.settle()
    }

    /// All that may happen next, each with its weight.
    fn list(&self, acts: &mut Vec<(Act, u32)>) {
        for (place, driver) in self.drivers.iter().enumerate() {
            if !driver.told.is_empty() {
                acts.push((Act::Tell(place), 8));
            }
            if self.has_lost_keeper(place) {
                acts.push((Act::Notice(place), 8));
            }
            for (at, work) in driver.work.iter().enumerate() {
                if let Some(weight) = self.weight(work) {
                    acts.push((Act::Finish(place, at), weight));
                }
            }
        }
        self.list_host(acts);
        let may_arrive = self.holder.is_none() || self.bug == Some(Bug::NoLock) && !self.is_calm;
        if may_arrive && self.candidates.is_empty() && self.drivers.len() < 3 {
            acts.push((Act::Arrive, if self.holder.is_none() { 6 } else { 1 }));
        }
        for place in 0..self.candidates.len() {
            let waits = self.bug == Some(Bug::ReadBeforeLock) && self.holder.is_some();
            if !waits {
                acts.push((Act::Try(place), 6));
            }
        }
        if self.chance.is_exhaustive() && self.mix.budget > 0 {
            let faults =
                Fault::ALL.iter().filter(|fault| self.mix.has(**fault) && self.can(**fault));
            acts.extend(faults.map(|fault| (Act::Fault(*fault), 1)));
        }
    }

    fn list_host(&self, acts: &mut Vec<(Act, u32)>) {
        let host = &self.host;
        for (place, order) in host.orders.iter().enumerate() {
            // Those of one driver arrive in their order.
            if !host.orders[..place].iter().any(|before| before.driver == order.driver) {
                acts.push((Act::Take(place), 6));
            }
        }
        let keeper = host.keeper.as_ref();
        let busy = keeper.map_or(0, |keeper| keeper.busy.len());
        acts.extend((0..busy).map(|place| (Act::Go(place), 6)));
        for (pid, process) in host.processes.iter().enumerate() {
            if process.finish.is_none() {
                let act = if process.has_acted { Act::End(pid) } else { Act::Effect(pid) };
                acts.push((act, 3));
            } else if !process.is_reaped && self.is_child(pid) {
                acts.push((Act::Reap(pid), 6));
            }
        }
        let id = keeper.map(|keeper| keeper.id);
        if host.is_done() && !self.drivers.iter().any(|driver| driver.keeper == id) {
            acts.push((Act::Retire, 3));
        }
        acts.extend((0..self.late_ends.len()).map(|place| (Act::EndAgain(place), 2)));
    }

    /// Whether the keeper that is there started a process, and has noted that.
    fn is_child(&self, pid: usize) -> bool {
        let process = &self.host.processes[pid];
        self.host.keeper.as_ref().is_some_and(|keeper| {
            let is_noted = !keeper.busy.iter().any(|busy| busy.order.token == process.token);
            keeper.id == process.keeper && is_noted
        })
    }

    /// How likely something comes to its end; none where it cannot.
    fn weight(&self, work: &Work) -> Option<u32> {
        match work {
            Work::Look(_) => Some(5),
            Work::Act(_) => Some(3),
            Work::Ask(_) => Some(if self.is_calm { 3 } else { 1 }),
            Work::Wake(timer, _) => match timer.kind {
                holdpoint::run::event::TimerKind::Retry => Some(3),
                _ => Some(1),
            },
            Work::Command(..) => None,
            Work::Seek(_, found) => match found {
                None => Some(6),
                Some(Found::Orphan(pid)) if !self.host.runs(*pid) => Some(6),
                Some(Found::Unreachable) if self.host.keeper.is_none() => Some(6),
                Some(_) => None,
            },
        }
    }

    /// The time, which goes on with every look at it; in an exhaustive search it stands.
    pub(crate) fn now(&mut self) -> Moment {
        if !self.chance.is_exhaustive() {
            self.clock += TimeDelta::seconds(1);
        }
        self.clock
    }

    pub(crate) fn count(&mut self, fault: Fault) {
        self.counts.faults[fault as usize] += 1;
        if fault != Fault::ResumeRace {
            self.mix.budget = self.mix.budget.saturating_sub(1);
        }
        self.note(|_| format!("!! {fault:?}"));
    }

    /// Writes a line of the tale, where there is one.
    pub(crate) fn note(&mut self, line: impl FnOnce(&Play<'_>) -> String) {
        if let Some(mut tale) = self.tale.take() {
            let line = line(self);
            let _ = writeln!(tale, "{line}");
            self.tale = Some(tale);
        }
    }

    /// The record of an event, as the next that a driver writes.
    pub(crate) fn record(&mut self, place: usize, at: Moment, event: Event) -> Kept {
        let driver = &mut self.drivers[place];
        driver.seq += 1;
        let mark = match self.chance.is_exhaustive() {
            true => {
                let mut hasher = DefaultHasher::new();
                (driver.epoch, format!("{event:?}")).hash(&mut hasher);
                hasher.finish()
            }
            false => 0,
        };
        Kept { seq: driver.seq, epoch: driver.epoch, at, event: Rc::new(event), mark }
    }

    /// A step and its attempt, for a person.
    pub(crate) fn named(&self, token: Token) -> String {
        format!("{} attempt {}", self.book.plan.nodes[token.step].path, token.attempt)
    }
}
