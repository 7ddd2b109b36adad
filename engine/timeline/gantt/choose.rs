//! Which steps get a lane where there are more than a chart can show.

/// A step or a group, in the order of the runbook, each before what is inside it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Spot {
    /// Where what is inside it ends in the list.
    pub(super) end: usize,
    /// How many groups are around it.
    pub(super) depth: usize,
    /// How much it has to tell: more comes first.
    pub(super) weight: (u32, u64),
}

/// The places of those that get a lane, in order: all where they fit, else as many groups from the
/// outside in as do, else those of the outermost that have most to tell.
pub(super) fn choose(spots: &[Spot], most: usize) -> Vec<usize> {
    if spots.len() <= most {
        return (0..spots.len()).collect();
    }
    let mut chosen = inside(spots, 0, spots.len());
    if chosen.len() > most {
        chosen.sort_by_key(|at| (std::cmp::Reverse(spots[*at].weight), *at));
        chosen.truncate(most);
        chosen.sort_unstable();
        return chosen;
    }
    let mut next = 0;
    while let Some(group) = chosen.get(next).copied() {
        let children = inside(spots, group + 1, spots[group].end);
        if chosen.len() + children.len() <= most {
            chosen.extend(children);
        }
        next += 1;
    }
    chosen.sort_unstable();
    chosen
}

/// The outermost between two places.
fn inside(spots: &[Spot], from: usize, to: usize) -> Vec<usize> {
    let first = Some(from).filter(|at| *at < to);
    std::iter::successors(first, |at| Some(spots[*at].end).filter(|next| *next < to)).collect()
}

/// How many of those between two places have nothing inside.
pub(super) fn leaves(spots: &[Spot], from: usize, to: usize) -> usize {
    (from..to).filter(|at| spots[*at].end == at + 1).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two groups of two steps each, and one step.
    fn groups() -> Vec<Spot> {
        let spot = |end, depth| Spot { end, depth, weight: (0, 0) };
        vec![spot(3, 0), spot(2, 1), spot(3, 1), spot(6, 0), spot(5, 1), spot(6, 1), spot(7, 0)]
    }

    #[test]
    fn all_are_chosen_where_they_fit() {
        assert_eq!(choose(&groups(), 7), [0, 1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn groups_are_opened_as_long_as_there_is_room() {
        assert_eq!(choose(&groups(), 6), [0, 1, 2, 3, 6]);
        assert_eq!(choose(&groups(), 4), [0, 3, 6]);
        assert_eq!(leaves(&groups(), 3, 6), 2);
    }

    #[test]
    fn of_too_many_those_are_chosen_that_have_most_to_tell() {
        let mut spots: Vec<Spot> =
            (0..10).map(|at| Spot { end: at + 1, depth: 0, weight: (0, 0) }).collect();
        spots[7].weight = (3, 0);
        spots[5].weight = (0, 90);
        assert_eq!(choose(&spots, 3), [0, 5, 7]);
        assert!(choose(&[], 3).is_empty());
    }
}
