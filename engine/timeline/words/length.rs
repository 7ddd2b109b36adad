//! Lengths of time in words.

/// A length of time for people: `0.4 s`, `12 s`, `3 m 20 s`, `1 h 5 m`.
pub fn duration(ms: u64) -> String {
    let seconds = ms / 1000;
    match seconds {
        0..10 => format!("{}.{} s", seconds, ms % 1000 / 100),
        10..60 => format!("{seconds} s"),
        60..3600 => format!("{} m {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} m", seconds / 3600, seconds % 3600 / 60),
    }
}

/// The same where it may lie before what it is told from: `-3 m 20 s`.
pub fn signed(ms: i64) -> String {
    let sign = if ms < 0 { "-" } else { "" };
    format!("{sign}{}", duration(ms.unsigned_abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_is_short_and_says_its_units() {
        let cases = [
            (0, "0.0 s"),
            (450, "0.4 s"),
            (12_900, "12 s"),
            (200_000, "3 m 20 s"),
            (3_900_000, "1 h 5 m"),
        ];
        for (ms, expected) in cases {
            assert_eq!(duration(ms), expected);
        }
    }

    #[test]
    fn what_lies_before_it_has_a_sign() {
        assert_eq!((signed(-200_000), signed(450)), ("-3 m 20 s".into(), "0.4 s".into()));
    }
}
