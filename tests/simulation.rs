//! The real core of a run, played in simulated machines: several drivers, a keeper, commands,
//! people, and all that goes wrong, in orders that a seed chooses.
//!
//! `HOLDPOINT_SCHEDULES` changes how many schedules are played, `HOLDPOINT_SCHEDULE` plays one.

#[expect(dead_code, unused_imports, reason = "the suite uses the rest of it")]
mod harness {
    pub(crate) mod machine;
    pub(crate) mod text;
}
#[path = "machine/sample.rs"]
mod sample;
mod simulated;

use std::env;
use std::io::Write as _;
use std::time::Instant;

use simulated::bug::Bug;
use simulated::{campaign, chance};

/// How many schedules are played where nothing else is said.
const SCHEDULES: u64 = 200_000;

/// In how many schedules a seeded bug must be found.
const MUTANT: u64 = 20_000;

/// Writes a line that is seen though the test passes.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
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
    let wanted = env::var("HOLDPOINT_SCHEDULES").ok().and_then(|text| text.parse().ok());
    let count = wanted.unwrap_or(SCHEDULES);
    let fresh = chance::fresh();
    let begun = Instant::now();
    let seeds = [0..count / 2, fresh..fresh + count - count / 2];
    let (counts, failure) = campaign::campaign(&seeds, None);
    say(&format!(
        "simulation: {}; fresh seeds from {fresh}; {:.1} s",
        counts.told(),
        begun.elapsed().as_secs_f64()
    ));
    if let Some(failure) = failure {
        panic!("seed {}: {}", failure.recipe.seed, campaign::told(&failure, None));
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
