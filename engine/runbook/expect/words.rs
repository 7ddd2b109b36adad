//! What is expected, as a person reads it.

use super::{Comparison, Expectations, FileExpectations};

impl Expectations<String> {
    /// What must be seen; empty where nothing is said.
    pub fn shown(&self) -> String {
        let codes = |name: &str, good: &Option<Vec<i64>>| {
            good.as_ref().map(|good| format!("{name} {}", any_of(good)))
        };
        let texts = self
            .texts
            .iter()
            .map(|(subject, comparison)| format!("{} {}", subject.name(), comparison.wanted()));
        let told = [codes("exit", &self.exit), codes("status", &self.status)].into_iter().flatten();
        told.chain(texts).chain(self.file.shown()).collect::<Vec<_>>().join(", ")
    }
}

impl FileExpectations<String> {
    fn shown(&self) -> Vec<String> {
        let human = humantime::format_duration;
        let exists = |is_there| if is_there { "it is there" } else { "it is not there" }.to_owned();
        let told = [
            self.exists.map(exists),
            self.younger_than.map(|most| format!("less than {} old", human(most))),
            self.larger_than.map(|least| format!("more than {least} bytes")),
            self.sha256.as_ref().map(|digest| format!("SHA-256 {digest}")),
            self.mode.as_ref().map(|mode| format!("mode {mode}")),
        ];
        told.into_iter().flatten().collect()
    }
}

impl Comparison<String> {
    /// What a text must be like, behind its name.
    pub(super) fn wanted(&self) -> String {
        match self {
            Comparison::Equals(value) => format!("{value:?}"),
            Comparison::Contains(value) => format!("to contain {value:?}"),
            Comparison::NotContains(value) => format!("not to contain {value:?}"),
            Comparison::Matches(regex) => format!("to match {regex}"),
            Comparison::AtLeast(least) => format!("at least {least}"),
            Comparison::AtMost(most) => format!("at most {most}"),
            Comparison::Between(low, high) => format!("from {low} to {high}"),
        }
    }
}

/// Numbers of which each is good.
pub(super) fn any_of(good: &[i64]) -> String {
    good.iter().map(i64::to_string).collect::<Vec<_>>().join(" or ")
}

#[cfg(test)]
mod tests {
    use super::super::{Expectations, Subject};
    use super::*;

    #[test]
    fn all_that_is_expected_is_told_and_nothing_where_nothing_is() {
        let expected = Expectations {
            exit: Some(vec![1, 3]),
            texts: vec![
                (Subject::Stdout, Comparison::Equals("inactive".to_owned())),
                (Subject::Stderr, Comparison::Contains("gone".to_owned())),
            ],
            file: FileExpectations { exists: Some(false), ..FileExpectations::default() },
            ..Expectations::default()
        };
        let told = "exit 1 or 3, stdout \"inactive\", stderr to contain \"gone\", it is not there";
        assert_eq!(expected.shown(), told);
        assert_eq!(Expectations::<String>::default().shown(), "");
    }
}
