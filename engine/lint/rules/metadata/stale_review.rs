//! HP506: a runbook must have been read lately.

use std::time::Duration;

use chrono::NaiveDate;

use crate::document::{duration_text, parse_duration};
use crate::lint::scene::{Scene, entry};
use crate::lint::{Check, Confidence, Finding, Findings, Profile, Rule};
use crate::runbook::cadence::{USUAL_REVIEW, day, days, days_text};
use crate::source::{Severity, Span};

use super::head;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP506",
    name: "stale-review",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Standard,
    fix: None,
    about: "The last review of a runbook is longer ago than it says itself (`review.every`), than \
            the library allows (`lint.max_review_age`), or than 180 days; or its next one is due.",
    why: "Hosts, flags and backups change while the runbook does not. One that nobody has read for \
          half a year is a guess, and it is found out in the incident.",
    bad: include_str!("../../examples/HP506.bad.yaml"),
    good: include_str!("../../examples/HP506.good.yaml"),
    source: "practice: reviews of runbooks are planned, because they are not missed until they are",
    check: Check::Scene(check),
};

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    let review = scene.key("review");
    let key = |name| review.and_then(|(_, review)| entry(review, name));
    let day = |name| key(name).and_then(|(key, node)| Some((key.to(node.span), day(node)?)));
    let (last, next) = (day("last"), day("next"));
    let every = key("every").and_then(|(_, node)| parse_duration(node.as_str()?).ok());
    if let Some((at, next)) = next.filter(|(_, next)| *next < scene.today) {
        findings.push(due(at, next, scene.today));
    } else if let Some((at, last)) = last {
        let most = every.or_else(|| allowed(scene)).unwrap_or(USUAL_REVIEW);
        if let Some(finding) = old(at, last, most, scene.today) {
            findings.push(finding);
        }
    } else if next.is_none() {
        let at = review.map_or(head(scene), |(key, _)| key);
        let message = "nobody is on record as having read this runbook through";
        let help = "read it through, then write the day: `review: {last: 2026-01-31, every: 90d}`";
        findings.push(Finding::new(&RULE, at, message).help(help));
    }
}

fn due(at: Span, next: NaiveDate, today: NaiveDate) -> Finding {
    let days = (today - next).num_days();
    let length = days_text(days.unsigned_abs());
    let message = format!("the next review was due on {next}, {length} ago");
    Finding::new(&RULE, at, message).help("read it through, then set `last` and the next day")
}

fn old(at: Span, last: NaiveDate, most: Duration, today: NaiveDate) -> Option<Finding> {
    let age = (today - last).num_days();
    let is_old = u64::try_from(age).is_ok_and(|age| age > days(most));
    let message = format!(
        "the last review is {} ago, and it must be no older than {}",
        days_text(age.unsigned_abs()),
        duration_text(most)
    );
    let finding = Finding::new(&RULE, at, message);
    is_old.then(|| finding.help("read it through, then set `last` to the day"))
}

/// How old a review may be, by the library.
fn allowed(scene: &Scene<'_>) -> Option<Duration> {
    scene.library.lint.as_ref()?.max_review_age
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{found_beside, of};

    // The tests review on 2026-12-01.
    fn book(review: &str) -> String {
        format!("holdpoint: 1\nid: x\ntitle: X\n{review}steps: []\n")
    }

    #[test]
    fn a_review_may_be_as_old_as_the_runbook_says() {
        let is_found = |review: &str| of("HP506", &book(&format!("review: {review}\n")));
        assert_eq!(is_found("{last: 2026-08-01, every: 90d}"), ["4:10 last: 2026-08-01"]);
        assert!(is_found("{last: 2026-09-02, every: 90d}").is_empty());
        assert_eq!(is_found("{last: 2026-06-03}"), ["4:10 last: 2026-06-03"]);
        assert!(is_found("{last: 2026-06-04}").is_empty());
        assert!(is_found("{last: 2027-01-01}").is_empty());
    }

    #[test]
    fn a_next_day_that_is_past_is_due() {
        let is_found = |review: &str| of("HP506", &book(&format!("review: {review}\n")));
        assert_eq!(is_found("{next: 2025-04-07}"), ["4:10 next: 2025-04-07"]);
        assert!(is_found("{next: 2026-12-01}").is_empty());
    }

    #[test]
    fn a_runbook_that_was_never_reviewed_is_found() {
        assert_eq!(of("HP506", &book("")), ["1:1 holdpoint: 1"]);
        assert_eq!(of("HP506", &book("review: {every: 90d}\n")), ["4:1 review"]);
    }

    #[test]
    fn the_library_says_how_old_a_review_may_be() {
        let library = "holdpoint: 1\nlint: {max_review_age: 30d}\n";
        let is_found = |last: &str| {
            let found = found_beside(library, &book(&format!("review: {{last: {last}}}\n")));
            found.iter().any(|finding| finding.starts_with("HP506"))
        };
        assert!(is_found("2026-10-01"));
        assert!(!is_found("2026-11-02"));
    }
}
