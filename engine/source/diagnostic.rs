//! One thing wrong with a source, as facts; `report` decides how it looks.

use super::Span;

/// How much a diagnostic weighs.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Severity {
    /// Worth knowing; nothing is refused.
    Note,
    /// Likely a mistake; nothing is refused.
    Warning,
    /// The file is refused.
    Error,
}

impl Severity {
    /// All of them, the heaviest first.
    pub const ALL: [Severity; 3] = [Severity::Error, Severity::Warning, Severity::Note];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// One thing wrong with a runbook: where, what, and the way out.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Diagnostic {
    /// The rule of lint that it breaks, such as `HP105`; none where any rule of its kind would do.
    pub code: Option<&'static str>,
    /// How much it weighs.
    pub severity: Severity,
    /// One lower-case sentence without a full stop.
    pub message: String,
    /// The place it is about.
    pub at: Span,
    /// A word or two beside the marked place.
    pub label: Option<String>,
    /// What to do about it.
    pub help: Option<String>,
    /// What was probably meant in place of a word that is not known here.
    pub meant: Option<Meant>,
    /// Other places that explain it, each with its own words.
    pub related: Vec<(Span, String)>,
    /// Whether the place holds a secret: it is named, and its line is not shown.
    pub is_private: bool,
}

/// A word that stands in the marked place, and the known one that is nearest.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Meant {
    /// The word as it is written.
    pub written: String,
    /// The known word.
    pub known: String,
}

impl Diagnostic {
    /// An error at a place.
    pub fn error(at: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code: None,
            severity: Severity::Error,
            message: message.into(),
            at,
            label: None,
            help: None,
            meant: None,
            related: Vec::new(),
            is_private: false,
        }
    }

    /// A warning at a place.
    pub fn warning(at: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(at, message) }
    }

    /// With the rule of lint that it breaks.
    #[must_use]
    pub fn code(self, code: &'static str) -> Diagnostic {
        Diagnostic { code: Some(code), ..self }
    }

    /// With the known word that was probably meant, as its way out.
    #[must_use]
    pub fn did_you_mean(self, written: &str, known: &str) -> Diagnostic {
        let meant = Meant { written: written.to_owned(), known: known.to_owned() };
        Diagnostic { meant: Some(meant), ..self }.help(format!("did you mean `{known}`?"))
    }

    /// With its line left out.
    #[must_use]
    pub fn private(self) -> Diagnostic {
        Diagnostic { is_private: true, ..self }
    }

    /// With a word or two beside the marked place.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Diagnostic {
        self.label = Some(label.into());
        self
    }

    /// With a way out.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    /// With another place that explains it.
    #[must_use]
    pub fn related(mut self, at: Span, words: impl Into<String>) -> Diagnostic {
        self.related.push((at, words.into()));
        self
    }
}

/// All that is wrong with one source, gathered while it is read.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Problems {
    found: Vec<Diagnostic>,
}

impl Problems {
    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    /// Adds an error without further words.
    pub fn error(&mut self, at: Span, message: impl Into<String>) {
        self.push(Diagnostic::error(at, message));
    }

    /// Whether something found refuses the file.
    pub fn has_errors(&self) -> bool {
        self.found.iter().any(|found| found.severity == Severity::Error)
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// What was found, in the order of the text.
    pub fn sorted(mut self) -> Vec<Diagnostic> {
        self.found.sort_by_key(|found| found.at.start);
        // What a switch says beside its cases is checked once for each of them.
        self.found.dedup();
        self.found
    }
}
