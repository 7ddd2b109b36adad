//! Which steps stand before or behind others than they did.

use std::collections::{HashMap, HashSet};

use crate::plan::{Index, Plan};

/// The steps of the new plan that changed places with others of their list: as few as explain it.
pub(super) fn reordered(old: &Plan, new: &Plan, pairs: &[Option<Index>]) -> HashSet<Index> {
    let mut found = HashSet::new();
    for (index, node) in new.nodes.iter().enumerate() {
        let Some(before) = pairs[index] else { continue };
        let places: HashMap<Index, usize> = old.nodes[before].children().zip(0..).collect();
        let place = |child: Index| Some((child, *places.get(&pairs[child]?)?));
        let common: Vec<(Index, usize)> = node.children().filter_map(place).collect();
        let still = longest_rise(&common.iter().map(|(_, place)| *place).collect::<Vec<_>>());
        let is_still: HashSet<usize> = still.into_iter().collect();
        let gone = common.iter().enumerate().filter(|(at, _)| !is_still.contains(at));
        found.extend(gone.map(|(_, (child, _))| *child));
    }
    found
}

/// The places of a longest rising part of some numbers, all different.
fn longest_rise(numbers: &[usize]) -> Vec<usize> {
    // Of all rises of one length, the place where the one ends that ends lowest.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(numbers.len());
    for (at, number) in numbers.iter().enumerate() {
        let length = ends.partition_point(|end| numbers[*end] < *number);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        match ends.get_mut(length) {
            Some(end) => *end = at,
            None => ends.push(at),
        }
    }
    std::iter::successors(ends.last().copied(), |at| before[*at]).collect()
}

#[cfg(test)]
mod tests {
    use super::longest_rise;

    fn rise(numbers: &[usize]) -> Vec<usize> {
        let mut places = longest_rise(numbers);
        places.reverse();
        places.into_iter().map(|at| numbers[at]).collect()
    }

    #[test]
    fn one_that_moved_leaves_all_others_in_order() {
        assert_eq!(rise(&[]), [] as [usize; 0]);
        assert_eq!(rise(&[0, 1, 2]), [0, 1, 2]);
        assert_eq!(rise(&[3, 0, 1, 2]), [0, 1, 2]);
        assert_eq!(rise(&[1, 2, 3, 0]), [1, 2, 3]);
        assert_eq!(rise(&[0, 3, 1, 2, 4]), [0, 1, 2, 4]);
    }
}
