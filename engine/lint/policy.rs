//! A policy: which rules count, how much each weighs, and what somebody has answered for.

use crate::source::Severity;

use super::finding::Finding;
use super::rule::{Check, Profile, Rule};
use super::rules::RULES;
use super::select::Selector;

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
}

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            profile: Profile::Standard,
            fail_on: Severity::Error,
            select: Vec::new(),
            ignore: Vec::new(),
        }
    }
}

impl Policy {
    /// What of some findings counts.
    pub fn settle(&self, findings: Vec<Finding>) -> Vec<Finding> {
        findings.into_iter().filter(|finding| self.counts(finding)).collect()
    }

    /// The rules that are looked at.
    pub fn rules(&self) -> Vec<&'static Rule> {
        let is_ignored = |rule: &Rule| {
            self.ignore.iter().any(|it| it.part.is_none() && it.rule.code == rule.code)
        };
        let counts = |rule: &&&Rule| match rule.check {
            Check::Reading => true,
            _ => self.is_selected(rule) && !is_ignored(rule),
        };
        RULES.iter().filter(counts).copied().collect()
    }

    fn is_selected(&self, rule: &Rule) -> bool {
        match self.select.as_slice() {
            [] => rule.profile <= self.profile,
            select => select.iter().any(|it| it.rule.code == rule.code),
        }
    }

    fn counts(&self, finding: &Finding) -> bool {
        // What `run` refuses is told whatever is asked for.
        if matches!(finding.rule.check, Check::Reading) {
            return true;
        }
        let is_selected = match self.select.as_slice() {
            [] => finding.rule.profile <= self.profile,
            select => select.iter().any(|it| it.takes(finding)),
        };
        is_selected && !self.ignore.iter().any(|it| it.takes(finding))
    }
}
