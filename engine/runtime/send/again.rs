//! What became of a post, and whether it is made again; pure.
//!
//! A message must not arrive twice. So it is posted again only where it is known not to have been
//! taken: nobody was reached, or the answer says so. Whatever may have arrived is left at that.

use std::time::Duration;

use chrono::DateTime;

use crate::run::event::Moment;

use super::super::http::{Failure, Response};

/// How often a message is posted at most.
const TRIES: u32 = 4;

/// How long it is before the second time; each time after that it is twice as long.
const FIRST: Duration = Duration::from_millis(500);

/// What became of a post.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Fate {
    /// It was taken.
    Taken,
    /// It was not taken, and may be another time.
    NotTaken {
        /// Why.
        reason: String,
        /// How long the server asked to be left alone.
        after: Option<Duration>,
    },
    /// It was not taken, nor will it be.
    Refused(String),
    /// It may have been taken.
    Doubtful(String),
}

impl Fate {
    /// What the answer to a post means, or that there was none.
    pub(super) fn of(posted: Result<Response, Failure>, now: Moment) -> Fate {
        let answer = match posted {
            Ok(answer) => answer,
            Err(failure) => {
                let reason = failure.to_string();
                return match failure {
                    Failure::Refused(_) | Failure::Unreachable(_) => {
                        Fate::NotTaken { reason, after: None }
                    }
                    Failure::Unsent(_) => Fate::Refused(reason),
                    Failure::TimedOut(_) | Failure::Lost(_) | Failure::Other(_) => {
                        Fate::Doubtful(reason)
                    }
                };
            }
        };
        let reason = format!("it answered {}", answer.status);
        match answer.status {
            200..300 => Fate::Taken,
            300..400 => Fate::Refused(reason + ", and no message is sent on to another place"),
            429 | 503 => Fate::NotTaken { reason, after: asked(&answer, now) },
            408 | 500.. => Fate::Doubtful(reason),
            _ => Fate::Refused(reason),
        }
    }

    /// How long it is until the next try, after so many; none where this was the last. `left` is
    /// what is left of the time for the whole message.
    pub(super) fn pause(&self, tries: u32, left: Duration) -> Option<Duration> {
        let Fate::NotTaken { after, .. } = self else { return None };
        let pause = FIRST * 2_u32.pow(tries.saturating_sub(1).min(TRIES));
        let pause = after.map_or(pause, |after| after.max(pause));
        (tries < TRIES && pause < left).then_some(pause)
    }

    /// Why it is not known to have arrived, after so many tries; none where it has.
    pub(super) fn problem(&self, tries: u32) -> Option<String> {
        let reason = match self {
            Fate::Taken => return None,
            Fate::Refused(reason) => reason.clone(),
            Fate::Doubtful(reason) => format!("{reason}, so it may have arrived"),
            Fate::NotTaken { reason, after: Some(after) } => {
                format!("{reason}, and asked for {} s of patience", after.as_secs())
            }
            Fate::NotTaken { reason, after: None } => reason.clone(),
        };
        Some(match tries {
            1 => reason,
            tries => format!("{reason}, at the last of {tries} tries"),
        })
    }
}

/// How long a server asked to be left alone: in seconds, or until a date.
fn asked(answer: &Response, now: Moment) -> Option<Duration> {
    let (_, value) = answer.headers.iter().find(|(name, _)| name == "retry-after")?;
    let value = value.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = DateTime::parse_from_rfc2822(value).ok()?;
    (until.to_utc() - now).to_std().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Moment {
        "2026-01-31T03:00:00Z".parse().expect("a moment")
    }

    fn answered(status: u16, headers: &[(&str, &str)]) -> Fate {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let headers = headers.iter().map(own).collect();
        Fate::of(Ok(Response { status, headers, body: Vec::new(), is_cut: false }), now())
    }

    const LONG: Duration = Duration::from_secs(3600);

    #[test]
    fn only_what_was_certainly_not_taken_is_posted_again() {
        let not_taken: Vec<u16> =
            (100..600).filter(|status| answered(*status, &[]).pause(1, LONG).is_some()).collect();
        assert_eq!(not_taken, [429, 503]);
        let reason = || "no".to_owned();
        for (failure, expected) in [
            (Failure::Refused(reason()), true),
            (Failure::Unreachable(reason()), true),
            (Failure::TimedOut(reason()), false),
            (Failure::Unsent(reason()), false),
            (Failure::Other(reason()), false),
        ] {
            let fate = Fate::of(Err(failure.clone()), now());
            assert_eq!(fate.pause(1, LONG).is_some(), expected, "{failure:?}");
        }
    }

    #[test]
    fn every_pause_is_twice_as_long_and_the_fourth_try_is_the_last() {
        let fate = answered(503, &[]);
        let pauses: Vec<_> = (1..=5).map(|tries| fate.pause(tries, LONG)).collect();
        let ms = |ms| Some(Duration::from_millis(ms));
        assert_eq!(pauses, [ms(500), ms(1000), ms(2000), None, None]);
        assert_eq!(fate.pause(u32::MAX, LONG), None);
    }

    #[test]
    fn nobody_waits_longer_than_there_is_time_for_the_message() {
        let fate = answered(503, &[]);
        assert_eq!(fate.pause(1, Duration::from_millis(500)), None);
        let asked = answered(429, &[("retry-after", "60")]);
        assert_eq!(asked.pause(1, Duration::from_secs(60)), None);
        assert_eq!(asked.pause(1, Duration::from_secs(61)), Some(Duration::from_secs(60)));
    }

    #[test]
    fn what_a_server_asks_for_is_read_in_seconds_and_as_a_date_and_shortens_nothing() {
        for (said, expected) in [
            ("7", 7000),
            (" 7 ", 7000),
            ("0", 500),
            ("Sat, 31 Jan 2026 03:00:20 GMT", 20_000),
            ("Sat, 31 Jan 2026 02:00:00 GMT", 500),
            ("soon", 500),
            ("-3", 500),
            ("", 500),
        ] {
            let pause = answered(503, &[("retry-after", said)]).pause(1, LONG);
            assert_eq!(pause, Some(Duration::from_millis(expected)), "{said:?}");
        }
        let never = answered(503, &[("retry-after", "99999999999999999999999")]);
        assert_eq!(never.pause(1, LONG), Some(FIRST), "no number that can be meant");
    }

    #[test]
    fn a_problem_says_whether_it_may_have_arrived_and_how_often_it_was_tried() {
        let problem = |status, tries| answered(status, &[]).problem(tries).unwrap_or_default();
        assert_eq!(answered(204, &[]).problem(1), None);
        assert_eq!(problem(404, 1), "it answered 404");
        assert_eq!(problem(500, 1), "it answered 500, so it may have arrived");
        assert_eq!(problem(302, 1), "it answered 302, and no message is sent on to another place");
        assert_eq!(problem(503, 4), "it answered 503, at the last of 4 tries");
        let patience = answered(429, &[("retry-after", "90")]).problem(1);
        assert_eq!(patience.as_deref(), Some("it answered 429, and asked for 90 s of patience"));
    }
}
