//! The real core of a run, played in simulated machines: several drivers, a keeper, commands,
//! people, and all that goes wrong, in orders that a seed chooses.
//!
//! `cargo test --release --test simulation` plays all of it, and so does `tests/fuzz/run.sh --simulation`
//! in the build of the fuzz targets; without `--release` a twentieth is played.
//! `HOLDPOINT_SCHEDULES` changes how many schedules are played, `HOLDPOINT_SEEDS` of which kind: `known`, the
//! same each time, or `fresh`; `HOLDPOINT_THREADS` by how many threads. `HOLDPOINT_SCHEDULE` plays one.

#[expect(dead_code, unused_imports, reason = "the suite uses the rest of it")]
pub(crate) mod harness {
    pub(crate) mod machine;
    pub(crate) mod text;
}
#[path = "machine/sample.rs"]
pub(crate) mod sample;
mod simulated;

use std::env;
use std::io::Write as _;
use std::time::Instant;

use simulated::books::Book;
use simulated::bug::Bug;
use simulated::mix::{Durability, Fault};
use simulated::small::{self, Scope};
use simulated::{campaign, chance};

/// How many schedules every run of the tests plays.
const EACH_RUN: u64 = 200_000;

/// How many are played where nothing else is said: without an optimised core fewer.
const SCHEDULES: u64 = if cfg!(debug_assertions) { EACH_RUN / 20 } else { EACH_RUN };

/// In how many schedules a seeded bug must be found.
const MUTANT: u64 = 100_000;

/// Writes a line that is seen though the test passes.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// How many schedules are played.
fn schedules() -> u64 {
    let wanted = env::var("HOLDPOINT_SCHEDULES").ok().and_then(|text| text.parse().ok());
    wanted.unwrap_or(SCHEDULES)
}

/// Whether there is time for more than what every run of the tests looks at.
fn is_long() -> bool {
    schedules() > EACH_RUN
}

#[test]
fn no_law_is_broken_whatever_goes_wrong() {
    if let Some(recipe) = campaign::named() {
        match campaign::replay(recipe) {
            Ok(told) => say(&told),
            Err(broken) => panic!("{broken}"),
        }
        return;
    }
    let count = schedules();
    let fresh = chance::fresh();
    let begun = Instant::now();
    let known = match env::var("HOLDPOINT_SEEDS").as_deref() {
        Ok("known") => count,
        Ok("fresh") => 0,
        Ok(other) => panic!("HOLDPOINT_SEEDS is known or fresh, not {other}"),
        Err(_) => count / 2,
    };
    let seeds = [0..known, fresh..fresh + count - known];
    let (counts, failure) = campaign::campaign(&seeds, None);
    say(&format!(
        "simulation: {}; fresh seeds from {fresh}; {:.1} s",
        counts.told(),
        begun.elapsed().as_secs_f64()
    ));
    if let Some(failure) = failure {
        say(&format!("simulation: seed {} breaks a law: {}", failure.recipe.seed, failure.broken));
        panic!("{}", campaign::told(&failure, None));
    }
}

#[test]
fn every_seeded_bug_is_found() {
    let mut unfound = Vec::new();
    let mut found = Vec::new();
    for bug in Bug::ALL {
        let (counts, failure) = campaign::campaign(std::slice::from_ref(&(0..MUTANT)), Some(bug));
        match failure {
            Some(failure) => found.push((bug, counts.schedules, failure.broken)),
            None => unfound.push(bug),
        }
    }
    say(&format!("simulation: {} of {} seeded bugs found", found.len(), Bug::ALL.len()));
    for (bug, schedules, broken) in found {
        say(&format!("  {bug:?} in {schedules} schedules: {broken}"));
    }
    assert_eq!(unfound, [], "in {MUTANT} schedules each");
}

#[test]
fn no_law_is_broken_in_any_order_of_a_few_things() {
    use Fault::{
        DriverKilled, DriverKilledInWrite, KeeperKilled, PowerLost, Reboot, ResumeRace, TakeOver,
    };
    let file = |crashes, faults| {
        let (lives_on, durability) = (false, Durability::Power);
        Scope { faults, crashes, lives_on, durability }
    };
    let scopes = [
        file(2, &[DriverKilled, DriverKilledInWrite]),
        file(1, &[DriverKilled, DriverKilledInWrite, ResumeRace]),
        file(1, &[KeeperKilled, TakeOver, Reboot, PowerLost]),
        Scope { lives_on: true, ..file(1 + u32::from(is_long()), &[TakeOver, DriverKilled]) },
    ];
    let book = Book::of(small::BOOK.to_owned()).expect("a plan is made of it");
    let begun = Instant::now();
    let (mut states, mut turns) = (0, 0);
    for scope in scopes {
        match scope.search(&book, None) {
            Ok(seen) => {
                states += seen.states;
                turns += seen.turns;
                assert!(seen.ends > 0, "{scope:?}: no run ended");
            }
            Err(broken) => panic!("{scope:?}: {broken}"),
        }
    }
    let seconds = begun.elapsed().as_secs_f64();
    say(&format!(
        "simulation: all orders of a few things: {states} states, {turns} turns, {seconds:.1} s"
    ));
}
