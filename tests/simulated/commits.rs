//! What a driver commits, what becomes of the write, and what begins then; and what goes wrong.

use chrono::TimeDelta;
use holdpoint::run::event::{Event, Moment, StopLevel};
use holdpoint::run::{Effect, RunState, Task};

use super::acts::json;
use super::bug::Bug;
use super::disk::{Fate, Kept, Told};
use super::driver::{Sought, Work};
use super::keeper::{Finish, Order, Token};
use super::laws::Broken;
use super::mix::{Durability, Fault};
use super::people;
use super::play::Play;
use super::words;

impl Play<'_> {
    /// A driver commits events and all that they lead to, and lets it begin.
    pub(crate) fn advance(&mut self, place: usize, mut events: Vec<Event>) -> Result<(), Broken> {
        let at = self.now();
        if self.bug == Some(Bug::ApprovalUnbound) {
            events.iter_mut().for_each(|event| self.rebind(place, event));
        }
        let commit = self.drivers[place].commit(at, events)?;
        let (mut batch, begin) = (commit.batch, commit.begin);
        match self.bug {
            Some(Bug::OnceRerun) => rerun_once(&mut batch),
            Some(Bug::FoundAndRerun) => rerun_found(&mut batch),
            _ => {}
        }
        if self.bug == Some(Bug::NoIntent) {
            batch.retain(|event| !matches!(event, Event::StepStarted { .. }));
        }
        if batch.is_empty() {
            return Ok(());
        }
        let id = self.drivers[place].id;
        if self.bug == Some(Bug::IntentAfterStart) {
            self.begin(place, begin)?;
            self.write(place, at, batch)?;
            return Ok(());
        }
        let told = self.write(place, at, batch)?;
        let goes_on = told == Told::Failed && self.bug == Some(Bug::GoesOnAfterFailedWrite);
        if told == Told::Kept || goes_on {
            let here = self.drivers.iter().position(|driver| driver.id == id);
            return here.map_or(Ok(()), |place| self.begin(place, begin));
        }
        Ok(())
    }

    /// Leaves a run in which nothing is under way.
    pub(crate) fn park(&mut self, place: usize) -> Result<(), Broken> {
        let at = self.now();
        let id = self.drivers[place].id;
        let parked = self.drivers[place].park(at)?;
        if self.write(place, at, vec![parked])? == Told::Kept
            && let Some(place) = self.drivers.iter().position(|driver| driver.id == id)
        {
            if self.bug.is_none() {
                self.replays(place)?;
            }
            self.leave(place, "parks the run");
        }
        Ok(())
    }

    /// What stands on the disk leads to what the driver knows.
    fn replays(&self, place: usize) -> Result<(), Broken> {
        let mut plans = (*self.book.plan).clone().into();
        let events = self.disk.good().iter().map(|kept| (kept.at, &*kept.event));
        let replayed = RunState::replay(&mut plans, events).map_err(|it| it.to_string())?;
        match replayed == self.drivers[place].state {
            true => Ok(()),
            false => Err("the records replay to another state".into()),
        }
    }

    /// Writes records; a driver that is not told that they are kept is gone afterwards.
    fn write(&mut self, place: usize, at: Moment, batch: Vec<Event>) -> Result<Told, Broken> {
        let fresh: Vec<Kept> =
            batch.into_iter().map(|event| self.record(place, at, event)).collect();
        let driver = &mut self.drivers[place];
        let last = driver.seq;
        let mut kept = fresh;
        if self.bug == Some(Bug::AcknowledgedBeforeWritten) {
            kept = std::mem::replace(&mut driver.unwritten, kept);
            if self.disk.records.is_empty() && kept.is_empty() {
                kept = std::mem::take(&mut driver.unwritten);
            }
        }
        let id = driver.id;
        if self.bug == Some(Bug::ShownBeforeWritten) {
            self.laws.shown(&self.disk, last)?;
        }
        let fate = self.fate(kept.len());
        let before = self.disk.records.len();
        let told = self.disk.append(kept, fate, self.bug != Some(Bug::NoSync));
        self.counts.records += (self.disk.records.len() - before) as u64;
        self.tell_records(id, before, fate, told);
        if self.disk.torn.is_none_or(|at| at >= self.disk.records.len()) {
            let written = self.disk.records.get(before..).unwrap_or_default();
            self.laws.written(&self.book.plan, written, &self.host)?;
        }
        match told {
            Told::Kept => {
                if self.bug != Some(Bug::ShownBeforeWritten) {
                    self.laws.shown(&self.disk, last)?;
                }
            }
            Told::Failed if self.bug == Some(Bug::GoesOnAfterFailedWrite) => {}
            Told::Failed | Told::Late | Told::Killed => self.leave(place, "cannot write"),
        }
        Ok(told)
    }

    fn tell_records(&mut self, id: u32, before: usize, fate: Fate, told: Told) {
        self.note(|play| {
            let written = play.disk.records.get(before..).unwrap_or_default();
            let mut lines: Vec<String> = written
                .iter()
                .map(|kept| format!("{:>5}.{} {}", kept.seq, kept.epoch, json(&kept.event)))
                .collect();
            lines.push(format!("driver {id} wrote that: {fate:?}, {told:?}"));
            lines.join("\n")
        });
    }

    /// What becomes of a write of so many records.
    fn fate(&mut self, count: usize) -> Fate {
        if self.is_calm || count == 0 {
            return Fate::Fine;
        }
        let killed = |chance: &mut super::chance::Chance| match chance.choose(3) {
            0 => Fate::KilledBefore,
            1 => Fate::Torn(chance.roll(count)),
            _ => Fate::KilledAfter,
        };
        if self.chance.is_exhaustive() {
            let may = self.mix.has(Fault::DriverKilledInWrite);
            if !may || self.chance.choose(2) == 0 {
                return Fate::Fine;
            }
            self.count(Fault::DriverKilledInWrite);
            return killed(&mut self.chance);
        }
        if !self.chance.one_in(self.mix.rarity) {
            return Fate::Fine;
        }
        let (fault, fate) = match self.chance.choose(3) {
            0 => (Fault::DriverKilledInWrite, killed(&mut self.chance)),
            1 => (Fault::DiskFull, Fate::Full(self.chance.roll(count))),
            _ => (Fault::SyncFailed, Fate::NotSynced),
        };
        let is_moot = fault == Fault::SyncFailed && self.mix.durability == Durability::Process;
        if !self.mix.has(fault) || is_moot {
            return Fate::Fine;
        }
        self.count(fault);
        fate
    }

    /// Lets what was committed begin; a driver may be killed on the way.
    fn begin(&mut self, place: usize, effects: Vec<Effect>) -> Result<(), Broken> {
        for effect in effects {
            let is_killed = !self.is_calm
                && self.mix.has(Fault::DriverKilled)
                && self.chance.one_in(4 * self.mix.rarity);
            if is_killed {
                self.count(Fault::DriverKilled);
                self.leave(place, "is killed");
                return Ok(());
            }
            if let Some(work) = self.begun(place, effect)? {
                self.drivers[place].work.push(work);
            }
        }
        Ok(())
    }

    fn begun(&mut self, place: usize, effect: Effect) -> Result<Option<Work>, Broken> {
        let driver = &self.drivers[place];
        Ok(match effect {
            Effect::Record(_) | Effect::SeekChoices { .. } => None,
            Effect::Observe { check, .. } => Some(Work::Look(check)),
            // Where nobody is, only what was prepared answers.
            Effect::Ask { question, .. } => {
                let answers = driver.is_attended || self.chance.one_in(3);
                answers.then_some(Work::Ask(question))
            }
            Effect::Wake { timer, due } => Some(Work::Wake(timer, due)),
            Effect::SeekProcess { step, attempt, begun_by, process, execution } => {
                let index = driver.plan.at_path(&step).ok_or("a step that is not there")?;
                let token = Token { step: index, attempt };
                let process = process.as_ref().and_then(words::place);
                let sought = Sought { step, token, begun_by, process, execution };
                Some(Work::Seek(sought, None))
            }
            Effect::Execute(execution) if matches!(execution.task, Task::Run(_)) => {
                let index =
                    driver.plan.at_path(&execution.step).ok_or("a step that is not there")?;
                let token = Token { step: index, attempt: execution.attempt };
                if self.order(place, token)? {
                    return Ok(Some(Work::Command(execution, token)));
                }
                let refused = words::finished(&execution, Finish::NotSpawned);
                self.drivers[place].told.push_back(refused);
                None
            }
            Effect::Execute(execution) => Some(Work::Act(execution)),
        })
    }

    /// Tells the keeper to start a command; not where that obeys a later driver.
    fn order(&mut self, place: usize, token: Token) -> Result<bool, Broken> {
        // What is said to one that was killed just now is lost with it.
        if self.is_cut_off(place) && self.chance.one_in(2) {
            return Ok(true);
        }
        if !self.connect(place) {
            return Ok(false);
        }
        let driver = &self.drivers[place];
        let order = Order { driver: driver.id, epoch: driver.epoch, token };
        self.note(|play| format!("driver {} orders {}", order.driver, play.named(token)));
        self.laws.ordered(&self.disk, &order)?;
        self.host.orders.push(order);
        let doubles = !self.is_calm
            && self.mix.has(Fault::MessageDoubled)
            && self.chance.one_in(self.mix.rarity);
        if doubles {
            self.count(Fault::MessageDoubled);
            self.host.orders.push(order);
        }
        Ok(true)
    }

    /// A mistake: an approval is taken for what is asked now.
    fn rebind(&self, place: usize, event: &mut Event) {
        use holdpoint::run::state::StepState;
        let driver = &self.drivers[place];
        if let Event::GateApproved { step, digest, .. } = event
            && let Some(index) = driver.plan.at_path(step)
            && let StepState::AtGate(question) = &driver.state.steps[index].state
        {
            digest.clone_from(&question.digest);
        }
    }

    // ----- what goes wrong between two turns -----

    /// Whether something can go wrong now.
    pub(crate) fn can(&self, fault: Fault) -> bool {
        match fault {
            Fault::DriverKilled | Fault::StopAsked | Fault::AnswerWrong => !self.drivers.is_empty(),
            Fault::TakeOver => self.holder.is_some() && self.drivers.len() < 3,
            Fault::KeeperKilled => self.host.keeper.is_some(),
            Fault::Reboot | Fault::PowerLost | Fault::ClockLeaps => !self.disk.records.is_empty(),
            Fault::CommandKilled => self.host.processes.iter().any(|it| it.finish.is_none()),
            Fault::DriverKilledInWrite
            | Fault::DiskFull
            | Fault::SyncFailed
            | Fault::MessageDoubled
            | Fault::AnswerDoubled
            | Fault::ResumeRace
            | Fault::SpawnFailed => false,
        }
    }

    pub(crate) fn fault(&mut self, fault: Fault) -> Result<(), Broken> {
        self.count(fault);
        match fault {
            Fault::DriverKilled => {
                let place = self.chance.choose(self.drivers.len());
                self.leave(place, "is killed");
            }
            Fault::TakeOver => self.take_over()?,
            Fault::KeeperKilled => {
                self.host.keeper = None;
                self.host.orders.clear();
            }
            Fault::Reboot => self.restart(false)?,
            Fault::PowerLost => self.restart(true)?,
            Fault::ClockLeaps => {
                let by = [-3_600, 3_600, -315_360_000, 315_360_000][self.chance.roll(4)];
                self.clock += TimeDelta::seconds(by);
            }
            Fault::StopAsked => {
                let stop =
                    Event::StopRequested { level: StopLevel::Drain, signal: "Ctrl-C".into() };
                self.drivers[0].told.push_back(stop);
            }
            Fault::AnswerWrong => self.answer_wrongly(),
            Fault::CommandKilled => {
                let mut running = self.host.processes.iter_mut().filter(|it| it.finish.is_none());
                if let Some(process) = running.next() {
                    process.finish = Some(Finish::Killed);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Another driver takes the lock; the one before is killed, or finds out later.
    fn take_over(&mut self) -> Result<(), Broken> {
        if !self.mix.lives_on {
            while !self.drivers.is_empty() {
                self.leave(0, "is killed by the one that takes over");
            }
        }
        self.holder = None;
        self.candidate();
        match self.candidates.pop() {
            Some(candidate) if !self.has_ended() => self.drive(candidate),
            _ => Ok(()),
        }
    }

    /// The machine starts anew; with a loss of power what was not synced may be gone.
    fn restart(&mut self, loses_power: bool) -> Result<(), Broken> {
        while !self.drivers.is_empty() {
            self.leave(0, "is gone with the machine");
        }
        self.candidates.clear();
        self.late_ends.clear();
        self.holder = None;
        let stay =
            loses_power.then(|| self.chance.roll(self.host.log.len() + 1 - self.host.synced));
        self.host.restart(stay);
        if loses_power {
            let unsynced = self.disk.records.len() - self.disk.synced;
            let (stay, is_torn) = (self.chance.roll(unsynced + 1), self.chance.one_in(2));
            self.disk.lose(stay, is_torn);
            self.laws.lost(&self.book.plan, &self.disk)?;
            self.disk.acknowledged = self.disk.acknowledged.min(self.disk.records.len());
        }
        self.disk.synced = self.disk.records.len();
        Ok(())
    }

    /// A person answers what was not asked, or once more what they answered before.
    fn answer_wrongly(&mut self) {
        let place = self.chance.roll(self.drivers.len());
        let again = self.chance.roll(2) == 0 && !self.past_answers.is_empty();
        let event = match again {
            true => self.past_answers[self.chance.roll(self.past_answers.len())].clone(),
            false => people::wrong(&self.book.plan, &mut self.chance),
        };
        self.note(|_| format!("a person says {}", json(&event)));
        self.drivers[place].told.push_back(event);
    }
}

/// A mistake: a question about a step in doubt is answered by the driver.
fn rerun_once(batch: &mut Vec<Event>) {
    use holdpoint::run::event::{Decider, DoubtChoice, Question};
    let asked = batch.iter().find_map(|event| match event {
        Event::QuestionAsked { question: Question::InDoubt { step, .. } } => Some(step.clone()),
        _ => None,
    });
    if let Some(step) = asked {
        let (choice, by) = (DoubtChoice::Rerun, Decider::Effect);
        batch.push(Event::DoubtSettled { step, choice, by, reason: "it may be".into() });
    }
}

/// A mistake: a step that was found is done again.
fn rerun_found(batch: &mut Vec<Event>) {
    use holdpoint::run::event::{Decider, DoubtChoice};
    let found = batch.iter().find_map(|event| match event {
        Event::StepFound { step, .. } => Some(step.clone()),
        _ => None,
    });
    if let Some(step) = found {
        let (choice, by) = (DoubtChoice::Rerun, Decider::Keeper);
        batch.push(Event::DoubtSettled { step, choice, by, reason: "it had not begun".into() });
    }
}
