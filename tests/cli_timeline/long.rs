//! A run of very many steps is told whole, in every format.
//!
//! `HOLDPOINT_STEPS` is how many it has. How long each format takes, and the most memory it has at any
//! moment, is printed and not judged: `just soak` shows it.

use std::env;
use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use holdpoint::journal::{FIRST_PREV, Record, read};
use holdpoint::run::{Event, digest};

use crate::harness::Bench;

/// How many steps there are when nothing else is said.
const STEPS: usize = 300;

const BOOK: &str = "holdpoint: 1\nid: long\ntitle: A long run\nsteps:\n";

fn steps() -> usize {
    env::var("HOLDPOINT_STEPS").ok().and_then(|text| text.parse().ok()).unwrap_or(STEPS)
}

fn step(number: usize) -> String {
    format!("  - {{id: step-{number:06}, run: echo the answer of a step}}\n")
}

/// A bench whose only run is one of so many steps: what was recorded of a run of one is on record of
/// each.
fn bench(steps: usize) -> Bench {
    let bench = Bench::new().runbook("long.yaml", &[BOOK, &step(1)].concat());
    bench.args(["run", "long.yaml"]).stdout_contains("succeeded").exit(0);
    let folder = bench.run_folder();
    let book = [BOOK.to_owned(), (1..=steps).map(step).collect()].concat();
    fs::write(folder.join("runbook/runbook.yaml"), &book).expect("it is ours");
    let records = read(&folder.join("journal.jsonl")).expect("it is a journal").records;
    let is_of_step = |record: &Record| told(record).contains("step-000001");
    let first = records.iter().position(is_of_step).expect("the step is on record");
    let after = records.iter().rposition(is_of_step).expect("it is") + 1;
    let (before, rest) = records.split_at(first);
    let (of_step, end) = rest.split_at(after - first);
    let mut chain = Chain::default();
    for record in before {
        let event = match &record.event {
            Event::RunStarted(start) => {
                let mut start = start.clone();
                start.digest = digest(book.as_bytes());
                Event::RunStarted(start)
            }
            other => other.clone(),
        };
        chain.add(record, event);
    }
    for number in 1..=steps {
        let name = format!("step-{number:06}");
        for record in of_step {
            let text = told(record).replace("step-000001", &name);
            chain.add(record, serde_json::from_str(&text).expect("it is an event"));
        }
    }
    end.iter().for_each(|record| chain.add(record, record.event.clone()));
    fs::write(folder.join("journal.jsonl"), chain.text).expect("it is ours");
    bench
}

fn told(record: &Record) -> String {
    serde_json::to_string(&record.event).expect("an event is JSON")
}

/// A journal that grows.
struct Chain {
    text: String,
    seq: u64,
    prev: String,
}

impl Default for Chain {
    fn default() -> Chain {
        Chain { text: String::new(), seq: 0, prev: FIRST_PREV.to_owned() }
    }
}

impl Chain {
    fn add(&mut self, like: &Record, event: Event) {
        self.seq += 1;
        let (record, line) = Record::write(self.seq, like.epoch, like.at, &self.prev, event);
        self.prev = record.hash;
        self.text.push_str(&line);
    }
}

/// Tells the run into a file; how long that took, and the most memory it had in MiB as far as that
/// was seen.
fn tell(bench: &Bench, format: &str, view: &str, to: &Path) -> (Duration, usize) {
    let began = Instant::now();
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdpoint"));
    command.args(["timeline", "--format", format, "--view", view, "--zone", "utc"]);
    command.env("HOLDPOINT_STATE", bench.path("state"));
    command.stdout(File::create(to).expect("the bench can be written to"));
    let mut child = command.spawn().expect("it can be started");
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    let end = loop {
        let told = fs::read_to_string(&status).unwrap_or_default();
        let peak = told.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = peak.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<usize>().ok());
        most = most.max(peak.unwrap_or_default());
        if let Some(end) = child.try_wait().expect("it is ours") {
            break end;
        }
        std::thread::sleep(Duration::from_millis(1));
    };
    assert!(end.success(), "{format}");
    (began.elapsed(), most / 1024)
}

#[test]
#[expect(clippy::print_stderr, reason = "what is measured is told and not judged")]
fn every_step_of_a_long_run_is_told_in_every_format() {
    let steps = steps();
    let bench = bench(steps);
    let to = bench.path("told");
    for (format, view, mark) in [
        ("md", "curated", "succeeded after"),
        ("md", "raw", "succeeded after"),
        ("csv", "curated", "succeeded after"),
        ("text", "curated", "succeeded after"),
        ("json", "curated", "\"text\": \"succeeded after"),
        ("json", "raw", "\"text\": \"step spawned\""),
    ] {
        let (took, most) = tell(&bench, format, view, &to);
        let told = fs::read_to_string(&to).expect("it is text");
        assert_eq!(told.matches(mark).count(), steps, "{format}, {view}");
        eprintln!("{steps} steps, {format}, {view}: {took:.1?}, at most {most} MiB");
    }
}

#[test]
#[expect(clippy::print_stderr, reason = "what is measured is told and not judged")]
fn the_page_of_a_long_run_stays_small_and_counts_what_it_leaves_out() {
    let steps = steps().max(STEPS);
    let bench = bench(steps);
    let to = bench.path("told");
    let (took, most) = tell(&bench, "html", "curated", &to);
    let page = fs::read_to_string(&to).expect("it is text");
    assert!(page.len() < 2_000_000, "{} bytes", page.len());
    let left_out = format!("<p>{} steps have no row of their own.</p>", steps - 150);
    assert!(page.contains(&left_out), "{left_out}");
    eprintln!("{steps} steps, html: {took:.1?}, at most {most} MiB, {} bytes", page.len());
}
