//! What must hold of every schedule, told from the disk, the processes and the people, and never
//! from what the code says of itself.

use std::collections::{HashMap, HashSet};

use holdpoint::plan::{Index, Plan};
use holdpoint::run::event::{
    Decider, DoubtChoice, End, Event, HoldChoice, ProcessGone, Question, StopLevel,
};
use holdpoint::runbook::step::Repeat;

use super::books;
use super::disk::{Disk, Kept};
use super::keeper::{Finish, Host, Order, Token};
use super::mix::Durability;

/// What went against a law, in words.
pub(crate) type Broken = String;

/// What has happened, as far as the laws ask.
#[derive(Clone, Debug, Default)]
pub(crate) struct Laws {
    known: Known,
    /// The attempts that a keeper began.
    taken: Vec<Token>,
    /// The attempts whose command was started.
    started: Vec<Token>,
    /// What people approved: the step, and the digest of what they were shown.
    approved: HashSet<(Index, String)>,
    /// The newest driver that has made itself known to the keeper.
    newest: u32,
}

/// What the records say.
#[derive(Clone, Debug, Default)]
struct Known {
    seq: u64,
    epoch: u64,
    intents: Vec<Intent>,
    /// Steps whose action was done, and that nobody let begin again; whether they have succeeded.
    done: HashMap<Index, bool>,
    /// What the gate of a step asks.
    asked: Vec<(Index, String, Vec<String>)>,
    /// The commands that were approved.
    open: Vec<(Index, Vec<String>)>,
    /// Steps that may be done twice at a time: nobody could tell, and that was said.
    uncertain: HashSet<Index>,
    is_stopping: bool,
}

#[derive(Clone, Debug)]
struct Intent {
    token: Token,
    seq: u64,
    is_settled: bool,
    /// Whether its keeper was found to watch over it, or to know its end.
    is_found: bool,
    /// Whether it is said that it was never begun.
    is_unbegun: bool,
}

impl Laws {
    /// What the laws know beside what is on the disk.
    pub(crate) fn mark(&self) -> (&[Token], &[Token], usize, u32) {
        (&self.taken, &self.started, self.approved.len(), self.newest)
    }

    // ----- what people and the keeper do -----

    /// A person answers.
    pub(crate) fn answered(&mut self, plan: &Plan, event: &Event) {
        if let Event::GateApproved { step, digest, .. } = event
            && let Some(index) = plan.at_path(step)
        {
            self.approved.insert((index, digest.clone()));
        }
    }

    /// A driver makes itself known to the keeper.
    pub(crate) fn greeted(&mut self, driver: u32) {
        self.newest = self.newest.max(driver);
    }

    /// A driver tells the keeper to start a command.
    pub(crate) fn ordered(&self, disk: &Disk, order: &Order) -> Result<(), Broken> {
        let safe = disk.good().get(..disk.safe().min(disk.good().len())).and_then(<[_]>::last);
        let last = safe.map_or(0, |kept| kept.seq);
        match self.known.intents.iter().find(|intent| intent.token == order.token) {
            Some(intent) if intent.seq <= last => Ok(()),
            Some(_) => Err(format!("{:?} is to start, and its intent is not safe", order.token)),
            None => Err(format!("{:?} is to start, and its intent is not on record", order.token)),
        }
    }

    /// The keeper takes an order.
    pub(crate) fn taken(&mut self, order: &Order) -> Result<(), Broken> {
        if order.driver < self.newest {
            return Err(format!(
                "{:?} is started for driver {} after driver {} made itself known",
                order.token, order.driver, self.newest
            ));
        }
        let is_it = |intent: &&Intent| intent.token == order.token && intent.is_unbegun;
        if self.known.intents.iter().any(|intent| is_it(&intent)) {
            return Err(format!("{:?} is started, and was said to never begin", order.token));
        }
        self.taken.push(order.token);
        Ok(())
    }

    /// A process starts.
    pub(crate) fn started(
        &mut self,
        plan: &Plan,
        disk: &Disk,
        host: &Host,
        order: &Order,
    ) -> Result<(), Broken> {
        self.ordered(disk, order)?;
        let token = order.token;
        let path = &plan.nodes[token.step].path;
        if self.started.contains(&token) {
            return Err(format!("attempt {} of `{path}` starts twice", token.attempt));
        }
        if self.known.last(token.step).is_some_and(|it| it.is_found && it.token != token) {
            return Err(format!("`{path}` starts, though another attempt of it was found"));
        }
        self.started.push(token);
        let is_it = |it: &&super::keeper::Process| {
            it.token.step == token.step && it.token != token && it.finish.is_none()
        };
        match host.processes.iter().find(is_it) {
            Some(_) if !self.known.uncertain.contains(&token.step) => {
                Err(format!("two commands of `{path}` run at the same time"))
            }
            _ => Ok(()),
        }
    }

    // ----- what is on the disk -----

    /// Records were written.
    pub(crate) fn written(
        &mut self,
        plan: &Plan,
        kept: &[Kept],
        host: &Host,
    ) -> Result<(), Broken> {
        for record in kept {
            self.known.follows(record)?;
            self.may_say(plan, &record.event, host)?;
            self.known.learn(plan, record);
        }
        Ok(())
    }

    /// Records are shown.
    pub(crate) fn shown(&self, disk: &Disk, seq: u64) -> Result<(), Broken> {
        let safe = disk.safe().min(disk.good().len());
        match disk.good().get(..safe).and_then(<[_]>::last) {
            Some(last) if last.seq >= seq => Ok(()),
            _ => Err(format!("record {seq} is shown and is not safe")),
        }
    }

    /// Power was lost, or a fragment cut: what is on record is read anew.
    pub(crate) fn lost(&mut self, plan: &Plan, disk: &Disk) -> Result<(), Broken> {
        let left = disk.records.len();
        if left < disk.acknowledged && disk.durability == Durability::Power {
            let lost = disk.acknowledged - left;
            return Err(format!("{lost} records were lost that were said to be kept"));
        }
        self.known = Known::default();
        disk.good().iter().for_each(|kept| self.known.learn(plan, kept));
        // No promise was made about what a loss of power takes away.
        let intents = &self.known.intents;
        self.started.retain(|token| intents.iter().any(|intent| intent.token == *token));
        Ok(())
    }

    /// The next driver reads the journal.
    pub(crate) fn read(&self, disk: &Disk) -> Result<(), Broken> {
        if disk.is_damaged() || disk.good().len() < disk.acknowledged.min(disk.records.len()) {
            return Err("the journal is damaged: what was kept cannot be read".into());
        }
        Ok(())
    }

    /// Whether an event may be put on record.
    fn may_say(&self, plan: &Plan, event: &Event, host: &Host) -> Result<(), Broken> {
        let at = |step: &str| plan.at_path(step).ok_or(format!("there is no step `{step}`"));
        match event {
            Event::StepStarted { step, attempt, command, .. } => {
                self.may_start(plan, at(step)?, *attempt, command)
            }
            Event::GateApproved { step, digest, .. } => {
                match self.approved.contains(&(at(step)?, digest.clone())) {
                    true => Ok(()),
                    false => Err(format!("`{step}` is approved as nobody has approved it")),
                }
            }
            Event::StepEnded(ended) => {
                let token = Token { step: at(&ended.step)?, attempt: ended.attempt };
                self.is_true(host, token, &ended.end)
            }
            Event::StepFound { step, attempt, .. } => {
                let token = Token { step: at(step)?, attempt: *attempt };
                match self.taken.contains(&token) {
                    true => Ok(()),
                    false => Err(format!("{token:?} is found, and no keeper ever began it")),
                }
            }
            Event::ProcessGone(ProcessGone { step, is_certain, has_begun }) => {
                self.is_gone(host, at(step)?, step, (*is_certain, *has_begun))
            }
            Event::DoubtSettled { step, .. } if self.known.is_found(at(step)?) => {
                Err(format!("`{step}` is settled as if in doubt, though it was found"))
            }
            Event::DoubtSettled {
                step, choice: DoubtChoice::Rerun, by: Decider::Effect, ..
            } => {
                let index = at(step)?;
                let is_gated = books::all(plan, index, |form| form.facets.gate.is_some());
                match books::repeat(plan, index) {
                    Repeat::Once => Err(format!("`{step}` is done again, and may be done once")),
                    _ if is_gated => Err(format!("`{step}` is done again in spite of its gate")),
                    _ => Ok(()),
                }
            }
            Event::Parked { waiting_for } if waiting_for.is_empty() && !self.known.is_stopping => {
                Err("the driver leaves a run that waits for nobody".into())
            }
            Event::RunEnded { .. } => {
                match self.known.intents.iter().find(|intent| !intent.is_settled) {
                    None => Ok(()),
                    Some(open) => Err(format!("the run ends, and {:?} has no end", open.token)),
                }
            }
            _ => Ok(()),
        }
    }

    /// Whether the process of a step may be said to be gone, or never to have been.
    fn is_gone(
        &self,
        host: &Host,
        index: Index,
        step: &str,
        (is_certain, has_begun): (bool, bool),
    ) -> Result<(), Broken> {
        // That of the last attempt; of one before it nobody could tell perhaps.
        let Some(token) = self.known.last(index).map(|intent| intent.token) else {
            return Ok(());
        };
        if is_certain && host.runs_attempt(token) {
            return Err(format!("`{step}` is said to run no more, and runs"));
        }
        if !has_begun && self.started.contains(&token) {
            return Err(format!("`{step}` is said to have never begun, and has"));
        }
        let last = host.processes.iter().rev().find(|process| process.token == token);
        match last.is_some_and(|process| process.is_seen) {
            true => Err(format!("how `{step}` ended is said to be unknown, and its keeper saw it")),
            false => Ok(()),
        }
    }

    /// Whether an attempt has ended as it is said to have.
    fn is_true(&self, host: &Host, token: Token, end: &End) -> Result<(), Broken> {
        let due = match end {
            End::Exited { code } => Finish::Exited(*code),
            End::Signalled { .. } => Finish::Killed,
            End::NotSpawned { .. } if self.started.contains(&token) => {
                return Err(format!("{token:?} is said to have had no process, and had one"));
            }
            _ => return Ok(()),
        };
        let process = host.processes.iter().rev().find(|process| process.token == token);
        match process.and_then(|process| process.finish) {
            Some(finish) if finish == due => Ok(()),
            found => {
                Err(format!("{token:?} is said to have ended as {due:?}; in truth: {found:?}"))
            }
        }
    }

    fn may_start(
        &self,
        plan: &Plan,
        index: Index,
        attempt: u32,
        command: &str,
    ) -> Result<(), Broken> {
        let no = |why: &str| Err(format!("`{}` begins {why}", plan.nodes[index].path));
        if self.known.done.contains_key(&index) {
            return no("again, though it was done and nobody said so");
        }
        let mut before = self.known.intents.iter().filter(|it| it.token.step == index);
        if before.clone().any(|intent| intent.token.attempt >= attempt) {
            return no("an attempt that was begun before");
        }
        if before.any(|intent| !intent.is_settled) {
            return no("anew, though the attempt before has no end");
        }
        let around = std::iter::successors(Some(index), |at| plan.nodes[*at].parent);
        for at in around.filter(|at| books::all(plan, *at, |form| form.facets.gate.is_some())) {
            let open = self.known.open.iter().find(|(of, _)| *of == at);
            match open {
                None => return no("behind a gate that nobody has opened"),
                Some((of, commands)) if *of == index && *commands != [command] => {
                    return no("otherwise than it was approved");
                }
                Some(_) => {}
            }
        }
        Ok(())
    }
}

impl Known {
    /// Whether a record comes after the one before it.
    fn follows(&self, kept: &Kept) -> Result<(), Broken> {
        if kept.seq != self.seq + 1 {
            return Err(format!("record {} is written after record {}", kept.seq, self.seq));
        }
        if kept.epoch < self.epoch {
            return Err(format!("epoch {} writes after epoch {}", kept.epoch, self.epoch));
        }
        if matches!(*kept.event, Event::Resumed(_)) && kept.epoch == self.epoch {
            return Err(format!("two drivers write as epoch {}", kept.epoch));
        }
        Ok(())
    }

    fn learn(&mut self, plan: &Plan, kept: &Kept) {
        self.seq = kept.seq;
        self.epoch = kept.epoch;
        match &*kept.event {
            Event::Resumed(_) => {
                self.is_stopping = false;
                self.intents.iter_mut().for_each(|intent| intent.is_found = false);
            }
            Event::StopRequested { level, .. } => self.is_stopping = *level != StopLevel::None,
            Event::QuestionAsked { question: Question::Gate(gate) } => {
                if let Some(index) = plan.at_path(&gate.step) {
                    self.asked.retain(|(of, ..)| *of != index);
                    self.asked.push((index, gate.digest.clone(), gate.commands.clone()));
                }
            }
            other => self.learn_of_step(plan, kept.seq, other),
        }
    }

    fn learn_of_step(&mut self, plan: &Plan, seq: u64, event: &Event) {
        let Some(index) = step_of(event).and_then(|step| plan.at_path(step)) else { return };
        match event {
            Event::GateApproved { digest, .. } => {
                let asked =
                    self.asked.iter().find(|(of, asked, _)| *of == index && asked == digest);
                let open = asked.map(|(_, _, commands)| (index, commands.clone()));
                self.open.retain(|(of, _)| *of != index);
                self.open.extend(open);
            }
            Event::StepStarted { attempt, .. } => {
                let token = Token { step: index, attempt: *attempt };
                self.intents.push(Intent {
                    token,
                    seq,
                    is_settled: false,
                    is_found: false,
                    is_unbegun: false,
                });
            }
            Event::StepEnded(ended) => {
                if !ended.is_unseen {
                    self.settle(index);
                }
                if ended.failure.is_none() {
                    self.done.insert(index, false);
                }
            }
            Event::StepSucceeded { .. } => drop(self.done.insert(index, true)),
            Event::StepFound { .. } => self.mark(index, |intent| intent.is_found = true),
            Event::StepLost { .. } => self.mark(index, |intent| intent.is_found = false),
            Event::ProcessGone(ProcessGone { has_begun: false, .. }) => {
                self.mark(index, |intent| intent.is_unbegun = true);
            }
            Event::ProcessGone(ProcessGone { is_certain: false, .. }) => {
                self.uncertain.insert(index);
            }
            Event::DoubtSettled { choice, .. } => {
                self.settle(index);
                if *choice == DoubtChoice::Rerun {
                    self.renew(plan, index);
                }
            }
            Event::HoldResolved { choice: HoldChoice::Retry, .. } => self.renew(plan, index),
            // An undo that was held is called for once more.
            Event::HoldResolved { choice: HoldChoice::Undo, .. } => {
                self.done.retain(|index, has_succeeded| *has_succeeded || !plan.is_in_undo(*index));
            }
            _ => {}
        }
    }

    fn settle(&mut self, index: Index) {
        let open = self.intents.iter_mut().filter(|intent| intent.token.step == index);
        open.for_each(|intent| (intent.is_settled, intent.is_found) = (true, false));
    }

    /// The last attempt of a step.
    fn last(&self, index: Index) -> Option<&Intent> {
        self.intents.iter().rev().find(|intent| intent.token.step == index)
    }

    fn mark(&mut self, index: Index, as_so: impl FnOnce(&mut Intent)) {
        let mut intents = self.intents.iter_mut().rev();
        if let Some(last) = intents.find(|intent| intent.token.step == index) {
            as_so(last);
        }
    }

    /// Whether the end of an attempt of a step is about to be told.
    fn is_found(&self, index: Index) -> bool {
        self.last(index).is_some_and(|intent| intent.is_found)
    }

    /// A step, and all inside it, may begin anew: its gates are shut again.
    fn renew(&mut self, plan: &Plan, outer: Index) {
        let path = &plan.nodes[outer].path;
        let is_inside = |inner: &Index| {
            let rest = plan.nodes[*inner].path.strip_prefix(path.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '~']))
        };
        self.done.retain(|index, _| !is_inside(index));
        self.open.retain(|(index, _)| !is_inside(index));
        self.asked.retain(|(index, ..)| !is_inside(index));
    }
}

/// The step that an event is about.
fn step_of(event: &Event) -> Option<&str> {
    match event {
        Event::GateApproved { step, .. }
        | Event::StepStarted { step, .. }
        | Event::StepSucceeded { step }
        | Event::StepFound { step, .. }
        | Event::StepLost { step, .. }
        | Event::ProcessGone(ProcessGone { step, .. })
        | Event::DoubtSettled { step, .. }
        | Event::HoldResolved { step, .. } => Some(step),
        Event::StepEnded(ended) => Some(&ended.step),
        _ => None,
    }
}
