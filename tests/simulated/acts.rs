//! What happens in a turn of a schedule.

use holdpoint::run::event::{End, Event};
use holdpoint::run::{Execution, Task};

use super::bug::Bug;
use super::driver::{Driver, Sought, Work};
use super::keeper::{Finish, Found, Host, Order, Phase, Said, Token};
use super::laws::Broken;
use super::mix::Fault;
use super::people::{self, Mood};
use super::play::{Act, Candidate, Play};
use super::words;

impl Play<'_> {
    /// Lets something happen.
    pub(crate) fn perform(&mut self, act: Act) -> Result<(), Broken> {
        match act {
            Act::Tell(place) => {
                // What is told at the same time need not arrive at once.
                let count = self.drivers[place].told.len();
                let count = count - self.chance.roll(count);
                let events: Vec<Event> = self.drivers[place].told.drain(..count).collect();
                self.advance(place, events)?;
            }
            Act::Finish(place, work) => self.finish(place, work)?,
            Act::Notice(place) => self.lose_keeper(place),
            Act::Retire => {
                self.host.keeper = None;
                self.note(|_| "the keeper ends".into());
            }
            Act::Take(place) => self.take(place)?,
            Act::Go(place) => self.go(place)?,
            Act::Effect(pid) => {
                self.host.processes[pid].has_acted = true;
                self.note(|play| format!("process {pid} ({}) acts", play.process(pid)));
            }
            Act::End(pid) => {
                let finish = Host::ending(&mut self.chance, self.is_calm);
                self.host.processes[pid].finish = Some(finish);
                self.note(|play| format!("process {pid} ({}) ends: {finish:?}", play.process(pid)));
            }
            Act::Reap(pid) => self.reap(pid),
            Act::EndAgain(place) => {
                let (token, finish) = self.late_ends.remove(place);
                self.route(token, finish);
            }
            Act::Arrive => self.arrive(),
            Act::Try(place) => self.try_to_drive(place)?,
            Act::Fault(fault) => self.fault(fault)?,
        }
        Ok(())
    }

    fn process(&self, pid: usize) -> String {
        self.named(self.host.processes[pid].token)
    }

    /// Drivers that wait for nothing leave.
    pub(crate) fn settle(&mut self) -> Result<(), Broken> {
        let mut place = 0;
        while place < self.drivers.len() {
            let driver = &mut self.drivers[place];
            let state = &driver.state;
            driver.work.retain(|work| match work {
                Work::Ask(question) => state.is_asked(question),
                Work::Wake(timer, due) => state.timers.due(timer) == Some(*due),
                _ => true,
            });
            if driver.state.has_ended() && driver.unwritten.is_empty() {
                self.leave(place, "has brought the run to its end");
            } else if driver.is_idle() {
                self.park(place)?;
            } else {
                place += 1;
            }
        }
        Ok(())
    }

    // ----- who drives -----

    fn arrive(&mut self) {
        let is_race =
            !self.is_calm && self.mix.has(Fault::ResumeRace) && self.disk.good().len() > 1;
        let mut count = 1;
        if is_race && (self.chance.is_exhaustive() || self.chance.one_in(2)) {
            count += 1 + self.chance.roll(2);
            self.count(Fault::ResumeRace);
        }
        for _ in 0..count {
            self.candidate();
        }
    }

    pub(crate) fn candidate(&mut self) {
        self.arrived += 1;
        let is_alone = !self.is_calm && self.chance.one_in(self.mix.loneliness);
        let reads = self.bug == Some(Bug::ReadBeforeLock);
        let read = reads.then(|| self.disk.good().to_vec());
        let id = self.arrived;
        self.candidates.push(Candidate { id, is_attended: !is_alone, read });
        self.note(|_| format!("candidate {id} wants to drive"));
    }

    /// Somebody tries to drive: the lock is theirs, or they do nothing.
    fn try_to_drive(&mut self, place: usize) -> Result<(), Broken> {
        let candidate = self.candidates.remove(place);
        let id = candidate.id;
        if self.holder.is_some() && self.bug != Some(Bug::NoLock) {
            self.note(|_| format!("candidate {id} finds that somebody drives"));
            return Ok(());
        }
        if self.has_ended() {
            return Ok(());
        }
        self.drive(candidate)
    }

    /// The lock is held: what stands on the disk is read, and the run goes on.
    pub(crate) fn drive(&mut self, candidate: Candidate) -> Result<(), Broken> {
        let Candidate { id: candidate, is_attended, read } = candidate;
        self.counts.drivers += 1;
        let id = self.counts.drivers as u32;
        self.holder = Some(id);
        self.laws.read(&self.disk)?;
        if self.disk.torn.is_some() && self.bug != Some(Bug::TornTailKept) {
            self.disk.cut();
            self.laws.lost(&self.book.plan, &self.disk)?;
        }
        let records = read.as_deref().unwrap_or(self.disk.good());
        let mut driver = Driver::of(id, &self.book.plan, records, is_attended)?;
        let first = match records.is_empty() {
            true => words::run_started(self.mix.parallel, is_attended),
            false => words::resumed(is_attended),
        };
        if self.disk.refuses_late {
            driver.epoch = driver.epoch.max(self.disk.opened_for + 1);
        }
        if self.bug == Some(Bug::SameEpoch) {
            driver.epoch = driver.epoch.saturating_sub(1).max(1);
        }
        self.disk.opened_for = driver.epoch;
        if self.bug == Some(Bug::DoneRerun) {
            forget_done(&mut driver);
        }
        if driver.seq == 0 {
            // The run is created, and with it the log.
            self.host.open_log(1);
        }
        self.note(|_| {
            format!("candidate {candidate} drives as driver {id}, attended: {is_attended}")
        });
        self.drivers.push(driver);
        self.advance(self.drivers.len() - 1, vec![first])
    }

    /// A driver is gone; what it told the keeper is on its way still.
    pub(crate) fn leave(&mut self, place: usize, why: &str) {
        let driver = self.drivers.remove(place);
        if self.holder == Some(driver.id) {
            self.holder = None;
        }
        self.note(|_| format!("driver {} {why}, and is gone", driver.id));
    }

    // ----- what a driver began -----

    fn finish(&mut self, place: usize, work: usize) -> Result<(), Broken> {
        let done = self.drivers[place].work.remove(work);
        let event = match done {
            Work::Look(check) => {
                let at = check.step.as_ref().and_then(|step| self.book.plan.at_path(step));
                let is_done = at.is_some_and(|step| self.host.has_acted(step));
                people::look(&check, is_done, self.is_calm, &mut self.chance)
            }
            Work::Ask(question) => return self.answer(place, &question),
            Work::Wake(timer, due) => {
                self.clock = self.clock.max(due);
                Event::TimerDue { timer, due }
            }
            Work::Act(execution) => self.acted(&execution),
            Work::Command(..) => return Ok(()),
            Work::Seek(sought, found) => return self.seek(place, sought, found),
        };
        self.drivers[place].told.push_back(event);
        Ok(())
    }

    fn answer(
        &mut self,
        place: usize,
        question: &holdpoint::run::event::Question,
    ) -> Result<(), Broken> {
        let is_prepared = !self.drivers[place].is_attended;
        let mood = Mood { is_calm: self.is_calm, is_prepared };
        let Some(event) = people::answer(question, mood, &mut self.chance) else { return Ok(()) };
        self.laws.answered(&self.book.plan, &event);
        self.note(|_| format!("a person answers {}", json(&event)));
        if self.bug == Some(Bug::AnswerLost) && matches!(event, Event::DoubtSettled { .. }) {
            return Ok(());
        }
        if event.is_answer() {
            self.past_answers.push(event.clone());
            if !self.is_calm
                && self.mix.has(Fault::AnswerDoubled)
                && self.chance.one_in(self.mix.rarity)
            {
                self.count(Fault::AnswerDoubled);
                self.drivers[place].told.push_back(event.clone());
            }
        }
        self.drivers[place].told.push_back(event);
        Ok(())
    }

    /// The end of what a driver does itself.
    fn acted(&mut self, execution: &Execution) -> Event {
        let is_bad = !self.is_calm && self.chance.one_in(8);
        let end = match &execution.task {
            Task::Http(_) => End::Answered { status: if is_bad { 500 } else { 200 } },
            Task::Look(_) => End::Looked { detail: "looked".into() },
            Task::Wait { .. } => End::Waited,
            Task::Watch { before, .. } => End::Watched { breaks: before.breaks },
            Task::Show(text) => End::Shown { text: text.clone() },
            Task::Send(delivery) => {
                End::Sent { to: delivery.to.clone(), text: delivery.text.clone() }
            }
            Task::Run(_) => End::Exited { code: i32::from(is_bad) },
        };
        let failure = is_bad.then_some(holdpoint::run::event::FailureKind::Expect);
        let ended = words::ended(&execution.step, execution.attempt, end, failure);
        Event::StepEnded(Box::new(ended))
    }

    /// An attempt in doubt is looked into.
    fn seek(&mut self, place: usize, sought: Sought, before: Option<Found>) -> Result<(), Broken> {
        let found = match before {
            Some(Found::Orphan(_)) => Found::Gone,
            // Where no keeper lives its log is read; if it ended just now, a new one is asked.
            _ if (self.host.keeper.is_some() || self.chance.one_in(8)) && !self.connect(place) => {
                Found::Unreachable
            }
            _ => self.host.look_up(&sought, self.bug),
        };
        self.note(|play| format!("{} is looked into: {found:?}", play.named(sought.token)));
        self.counts.found(found);
        let boot = self.host.boot;
        let driver = &mut self.drivers[place];
        match (found, &sought.execution) {
            (Found::Attached(pid), Some(execution)) => {
                let process = pid.map(|pid| words::process(pid, boot));
                driver.told.push_back(words::found(&sought, process));
                driver.work.push(Work::Command(execution.clone(), sought.token));
            }
            (Found::Ended(finish), Some(execution)) => {
                driver.told.push_back(words::found(&sought, None));
                driver.told.push_back(words::finished(execution, finish));
            }
            (Found::Attached(_) | Found::Ended(_), None) => {
                return Err(format!("nobody can take over {}", self.named(sought.token)));
            }
            _ => match words::gone(&sought, found) {
                Some(event) => driver.told.push_back(event),
                None => driver.work.push(Work::Seek(sought, Some(found))),
            },
        }
        Ok(())
    }

    /// Whether the keeper that a driver made itself known to is gone.
    pub(crate) fn is_cut_off(&self, place: usize) -> bool {
        let driver = &self.drivers[place];
        let current = self.host.keeper.as_ref().map(|keeper| keeper.id);
        driver.keeper.is_some() && driver.keeper != current
    }

    /// Whether a driver waits for a keeper that is gone.
    pub(crate) fn has_lost_keeper(&self, place: usize) -> bool {
        self.is_cut_off(place) && self.drivers[place].needs_keeper()
    }

    /// A driver sees that its keeper is gone, and stays: what that watched over is in doubt.
    fn lose_keeper(&mut self, place: usize) {
        let driver = &mut self.drivers[place];
        driver.keeper = None;
        let is_lost = |work: &mut Work| matches!(work, Work::Command(..));
        let lost: Vec<Work> = driver.work.extract_if(.., is_lost).collect();
        for work in lost {
            if let Work::Command(execution, _) = work
                && self.bug != Some(Bug::LostKeeperUntold)
            {
                self.counts.lost += 1;
                self.drivers[place].told.push_back(words::lost(&execution));
            }
        }
        self.note(|play| format!("driver {} sees its keeper gone", play.drivers[place].id));
    }

    /// Makes a driver known to the keeper; whether it may tell it anything.
    pub(crate) fn connect(&mut self, place: usize) -> bool {
        if self.is_cut_off(place) {
            self.lose_keeper(place);
        }
        let driver = &mut self.drivers[place];
        if driver.keeper.is_some() {
            return true;
        }
        let highest = self.host.keeper.as_ref().map_or(0, |keeper| keeper.highest);
        if highest >= driver.epoch && self.bug != Some(Bug::FenceIgnored) {
            return false;
        }
        let (id, epoch) = (driver.id, driver.epoch);
        driver.keeper = Some(self.host.greet(epoch, self.bug));
        self.laws.greeted(id);
        self.note(|_| format!("driver {id} makes itself known to the keeper as epoch {epoch}"));
        true
    }

    // ----- the keeper -----

    fn take(&mut self, place: usize) -> Result<(), Broken> {
        let order = self.host.orders.remove(place);
        let said = self.host.take(order, self.bug);
        self.note(|play| {
            format!(
                "the keeper takes {} of driver {}: {said:?}",
                play.named(order.token),
                order.driver
            )
        });
        match said {
            Said::Begun => self.laws.taken(&order),
            Said::Fenced => Ok(()),
            Said::Known => {
                self.refuse(order);
                Ok(())
            }
        }
    }

    /// A driver is told that a command was started before.
    fn refuse(&mut self, order: Order) {
        for driver in self.drivers.iter_mut().filter(|driver| driver.id == order.driver) {
            if let Some(at) = driver.work.iter().position(|work| is_command(work, order.token))
                && let Work::Command(execution, _) = driver.work.remove(at)
                && self.bug != Some(Bug::KnownUntold)
            {
                self.counts.refused += 1;
                driver.told.push_back(words::lost(&execution));
            }
        }
    }

    fn go(&mut self, place: usize) -> Result<(), Broken> {
        let busy = self.host.keeper.as_ref().and_then(|keeper| keeper.busy.get(place).copied());
        let Some(busy) = busy else { return Ok(()) };
        let token = busy.order.token;
        if let Phase::Spawned(pid) = busy.phase {
            self.host.note_process(place, self.bug);
            let boot = self.host.boot;
            let path = self.book.plan.nodes[token.step].path.clone();
            let current = self.host.keeper.as_ref().map(|keeper| keeper.id);
            for driver in self.drivers.iter_mut().filter(|driver| driver.keeper == current) {
                if driver.work.iter().any(|work| is_command(work, token)) {
                    driver.told.push_back(words::spawned(&path, token, pid, boot));
                }
            }
            return Ok(());
        }
        if !self.is_calm && self.mix.has(Fault::SpawnFailed) && self.chance.one_in(self.mix.rarity)
        {
            self.count(Fault::SpawnFailed);
            if let Some(keeper) = &mut self.host.keeper {
                keeper.busy.remove(place);
            }
            self.keep_end(token, Finish::NotSpawned);
            self.route(token, Finish::NotSpawned);
            return Ok(());
        }
        let Some((order, pid)) = self.host.spawn(place) else { return Ok(()) };
        self.counts.starts += 1;
        self.note(|play| format!("process {pid} ({}) starts", play.named(token)));
        self.laws.started(&self.book.plan, &self.disk, &self.host, &order)
    }

    fn reap(&mut self, pid: usize) {
        let process = &mut self.host.processes[pid];
        (process.is_reaped, process.is_seen) = (true, true);
        let (token, finish) = (process.token, process.finish.unwrap_or(Finish::Killed));
        self.note(|_| format!("the keeper sees the end of process {pid}"));
        self.keep_end(token, finish);
        self.route(token, finish);
        if !self.is_calm
            && self.mix.has(Fault::MessageDoubled)
            && self.chance.one_in(self.mix.rarity)
        {
            self.count(Fault::MessageDoubled);
            self.late_ends.push((token, finish));
        }
    }

    fn keep_end(&mut self, token: Token, finish: Finish) {
        self.host.close(token);
        let current = self.host.keeper.as_ref().map(|keeper| keeper.id);
        let is_awaited = self.drivers.iter().any(|driver| driver.keeper == current);
        if is_awaited || self.bug != Some(Bug::EndNotKept) {
            self.host.log.push(super::keeper::Line::Ended { token, finish });
        }
    }

    /// The end of a command reaches whoever waits for it.
    fn route(&mut self, token: Token, finish: Finish) {
        let takes_late = self.bug == Some(Bug::LateEndTaken);
        let current = self.host.keeper.as_ref().map(|keeper| keeper.id);
        for driver in self.drivers.iter_mut().filter(|driver| driver.keeper == current) {
            let is_it = |work: &Work| match work {
                Work::Command(_, of) => *of == token || takes_late && of.step == token.step,
                _ => false,
            };
            let Some(at) = driver.work.iter().position(is_it) else { continue };
            if let Work::Command(execution, _) = driver.work.remove(at) {
                driver.told.push_back(words::finished(&execution, finish));
            }
        }
    }
}

fn is_command(work: &Work, token: Token) -> bool {
    matches!(work, Work::Command(_, of) if *of == token)
}

/// A mistake: a step that has succeeded is taken for one that has not begun.
fn forget_done(driver: &mut Driver) {
    use holdpoint::run::state::{StepState, StepStatus};
    let is_done = |index: &usize| {
        let status = &driver.state.steps[*index];
        status.state == StepState::Succeeded && driver.plan.nodes[*index].is_leaf()
    };
    let Some(index) = (1..driver.plan.nodes.len()).find(is_done) else { return };
    let attempts = driver.state.steps[index].attempts;
    driver.state.steps[index] = StepStatus { attempts, ..StepStatus::default() };
    driver.state.ready.insert(index);
}

/// An event as it stands in a journal.
pub(crate) fn json(event: &Event) -> String {
    serde_json::to_string(event).unwrap_or_default()
}
