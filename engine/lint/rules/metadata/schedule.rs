//! How often something happens that a schedule describes in words or as cron does.

use std::time::Duration;

use crate::document::parse_duration;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Words that say it by themselves.
const WORDS: [(&str, u64); 12] = [
    ("continuous", 0),
    ("continuously", 0),
    ("streaming", 0),
    ("minutely", MINUTE),
    ("hourly", HOUR),
    ("daily", DAY),
    ("nightly", DAY),
    ("weekly", 7 * DAY),
    ("monthly", 31 * DAY),
    ("quarterly", 92 * DAY),
    ("yearly", 366 * DAY),
    ("annually", 366 * DAY),
];

/// Units after `every`, or after `every` and a number.
const UNITS: [(&str, u64); 15] = [
    ("second", 1),
    ("sec", 1),
    ("minute", MINUTE),
    ("min", MINUTE),
    ("hour", HOUR),
    ("day", DAY),
    ("night", DAY),
    ("week", 7 * DAY),
    ("month", 31 * DAY),
    ("monday", 7 * DAY),
    ("tuesday", 7 * DAY),
    ("wednesday", 7 * DAY),
    ("thursday", 7 * DAY),
    ("friday", 7 * DAY),
    ("sunday", 7 * DAY),
];

/// The longest time between two times of a schedule; nothing where that is not said clearly.
pub(super) fn interval(schedule: &str) -> Option<Duration> {
    let text = schedule.trim().to_ascii_lowercase();
    if let Some(seconds) = cron(&text) {
        return Some(Duration::from_secs(seconds));
    }
    let words: Vec<&str> =
        text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let named = words.iter().find_map(|word| WORDS.iter().find(|(known, _)| known == word));
    if let Some((_, seconds)) = named {
        return Some(Duration::from_secs(*seconds));
    }
    let every = words.iter().position(|word| *word == "every")?;
    let unit = |word: &str| {
        let single = word.strip_suffix('s').unwrap_or(word);
        UNITS.iter().find(|(known, _)| *known == single).map(|(_, seconds)| *seconds)
    };
    let first = words.get(every + 1)?;
    if let Some(seconds) = unit(first) {
        return Some(Duration::from_secs(seconds));
    }
    match (first.parse::<u64>(), words.get(every + 2).and_then(|word| unit(word))) {
        (Ok(number), Some(seconds)) => number.checked_mul(seconds).map(Duration::from_secs),
        _ => parse_duration(first).ok(),
    }
}

/// `minute hour day month weekday`, where it means a plain rhythm.
fn cron(text: &str) -> Option<u64> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = fields.as_slice() else { return None };
    let is_cron = |field: &&str| field.chars().all(|c| "0123456789*/,-".contains(c));
    if !fields.iter().all(is_cron) || *month != "*" {
        return None;
    }
    let step = |field: &str| field.strip_prefix("*/").and_then(|step| step.parse::<u64>().ok());
    let is_number = |field: &str| field.parse::<u64>().is_ok();
    match (*minute, *hour, *day, *weekday) {
        ("*", "*", "*", "*") => Some(MINUTE),
        (minute, "*", "*", "*") if is_number(minute) => Some(HOUR),
        (minute, "*", "*", "*") => step(minute).map(|step| step * MINUTE),
        (minute, hour, "*", "*") if is_number(minute) && is_number(hour) => Some(DAY),
        (minute, hour, "*", "*") if is_number(minute) => step(hour).map(|step| step * HOUR),
        (minute, hour, "*", day) if [minute, hour, day].into_iter().all(is_number) => Some(7 * DAY),
        (minute, hour, day, "*") if [minute, hour, day].into_iter().all(is_number) => {
            Some(31 * DAY)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_says_how_often_in_words_or_as_cron_does() {
        for (text, hours) in [
            ("every hour", 1),
            ("Hourly", 1),
            ("every 6h", 6),
            ("every 6 hours", 6),
            ("every 90 minutes at most", 1),
            ("Daily at 02:00 UTC", 24),
            ("every day", 24),
            ("Continuous (WAL)", 0),
            ("every second", 0),
            ("weekly", 168),
            ("every Sunday", 168),
            ("0 2 * * *", 24),
            ("17 * * * *", 1),
            ("0 */6 * * *", 6),
            ("*/15 * * * *", 0),
            ("0 2 * * 0", 168),
        ] {
            let found = interval(text).map(|interval| interval.as_secs() / HOUR);
            assert_eq!(found, Some(hours), "{text}");
        }
        assert_eq!(interval("*/15 * * * *"), Some(Duration::from_secs(15 * MINUTE)));
    }

    #[test]
    fn what_is_not_clear_is_not_guessed() {
        for text in ["On-demand", "on change", "", "every", "every now and then", "0 2 1,15 * *"] {
            assert_eq!(interval(text), None, "{text}");
        }
    }
}
