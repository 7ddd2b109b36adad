//! A signal at any instant of any phase, by a seed that is printed.
//!
//! `HOLDPOINT_SIGNALS=5000` plays so many; `HOLDPOINT_SEED` begins elsewhere.

use std::thread;
use std::time::Duration;

use super::phase::{HEARS, PHASES};
use super::{at_most_one_effect, goes_on_later};

const SIGNALS: [&str; 8] = ["INT", "TERM", "HUP", "QUIT", "PIPE", "WINCH", "TSTP", "CONT"];

/// How many are played at the same time.
const AT_A_TIME: u64 = 4;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// The next number of a sequence that looks like chance.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed ^ (mixed >> 27)
}

#[test]
fn a_signal_at_any_instant_loses_nothing() {
    let count = number("HOLDPOINT_SIGNALS", 24);
    let first = number("HOLDPOINT_SEED", 1);
    thread::scope(|scope| {
        for lane in 0..AT_A_TIME {
            scope.spawn(move || (first + lane..first + count).step_by(4).for_each(play));
        }
    });
}

/// One run, and up to three signals to it.
fn play(seed: u64) {
    let mut chance = seed;
    let phase = &PHASES[(next(&mut chance) % PHASES.len() as u64) as usize];
    let bench = phase.bench();
    let typed = format!("exec {HEARS} holdpoint {}", phase.typed);
    let mut screen = bench.shell_at_terminal(&typed);
    let mut sent = Vec::new();
    for _ in 0..=next(&mut chance) % 3 {
        thread::sleep(Duration::from_micros(next(&mut chance) % 60_000));
        let signal = SIGNALS[(next(&mut chance) % SIGNALS.len() as u64) as usize];
        if !screen.has_ended() {
            screen.signal(signal);
            sent.push(signal);
        }
    }
    let story = format!("HOLDPOINT_SEED={seed}: {sent:?} at {:?}", phase.name);
    phase.mend(&bench);
    // Whoever is still asked, or waits, is told to stop.
    while !screen.has_ended() {
        screen.signal("CONT");
        screen.signal("INT");
        thread::sleep(Duration::from_millis(20));
    }
    let status = screen.end();
    let journal = bench.journal_so_far();
    assert!(journal.complaints().is_empty(), "{story}: {:?}\n{journal}", journal.complaints());
    if journal.records().is_empty() {
        // It was ended before it listened, and so before it began.
        return;
    }
    at_most_one_effect(phase, &bench);
    if status.signal().is_none() && journal.events("run_ended").is_empty() {
        goes_on_later(phase, &bench);
    }
}
