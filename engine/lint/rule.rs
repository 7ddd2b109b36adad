//! A rule: what is looked for, why it matters, and how to look.

use crate::source::Severity;

use super::finding::{Findings, Safety};
use super::scene::Scene;

/// One rule. Whatever is printed about it (`explain`, its page, SARIF) is made from this.
#[derive(Debug)]
pub struct Rule {
    /// Its code, such as `HP201`; once given, it keeps its meaning.
    pub code: &'static str,
    /// Its name, such as `destructive-without-gate`.
    pub name: &'static str,
    /// How much a finding weighs.
    pub severity: Severity,
    /// How sure a finding is.
    pub confidence: Confidence,
    /// The least strict profile that has it.
    pub profile: Profile,
    /// The best fix that it can offer.
    pub fix: Option<Safety>,
    /// What it finds, in a sentence with a full stop.
    pub about: &'static str,
    /// Why that is bad at three in the morning; Markdown, a paragraph or two.
    pub why: &'static str,
    /// A whole runbook in which it fires.
    pub bad: &'static str,
    /// The same runbook as it should be, in which no rule of profile `standard` fires.
    pub good: &'static str,
    /// Where that is known from: documentation of the tool, or the practice behind it.
    pub source: &'static str,
    /// How it is looked for.
    pub check: Check,
}

/// How a rule is looked for.
#[derive(Clone, Copy, Debug)]
pub enum Check {
    /// While the file is read, and by `run` too: a diagnostic that carries the code.
    Reading,
    /// By a look at the scene.
    Scene(fn(&Scene<'_>, &mut Findings)),
    /// By shellcheck, where it is installed.
    Shellcheck,
    /// By a look at a runbook beside the others of its library.
    Library,
    /// By what the comments that suppress findings say.
    Suppressions,
}

/// How sure a finding is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Confidence {
    /// A hint; often there is a good reason.
    Low,
    /// Mostly right.
    Medium,
    /// Right, but for a very unusual case.
    High,
}

/// How strict the reviewer is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Profile {
    /// Only what keeps a runbook from being run: for one that is being written.
    Draft,
    /// What an incident needs; the default.
    Standard,
    /// All of it: for a library that others rely on.
    Strict,
}

impl Rule {
    /// The rule of a code or a name.
    pub fn find(code: &str) -> Option<&'static Rule> {
        let is_it = |rule: &&&Rule| rule.code.eq_ignore_ascii_case(code) || rule.name == code;
        super::RULES.iter().find(is_it).copied()
    }
}

impl Confidence {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Confidence::Low => "low",
            Confidence::Medium => "medium",
            Confidence::High => "high",
        }
    }
}

impl Profile {
    /// All of them, the least strict first.
    pub const ALL: [Profile; 3] = [Profile::Draft, Profile::Standard, Profile::Strict];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Profile::Draft => "draft",
            Profile::Standard => "standard",
            Profile::Strict => "strict",
        }
    }
}
