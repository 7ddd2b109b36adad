//! The mark of a session: a short word by which a person knows its questions.
//!
//! It is drawn anew for each driver, shown at its start and in every question that decides how the
//! run goes on. It goes to the terminal alone: into no file, no variable and no command, so what a
//! step prints can imitate every word of a question but this one.

use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::{BuildHasher, Hasher};

const CONSONANTS: &[u8] = b"bdfgklmnprstvz";
const VOWELS: &[u8] = b"aeiou";

/// How many syllables it has: one guess in 343 000 is right.
const SYLLABLES: usize = 3;

/// The mark of one session.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Mark(String);

impl Mark {
    /// One that nobody can foresee.
    pub fn new() -> Mark {
        // Its keys come from the system's source of randomness.
        Mark::of(RandomState::new().build_hasher().finish())
    }

    /// The one that a number stands for.
    fn of(mut number: u64) -> Mark {
        let mut letter = |alphabet: &[u8]| {
            let place = usize::try_from(number % alphabet.len() as u64).unwrap_or_default();
            number /= alphabet.len() as u64;
            char::from(alphabet[place])
        };
        Mark((0..SYLLABLES).flat_map(|_| [letter(CONSONANTS), letter(VOWELS)]).collect())
    }
}

impl Default for Mark {
    fn default() -> Mark {
        Mark::new()
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_number_is_a_word_that_can_be_said() {
        assert_eq!(Mark::of(0).to_string(), "bababa");
        assert_eq!(Mark::of(14 * 5 + 13).to_string(), "zadaba");
        assert_eq!(Mark::of(70_u64.pow(3) - 1).to_string(), "zuzuzu");
    }

    #[test]
    fn each_session_has_another() {
        let marks: BTreeSet<String> = (0..20).map(|_| Mark::new().to_string()).collect();
        assert!(marks.len() > 10, "{marks:?}");
    }
}
