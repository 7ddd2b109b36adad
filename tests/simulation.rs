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

use simulated::{campaign, chance};

/// How many schedules are played where nothing else is said.
const SCHEDULES: u64 = 200_000;

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
