//! What shellcheck answers, as JSON.

use serde::{Deserialize, Serialize};

use crate::source::Severity;

/// One comment about a script. Lines and columns count from 1, a tab being one column.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Comment {
    #[serde(default)]
    file: String,
    pub(super) line: usize,
    pub(super) end_line: usize,
    pub(super) column: usize,
    pub(super) end_column: usize,
    level: String,
    pub(super) code: u32,
    pub(super) message: String,
    #[serde(default)]
    pub(super) fix: Option<Fix>,
}

/// A change that is proposed.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Fix {
    pub(super) replacements: Vec<Replacement>,
}

/// A range, and what comes there.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Replacement {
    pub(super) line: usize,
    pub(super) end_line: usize,
    pub(super) column: usize,
    pub(super) end_column: usize,
    /// Of texts for one place, that of a higher one comes first.
    #[serde(default)]
    pub(super) precedence: i64,
    pub(super) replacement: String,
}

#[derive(Deserialize)]
struct Answer {
    comments: Vec<Comment>,
}

/// Reads an answer in the format `json1`.
pub fn read(text: &[u8]) -> Result<Vec<Comment>, String> {
    let answer: Result<Answer, _> = serde_json::from_slice(text);
    answer.map(|answer| answer.comments).map_err(|error| error.to_string())
}

impl Comment {
    /// The file that it is about.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The same about whatever file has that text.
    #[must_use]
    pub fn without_file(self) -> Comment {
        Comment { file: String::new(), ..self }
    }

    pub(super) fn severity(&self) -> Severity {
        match self.level.as_str() {
            "error" => Severity::Error,
            "warning" => Severity::Warning,
            _ => Severity::Note,
        }
    }
}
