//! Judging a sight: pure, and never a guess.

use std::time::Duration;

use serde_json::Value as Json;

use super::words::any_of;
use super::{
    Comparison, Expectations, FileExpectations, FileSight, Judgement, Sight, Subject, Text,
};

impl Expectations<String> {
    /// What `sight` amounts to.
    pub fn judge(&self, sight: &Sight) -> Judgement {
        match self.unmet(sight) {
            Err(reason) => Judgement::Error(reason),
            Ok(Some(reason)) => Judgement::Fails(reason),
            Ok(None) => match self.warn.as_ref().map(|warn| warn.unmet(sight)) {
                None | Some(Ok(None)) => Judgement::Holds,
                Some(Ok(Some(reason)) | Err(reason)) => Judgement::Warns(reason),
            },
        }
    }

    /// The first thing expected that was not seen.
    fn unmet(&self, sight: &Sight) -> Result<Option<String>, String> {
        if let Some(exit) = sight.exit {
            let good = self.exit.as_deref().unwrap_or(&[0]);
            if !good.contains(&exit) {
                return Ok(Some(format!("exit {exit}, expected {}", any_of(good))));
            }
        }
        if let Some(status) = sight.status {
            let is_good = match &self.status {
                Some(good) => good.contains(&status),
                None => (200..300).contains(&status),
            };
            if !is_good {
                let good = self.status.as_deref().map_or("2xx".to_owned(), any_of);
                return Ok(Some(format!("status {status}, expected {good}")));
            }
        }
        if sight.records == Some(0) && self.texts.is_empty() {
            return Ok(Some("there is no such record".into()));
        }
        for (subject, comparison) in &self.texts {
            if let Some(reason) = unmet_text(subject, comparison, sight)? {
                return Ok(Some(reason));
            }
        }
        self.file.unmet(&sight.file)
    }
}

impl FileExpectations<String> {
    /// Whether the SHA-256 of the file is wanted.
    pub fn wants_digest(&self) -> bool {
        self.sha256.is_some()
    }

    fn unmet(&self, sight: &FileSight) -> Result<Option<String>, String> {
        let facts = match sight {
            FileSight::NotLooked => return Ok(None),
            FileSight::Missing => {
                let is_fine = self.exists == Some(false);
                return Ok((!is_fine).then(|| "there is no such file".to_owned()));
            }
            FileSight::Found(facts) => facts,
        };
        if self.exists == Some(false) {
            return Ok(Some("the file exists".into()));
        }
        let age = Duration::from_secs(facts.age.as_secs());
        let human = humantime::format_duration;
        let reasons = [
            self.younger_than.filter(|most| facts.age >= *most).map(|most| {
                format!("it is {} old, expected less than {}", human(age), human(most))
            }),
            self.larger_than
                .filter(|least| facts.size <= *least)
                .map(|least| format!("it has {} bytes, expected more than {least}", facts.size)),
            self.sha256
                .as_ref()
                .filter(|digest| facts.sha256.as_ref() != Some(digest))
                .map(|digest| format!("its SHA-256 is not {digest}")),
            self.mode
                .as_ref()
                .filter(|mode| format!("{:o}", facts.mode) != mode.trim_start_matches('0'))
                .map(|mode| format!("its mode is {:o}, expected {mode}", facts.mode)),
        ];
        Ok(reasons.into_iter().flatten().next())
    }
}

fn unmet_text(
    subject: &Subject,
    comparison: &Comparison<String>,
    sight: &Sight,
) -> Result<Option<String>, String> {
    let name = subject.name();
    let Some(text) = subject.of(sight)? else { return Ok(Some(format!("{name} is missing"))) };
    let number = |text: &str| -> Result<f64, String> {
        let found = text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
        found.ok_or_else(|| format!("{name} is {}, not a number", excerpt(text)))
    };
    let is_met = match comparison {
        Comparison::Equals(value) => text == *value,
        Comparison::Contains(value) => text.contains(value),
        Comparison::NotContains(value) => !text.contains(value),
        Comparison::Matches(regex) => regex.is_match(&text),
        Comparison::AtLeast(least) => number(&text)? >= number(least)?,
        Comparison::AtMost(most) => number(&text)? <= number(most)?,
        Comparison::Between(low, high) => {
            let found = number(&text)?;
            number(low)? <= found && found <= number(high)?
        }
    };
    let wanted = comparison.wanted();
    Ok((!is_met).then(|| format!("{name} is {}, expected {wanted}", excerpt(&text))))
}

impl Subject {
    pub(super) fn name(&self) -> String {
        match self {
            Subject::Stdout => "stdout".into(),
            Subject::Stderr => "stderr".into(),
            Subject::Body => "the body".into(),
            Subject::Answer => "the answer".into(),
            Subject::Header(name) => format!("the header {name}"),
            Subject::Json(path) => path.clone(),
        }
    }

    fn of(&self, sight: &Sight) -> Result<Option<String>, String> {
        match self {
            Subject::Stdout | Subject::Body | Subject::Answer => {
                sight.stdout.whole(&self.name()).map(Some)
            }
            Subject::Stderr => sight.stderr.whole(&self.name()).map(Some),
            Subject::Header(name) => {
                let found =
                    sight.headers.iter().find(|(found, _)| found.eq_ignore_ascii_case(name));
                Ok(found.map(|(_, value)| value.clone()))
            }
            Subject::Json(path) => {
                let text = sight.stdout.whole("the output")?;
                let json: Json = serde_json::from_str(&text)
                    .map_err(|error| format!("the output is not JSON: {error}"))?;
                Ok(at_path(&json, path).map(|found| match found {
                    Json::String(text) => text.clone(),
                    other => other.to_string(),
                }))
            }
        }
    }
}

impl Text {
    /// The whole text as it is.
    pub fn raw(&self, name: &str) -> Result<&str, String> {
        match self {
            Text::Empty => Ok(""),
            Text::Whole(text) => Ok(text),
            Text::TooLong => Err(format!("{name} is longer than 64 KiB")),
        }
    }

    /// The whole text without its last newline.
    pub fn whole(&self, name: &str) -> Result<String, String> {
        match self {
            Text::Empty => Ok(String::new()),
            Text::Whole(text) => {
                let line = text.strip_suffix('\n').unwrap_or(text);
                Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
            }
            Text::TooLong => Err(format!("{name} is longer than 64 KiB")),
        }
    }
}

/// The value at a path such as `$.items[0].status`.
pub fn at_path<'j>(json: &'j Json, path: &str) -> Option<&'j Json> {
    let path = path.strip_prefix('$').unwrap_or(path).replace('[', ".").replace(']', "");
    path.split('.').filter(|part| !part.is_empty()).try_fold(json, |found, part| match found {
        Json::Array(items) => items.get(part.parse::<usize>().ok()?),
        other => other.get(part),
    })
}

fn excerpt(text: &str) -> String {
    const MOST: usize = 80;
    let line: String = text.chars().take(MOST).collect();
    if line.len() < text.len() { format!("{line:?}…") } else { format!("{line:?}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runbook::expect::FileFacts;

    fn printed(text: &str) -> Sight {
        Sight { exit: Some(0), stdout: Text::Whole(text.into()), ..Sight::default() }
    }

    fn expecting(comparison: Comparison<String>) -> Expectations<String> {
        Expectations { texts: vec![(Subject::Stdout, comparison)], ..Expectations::default() }
    }

    #[test]
    fn a_text_is_compared_without_its_last_newline() {
        let expected = expecting(Comparison::Equals("t".into()));
        assert_eq!(expected.judge(&printed("t\n")), Judgement::Holds);
        assert_eq!(
            expected.judge(&printed("f\n")),
            Judgement::Fails("stdout is \"f\", expected \"t\"".into())
        );
    }

    #[test]
    fn a_number_that_is_none_is_an_error_and_not_a_no() {
        let expected = expecting(Comparison::AtLeast("3".into()));
        assert_eq!(expected.judge(&printed("3\n")), Judgement::Holds);
        assert_eq!(
            expected.judge(&printed("2\n")),
            Judgement::Fails("stdout is \"2\", expected at least 3".into())
        );
        assert_eq!(
            expected.judge(&printed("many\n")),
            Judgement::Error("stdout is \"many\", not a number".into())
        );
    }

    #[test]
    fn without_words_a_command_must_exit_with_zero_and_an_answer_be_2xx() {
        let expected = Expectations::<String>::default();
        let exit = |exit| Sight { exit: Some(exit), ..Sight::default() };
        let status = |status| Sight { status: Some(status), ..Sight::default() };
        assert_eq!(expected.judge(&exit(0)), Judgement::Holds);
        assert_eq!(expected.judge(&exit(7)), Judgement::Fails("exit 7, expected 0".into()));
        assert_eq!(expected.judge(&status(204)), Judgement::Holds);
        assert_eq!(
            expected.judge(&status(503)),
            Judgement::Fails("status 503, expected 2xx".into())
        );
    }

    #[test]
    fn a_stricter_expectation_that_fails_alone_is_a_warning() {
        let expected = Expectations {
            warn: Some(Box::new(expecting(Comparison::AtMost("80".into())))),
            ..expecting(Comparison::AtMost("90".into()))
        };
        assert_eq!(expected.judge(&printed("70")), Judgement::Holds);
        assert_eq!(
            expected.judge(&printed("85")),
            Judgement::Warns("stdout is \"85\", expected at most 80".into())
        );
        assert!(matches!(expected.judge(&printed("95")), Judgement::Fails(_)));
    }

    #[test]
    fn a_missing_file_fails_what_is_expected_of_it() {
        let file = FileExpectations { larger_than: Some(10), ..FileExpectations::default() };
        let expected = Expectations { file, ..Expectations::default() };
        let facts = |size| FileFacts { age: Duration::ZERO, size, mode: 0o600, sha256: None };
        let sight = |file| Sight { file, ..Sight::default() };
        assert_eq!(
            expected.judge(&sight(FileSight::Missing)),
            Judgement::Fails("there is no such file".into())
        );
        assert_eq!(
            expected.judge(&sight(FileSight::Found(facts(10)))),
            Judgement::Fails("it has 10 bytes, expected more than 10".into())
        );
        assert_eq!(expected.judge(&sight(FileSight::Found(facts(11)))), Judgement::Holds);
    }

    #[test]
    fn a_path_reaches_into_lists_and_mappings() {
        let json = serde_json::json!({"items": [{"status": "ok"}]});
        assert_eq!(at_path(&json, "$.items[0].status"), Some(&Json::from("ok")));
        assert_eq!(at_path(&json, "$.items[1].status"), None);
    }
}
