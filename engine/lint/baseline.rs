//! A baseline: what was there when somebody began to lint, so that only what is new is told.
//!
//! Findings are known by their fingerprints and counted: of three that are the same, a fourth is new.
//! What `run` refuses stands in none.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::review::Review;

/// The version of the file.
const VERSION: u32 = 1;

/// What was there before.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Baseline {
    /// How many findings there were, by fingerprint.
    known: BTreeMap<String, usize>,
}

/// The file.
#[derive(Debug, Deserialize, Serialize)]
struct File {
    version: u32,
    findings: Vec<Entry>,
}

/// Findings that are the same; beside the fingerprint what a person needs to know them by.
#[derive(Debug, Deserialize, Serialize)]
struct Entry {
    fingerprint: String,
    count: usize,
    #[serde(default)]
    code: String,
    #[serde(default)]
    path: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    step: Option<String>,
    #[serde(default)]
    message: String,
}

impl Baseline {
    /// Reads a file; the error says what is wrong with it.
    pub fn read(text: &str) -> Result<Baseline, String> {
        let file: File = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if file.version != VERSION {
            return Err(format!("its version is {}, and {VERSION} is known", file.version));
        }
        let mut known = BTreeMap::new();
        for entry in file.findings {
            *known.entry(entry.fingerprint).or_default() += entry.count;
        }
        Ok(Baseline { known })
    }

    /// The text of a file that holds all that is found.
    pub fn write(reviews: &[Review]) -> String {
        let mut findings: BTreeMap<(String, String), Entry> = BTreeMap::new();
        for review in reviews {
            for (finding, (fingerprint, number)) in
                review.findings.iter().zip(review.fingerprints())
            {
                if finding.is_refused {
                    continue;
                }
                let entry = Entry {
                    fingerprint: fingerprint.clone(),
                    count: number,
                    code: finding.code(),
                    path: review.path.clone(),
                    step: finding.step.clone(),
                    message: finding.message.clone(),
                };
                findings.insert((review.path.clone(), fingerprint), entry);
            }
        }
        let file = File { version: VERSION, findings: findings.into_values().collect() };
        // There is nothing in it that JSON cannot hold.
        serde_json::to_string_pretty(&file).unwrap_or_default() + "\n"
    }

    /// Takes out of a review what was there before.
    pub fn leave_out(&self, review: &mut Review) {
        let prints = review.fingerprints();
        let before = review.findings.len();
        let mut prints = prints.into_iter();
        review.findings.retain(|finding| {
            let Some((print, number)) = prints.next() else { return true };
            let known = self.known.get(&print).copied().unwrap_or_default();
            finding.is_refused || number > known
        });
        review.in_baseline += before - review.findings.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::review::{Found, Place};
    use crate::lint::suppress::Comments;
    use crate::lint::{Finding, Policy, Rule};
    use crate::source::{Source, Span};

    /// A review of some places where something is destroyed.
    fn review(text: &str, baseline: Option<&Baseline>) -> Review {
        let source = Source::new("a.yaml", text);
        let found = |code: &str, word: &str| -> Vec<Finding> {
            let rule = Rule::find(code).expect("the rule is there");
            let places = text.match_indices(word);
            places.map(|(at, it)| Finding::new(rule, Span::new(at, at + it.len()), "so")).collect()
        };
        let findings = [found("HP201", "drop"), found("HP105", "need")].concat();
        let found = Found {
            place: Place { in_repository: "a.yaml".into(), in_library: "a.yaml".into() },
            policy: Policy::default(),
            comments: Comments::default(),
            findings,
            scripts: Vec::new(),
            has_asked_shellcheck: false,
            card: None,
            source,
        };
        Review::new(found, baseline)
    }

    fn baseline(text: &str) -> Baseline {
        Baseline::read(&Baseline::write(&[review(text, None)])).expect("it was just written")
    }

    #[test]
    fn what_was_there_before_is_left_out_and_counted() {
        let known = baseline("drop drop");
        let same = review("x\n drop drop", Some(&known));
        assert_eq!((same.findings.len(), same.in_baseline), (0, 2));
        let more = review("drop drop drop", Some(&known));
        assert_eq!((more.findings.len(), more.in_baseline), (1, 2));
        let fewer = review("drop", Some(&known));
        assert_eq!((fewer.findings.len(), fewer.in_baseline), (0, 1));
    }

    #[test]
    fn what_run_refuses_is_never_in_it() {
        let known = baseline("drop need");
        let same = review("drop need", Some(&known));
        let codes: Vec<&str> = same.findings.iter().map(|it| it.rule.code).collect();
        assert_eq!((codes, same.in_baseline), (vec!["HP105"], 1));
    }

    #[test]
    fn a_file_that_is_none_is_told() {
        assert!(Baseline::read("[]").is_err());
        let other = Baseline::read("{\"version\": 2, \"findings\": []}");
        assert_eq!(other, Err("its version is 2, and 1 is known".to_owned()));
    }

    #[test]
    fn it_is_written_the_same_each_time_for_a_person_to_read() {
        let text = Baseline::write(&[review("drop drop", None)]);
        let json: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
        assert_eq!(json["findings"][0]["count"], 2);
        assert_eq!(json["findings"][0]["code"], "HP201");
        assert_eq!(json["findings"][0]["path"], "a.yaml");
        assert_eq!(text, Baseline::write(&[review("drop drop", None)]));
    }
}
