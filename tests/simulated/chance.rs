//! Chance: everything that may go one way or another, from one seed; or, for an exhaustive search,
//! one way after the other.

use std::sync::atomic::{AtomicU64, Ordering};

/// Where the choices of a schedule come from.
#[derive(Clone, Debug)]
pub(crate) enum Chance {
    /// Numbers that look like chance and are the same for the same seed.
    Dice(u64),
    /// One path through all that may be chosen.
    Path(Path),
}

/// The choices of one turn: a prefix that is given, and the first of each after it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Path {
    taken: Vec<(usize, usize)>,
    at: usize,
}

impl Chance {
    pub(crate) fn dice(seed: u64) -> Chance {
        Chance::Dice(seed ^ 0x5DEE_CE66_D1CE_4E5B)
    }

    /// Whether every choice is explored.
    pub(crate) fn is_exhaustive(&self) -> bool {
        matches!(self, Chance::Path(_))
    }

    /// One of so many, counted from 0; each of them is explored.
    pub(crate) fn choose(&mut self, among: usize) -> usize {
        match self {
            _ if among <= 1 => 0,
            Chance::Dice(state) => (next(state) % among as u64) as usize,
            Chance::Path(path) => path.choose(among),
        }
    }

    /// A number below `sides`; 0 in an exhaustive search.
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        if self.is_exhaustive() { 0 } else { self.choose(sides) }
    }

    /// True once in `times`; never in an exhaustive search, and never when that is 0.
    pub(crate) fn one_in(&mut self, times: usize) -> bool {
        times > 0 && !self.is_exhaustive() && self.choose(times) == 0
    }

    /// One of several by its weight; in an exhaustive search each of them has its turn.
    pub(crate) fn weighed(&mut self, weights: impl ExactSizeIterator<Item = u32> + Clone) -> usize {
        if self.is_exhaustive() {
            return self.choose(weights.len());
        }
        let all: u32 = weights.clone().sum();
        let mut left = self.choose(all as usize) as u32;
        for (place, weight) in weights.enumerate() {
            match left.checked_sub(weight) {
                Some(rest) => left = rest,
                None => return place,
            }
        }
        0
    }
}

impl Path {
    fn choose(&mut self, among: usize) -> usize {
        let at = self.at;
        self.at += 1;
        match self.taken.get(at) {
            Some((choice, _)) => *choice,
            None => {
                self.taken.push((0, among));
                0
            }
        }
    }

    /// The next path after this one, if there is one.
    pub(crate) fn next(mut self) -> Option<Path> {
        while let Some((choice, among)) = self.taken.pop() {
            if choice + 1 < among {
                self.taken.push((choice + 1, among));
                self.at = 0;
                return Some(self);
            }
        }
        None
    }
}

fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mix = (*state ^ (*state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mix = (mix ^ (mix >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mix ^ (mix >> 31)
}

/// A seed that differs from one call to the next.
pub(crate) fn fresh() -> u64 {
    static TURN: AtomicU64 = AtomicU64::new(0);
    let turn = TURN.fetch_add(1, Ordering::Relaxed);
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let mut state = since.map_or(turn, |since| since.as_nanos() as u64 ^ turn);
    next(&mut state) >> 16
}
