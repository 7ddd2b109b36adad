//! What goes wrong in a schedule: the kinds of faults, and which of them it draws from.

use std::fmt::Write as _;

use super::chance::Chance;
use super::keeper::Found;

/// Something that goes wrong, or that somebody does at a bad moment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fault {
    /// The driver is killed between two turns.
    DriverKilled,
    /// It is killed before, in the middle of, or right after a write.
    DriverKilledInWrite,
    /// The disk is full; a part of the write may be there.
    DiskFull,
    /// The write is there, and its sync fails.
    SyncFailed,
    /// The keeper is killed; what it started goes on.
    KeeperKilled,
    /// The machine starts anew; what was written is there.
    Reboot,
    /// Power is lost, and with it what was not synced.
    PowerLost,
    /// The clock leaps by an hour or by ten years, either way.
    ClockLeaps,
    /// A message to the keeper arrives twice.
    MessageDoubled,
    /// A person gives the same answer twice.
    AnswerDoubled,
    /// A person answers what was not asked.
    AnswerWrong,
    /// Two or three drivers want to resume at the same time.
    ResumeRace,
    /// A driver takes over from one that is alive.
    TakeOver,
    /// The operator asks the driver to stop.
    StopAsked,
    /// A command is killed from outside.
    CommandKilled,
    /// A command cannot be started.
    SpawnFailed,
}

impl Fault {
    pub(crate) const ALL: [Fault; 16] = [
        Fault::DriverKilled,
        Fault::DriverKilledInWrite,
        Fault::DiskFull,
        Fault::SyncFailed,
        Fault::KeeperKilled,
        Fault::Reboot,
        Fault::PowerLost,
        Fault::ClockLeaps,
        Fault::MessageDoubled,
        Fault::AnswerDoubled,
        Fault::AnswerWrong,
        Fault::ResumeRace,
        Fault::TakeOver,
        Fault::StopAsked,
        Fault::CommandKilled,
        Fault::SpawnFailed,
    ];

    fn word(self) -> &'static str {
        match self {
            Fault::DriverKilled => "driver killed",
            Fault::DriverKilledInWrite => "driver killed in a write",
            Fault::DiskFull => "disk full",
            Fault::SyncFailed => "sync failed",
            Fault::KeeperKilled => "keeper killed",
            Fault::Reboot => "machine restarted",
            Fault::PowerLost => "power lost",
            Fault::ClockLeaps => "clock leaped",
            Fault::MessageDoubled => "message doubled",
            Fault::AnswerDoubled => "answer doubled",
            Fault::AnswerWrong => "answer to nothing asked",
            Fault::ResumeRace => "race to resume",
            Fault::TakeOver => "taken over",
            Fault::StopAsked => "stop asked",
            Fault::CommandKilled => "command killed",
            Fault::SpawnFailed => "command not started",
        }
    }
}

/// What survives a loss of power.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Durability {
    /// What was written may be lost.
    Process,
    /// Every record that was acknowledged is there.
    Power,
}

/// What a schedule draws from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mix {
    pub(crate) durability: Durability,
    /// Whether a driver that is taken over from is not killed, and finds out at its next write.
    pub(crate) lives_on: bool,
    pub(crate) parallel: usize,
    /// How many turns there may be faults.
    pub(crate) turns: u32,
    /// The faults that there are, by their place among all.
    pub(crate) faults: u32,
    /// How many of them there may be, races aside; for an exhaustive search.
    pub(crate) budget: u32,
    /// Once in how many chances one comes about.
    pub(crate) rarity: usize,
    /// Once in how many resumptions nobody is there.
    pub(crate) loneliness: usize,
}

impl Mix {
    /// A mix made by chance, as each schedule has one of its own.
    pub(crate) fn swarm(chance: &mut Chance) -> Mix {
        let is_all = chance.one_in(4);
        let is_one = |chance: &mut Chance| is_all || chance.choose(3) == 0;
        let faults = (0..Fault::ALL.len()).filter(|_| is_one(chance));
        let faults = faults.fold(0, |all, place| all | 1 << place);
        Mix {
            durability: [Durability::Process, Durability::Power][chance.choose(2)],
            lives_on: chance.choose(3) == 0,
            parallel: 1 + chance.choose(4),
            turns: [10, 25, 40, 60, 120][chance.choose(5)],
            faults,
            budget: u32::MAX,
            rarity: [6, 12, 25][chance.choose(3)],
            loneliness: [0, 2, 6][chance.choose(3)],
        }
    }

    pub(crate) fn has(&self, fault: Fault) -> bool {
        let is_left = self.budget > 0 || fault == Fault::ResumeRace;
        self.faults & 1 << fault as u32 != 0 && is_left
    }
}

/// What happened in schedules, counted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) schedules: u64,
    pub(crate) turns: u64,
    pub(crate) records: u64,
    pub(crate) starts: u64,
    pub(crate) drivers: u64,
    pub(crate) ended: u64,
    /// Attempts in doubt that their keeper still watched over.
    pub(crate) attached: u64,
    /// Those whose end stood in its log.
    pub(crate) logged: u64,
    /// Those that were certainly never begun.
    pub(crate) unbegun: u64,
    /// Those whose process was waited for, or that nobody could tell of.
    pub(crate) left: u64,
    /// Attempts whose keeper was killed while their driver lived.
    pub(crate) lost: u64,
    /// Attempts that the keeper had started before.
    pub(crate) refused: u64,
    pub(crate) faults: [u64; Fault::ALL.len()],
}

impl Counts {
    pub(crate) fn add(&mut self, other: &Counts) {
        self.schedules += other.schedules;
        self.turns += other.turns;
        self.records += other.records;
        self.starts += other.starts;
        self.drivers += other.drivers;
        self.ended += other.ended;
        self.attached += other.attached;
        self.logged += other.logged;
        self.unbegun += other.unbegun;
        self.left += other.left;
        self.lost += other.lost;
        self.refused += other.refused;
        self.faults.iter_mut().zip(other.faults).for_each(|(all, more)| *all += more);
    }

    /// What was found out about an attempt in doubt.
    pub(crate) fn found(&mut self, found: Found) {
        match found {
            Found::Attached(_) => self.attached += 1,
            Found::Ended(_) => self.logged += 1,
            Found::NeverStarted => self.unbegun += 1,
            Found::Gone | Found::Unknown => self.left += 1,
            Found::Orphan(_) | Found::Unreachable => {}
        }
    }

    /// What was counted, for a person.
    pub(crate) fn told(&self) -> String {
        let mut told = format!(
            "{} schedules, {} turns, {} records, {} drivers, {} commands started, \
             {} ended while there were faults",
            self.schedules, self.turns, self.records, self.drivers, self.starts, self.ended
        );
        let _ = write!(
            told,
            "; attempts: {} lost with their keeper, {} refused; of those in doubt {} found under \
             their keeper, {} in its log, {} never begun, {} gone or unknown",
            self.lost, self.refused, self.attached, self.logged, self.unbegun, self.left
        );
        told.push_str("; faults:");
        for (fault, count) in Fault::ALL.iter().zip(self.faults) {
            let _ = write!(told, " {} {count},", fault.word());
        }
        told.pop();
        told
    }
}
