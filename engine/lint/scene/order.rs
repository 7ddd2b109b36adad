//! Order: which siblings of a list are done before which others, as `needs` says.
//!
//! It is worked out once for a scene, so that any two entries can be compared at once. What needs
//! itself, which the plan refuses, is taken as far as it goes.

use std::collections::HashMap;

use crate::document::Node;

use super::Step;

/// How many words of bits all lists together may take. Where a hostile file needs more, the rest is
/// taken in the order of the file.
const MOST_WORDS: usize = 2 << 20;

/// The order of a scene's entries, by their index.
#[derive(Debug, Default)]
pub(super) struct Order {
    places: Vec<usize>,
    before: Vec<Before>,
}

/// The siblings that are done before an entry.
#[derive(Clone, Debug, Default)]
struct Before {
    /// All those at places below this one.
    all: usize,
    /// Others, a bit each, from the word in which `all` stands.
    more: Vec<u64>,
}

impl Order {
    pub(super) fn of(steps: &[Step]) -> Order {
        let count = steps.len();
        let mut order = Order { places: vec![0; count], before: vec![Before::default(); count] };
        let mut words = 0;
        for list in lists(steps) {
            for (place, at) in list.iter().enumerate() {
                order.places[*at] = place;
                order.before[*at] = Before { all: place, more: Vec::new() };
            }
            if list.iter().any(|at| steps[*at].key("needs").is_some()) {
                order.settle(&list, steps, &mut words);
            }
        }
        order
    }

    /// Whether one sibling is done before another begins.
    pub(super) fn is_before(&self, first: usize, then: usize) -> bool {
        self.before[then].has(self.places[first])
    }

    /// Follows the needs of one list, each entry after those that it needs.
    fn settle(&mut self, list: &[usize], steps: &[Step], words: &mut usize) {
        let places: HashMap<&str, usize> =
            list.iter().enumerate().map(|(place, at)| (steps[*at].id.as_str(), place)).collect();
        let needs: Vec<Option<Vec<usize>>> =
            list.iter().map(|at| named(&steps[*at], &places)).collect();
        let (mut is_open, mut is_settled) = (vec![false; list.len()], vec![false; list.len()]);
        for place in 0..list.len() {
            let mut open = vec![place];
            while let Some(at) = open.last().copied() {
                let unmet = needs[at].iter().flatten().filter(|it| !is_open[**it]);
                let unmet: Vec<usize> = unmet.copied().collect();
                if !std::mem::replace(&mut is_open[at], true) && !unmet.is_empty() {
                    open.extend(unmet);
                    continue;
                }
                open.pop();
                let (Some(named), false) = (&needs[at], is_settled[at]) else { continue };
                is_settled[at] = true;
                if *words > MOST_WORDS {
                    continue;
                }
                let mut own = Before::default();
                for need in named {
                    own.join(&self.before[list[*need]]);
                    own.add(*need);
                }
                *words += own.more.len();
                self.before[list[at]] = own;
            }
        }
    }
}

impl Before {
    fn has(&self, place: usize) -> bool {
        let word = (place / 64).checked_sub(self.all / 64);
        let word = word.and_then(|word| self.more.get(word));
        place < self.all || word.is_some_and(|word| word >> (place % 64) & 1 == 1)
    }

    fn add(&mut self, place: usize) {
        if place < self.all {
            return;
        }
        let word = place / 64 - self.all / 64;
        if self.more.len() <= word {
            self.more.resize(word + 1, 0);
        }
        self.more[word] |= 1 << (place % 64);
        self.gather();
    }

    fn join(&mut self, other: &Before) {
        if other.all > self.all {
            self.rise(other.all);
        }
        let from = self.all / 64 - other.all / 64;
        let words = other.more.get(from..).unwrap_or_default();
        if self.more.len() < words.len() {
            self.more.resize(words.len(), 0);
        }
        for (own, other) in self.more.iter_mut().zip(words) {
            *own |= other;
        }
        self.gather();
    }

    /// Takes what follows on `all` into it.
    fn gather(&mut self) {
        let mut all = self.all;
        while self.has_bit(all) {
            all += 1;
        }
        if all > self.all {
            self.rise(all);
        }
        while self.more.last() == Some(&0) {
            self.more.pop();
        }
    }

    fn has_bit(&self, place: usize) -> bool {
        let word = self.more.get(place / 64 - self.all / 64);
        word.is_some_and(|word| word >> (place % 64) & 1 == 1)
    }

    fn rise(&mut self, all: usize) {
        let words = (all / 64 - self.all / 64).min(self.more.len());
        self.more.drain(..words);
        self.all = all;
    }
}

/// The entries of each list, in order.
fn lists(steps: &[Step]) -> Vec<Vec<usize>> {
    let mut lists: HashMap<(Option<usize>, bool), Vec<usize>> = HashMap::new();
    for (at, step) in steps.iter().enumerate() {
        lists.entry((step.parent, step.is_closing)).or_default().push(at);
    }
    lists.into_values().collect()
}

/// The places of what an entry needs, where it says so.
fn named(step: &Step, places: &HashMap<&str, usize>) -> Option<Vec<usize>> {
    let needs = step.key("needs")?;
    let names = needs.as_sequence().unwrap_or(std::slice::from_ref(needs));
    let known = names.iter().filter_map(Node::as_str).filter_map(|name| places.get(name));
    Some(known.copied().collect())
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::with_scene;

    /// For each pair of the steps `a`, `b`, …, whether the first is before the second.
    fn before(needs: &[&str]) -> Vec<String> {
        let step = |(at, needs): (usize, &&str)| {
            let id = char::from(b'a' + u8::try_from(at).unwrap());
            format!("  - {{id: {id}, run: [x]{needs}}}\n")
        };
        let steps: String = needs.iter().enumerate().map(step).collect();
        let text = format!("holdpoint: 1\nid: x\ntitle: X\nsteps:\n{steps}");
        with_scene(&text, |scene| {
            let all = || 0..scene.steps.len();
            let pairs = all().flat_map(|then| all().map(move |first| (first, then)));
            let ordered = pairs.filter(|(first, then)| scene.order.is_before(*first, *then));
            let id = |at: usize| scene.steps[at].id.value.clone();
            ordered.map(|(first, then)| id(first) + &id(then)).collect()
        })
    }

    #[test]
    fn without_needs_the_order_is_that_of_the_file() {
        assert_eq!(before(&["", "", ""]), ["ab", "ac", "bc"]);
    }

    #[test]
    fn needs_free_a_step_from_all_that_it_does_not_need() {
        assert_eq!(before(&["", ", needs: []", ", needs: [a]", ""]), ["ac", "ad", "bd", "cd"]);
        assert_eq!(before(&[", needs: [c]", ", needs: []", ", needs: [b]"]), ["ba", "ca", "bc"]);
        assert_eq!(before(&["", ", needs: a"]), ["ab"]);
    }

    #[test]
    fn a_cycle_and_a_need_of_nothing_do_no_harm() {
        assert_eq!(before(&[", needs: [b]", ", needs: [a]"]).len(), 3);
        assert_eq!(before(&["", ", needs: [zz]"]), Vec::<String>::new());
    }

    #[test]
    fn two_chains_side_by_side_know_nothing_of_each_other() {
        let chains: Vec<String> = (0..300)
            .map(|at: usize| match at.checked_sub(2) {
                Some(need) => format!("  - {{id: s{at}, run: [x], needs: [s{need}]}}\n"),
                None => format!("  - {{id: s{at}, run: [x], needs: []}}\n"),
            })
            .collect();
        let text = format!("holdpoint: 1\nid: x\ntitle: X\nsteps:\n{}", chains.concat());
        with_scene(&text, |scene| {
            for (first, then) in [(0, 298), (4, 140), (1, 299), (65, 67), (126, 128)] {
                assert!(scene.order.is_before(first, then), "{first} {then}");
            }
            for (first, then) in [(1, 298), (0, 299), (64, 67), (298, 0), (297, 298)] {
                assert!(!scene.order.is_before(first, then), "{first} {then}");
            }
        });
    }
}
