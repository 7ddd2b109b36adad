//! Real processes are killed with `kill -9`, again and again, and each run still does everything
//! once.
//!
//! A round is one runbook made by chance. Its driver, its keeper and its steps are killed at moments
//! made by chance, and at each call by which the driver writes, until a person who looks at what
//! really happened has brought the run to its end. A failure names its seed: `HOLDPOINT_SEED` plays
//! that one alone, as far as real time allows; `HOLDPOINT_KILLS` changes how many kills there are,
//! `HOLDPOINT_CROWDS` how many crowds.

mod blow;
mod book;
mod crowd;
mod ledger;
mod round;

use std::collections::BTreeMap;
use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::thread;

use crate::harness::machine::script::mixed;
use crate::harness::tell;

/// How many kills there are at least.
const KILLS: usize = 200;

/// How many times a crowd resumes one run.
const CROWDS: usize = 100;

/// How many rounds are played at the same time: they mostly sleep.
const AT_A_TIME: usize = 4;

/// What a round came to: how often what was done, by name.
type Tally = BTreeMap<String, usize>;

/// Chance that a seed repeats.
struct Luck {
    seed: u64,
    turn: u64,
}

impl Luck {
    fn new(seed: u64) -> Luck {
        Luck { seed, turn: 0 }
    }

    /// A number below another.
    fn below(&mut self, end: usize) -> usize {
        self.turn += 1;
        let end = u64::try_from(end).expect("a number of things fits");
        usize::try_from(mixed(self.seed, self.turn) % end).expect("it is below the other")
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

fn number(name: &str) -> Option<usize> {
    env::var(name).ok().and_then(|text| text.parse().ok())
}

/// What all rounds came to.
#[derive(Default)]
struct Campaign {
    next: usize,
    tally: Tally,
    broken: Vec<String>,
}

/// Plays rounds until they come to so many of what is counted, or one of them breaks something.
fn campaign(counted: &str, wanted: usize, play: impl Fn(u64) -> Result<Tally, String> + Sync) {
    let alone = number("HOLDPOINT_SEED");
    let wanted = if alone.is_some() { 1 } else { wanted };
    let next = alone.unwrap_or(0);
    let all = Mutex::new(Campaign { next, ..Campaign::default() });
    let is_over =
        |all: &Campaign| all.tally.get(counted) >= Some(&wanted) || !all.broken.is_empty();
    let work = || loop {
        let seed = {
            let mut all = all.lock().expect("nobody panics with it");
            if is_over(&all) {
                return;
            }
            all.next += 1;
            u64::try_from(all.next - 1).expect("a seed fits")
        };
        let played = catch_unwind(AssertUnwindSafe(|| play(seed)));
        let played = played.unwrap_or_else(|_| Err("a panic, as said above".to_owned()));
        let mut all = all.lock().expect("nobody panics with it");
        match played {
            Ok(tally) => {
                tally.into_iter().for_each(|(what, n)| *all.tally.entry(what).or_default() += n)
            }
            Err(why) => all.broken.push(format!("HOLDPOINT_SEED={seed}: {why}")),
        }
    };
    let threads = if alone.is_some() { 1 } else { AT_A_TIME };
    thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
    let Campaign { next, tally, broken } = all.into_inner().expect("nobody panics with it");
    let told: Vec<String> = tally.iter().map(|(what, times)| format!("{times} {what}")).collect();
    tell(&format!("{counted}, {next} seeds: {}", told.join(", ")));
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn whatever_is_killed_and_when_everything_is_done_once() {
    campaign("kills", number("HOLDPOINT_KILLS").unwrap_or(KILLS), round::play);
}

#[test]
fn of_a_crowd_that_resumes_a_run_one_drives_it() {
    campaign("crowds", number("HOLDPOINT_CROWDS").unwrap_or(CROWDS), crowd::play);
}
