//! One round: a run is driven, killed, resumed and decided about until it ends.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use super::blow::{Blow, When};
use super::book::Book;
use super::{Luck, Tally, ledger};
use crate::harness::{Bench, Driver, Journal, eventually};

/// How long one driver may take.
const LIMIT: Duration = Duration::from_secs(60);

/// How many times a run is hit before it is left in peace.
const MOST_BLOWS: usize = 12;

struct Round {
    luck: Luck,
    bench: Bench,
    /// What was decided, for the next driver.
    decided: Vec<String>,
    tally: Tally,
}

/// How it went with one driver.
enum Went {
    Killed,
    Ended(i32),
}

/// Plays the round of a seed.
pub(super) fn play(seed: u64) -> Result<Tally, String> {
    let mut luck = Luck::new(seed);
    let book = Book::new(&mut luck);
    let bench = Bench::new().runbook("book.yaml", &book.text());
    let blows = luck.below(MOST_BLOWS + 1);
    let mut round = Round { luck, bench, decided: Vec::new(), tally: Tally::new() };
    let told = round.play(blows).and_then(|()| ledger::check(&round.bench, &book));
    told.map_err(|why| round.tale(&why))?;
    round.count("rounds");
    Ok(round.tally)
}

impl Round {
    fn count(&mut self, what: &str) {
        *self.tally.entry(what.to_owned()).or_default() += 1;
    }

    /// Drives it until it has ended; the first drivers are hit.
    fn play(&mut self, blows: usize) -> Result<(), String> {
        // Only so many drivers can be needed: each is hit, or brings the run on.
        for driver in 0..100 {
            let blow = (driver < blows).then(|| Blow::new(&mut self.luck));
            match self.drive(blow)? {
                Went::Killed => {}
                Went::Ended(0) => return Ok(()),
                Went::Ended(5) => self.decide()?,
                Went::Ended(code) => return Err(format!("a driver ended with {code}")),
            }
        }
        Err("it comes to no end".to_owned())
    }

    /// Drives the run until its driver is killed or ends.
    fn drive(&mut self, blow: Option<Blow>) -> Result<Went, String> {
        let durability = self.luck.one_of(&["process", "power"]);
        let mut words = vec!["holdpoint".to_owned()];
        if let Some(run) = self.run() {
            words.extend(["resume".into(), run]);
            words.append(&mut self.decided);
        } else {
            words.extend(["run".into(), "book.yaml".into()]);
        }
        words.extend(["--durability".into(), durability.into()]);
        if let Some(Blow { when: When::Call(call, n), victims }) = blow
            && victims.driver
        {
            words.splice(0..0, traced(call, n));
        }
        let line = words.join(" ");
        let bench = &self.bench;
        let before = journal(bench).records().len();
        let mut driver = bench.shell(&format!("exec {line}")).start();
        let hit = blow.is_some_and(|blow| strike(bench, &mut driver, blow, before));
        let status = ended(&mut driver)?;
        let said = driver.printed();
        drop(driver);
        if let Some(blow) = blow
            && (hit || status.is_none())
        {
            self.count(&blow.name());
            self.count("kills");
        }
        match status {
            None => Ok(Went::Killed),
            Some(code @ (0 | 5)) => Ok(Went::Ended(code)),
            Some(code) => Err(format!("{line} ended with {code}:\n{said}")),
        }
    }

    /// The run. What was killed before its first record has done nothing.
    fn run(&self) -> Option<String> {
        let folder = self.bench.run_folders().into_iter().next()?;
        if journal(&self.bench).records().is_empty() {
            assert!(self.bench.effects().is_empty(), "nothing happens before it is on record");
            fs::remove_dir_all(folder).expect("nobody drives it");
            return None;
        }
        folder.file_name().map(|name| name.to_string_lossy().into_owned())
    }

    /// Decides as a person does who looks at what really happened.
    fn decide(&mut self) -> Result<(), String> {
        eventually("no command runs", || self.bench.commands().is_empty());
        let status = self.bench.status();
        let effects = self.bench.effects();
        for question in status["waiting_for"].as_array().into_iter().flatten() {
            let step = question["step"].as_str().unwrap_or_default();
            let choice = match question["kind"].as_str().unwrap_or_default() {
                "in_doubt" if ledger::is_done(&effects, step) => "done",
                "in_doubt" => "rerun",
                "hold" => "retry",
                _ => return Err(format!("it asks something else: {question}")),
            };
            *self.tally.entry(choice.to_owned()).or_default() += 1;
            self.decided.extend(["--resolve".into(), format!("{step}={choice}")]);
        }
        if self.decided.is_empty() {
            return Err("it waits for nothing".to_owned());
        }
        self.decided.extend(["--reason".into(), "looked".into()]);
        Ok(())
    }

    /// All that is known of it.
    fn tale(&self, why: &str) -> String {
        let text = fs::read_to_string(self.bench.path("book.yaml")).unwrap_or_default();
        let effects = self.bench.effects().join("\n");
        let journal = journal(&self.bench);
        let log = self.bench.run_folders().into_iter().next().unwrap_or_default();
        let log = fs::read_to_string(log.join("keeper.jsonl")).unwrap_or_default();
        let left = self.bench.left_behind().join("\n");
        format!("{why}\n{text}\n{journal}\n{effects}\n{log}\n{left}\n{:?}", self.tally)
    }
}

/// The journal so far.
fn journal(bench: &Bench) -> Journal {
    let folder = bench.run_folders().into_iter().next();
    folder.map(|folder| Journal::read(&folder.join("journal.jsonl"))).unwrap_or_default()
}

/// Its exit code; none when it was killed.
fn ended(driver: &mut Driver<'_>) -> Result<Option<i32>, String> {
    let end = Instant::now() + LIMIT;
    loop {
        match driver.ended() {
            Some(status) => return Ok(status.code()),
            None if Instant::now() > end => return Err(format!("it hangs:\n{}", driver.printed())),
            None => thread::sleep(Duration::from_millis(2)),
        }
    }
}

/// What kills a process as it is about to make a call for the n-th time.
fn traced(call: &str, n: usize) -> [String; 5] {
    let inject = format!("inject={call}:signal=KILL:when={n}");
    ["strace", "-o", "trace", "-e", &inject].map(String::from)
}

/// Kills the keeper at a call, unless driver and keeper end before; whether it was killed.
fn strike_keeper(bench: &Bench, driver: &mut Driver<'_>, call: &str, n: usize) -> bool {
    let keeper = loop {
        if let Some(keeper) = bench.keepers().pop() {
            break keeper;
        }
        if driver.ended().is_some() {
            return false;
        }
        thread::sleep(Duration::from_micros(500));
    };
    let line = format!("exec {} -p {keeper}", traced(call, n).join(" "));
    let mut tracer = bench.shell(&line).start();
    // Whatever becomes of them, a tracer ends with what it traces, and a keeper after its driver.
    let end = Instant::now() + LIMIT;
    while tracer.ended().is_none() && Instant::now() < end {
        thread::sleep(Duration::from_millis(1));
    }
    let told = fs::read_to_string(bench.path("trace")).unwrap_or_default();
    told.contains("+++ killed by SIGKILL +++")
}

/// Deals a blow, unless the driver ends before; whether it hit anybody.
fn strike(bench: &Bench, driver: &mut Driver<'_>, blow: Blow, before: usize) -> bool {
    if let Blow { when: When::Call(call, n), victims } = blow
        && victims.keeper
    {
        return strike_keeper(bench, driver, call, n);
    }
    let begun = Instant::now();
    let is_time = || match blow.when {
        When::After(time) => begun.elapsed() >= time,
        When::Record(n, _) => journal(bench).records().len() >= before + n,
        When::Call(..) => false,
    };
    while !is_time() {
        if driver.ended().is_some() || begun.elapsed() > LIMIT {
            return false;
        }
        thread::sleep(Duration::from_micros(500));
    }
    if let When::Record(_, later) = blow.when {
        thread::sleep(later);
    }
    let mut pids = Vec::new();
    if blow.victims.keeper {
        pids.extend(bench.keepers());
    }
    if blow.victims.step {
        pids.extend(bench.commands());
    }
    if blow.victims.driver && driver.ended().is_none() {
        pids.push(driver.pid().to_string());
    }
    bench.kill_all(&pids);
    !pids.is_empty()
}
