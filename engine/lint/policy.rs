//! A policy: which rules count, how much each weighs, and what somebody has answered for.
//!
//! What `run` refuses counts whatever a policy says.

mod complaint;
mod glob;

use crate::runbook::library::lint::{Ignored, Level, Lint};
use crate::source::{Severity, Spanned};

use super::finding::Finding;
use super::review::Suppressed;
use super::rule::{Check, Profile, Rule};
use super::rules::RULES;
use super::select::Selector;

pub use complaint::{complaints, unknown};

/// What counts in one library, and for the person who asks.
#[derive(Clone, Debug)]
pub struct Policy {
    /// How strict the review is.
    pub profile: Profile,
    /// The weight from which a finding makes the review fail.
    pub fail_on: Severity,
    /// The only rules that count; those of the profile when none are named.
    pub select: Vec<Selector>,
    /// Rules that do not count.
    pub ignore: Vec<Selector>,
    /// What rules weigh.
    levels: Vec<(Selector, Level)>,
    /// What somebody has answered for.
    answered: Vec<Answered>,
}

/// Findings that somebody has answered for.
#[derive(Clone, Debug)]
struct Answered {
    of: Selector,
    path: Option<String>,
    step: Option<String>,
    reason: Option<String>,
}

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            profile: Profile::Standard,
            fail_on: Severity::Error,
            select: Vec::new(),
            ignore: Vec::new(),
            levels: Vec::new(),
            answered: Vec::new(),
        }
    }
}

impl Policy {
    /// What a library says; what it says of rules that are not there is left out.
    pub fn of(lint: Option<&Lint>) -> Policy {
        let base = Policy::default();
        let Some(lint) = lint else { return base };
        let profile = Profile::ALL.into_iter().find(|it| Some(it.word()) == lint.profile);
        let level = |(name, level): &(Spanned<String>, Level)| Some((rule_named(name)?, *level));
        Policy {
            profile: profile.unwrap_or(base.profile),
            fail_on: lint.fail_on.unwrap_or(base.fail_on),
            levels: lint.rules.iter().filter_map(level).collect(),
            answered: lint.ignore.iter().filter_map(Answered::of).collect(),
            ..base
        }
    }

    /// What of some findings counts, each with its weight.
    pub fn settle(&self, findings: Vec<Finding>) -> Vec<Finding> {
        findings.into_iter().filter_map(|finding| self.weighed(finding)).collect()
    }

    /// Takes out what somebody has answered for; `path` is that of the file in its library.
    pub fn answer(&self, findings: Vec<Finding>, path: &str) -> (Vec<Finding>, Vec<Suppressed>) {
        let (mut left, mut suppressed) = (Vec::new(), Vec::new());
        for finding in findings {
            let answered = self.answered.iter().find(|it| it.covers(&finding, path));
            match answered.filter(|_| !finding.is_refused) {
                Some(Answered { reason, .. }) => suppressed.push(Suppressed {
                    finding,
                    reason: reason.clone(),
                    is_in_source: false,
                }),
                None => left.push(finding),
            }
        }
        (left, suppressed)
    }

    /// The rules that are looked at.
    pub fn rules(&self) -> Vec<&'static Rule> {
        let is_off = |rule: &Rule| {
            let names = |it: &Selector| it.part.is_none() && it.rule.code == rule.code;
            self.ignore.iter().any(names) || self.level(rule, None) == Some(Level::Off)
        };
        let counts =
            |rule: &&&Rule| is_refused(rule) || (self.is_selected(rule, None) && !is_off(rule));
        RULES.iter().filter(counts).copied().collect()
    }

    fn weighed(&self, finding: Finding) -> Option<Finding> {
        if finding.is_refused {
            return Some(finding);
        }
        let (rule, part) = (finding.rule, finding.part.as_deref());
        if !self.is_selected(rule, part) || self.ignore.iter().any(|it| it.takes(&finding)) {
            return None;
        }
        match self.level(rule, part) {
            Some(Level::Off) => None,
            Some(Level::At(severity)) => Some(finding.severity(severity)),
            None => Some(finding),
        }
    }

    /// Whether a rule counts: it was named, or is of the profile, or the library gives it a weight.
    fn is_selected(&self, rule: &Rule, part: Option<&str>) -> bool {
        match self.select.as_slice() {
            [] => rule.profile <= self.profile || self.level(rule, part).is_some(),
            select => select.iter().any(|it| {
                let is_of = |own: &String| part.is_none_or(|part| own == part);
                it.rule.code == rule.code && it.part.as_ref().is_none_or(is_of)
            }),
        }
    }

    /// What the library says of a rule; what it says of a part stands above that.
    fn level(&self, rule: &Rule, part: Option<&str>) -> Option<Level> {
        let of = |wanted: Option<&str>| {
            let is_it = |(it, _): &&(Selector, Level)| {
                it.rule.code == rule.code && it.part.as_deref() == wanted
            };
            self.levels.iter().find(is_it).map(|(_, level)| *level)
        };
        part.and_then(|part| of(Some(part))).or_else(|| of(None))
    }
}

/// Whether `run` refuses what breaks a rule.
pub fn is_refused(rule: &Rule) -> bool {
    matches!(rule.check, Check::Reading)
}

/// The rule of a name in a library.
fn rule_named(name: &str) -> Option<Selector> {
    Selector::one(name)
}

impl Answered {
    /// None where it answers for an error and does not say why, or for what is not there.
    fn of(ignored: &Ignored) -> Option<Answered> {
        let of = rule_named(&ignored.rule)?;
        if complaint::lacks_reason(&of, ignored) {
            return None;
        }
        let Ignored { path, step, reason, .. } = ignored.clone();
        Some(Answered { of, path, step, reason })
    }

    fn covers(&self, finding: &Finding, path: &str) -> bool {
        let is_there = |pattern: &String| glob::matches(pattern, path);
        self.of.takes(finding)
            && self.path.as_ref().is_none_or(is_there)
            && self.step.as_ref().is_none_or(|step| is_of_step(finding, step))
    }
}

/// Whether a finding is about a step, or about what is inside it.
fn is_of_step(finding: &Finding, step: &str) -> bool {
    let Some(path) = &finding.step else { return false };
    let around = |text: &str| format!("/{}/", text.replace('~', "/~"));
    around(path).contains(&around(step))
}

#[cfg(test)]
mod tests;
