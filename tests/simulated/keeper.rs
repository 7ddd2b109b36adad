//! The keeper of a simulated machine: it starts the commands of a run, outlives the driver, and
//! keeps a log of what it started and how that ended.

use holdpoint::plan::Index;

use super::bug::Bug;
use super::chance::Chance;

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
    /// A driver made itself known; synced before it is answered.
    Greeted {
        epoch: u64,
        boot: u32,
    },
    Starting {
        token: Token,
        boot: u32,
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
    /// Whether its keeper has seen its end.
    pub(crate) is_reaped: bool,
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
    /// What it was asked to start itself.
    pub(crate) mine: Vec<Token>,
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
    /// It was asked that already, and goes on with it.
    Known,
    /// Its log says that it was started before.
    Refused,
    /// A later driver has made itself known.
    Fenced,
}

/// What is found out about an attempt whose end is not on record.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Found {
    /// Its keeper is busy with it, and will tell.
    Attached,
    /// It has ended, and so.
    Ended(Finish),
    /// This process runs and nobody will tell how it ends.
    Orphan(usize),
    /// It runs no more.
    Gone,
    /// It was about to start; whether it runs nobody can tell.
    Unknown,
    /// It was never started, and never will be.
    NeverStarted,
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

    /// A driver makes itself known; a keeper is started where there is none.
    pub(crate) fn greet(&mut self, epoch: u64, bug: Option<Bug>) -> u32 {
        if self.keeper.is_none() {
            self.keepers += 1;
            if bug == Some(Bug::KeeperForgets) {
                self.log.clear();
            }
            let keeper =
                Keeper { id: self.keepers, highest: 0, mine: Vec::new(), busy: Vec::new() };
            self.keeper = Some(keeper);
        }
        self.log.push(Line::Greeted { epoch, boot: self.boot });
        self.synced = self.log.len();
        let Some(keeper) = &mut self.keeper else { return 0 };
        keeper.highest = keeper.highest.max(epoch);
        keeper.id
    }

    /// The keeper takes an order.
    pub(crate) fn take(&mut self, order: Order, bug: Option<Bug>) -> Said {
        let boot = self.boot;
        let Some(keeper) = &mut self.keeper else { return Said::Fenced };
        if order.epoch < keeper.highest && bug != Some(Bug::FenceIgnored) {
            return Said::Fenced;
        }
        if bug != Some(Bug::TokenUnchecked) {
            if keeper.mine.contains(&order.token) {
                return Said::Known;
            }
            let is_it =
                |line: &Line| matches!(line, Line::Starting { token, .. } if *token == order.token);
            if self.log.iter().any(is_it) {
                return Said::Refused;
            }
        }
        keeper.mine.push(order.token);
        keeper.busy.push(Busy { order, phase: Phase::Logged });
        if bug != Some(Bug::StartedBeforeLogged) {
            self.log.push(Line::Starting { token: order.token, boot });
        }
        Said::Begun
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
            self.log.push(Line::Starting { token, boot });
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
        }
        self.synced = self.log.len();
    }

    /// What is known of an attempt whose intent a driver with this epoch put on record.
    pub(crate) fn look_up(&self, token: Token, epoch: u64, bug: Option<Bug>) -> Found {
        if bug == Some(Bug::NoAttach) {
            return Found::Gone;
        }
        let mut starting = None;
        let mut spawned = None;
        let mut has_rebooted = false;
        for line in &self.log {
            match line {
                Line::Ended { token: of, finish } if *of == token => return Found::Ended(*finish),
                Line::Starting { token: of, boot } if *of == token => starting = Some(*boot),
                Line::Spawned { token: of, pid, boot } if *of == token => {
                    spawned = Some((*pid, *boot));
                }
                Line::Greeted { epoch: of, boot } if *of == epoch => {
                    has_rebooted |= *boot != self.boot;
                }
                _ => {}
            }
        }
        let keeper = self.keeper.as_ref();
        if keeper.is_some_and(|keeper| keeper.mine.contains(&token)) {
            return Found::Attached;
        }
        match (starting, spawned) {
            (_, Some((pid, boot))) if boot == self.boot => Found::Orphan(pid),
            // Whatever has that number now is no part of the run, and does not end.
            (_, Some(_)) if bug == Some(Bug::BootUnchecked) => Found::Orphan(usize::MAX),
            (Some(boot), None) if boot == self.boot => Found::Unknown,
            (Some(_), _) | (None, Some(_)) => Found::Gone,
            (None, None) if has_rebooted => Found::Gone,
            (None, None) => Found::NeverStarted,
        }
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
