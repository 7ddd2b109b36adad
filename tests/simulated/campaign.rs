//! Many schedules: which seeds are played, on how many threads, and what is said of a failure.

use std::collections::HashMap;
use std::env;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::books::Book;
use super::bug::Bug;
use super::chance::Chance;
use super::laws::Broken;
use super::mix::{Counts, Mix};
use super::play::Play;

/// How many books there are.
const BOOKS: u64 = 512;
/// How many seeds are taken at a time.
const PIECE: u64 = 64;

/// How long a shorter schedule is looked for.
const PATIENCE: Duration = Duration::from_secs(20);

/// How a schedule is made: from a seed, and shortened where that still shows the same.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Recipe {
    pub(crate) seed: u64,
    /// Only these faults.
    pub(crate) faults: u32,
    /// At most so many turns with faults.
    pub(crate) turns: u32,
}

/// A schedule that broke a law.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) recipe: Recipe,
    pub(crate) broken: Broken,
}

/// The books of one thread, planned when they are first played.
#[derive(Default)]
pub(crate) struct Shelf(HashMap<u64, Book>);

impl Shelf {
    fn book(&mut self, number: u64) -> &Book {
        self.0.entry(number).or_insert_with(|| Book::numbered(number))
    }
}

impl Recipe {
    pub(crate) fn of(seed: u64) -> Recipe {
        Recipe { seed, faults: u32::MAX, turns: u32::MAX }
    }

    /// A recipe as it is printed: `SEED:FAULTS:TURNS`, or a seed alone.
    fn read(text: &str) -> Option<Recipe> {
        let mut parts = text.split(':');
        let mut recipe = Recipe::of(parts.next()?.parse().ok()?);
        if let Some(faults) = parts.next() {
            recipe.faults = faults.parse().ok()?;
            recipe.turns = parts.next()?.parse().ok()?;
        }
        Some(recipe)
    }

    fn written(self) -> String {
        format!("{}:{}:{}", self.seed, self.faults, self.turns)
    }

    fn play(
        self,
        shelf: &mut Shelf,
        bug: Option<Bug>,
        counts: &mut Counts,
        tells: bool,
    ) -> Result<(), (Broken, String)> {
        let mut chance = Chance::dice(self.seed);
        let mut mix = Mix::swarm(&mut chance);
        mix.faults &= self.faults;
        mix.turns = mix.turns.min(self.turns);
        let book = shelf.book(self.seed % BOOKS);
        let mut play = Play::new(book, mix, chance, bug);
        play.tale = tells.then(|| format!("{}\n{mix:?}\n", book.text));
        let played = play.play();
        play.counts.schedules = 1;
        counts.add(&play.counts);
        played.map_err(|broken| (broken, play.tale.unwrap_or_default()))
    }
}

/// What came of some seeds: what was counted, and the first that failed, if any did.
type Played = (Counts, Option<Failure>);

/// On how many threads seeds are played.
fn threads() -> usize {
    let wanted = env::var("HOLDPOINT_THREADS").ok().and_then(|text| text.parse().ok());
    wanted.unwrap_or(2).max(1)
}

/// Plays seeds until one of them fails.
pub(crate) fn campaign(seeds: &[Range<u64>], bug: Option<Bug>) -> Played {
    let next = AtomicU64::new(0);
    let results: Mutex<Vec<Played>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..threads() {
            scope.spawn(|| {
                let result = pieces(seeds, bug, &next);
                results.lock().expect("nothing panics while it is held").push(result);
            });
        }
    });
    let mut all = Played::default();
    for (counts, failure) in results.into_inner().unwrap_or_default() {
        all.0.add(&counts);
        all.1 = all.1.or(failure);
    }
    all
}

/// Plays the seeds that are next, until there are none or one of them fails.
fn pieces(seeds: &[Range<u64>], bug: Option<Bug>, next: &AtomicU64) -> Played {
    let (mut shelf, mut counts) = (Shelf::default(), Counts::default());
    let all: u64 = seeds.iter().map(|range| range.end - range.start).sum();
    loop {
        let from = next.fetch_add(PIECE, Ordering::Relaxed);
        if from >= all {
            return (counts, None);
        }
        for place in from..all.min(from + PIECE) {
            let recipe = Recipe::of(seed(seeds, place));
            if let Err((broken, _)) = recipe.play(&mut shelf, bug, &mut counts, false) {
                next.store(all, Ordering::Relaxed);
                return (counts, Some(Failure { recipe, broken }));
            }
        }
    }
}

/// The seed at a place of all ranges together.
fn seed(seeds: &[Range<u64>], mut place: u64) -> u64 {
    for range in seeds {
        let length = range.end - range.start;
        if place < length {
            return range.start + place;
        }
        place -= length;
    }
    place
}

/// The same failure with as few faults and turns as still show it, as a history to read.
pub(crate) fn told(failure: &Failure, bug: Option<Bug>) -> String {
    let (mut shelf, mut counts) = (Shelf::default(), Counts::default());
    let mut fails = |recipe: Recipe| recipe.play(&mut shelf, bug, &mut counts, true).err();
    let mut best = failure.recipe;
    let mut found = fails(best);
    let length = |found: &Option<(Broken, String)>| found.as_ref().map(|(_, tale)| tale.len());
    let begun = Instant::now();
    let mut attempt = |recipe: Recipe, best: &mut Recipe, found: &mut Option<(Broken, String)>| {
        if begun.elapsed() > PATIENCE {
            return;
        }
        let other = fails(recipe);
        if other.is_some() && length(&other) <= length(found) {
            (*best, *found) = (recipe, other);
        }
    };
    for place in 0..super::mix::Fault::ALL.len() {
        let faults = best.faults & !(1 << place);
        attempt(Recipe { faults, ..best }, &mut best, &mut found);
    }
    for turns in (0..=120).rev() {
        attempt(Recipe { turns, ..best }, &mut best, &mut found);
    }
    let (broken, tale) = found.unwrap_or_else(|| (failure.broken.clone(), String::new()));
    format!("{broken}\nHOLDPOINT_SCHEDULE={} plays this again:\n{tale}", best.written())
}

/// The schedule that is to be played alone, if one is named.
pub(crate) fn named() -> Option<Recipe> {
    let text = env::var("HOLDPOINT_SCHEDULE").ok()?;
    Some(Recipe::read(&text).expect("HOLDPOINT_SCHEDULE is SEED or SEED:FAULTS:TURNS"))
}

/// Plays one schedule and tells all of it.
pub(crate) fn replay(recipe: Recipe) -> Result<String, String> {
    let mut counts = Counts::default();
    match recipe.play(&mut Shelf::default(), None, &mut counts, true) {
        Ok(()) => Ok(counts.told()),
        Err((broken, tale)) => Err(format!("{tale}{broken}")),
    }
}
