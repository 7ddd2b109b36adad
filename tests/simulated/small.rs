//! Every order in which a few things can happen: a search through all states of a small schedule.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::books::Book;
use super::bug::Bug;
use super::chance::{Chance, Path};
use super::driver::{Driver, Work};
use super::laws::Broken;
use super::mix::{Durability, Fault, Mix};
use super::play::Play;

/// What is searched.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope {
    /// What goes wrong.
    pub(crate) faults: &'static [Fault],
    /// How often something does.
    pub(crate) crashes: u32,
    /// Whether a driver that was taken over from lives on.
    pub(crate) lives_on: bool,
    pub(crate) durability: Durability,
}

/// What a search has seen.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) states: usize,
    pub(crate) turns: u64,
    /// In how many different states a run was at its end.
    pub(crate) ends: usize,
}

/// The search stops with an error beyond so many states.
const MOST: usize = 2_000_000;

/// Three steps, one of them behind a gate.
pub(crate) const BOOK: &str = "
    steps:
      - {id: a, run: a, effect: once}
      - {id: b, run: b, effect: idempotent, gate: true}
      - {id: c, run: c, effect: read}
    ";

impl Scope {
    fn mix(self) -> Mix {
        Mix {
            durability: self.durability,
            lives_on: self.lives_on,
            parallel: 2,
            turns: u32::MAX,
            faults: self.faults.iter().fold(0, |all, fault| all | 1 << *fault as u32),
            budget: self.crashes,
            rarity: 0,
            loneliness: 0,
        }
    }

    /// Goes through every state that can be reached.
    pub(crate) fn search(self, book: &Book, bug: Option<Bug>) -> Result<Seen, String> {
        match self.walk(book, bug, false) {
            Ok(seen) => Ok(seen),
            // Once more, with all that happened on the way.
            Err((broken, _)) => match self.walk(book, bug, true) {
                Err((broken, tale)) => Err(format!("{broken}\n{tale}")),
                Ok(_) => Err(format!("{broken}, the first time only")),
            },
        }
    }

    fn walk(self, book: &Book, bug: Option<Bug>, tells: bool) -> Result<Seen, (Broken, String)> {
        let mut first = Play::new(book, self.mix(), Chance::Path(Path::default()), bug);
        first.tale = tells.then(String::new);
        let mut open = vec![first];
        let mut known: HashSet<u64> = HashSet::new();
        let mut seen = Seen::default();
        while let Some(state) = open.pop() {
            let mut path = Some(Path::default());
            while let Some(taken) = path {
                let mut next = state.clone();
                next.chance = Chance::Path(taken);
                seen.turns += 1;
                let turned = next.turn();
                if let Err(broken) = turned {
                    return Err((broken, next.tale.take().unwrap_or_default()));
                }
                path = match &mut next.chance {
                    Chance::Path(taken) => std::mem::take(taken).next(),
                    Chance::Dice(_) => None,
                };
                if !known.insert(next.fingerprint()) {
                    continue;
                }
                if next.has_ended() {
                    seen.ends += 1;
                } else {
                    open.push(next);
                }
            }
            if known.len() > MOST {
                return Err((format!("there are more than {MOST} states"), String::new()));
            }
        }
        seen.states = known.len();
        Ok(seen)
    }
}

impl Play<'_> {
    /// A number that two states share only when the same can happen after both.
    fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.disk.records.iter().for_each(|kept| kept.mark.hash(&mut hasher));
        let disk = &self.disk;
        (disk.synced, disk.acknowledged, disk.torn, disk.opened_for).hash(&mut hasher);
        (self.holder, self.mix.budget, self.counts.drivers).hash(&mut hasher);
        self.host.hash(&mut hasher);
        self.laws.mark().hash(&mut hasher);
        let candidates = self.candidates.iter().map(|it| it.read.as_ref().map(Vec::len));
        candidates.for_each(|read| read.hash(&mut hasher));
        self.drivers.iter().for_each(|driver| mark(driver).hash(&mut hasher));
        hasher.finish()
    }
}

/// What a driver knows and waits for. What it knows of the run is what is on the disk.
fn mark(driver: &Driver) -> u64 {
    let mut hasher = DefaultHasher::new();
    let Driver { id, epoch, seq, keeper, .. } = driver;
    (id, epoch, seq, keeper, driver.unwritten.len()).hash(&mut hasher);
    format!("{:?}", driver.told).hash(&mut hasher);
    // In which order it began them changes nothing.
    let works = driver.work.iter().map(|work| {
        let mut hasher = DefaultHasher::new();
        match work {
            Work::Look(check) => check.hash(&mut hasher),
            Work::Ask(question) => format!("{question:?}").hash(&mut hasher),
            Work::Wake(timer, due) => (format!("{timer:?}"), due).hash(&mut hasher),
            Work::Act(execution) => {
                (1, &execution.step, execution.attempt).hash(&mut hasher);
            }
            Work::Command(_, token) => (2, token).hash(&mut hasher),
            Work::Seek(sought, found) => (3, sought.token, found).hash(&mut hasher),
        }
        hasher.finish()
    });
    works.fold(0, u64::wrapping_add).hash(&mut hasher);
    hasher.finish()
}
