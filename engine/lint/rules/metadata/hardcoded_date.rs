//! HP508: a date of some other incident.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::lint::scene::{Role, Scene};
use crate::lint::{Check, Confidence, Finding, Findings, Profile, Rule};
use crate::source::Severity;

use super::texts;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP508",
    name: "hardcoded-date",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Standard,
    fix: None,
    about: "A command, its here-document or a request holds a date: a point in time to recover \
            to, or a file name such as `daily_20240115`.",
    why: "The date is that of the day on which the runbook was written. Carried out as it stands, it \
          restores the backup of another year, or recovers to a point before all that happened \
          since, and reports success.",
    bad: include_str!("../../examples/HP508.bad.yaml"),
    good: include_str!("../../examples/HP508.good.yaml"),
    source: "practice: three of the five source documents recover to a date of the past",
    check: Check::Scene(check),
};

static DATE: LazyLock<Regex> = LazyLock::new(|| {
    let day = r"(0[1-9]|1[0-2])([-/]?)(0[1-9]|[12][0-9]|3[01])";
    let time =
        r"([T _-]?([01][0-9]|2[0-3]):?[0-5][0-9](:?[0-5][0-9])?(Z|[+-][0-9]{2}:?[0-9]{2})?)?";
    Regex::new(&format!(r"20[0-9]{{2}}[-/]?{day}{time}")).expect("the pattern of a date is valid")
});

/// Programs that only print what they are given.
const PRINTERS: [&str; 2] = ["echo", "printf"];

/// What makes a date before it a version: `api-version=2023-01-01`, `"Version": "2012-10-17"`.
const VERSIONS: [&str; 3] = ["version", "release.", "api-"];

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    texts::each(scene, &mut |text| {
        if !text.is_used || PRINTERS.contains(&text.program) {
            return;
        }
        for range in dates(text.text) {
            let date = &text.text[range.clone()];
            let message = format!("`{date}` is a date of the past, the same in every incident");
            let finding = Finding::new(&RULE, text.span(range, scene), message)
                .help("make it an input, or reckon it from `run.started_at` or `run.detected_at`");
            findings.push(scene.in_step(finding, text.step));
        }
    });
    written_by_printers(scene, findings);
}

/// What `echo` writes into a file is read by somebody.
fn written_by_printers(scene: &Scene<'_>, findings: &mut Findings) {
    for script in scene.scripts.iter().filter(|script| script.role == Role::Action) {
        for command in &script.commands {
            let is_kept = PRINTERS.contains(&command.program())
                && command.redirects.iter().any(|it| it.operator.starts_with('>'));
            let text = script.text.get(command.range.clone()).filter(|_| is_kept);
            let Some(text) = text else { continue };
            for range in dates(text) {
                let at = command.range.start + range.start..command.range.start + range.end;
                let message = format!("`{}` is a date of the past", &text[range]);
                let finding = Finding::new(&RULE, script.place(&at, scene.source), message)
                    .help("make it an input");
                findings.push(scene.in_step(finding, script.step));
            }
        }
    }
}

/// Where dates stand in a text.
fn dates(text: &str) -> Vec<Range<usize>> {
    let is_date = |range: &Range<usize>| {
        let before = text[..range.start].chars().next_back();
        let after = text[range.end..].chars().next();
        let is_part = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
        !is_part(before)
            && !is_part(after)
            && !is_version(&text[..range.start])
            && !is_download(text, range.start)
            && has_one_separator(&text[range.clone()])
    };
    DATE.find_iter(text).map(|found| found.range()).filter(is_date).collect()
}

/// `2024-01-15` and `20240115`, and not `2024-0115`, which is something else.
fn has_one_separator(date: &str) -> bool {
    let digit_at = |at: usize| date.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
    match digit_at(4) {
        true => digit_at(6),
        false => date.as_bytes().get(4) == date.as_bytes().get(7),
    }
}

fn is_version(before: &str) -> bool {
    let start = before.char_indices().rev().nth(15).map_or(0, |(at, _)| at);
    let near = before[start..].to_ascii_lowercase();
    VERSIONS.iter().any(|word| near.contains(word))
}

/// Whether the word around a byte is a URL of a web server, where a date mostly is a release.
fn is_download(text: &str, at: usize) -> bool {
    let start = text[..at].rfind(char::is_whitespace).map_or(0, |at| at + 1);
    let word = text[start..at].trim_start_matches(['"', '\'']);
    word.contains("http://") || word.contains("https://")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::of;

    fn marked(text: &str) -> Vec<&str> {
        dates(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn dates_and_moments_are_known_in_every_form() {
        for (text, expected) in [
            ("recovery_target_time = '2024-01-15 10:30:00'", "2024-01-15 10:30:00"),
            ("clickhouse-backup restore daily_20240115", "20240115"),
            ("DETACH PARTITION '20240115'", "20240115"),
            ("--target-time=\"2024-01-15 14:30:00\"", "2024-01-15 14:30:00"),
            ("cogitator_20241214.dump", "20241214"),
            ("--since 2024-01-15T10:30:00Z", "2024-01-15T10:30:00Z"),
            ("s3://b/2024/01/15/dump", "2024/01/15"),
        ] {
            assert_eq!(marked(text), [expected], "{text}");
        }
    }

    #[test]
    fn versions_releases_and_numbers_are_no_dates() {
        for text in [
            "\"Version\": \"2012-10-17\"",
            "?api-version=2023-01-01",
            "minio:RELEASE.2024-01-16T16-07-38Z",
            "curl https://get.shop.test/tool-20240115.tgz",
            "120240115",
            "202401159",
            "2024-13-01",
            "2024-0115",
            "daily_$(date +%Y%m%d)",
        ] {
            assert_eq!(marked(text), Vec::<&str>::new(), "{text}");
        }
    }

    #[test]
    fn a_date_in_a_command_is_marked_and_one_of_a_review_is_not() {
        let book = "holdpoint: 1\nid: x\ntitle: Of 2024-01-15\nreview: {last: 2024-01-15}\nsteps:\n  \
                    - {id: a, run: [restore, daily_20240115]}\n";
        assert_eq!(of("HP508", book), ["6:28 daily_20240115"]);
    }
}
