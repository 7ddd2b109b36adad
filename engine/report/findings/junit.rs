//! Findings as JUnit XML: a suite for each file, a case for each rule that looked at it.

use std::fmt::Write;

use crate::lint::{Finding, Review, Rule};
use crate::report::visible_str;

use super::page;

/// The report. A rule that found what makes the review fail has failed; all others have passed.
pub fn junit(reviews: &[Review]) -> String {
    let suites: Vec<Suite> = reviews.iter().map(Suite::of).collect();
    let tests: usize = suites.iter().map(|suite| suite.tests).sum();
    let failures: usize = suites.iter().map(|suite| suite.failures).sum();
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites name=\"holdpoint lint\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">\n"
    );
    suites.iter().for_each(|suite| text.push_str(&suite.text));
    text + "</testsuites>\n"
}

struct Suite {
    tests: usize,
    failures: usize,
    text: String,
}

impl Suite {
    fn of(review: &Review) -> Suite {
        let cases: Vec<Case<'_>> = review.rules.iter().map(|rule| Case::of(review, rule)).collect();
        let failures = cases.iter().filter(|case| case.fails(review)).count();
        let (name, tests) = (escaped(&review.path), cases.len());
        let mut text = format!(
            "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" \
             disabled=\"0\">\n"
        );
        cases.iter().for_each(|case| case.write(review, &name, &mut text));
        Suite { tests, failures, text: text + "  </testsuite>\n" }
    }
}

struct Case<'r> {
    rule: &'static Rule,
    found: Vec<&'r Finding>,
}

impl<'r> Case<'r> {
    fn of(review: &'r Review, rule: &'static Rule) -> Case<'r> {
        let found = review.findings.iter().filter(|it| it.rule.code == rule.code).collect();
        Case { rule, found }
    }

    /// Whether what is found makes the review fail; what weighs less is printed, and passes.
    fn fails(&self, review: &Review) -> bool {
        self.found.iter().any(|finding| finding.severity >= review.fail_on)
    }

    fn write(&self, review: &Review, suite: &str, text: &mut String) {
        let name = escaped(&format!("{} {}", self.rule.code, self.rule.name));
        let Some(first) = self.found.first() else {
            let _ = writeln!(text, "    <testcase name=\"{name}\" classname=\"{suite}\"/>");
            return;
        };
        let message = escaped(&first.message);
        let worst = self.found.iter().map(|it| it.severity).max();
        let kind = worst.map_or("", |severity| severity.word());
        let lines = self.found.iter().map(|finding| {
            let place = review.source.position(finding.at.start);
            let message = page::message(finding);
            format!("{}:{}:{}: {message}\n", review.path, place.line, place.column)
        });
        let lines = escaped(&lines.collect::<String>());
        let _ = writeln!(text, "    <testcase name=\"{name}\" classname=\"{suite}\">");
        let _ = match self.fails(review) {
            true => writeln!(
                text,
                "      <failure message=\"{message}\" type=\"{kind}\">{lines}</failure>"
            ),
            false => writeln!(text, "      <system-out>{lines}</system-out>"),
        };
        text.push_str("    </testcase>\n");
    }
}

/// Text as it may stand in XML, which has no way to write some characters at all.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for char in visible_str(text).chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            _ => escaped.push(char),
        }
    }
    escaped
}
