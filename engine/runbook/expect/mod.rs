//! An expectation: what must be seen for an action to have succeeded or a probe to hold.
//!
//! Judging is pure: facts in, one of three answers out. A number that cannot be read is an
//! error, never a "no".

mod judge;
mod read;
mod shape;
mod words;

use std::time::Duration;

pub use judge::at_path;
pub(super) use shape::{FORMS, OF_ANSWER, OF_COMMAND, OF_FILE, OF_RECORDS};

use super::expression::{Scope, TemplateError};
use super::pattern::Pattern;
use super::rendered::Quoting;
use super::template::Template;

/// All that is expected of one look. Values are templates until they are rendered.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectations<T = Template> {
    /// The exit codes that are good.
    pub exit: Option<Vec<i64>>,
    /// The HTTP status codes that are good.
    pub status: Option<Vec<i64>>,
    /// What the texts must be like.
    pub texts: Vec<(Subject, Comparison<T>)>,
    /// What must hold of a file.
    pub file: FileExpectations<T>,
    /// A stricter expectation; when only it fails, the probe holds with a warning.
    pub warn: Option<Box<Expectations<T>>>,
}

/// What is looked at, which decides what can be expected of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Seen {
    /// A command: exit code and output.
    Command,
    /// An HTTP answer: status, headers, body.
    Answer,
    /// A file.
    File,
    /// The records of a name.
    Records,
}

/// What must hold of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct FileExpectations<T = Template> {
    /// Whether it must exist.
    pub exists: Option<bool>,
    /// The greatest age.
    pub younger_than: Option<Duration>,
    /// The least size in bytes.
    pub larger_than: Option<u64>,
    /// Its SHA-256 in hex.
    pub sha256: Option<T>,
    /// Its permission bits in octal.
    pub mode: Option<String>,
}

/// The text that is compared.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Subject {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
    /// The body of an HTTP answer.
    Body,
    /// The records of a name, one a line.
    Answer,
    /// One header of an HTTP answer.
    Header(String),
    /// A place in JSON that was printed or answered.
    Json(String),
}

/// How a text is compared.
#[derive(Clone, Debug, PartialEq)]
pub enum Comparison<T = Template> {
    /// It is this text.
    Equals(T),
    /// It holds this text.
    Contains(T),
    /// It does not hold this text.
    NotContains(T),
    /// It matches this regular expression somewhere.
    Matches(Pattern),
    /// It is a number of at least this.
    AtLeast(T),
    /// It is a number of at most this.
    AtMost(T),
    /// It is a number from the first to the second.
    Between(T, T),
}

/// What was seen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sight {
    /// The exit code of a command.
    pub exit: Option<i64>,
    /// The status of an HTTP answer.
    pub status: Option<i64>,
    /// The headers of an HTTP answer.
    pub headers: Vec<(String, String)>,
    /// How many records a name has.
    pub records: Option<usize>,
    /// Standard output, the body of an HTTP answer, or the records of a name.
    pub stdout: Text,
    /// Standard error.
    pub stderr: Text,
    /// What was found where a file was looked for.
    pub file: FileSight,
}

/// What was found where a file was looked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum FileSight {
    /// No file was looked for.
    #[default]
    NotLooked,
    /// There is none.
    Missing,
    /// There is one.
    Found(FileFacts),
}

/// Text that was seen.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Text {
    /// Nothing was printed.
    #[default]
    Empty,
    /// All of it.
    Whole(String),
    /// More than may be compared.
    TooLong,
}

/// What is known of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct FileFacts {
    /// How long ago it was changed.
    pub age: Duration,
    /// Its size in bytes.
    pub size: u64,
    /// Its permission bits.
    pub mode: u32,
    /// Its SHA-256 in hex, when that was asked for.
    pub sha256: Option<String>,
}

/// What a look amounts to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Judgement {
    /// All that was expected was seen.
    Holds,
    /// It was seen, but for the stricter expectation.
    Warns(String),
    /// It was not seen.
    Fails(String),
    /// It could not be told.
    Error(String),
}

// Derived, these would ask for a default of `T`, which is never made.
impl<T> Default for Expectations<T> {
    fn default() -> Expectations<T> {
        Expectations {
            exit: None,
            status: None,
            texts: Vec::new(),
            file: FileExpectations::default(),
            warn: None,
        }
    }
}

impl<T> Default for FileExpectations<T> {
    fn default() -> FileExpectations<T> {
        FileExpectations {
            exists: None,
            younger_than: None,
            larger_than: None,
            sha256: None,
            mode: None,
        }
    }
}

impl Expectations<Template> {
    /// The templates in it.
    pub fn templates(&self) -> Vec<&Template> {
        let mut found: Vec<&Template> = self.file.sha256.iter().collect();
        for (_, comparison) in &self.texts {
            found.extend(comparison.values());
        }
        if let Some(warn) = &self.warn {
            found.extend(warn.templates());
        }
        found
    }

    /// The same with every template rendered.
    pub fn render(&self, scope: &dyn Scope) -> Result<Expectations<String>, TemplateError> {
        let text = |template: &Template| Ok(template.render(scope, Quoting::Text)?.shown());
        let texts = self
            .texts
            .iter()
            .map(|(subject, comparison)| Ok((subject.clone(), comparison.map(text)?)))
            .collect::<Result<_, TemplateError>>()?;
        Ok(Expectations {
            exit: self.exit.clone(),
            status: self.status.clone(),
            texts,
            file: FileExpectations {
                exists: self.file.exists,
                younger_than: self.file.younger_than,
                larger_than: self.file.larger_than,
                sha256: self.file.sha256.as_ref().map(text).transpose()?,
                mode: self.file.mode.clone(),
            },
            warn: self.warn.as_ref().map(|warn| warn.render(scope)).transpose()?.map(Box::new),
        })
    }
}

impl<T> Comparison<T> {
    fn values(&self) -> Vec<&T> {
        match self {
            Comparison::Equals(value)
            | Comparison::Contains(value)
            | Comparison::NotContains(value)
            | Comparison::AtLeast(value)
            | Comparison::AtMost(value) => vec![value],
            Comparison::Between(low, high) => vec![low, high],
            Comparison::Matches(_) => Vec::new(),
        }
    }

    fn map<U, E>(&self, change: impl Fn(&T) -> Result<U, E>) -> Result<Comparison<U>, E> {
        Ok(match self {
            Comparison::Equals(value) => Comparison::Equals(change(value)?),
            Comparison::Contains(value) => Comparison::Contains(change(value)?),
            Comparison::NotContains(value) => Comparison::NotContains(change(value)?),
            Comparison::Matches(regex) => Comparison::Matches(regex.clone()),
            Comparison::AtLeast(value) => Comparison::AtLeast(change(value)?),
            Comparison::AtMost(value) => Comparison::AtMost(change(value)?),
            Comparison::Between(low, high) => Comparison::Between(change(low)?, change(high)?),
        })
    }
}
