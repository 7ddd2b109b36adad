//! Durations and sizes: whole numbers with a unit.

use std::time::Duration;

/// The longest duration, 100 years: far from where times overflow when it is added to them.
pub const LONGEST_DURATION: Duration = Duration::from_secs(36_525 * 24 * 60 * 60);

/// Units of time in milliseconds.
const TIMES: [(&str, u64); 5] =
    [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

/// Units of size in bytes.
const SIZES: [(&str, u64); 10] = [
    ("", 1),
    ("B", 1),
    ("KB", 1_000),
    ("KiB", 1 << 10),
    ("MB", 1_000_000),
    ("MiB", 1 << 20),
    ("GB", 1_000_000_000),
    ("GiB", 1 << 30),
    ("TB", 1_000_000_000_000),
    ("TiB", 1 << 40),
];

/// Reads whole numbers with `ms`, `s`, `m`, `h` or `d`, also joined: `1h30m`. The error is a
/// sentence that quotes the text.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    if is_digits(text) {
        return Err(format!("the duration `{text}` has no unit"));
    }
    let too_long = || format!("the duration `{text}` is longer than 100 years");
    let mut total: u64 = 0;
    let mut rest = text;
    loop {
        let (number, after) = rest.split_at(digits(rest));
        let (unit, after) = after.split_at(letters(after));
        let factor = factor(&TIMES, unit).filter(|_| !number.is_empty());
        let factor = factor.ok_or_else(|| format!("`{text}` is not a duration"))?;
        let part = number.parse::<u64>().ok().and_then(|number| number.checked_mul(factor));
        total = part.and_then(|part| total.checked_add(part)).ok_or_else(too_long)?;
        rest = after;
        if rest.is_empty() {
            break;
        }
    }
    let duration = Duration::from_millis(total);
    if duration > LONGEST_DURATION { Err(too_long()) } else { Ok(duration) }
}

/// The whole milliseconds of a duration, as they stand on record.
pub fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// A duration as one would write it, whole milliseconds in the largest units: `1h30m`.
pub fn duration_text(duration: Duration) -> String {
    let mut rest = millis(duration);
    let mut text = String::new();
    for (unit, factor) in TIMES.iter().rev() {
        if rest >= *factor {
            text.push_str(&format!("{}{unit}", rest / factor));
            rest %= factor;
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

/// Reads a whole number of bytes, bare or with `B`, `KB`, `KiB`, `MB`, `MiB`, `GB`, `GiB`, `TB` or
/// `TiB`. The error is a sentence that quotes the text.
pub fn parse_size(text: &str) -> Result<u64, String> {
    let (number, unit) = text.split_at(digits(text));
    let factor = factor(&SIZES, unit).filter(|_| !number.is_empty());
    let factor = factor.ok_or_else(|| format!("`{text}` is not a size"))?;
    let bytes = number.parse::<u64>().ok().and_then(|number| number.checked_mul(factor));
    bytes.ok_or_else(|| format!("the size `{text}` does not fit into 64 bits"))
}

fn factor(units: &[(&str, u64)], unit: &str) -> Option<u64> {
    units.iter().find(|(name, _)| *name == unit).map(|(_, factor)| *factor)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && digits(text) == text.len()
}

/// How many bytes of digits a text begins with.
fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// How many bytes of letters a text begins with.
fn letters(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_alphabetic).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_one_number_with_a_unit_or_several_joined() {
        for (text, millis) in [
            ("250ms", 250),
            ("5s", 5_000),
            ("0s", 0),
            ("15m", 900_000),
            ("1h30m", 5_400_000),
            ("007s", 7_000),
            ("1d1h1m1s1ms", 90_061_001),
            ("1m1h", 3_660_000),
        ] {
            assert_eq!(parse_duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        assert_eq!(parse_duration("36525d"), Ok(LONGEST_DURATION));
    }

    #[test]
    fn a_duration_is_written_in_its_largest_units() {
        for text in ["0s", "250ms", "5s", "15m", "1h30m", "1d1h1m1s1ms", "36525d"] {
            assert_eq!(parse_duration(text).map(duration_text), Ok(text.to_owned()));
        }
        assert_eq!(duration_text(Duration::from_secs(5_400)), "1h30m");
        assert_eq!(duration_text(Duration::from_micros(1_500)), "1ms");
    }

    #[test]
    fn anything_else_is_not_a_duration() {
        for text in ["", "s", "1.5h", "-5m", "1h 30m", " 5s", "5S", "1w", "1M", "5s3", "5é", "٣s"]
        {
            assert_eq!(parse_duration(text), Err(format!("`{text}` is not a duration")));
        }
        assert_eq!(parse_duration("5"), Err("the duration `5` has no unit".into()));
        for text in ["36525d1ms", "99999999999999999999s", "18446744073709551615d"] {
            let long = format!("the duration `{text}` is longer than 100 years");
            assert_eq!(parse_duration(text), Err(long));
        }
    }

    #[test]
    fn a_size_is_a_number_of_bytes_or_has_a_unit() {
        for (text, bytes) in [
            ("0", 0),
            ("1024", 1024),
            ("7B", 7),
            ("1KB", 1_000),
            ("1KiB", 1_024),
            ("2MB", 2_000_000),
            ("2MiB", 2_097_152),
            ("3GB", 3_000_000_000),
            ("1GiB", 1_073_741_824),
            ("1TB", 1_000_000_000_000),
            ("1TiB", 1_099_511_627_776),
            ("18446744073709551615", u64::MAX),
        ] {
            assert_eq!(parse_size(text), Ok(bytes), "{text}");
        }
        for text in ["", "KB", "1kb", "1 KB", "1.5GB", "-1", "1K", "1KBB"] {
            assert_eq!(parse_size(text), Err(format!("`{text}` is not a size")));
        }
        let large = "16777216TiB";
        assert_eq!(parse_size(large), Err(format!("the size `{large}` does not fit into 64 bits")));
    }
}
