//! A crowd that resumes one run at the same time.

use std::thread;
use std::time::{Duration, Instant};

use super::{Luck, Tally};
use crate::harness::{Bench, Driver, eventually};

/// How long all but one may take to be told that another drives.
const LIMIT: Duration = Duration::from_secs(60);

const BOOK: &str = "
    holdpoint: 1
    id: crowd
    title: A crowd
    steps:
      - {id: before, run: echo before >> effects}
      - id: work
        run: |
          echo work >> effects
          until [ -e go ]; do sleep 0.02; done
          echo worked >> effects
      - {id: after, run: echo after >> effects}
";

/// Plays the round of a seed.
pub(super) fn play(seed: u64) -> Result<Tally, String> {
    let mut luck = Luck::new(seed);
    let bench = Bench::new().runbook("book.yaml", BOOK);
    let mut first = bench.args(["run", "book.yaml"]).start();
    first.wait_for("step_spawned", "work");
    let is_kept = luck.below(2) == 0;
    if is_kept {
        first.kill()
    } else {
        first.kill_with_keeper()
    }

    let count = 2 + luck.below(7);
    let mut crowd: Vec<Driver<'_>> = (0..count)
        .map(|_| {
            thread::sleep(Duration::from_micros(luck.below(3_000) as u64));
            bench.args(["resume"]).stdout_contains("").stderr_contains("").start()
        })
        .collect();
    let mut losers = Vec::new();
    let end = Instant::now() + LIMIT;
    while losers.len() + 1 < count {
        match crowd.iter_mut().position(|driver| driver.ended().is_some()) {
            Some(place) => losers.push(crowd.remove(place)),
            None if Instant::now() > end => return Err("more than one drives".to_owned()),
            None => thread::sleep(Duration::from_millis(2)),
        }
    }
    let winner = crowd.remove(0);
    finish(&bench, winner, losers, is_kept)?;
    let mut tally = Tally::from([("crowds".to_owned(), 1)]);
    tally.insert(if is_kept { "with a keeper" } else { "without a keeper" }.to_owned(), 1);
    tally.insert("processes".to_owned(), count);
    Ok(tally)
}

/// Every loser names the winner, and the winner brings the run to its end.
fn finish(
    bench: &Bench,
    winner: Driver<'_>,
    losers: Vec<Driver<'_>>,
    is_kept: bool,
) -> Result<(), String> {
    let pid = winner.pid();
    for loser in losers {
        let said = loser.exit(7).stderr;
        if !said.contains(&format!("(process {pid}) since")) {
            return Err(format!("process {pid} drives, and another was told: {said}"));
        }
    }
    bench.write("go", "");
    winner.exit(if is_kept { 0 } else { 5 });
    if !is_kept {
        let done = ["resume", "--resolve", "work=done", "--reason", "looked"];
        bench.args(done).stdout_contains("").exit(0);
    }
    let effects = bench.effects();
    if effects != ["before", "work", "worked", "after"] {
        return Err(format!("this happened: {effects:?}"));
    }
    let resumed = bench.sound_journal().events("resumed").len();
    if resumed != 1 + usize::from(!is_kept) {
        return Err(format!("it was resumed {resumed} times"));
    }
    bench.args(["verify"]).stdout_contains("").exit(0);
    eventually("nothing is left behind", || bench.left_behind().is_empty());
    Ok(())
}
