//! The keeper of a simulated machine: it starts the commands of a run, outlives the driver, and
//! keeps a log of what it started and how that ended.

use holdpoint::plan::Index;

use super::bug::Bug;
use super::chance::Chance;
use super::driver::Sought;

/// One attempt of one step; it is started at most once.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Token {
    pub(crate) step: Index,
    pub(crate) attempt: u32,
}

/// How a command ended.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Finish {
    Exited(i32),
    Killed,
    NotSpawned,
}

/// A line of the keeper's log.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Line {
    /// Whatever this driver and later ones start stands below, as long as the machine runs on.
    Opened {
        boot: u32,
        driver: u64,
    },
    Starting {
        token: Token,
    },
    Spawned {
        token: Token,
        pid: usize,
        boot: u32,
    },
    Ended {
        token: Token,
        finish: Finish,
    },
}

/// The process of a command.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Process {
    pub(crate) token: Token,
    pub(crate) boot: u32,
    /// The keeper that started it.
    pub(crate) keeper: u32,
    pub(crate) has_acted: bool,
    pub(crate) finish: Option<Finish>,
    /// Whether nobody needs to see its end any more.
    pub(crate) is_reaped: bool,
    /// Whether its keeper has seen its end, and the machine has not lost that.
    pub(crate) is_seen: bool,
}

/// A start on its way to the keeper.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Order {
    pub(crate) driver: u32,
    pub(crate) epoch: u64,
    pub(crate) token: Token,
}

/// A start that the keeper is busy with.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Busy {
    pub(crate) order: Order,
    pub(crate) phase: Phase,
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Phase {
    Logged,
    Spawned(usize),
}

/// One keeper process.
#[derive(Clone, Debug, Hash)]
pub(crate) struct Keeper {
    pub(crate) id: u32,
    /// The highest epoch that it was greeted with.
    pub(crate) highest: u64,
    /// All that was ever begun.
    pub(crate) begun: Vec<Token>,
    /// What it watches over.
    pub(crate) running: Vec<Token>,
    pub(crate) busy: Vec<Busy>,
}

/// The machine that a run runs on.
#[derive(Clone, Debug, Hash)]
pub(crate) struct Host {
    pub(crate) boot: u32,
    pub(crate) keeper: Option<Keeper>,
    pub(crate) keepers: u32,
    pub(crate) log: Vec<Line>,
    pub(crate) synced: usize,
    pub(crate) processes: Vec<Process>,
    pub(crate) orders: Vec<Order>,
}

/// What the keeper says to a start.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Said {
    /// It begins.
    Begun,
    /// It was started before.
    Known,
    /// A later driver has made itself known.
    Fenced,
}

/// What is found out about an attempt whose end is not on record.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Found {
    /// Its keeper watches over it, and will tell; its process, where there is one yet.
    Attached(Option<usize>),
    /// It has ended, and so.
    Ended(Finish),
    /// This process runs and nobody will tell how it ends.
    Orphan(usize),
    /// It runs no more.
    Gone,
    /// Whether it runs nobody can tell.
    Unknown,
    /// It was never started, and never will be.
    NeverStarted,
    /// A keeper lives that obeys another driver.
    Unreachable,
}

/// What a log says of one attempt.
#[derive(Clone, Copy, Debug)]
enum Trace {
    NeverBegun,
    Unknown,
    Started { pid: usize, boot: u32 },
    Ended(Finish),
}

impl Host {
    pub(crate) fn new() -> Host {
        Host {
            boot: 1,
            keeper: None,
            keepers: 0,
            log: Vec::new(),
            synced: 0,
            processes: Vec::new(),
            orders: Vec::new(),
        }
    }

    /// The log is opened for a driver in this start of the machine, unless an earlier one did.
    pub(crate) fn open_log(&mut self, driver: u64) {
        if !self
            .log
            .iter()
            .any(|line| matches!(line, Line::Opened { boot, .. } if *boot == self.boot))
        {
            self.log.push(Line::Opened { boot: self.boot, driver });
        }
    }

    /// A driver makes itself known to the keeper; one is started where there is none.
    pub(crate) fn greet(&mut self, epoch: u64, bug: Option<Bug>) -> u32 {
        if self.keeper.is_none() {
            self.keepers += 1;
            if bug == Some(Bug::KeeperForgets) {
                self.log.clear();
            }
            let begun = self.log.iter().filter_map(|line| match line {
                Line::Starting { token } => Some(*token),
                _ => None,
            });
            self.keeper = Some(Keeper {
                id: self.keepers,
                highest: 0,
                begun: begun.collect(),
                running: Vec::new(),
                busy: Vec::new(),
            });
        }
        self.open_log(epoch);
        let Some(keeper) = &mut self.keeper else { return 0 };
        keeper.highest = keeper.highest.max(epoch);
        keeper.id
    }

    /// The keeper takes an order.
    pub(crate) fn take(&mut self, order: Order, bug: Option<Bug>) -> Said {
        let Some(keeper) = &mut self.keeper else { return Said::Fenced };
        if order.epoch < keeper.highest && bug != Some(Bug::FenceIgnored) {
            return Said::Fenced;
        }
        if keeper.begun.contains(&order.token) && bug != Some(Bug::TokenUnchecked) {
            return Said::Known;
        }
        keeper.begun.push(order.token);
        keeper.running.push(order.token);
        keeper.busy.push(Busy { order, phase: Phase::Logged });
        if bug != Some(Bug::StartedBeforeLogged) {
            self.log.push(Line::Starting { token: order.token });
        }
        Said::Begun
    }

    /// An attempt of the keeper is over.
    pub(crate) fn close(&mut self, token: Token) {
        if let Some(keeper) = &mut self.keeper {
            keeper.running.retain(|running| *running != token);
        }
    }

    /// Whether the keeper has nothing left to watch over, or to be told.
    pub(crate) fn is_done(&self) -> bool {
        self.orders.is_empty() && self.keeper.as_ref().is_some_and(|it| it.running.is_empty())
    }

    /// The process of an order starts.
    pub(crate) fn spawn(&mut self, place: usize) -> Option<(Order, usize)> {
        let pid = self.processes.len();
        let boot = self.boot;
        let keeper = self.keeper.as_mut()?;
        let busy = keeper.busy.get_mut(place)?;
        busy.phase = Phase::Spawned(pid);
        let token = busy.order.token;
        self.processes.push(Process {
            token,
            boot,
            keeper: keeper.id,
            has_acted: false,
            finish: None,
            is_reaped: false,
            is_seen: false,
        });
        Some((busy.order, pid))
    }

    /// The keeper notes which process it is.
    pub(crate) fn note_process(&mut self, place: usize, bug: Option<Bug>) {
        let boot = self.boot;
        let Some(keeper) = &mut self.keeper else { return };
        let busy = keeper.busy.remove(place);
        let token = busy.order.token;
        if bug == Some(Bug::StartedBeforeLogged) {
            self.log.push(Line::Starting { token });
        }
        if let Phase::Spawned(pid) = busy.phase {
            self.log.push(Line::Spawned { token, pid, boot });
        }
    }

    /// Everything that runs is gone; of what was not synced so many lines stay.
    pub(crate) fn restart(&mut self, stay: Option<usize>) {
        self.boot += 1;
        self.keeper = None;
        self.orders.clear();
        for process in self.processes.iter_mut().filter(|it| it.finish.is_none()) {
            process.finish = Some(Finish::Killed);
            process.is_reaped = true;
        }
        if let Some(stay) = stay {
            self.log.truncate(self.synced + stay);
            self.processes.iter_mut().for_each(|process| process.is_seen = false);
        }
        self.synced = self.log.len();
    }

    /// What the keeper, or else its log, says of an attempt.
    pub(crate) fn look_up(&self, sought: &Sought, bug: Option<Bug>) -> Found {
        let token = sought.token;
        if bug == Some(Bug::NoAttach) {
            return Found::Gone;
        }
        let keeper = self.keeper.as_ref();
        if keeper.is_some_and(|keeper| keeper.running.contains(&token)) {
            // One of before a loss of power may have had the same number.
            let is_mine = |it: &Process| it.token == token && it.boot == self.boot;
            let mine = self.processes.iter().rposition(is_mine);
            return Found::Attached(mine);
        }
        let process = match self.trace(token, sought.begun_by, bug) {
            Trace::Ended(finish) => return Found::Ended(finish),
            Trace::NeverBegun if sought.execution.is_some() => return Found::NeverStarted,
            Trace::Started { pid, boot } => Some((pid, boot)),
            Trace::NeverBegun | Trace::Unknown => sought.process,
        };
        match process {
            None => Found::Unknown,
            Some((pid, boot)) if boot == self.boot => Found::Orphan(pid),
            // Whatever has that number now is no part of the run, and does not end.
            Some(_) if bug == Some(Bug::BootUnchecked) => Found::Orphan(usize::MAX),
            Some(_) => Found::Gone,
        }
    }

    /// What the log says of an attempt that a driver with this number would have begun.
    fn trace(&self, token: Token, begun_by: u64, bug: Option<Bug>) -> Trace {
        let mut trace = None;
        let mut opened = None;
        for line in &self.log {
            match *line {
                Line::Opened { boot, driver } => opened = Some((boot, driver)),
                Line::Starting { token: of } if of == token => trace = Some(Trace::Unknown),
                Line::Spawned { token: of, pid, boot } if of == token => {
                    trace = Some(Trace::Started { pid, boot });
                }
                Line::Ended { token: of, finish } => {
                    let is_taken = bug == Some(Bug::OtherEndTaken) && of.step == token.step;
                    if of == token || is_taken {
                        trace = Some(Trace::Ended(finish));
                    }
                }
                _ => {}
            }
        }
        let is_whole = opened.is_some_and(|(boot, driver)| {
            (boot == self.boot || bug == Some(Bug::LogBootUnchecked))
                && (driver <= begun_by || bug == Some(Bug::LogDriverUnchecked))
        });
        trace.unwrap_or(if is_whole { Trace::NeverBegun } else { Trace::Unknown })
    }

    /// Whether a process runs.
    pub(crate) fn runs(&self, pid: usize) -> bool {
        match self.processes.get(pid) {
            Some(process) => process.finish.is_none(),
            None => true,
        }
    }

    /// Whether the process of an attempt runs.
    pub(crate) fn runs_attempt(&self, token: Token) -> bool {
        self.processes.iter().any(|it| it.token == token && it.finish.is_none())
    }

    /// Whether something was done by a step.
    pub(crate) fn has_acted(&self, step: Index) -> bool {
        self.processes.iter().any(|it| it.token.step == step && it.has_acted)
    }

    /// How a command ends by itself.
    pub(crate) fn ending(chance: &mut Chance, is_calm: bool) -> Finish {
        match chance.roll(10) {
            1 | 2 if !is_calm => Finish::Exited(chance.choose(2) as i32 + 1),
            _ => Finish::Exited(0),
        }
    }
}
