//! A finding: one thing that a rule has to say about one place, as facts.

use crate::source::{Severity, Span};

use super::rule::{Check, Rule};

/// One thing that a rule has to say.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// What of the rule it is, where it has parts: `SC2086` of HP401.
    pub part: Option<String>,
    /// How much it weighs; that of its rule unless the case is better or worse.
    pub severity: Severity,
    /// One lower-case sentence without a full stop.
    pub message: String,
    /// The place.
    pub at: Span,
    /// A word or two beside the marked place.
    pub label: Option<String>,
    /// The path of the step, such as `bring-back/restore/load`.
    pub step: Option<String>,
    /// Other places that explain it, each with its own words.
    pub related: Vec<(Span, String)>,
    /// What to do about it.
    pub help: Option<String>,
    /// A change of the text that settles it.
    pub fix: Option<Fix>,
    /// Whether the place holds a secret: it is named, and its line is not shown.
    pub is_private: bool,
    /// Whether `run` refuses it too, so that it counts whatever anybody says.
    pub is_refused: bool,
}

/// A change of the text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fix {
    /// Whether it may be made without a look.
    pub safety: Safety,
    /// What it does, such as ``add `--fail` ``.
    pub title: String,
    /// The changes; none overlaps another.
    pub edits: Vec<Edit>,
}

/// Whether a fix keeps what the runbook does.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Safety {
    /// It only makes failures visible, or changes nothing of what is done.
    Safe,
    /// A person must look at it.
    Unsafe,
}

/// One range of bytes and what it becomes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Edit {
    /// What is replaced; empty where text is put in.
    pub at: Span,
    /// The text that comes there.
    pub text: String,
}

impl Finding {
    /// What a rule says about a place.
    pub fn new(rule: &'static Rule, at: Span, message: impl Into<String>) -> Finding {
        Finding {
            rule,
            part: None,
            severity: rule.severity,
            message: message.into(),
            at,
            label: None,
            step: None,
            related: Vec::new(),
            help: None,
            fix: None,
            is_private: false,
            is_refused: matches!(rule.check, Check::Reading),
        }
    }

    /// The code with its part: `HP401[SC2086]`.
    pub fn code(&self) -> String {
        match &self.part {
            Some(part) => format!("{}[{part}]", self.rule.code),
            None => self.rule.code.to_owned(),
        }
    }

    /// With a word or two beside the marked place.
    #[must_use]
    pub fn label(self, label: impl Into<String>) -> Finding {
        Finding { label: Some(label.into()), ..self }
    }

    /// With the step that it is about.
    #[must_use]
    pub fn step(self, path: impl Into<String>) -> Finding {
        Finding { step: Some(path.into()), ..self }
    }

    /// With another place that explains it.
    #[must_use]
    pub fn related(mut self, at: Span, words: impl Into<String>) -> Finding {
        self.related.push((at, words.into()));
        self
    }

    /// With a way out.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Finding {
        Finding { help: Some(help.into()), ..self }
    }

    /// With another weight than that of its rule.
    #[must_use]
    pub fn severity(self, severity: Severity) -> Finding {
        Finding { severity, ..self }
    }

    /// With a change that settles it.
    #[must_use]
    pub fn fix(self, safety: Safety, title: impl Into<String>, edits: Vec<Edit>) -> Finding {
        Finding { fix: Some(Fix { safety, title: title.into(), edits }), ..self }
    }

    /// With its line left out.
    #[must_use]
    pub fn private(self) -> Finding {
        Finding { is_private: true, ..self }
    }
}

impl Edit {
    /// Text that is put in before a byte.
    pub fn insert(at: usize, text: impl Into<String>) -> Edit {
        Edit { at: Span::new(at, at), text: text.into() }
    }

    /// Text that comes in place of other text.
    pub fn replace(at: Span, text: impl Into<String>) -> Edit {
        Edit { at, text: text.into() }
    }
}

/// What the rules have said so far about one file.
#[derive(Debug, Default)]
pub struct Findings {
    found: Vec<Finding>,
}

impl Findings {
    /// Adds one.
    pub fn push(&mut self, finding: Finding) {
        self.found.push(finding);
    }

    /// All of them in the order of the text, at one place in the order of the table.
    pub fn sorted(mut self) -> Vec<Finding> {
        self.found.sort_by(|a, b| {
            (a.at.start, a.rule.code, &a.part).cmp(&(b.at.start, b.rule.code, &b.part))
        });
        self.found
    }
}
