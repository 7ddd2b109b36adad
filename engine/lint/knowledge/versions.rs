//! Ranges of versions: `>=12`, `>=3.5, <3.6`.

use std::cmp::Ordering;

/// A range of versions. What is not said of a version (`16` against `16.2`) counts as 0.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Versions {
    bounds: Vec<(Bound, Vec<u64>)>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Bound {
    AtLeast,
    Above,
    AtMost,
    Below,
    Exactly,
}

/// The bounds as they are written; a longer one first.
const BOUNDS: [(&str, Bound); 5] = [
    (">=", Bound::AtLeast),
    ("<=", Bound::AtMost),
    (">", Bound::Above),
    ("<", Bound::Below),
    ("=", Bound::Exactly),
];

impl Versions {
    /// Reads a range; nothing where it is none.
    pub fn read(text: &str) -> Option<Versions> {
        let bounds = text.split(',').map(|part| {
            let part = part.trim();
            let (sign, bound) = BOUNDS.into_iter().find(|(sign, _)| part.starts_with(sign))?;
            Some((bound, numbers(&part[sign.len()..])?))
        });
        Some(Versions { bounds: bounds.collect::<Option<_>>()? })
    }

    /// Whether a version is in the range; one that is no version may be.
    pub fn has(&self, version: &str) -> bool {
        let Some(version) = numbers(version) else { return true };
        self.bounds.iter().all(|(bound, limit)| {
            let order = compare(&version, limit);
            match bound {
                Bound::AtLeast => order != Ordering::Less,
                Bound::Above => order == Ordering::Greater,
                Bound::AtMost => order != Ordering::Greater,
                Bound::Below => order == Ordering::Less,
                Bound::Exactly => order == Ordering::Equal,
            }
        })
    }
}

/// The numbers of a version, as `v1.24.0-rc1` has them.
fn numbers(text: &str) -> Option<Vec<u64>> {
    let text = text.trim().trim_start_matches(['v', '=', '>', '~', '^']).trim();
    let text = text.split(['-', '+', ' ']).next().unwrap_or_default();
    text.split('.').filter(|part| *part != "x").map(|part| part.parse().ok()).collect()
}

fn compare(version: &[u64], limit: &[u64]) -> Ordering {
    let at = |numbers: &[u64], place: usize| numbers.get(place).copied().unwrap_or_default();
    let places = version.len().max(limit.len());
    let orders = (0..places).map(|place| at(version, place).cmp(&at(limit, place)));
    orders.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use super::Versions;

    fn has(range: &str, version: &str) -> bool {
        Versions::read(range).is_some_and(|range| range.has(version))
    }

    #[test]
    fn versions_are_compared_number_by_number() {
        assert!(has(">=12", "16"));
        assert!(has(">=12", "12"));
        assert!(!has(">=12", "9.6"));
        assert!(has(">=3.6", "v3.10.1"));
        assert!(!has("<3.6", "3.6.0"));
        assert!(has(">=3.5, <3.6", "3.5.9"));
        assert!(!has(">=3.5, <3.6", "3.6"));
        assert!(has("=7", "7.0") && has("<=7", "7") && !has(">7", "7"));
    }

    #[test]
    fn what_is_no_version_may_be_any() {
        assert!(has(">=12", "newest"));
        assert_eq!(Versions::read("12"), None);
        assert_eq!(Versions::read(">=new"), None);
    }
}
