//! The name that was probably meant.

use strsim::damerau_levenshtein;

/// Longer names are not compared: that would cost the square of their length.
const LONGEST: usize = 64;

/// The known name that differs from `name` in at most two letters (inserted, left out, changed or
/// swapped) and in less than half of them, whatever their case; of the nearest
/// the first in the alphabet.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = name.chars().count();
    if length > LONGEST {
        return None;
    }
    let lowercase = name.to_lowercase();
    known
        .into_iter()
        .filter(|known| known.chars().count().abs_diff(length) <= 2)
        .map(|known| (damerau_levenshtein(&lowercase, &known.to_lowercase()), known))
        .filter(|(distance, _)| *distance <= 2 && distance * 2 < length)
        .min()
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 5] = ["id", "needs", "steps", "retry", "retries"];

    #[test]
    fn a_name_with_a_slip_finds_its_known_name() {
        assert_eq!(nearest("nedes", KNOWN), Some("needs"));
        assert_eq!(nearest("Step", KNOWN), Some("steps"));
        assert_eq!(nearest("ID", KNOWN), Some("id"));
        assert_eq!(nearest("ids", KNOWN), Some("id"));
        assert_eq!(nearest("retires", KNOWN), Some("retries"));
    }

    #[test]
    fn a_name_that_differs_in_half_of_its_letters_finds_none() {
        assert_eq!(nearest("di", KNOWN), None);
        assert_eq!(nearest("nope", KNOWN), None);
        assert_eq!(nearest("", KNOWN), None);
        assert_eq!(nearest(&"needs".repeat(100_000), KNOWN), None);
    }
}
