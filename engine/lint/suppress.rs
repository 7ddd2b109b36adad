//! Suppressions: comments by which somebody answers for a finding.
//!
//! `# holdpoint: ignore[HP201,no-timeout] -- reason` at the end of a line is for the step or the key
//! that begins on that line, and alone on a line for what begins on the next one. In a script it is
//! for the command of its line, or of the next. `ignore-file[…]` is for the whole file. A comment
//! that does not do what it says is a finding itself (HP901).

mod comment;
mod ground;

use crate::document::Node;
use crate::source::{Severity, Source, Span, Spanned};

use super::finding::{Edit, Finding, Safety};
use super::policy::{self, is_refused};
use super::review::Suppressed;
use super::rules::suppressions;
use super::scene::Scene;
use super::select::Selector;
use comment::Comment;
use ground::Ground;

/// The rule whose findings are not there where shellcheck was not asked.
const SHELLCHECK: &str = "HP401";

/// The comments of a file that suppress findings, each at its place.
#[derive(Debug, Default)]
pub struct Comments {
    /// Those for a part of the file, in the order in which the parts begin.
    standing: Vec<Standing>,
    /// Where the last of the parts ends that begin no later.
    reach: Vec<usize>,
    /// Those for the whole file.
    for_file: Vec<Standing>,
}

impl Comments {
    /// The comments of a text; `scene` where it is a runbook, so that those in scripts are known.
    pub fn of(source: &Source, tree: &Node, scene: Option<&Scene<'_>>) -> Comments {
        let comments = comment::all(source.text());
        if comments.is_empty() {
            return Comments::default();
        }
        let ground = Ground::of(source, tree, scene);
        let standing = comments.into_iter().filter_map(|comment| {
            let scope = ground.scope(&comment)?;
            Some(Standing::new(comment, scope))
        });
        let (for_file, mut standing): (Vec<Standing>, Vec<Standing>) =
            standing.partition(|it| it.comment.is_for_file);
        standing.sort_by_key(|it| (it.scope.start, it.comment.span.start));
        let further = |reach: &mut usize, it: &Standing| {
            *reach = it.scope.end.max(*reach);
            Some(*reach)
        };
        let reach = standing.iter().scan(0, further).collect();
        Comments { standing, reach, for_file }
    }

    /// Takes out what the comments answer for, and adds what is wrong with the comments.
    pub fn apply(
        mut self,
        source: &Source,
        findings: Vec<Finding>,
        has_asked_shellcheck: bool,
    ) -> (Vec<Finding>, Vec<Suppressed>) {
        let (mut left, mut suppressed) = (Vec::new(), Vec::new());
        for finding in findings {
            match self.answer(&finding) {
                Some(reason) => {
                    suppressed.push(Suppressed { finding, reason, is_in_source: true });
                }
                None => left.push(finding),
            }
        }
        for comment in self.standing.iter().chain(&self.for_file) {
            left.extend(comment.complaints(source, has_asked_shellcheck));
        }
        (left, suppressed)
    }
}

impl Comments {
    /// The reason of the comment that answers for a finding, the one nearest above it first.
    fn answer(&mut self, finding: &Finding) -> Option<Option<String>> {
        let above = self.standing.partition_point(|it| it.scope.start <= finding.at.start);
        for at in (0..above).rev() {
            // No comment further up reaches so far.
            if self.reach[at] <= finding.at.start {
                break;
            }
            if let Some(reason) = self.standing[at].answer(finding) {
                return Some(reason);
            }
        }
        self.for_file.iter_mut().find_map(|comment| comment.answer(finding))
    }
}

/// A comment at its place, and what it was found to be for.
#[derive(Debug)]
struct Standing {
    comment: Comment,
    scope: Span,
    names: Vec<Name>,
}

/// A rule that a comment names.
#[derive(Debug)]
struct Name {
    written: Spanned<String>,
    selector: Option<Selector>,
    has_fired: bool,
    /// Whether it would have answered for an error, and gives no reason.
    lacks_reason: bool,
}

impl Standing {
    fn new(comment: Comment, scope: Span) -> Standing {
        let name = |written: &Spanned<String>| {
            let selector = Selector::one(written);
            let is_error = |it: &Selector| it.rule.severity == Severity::Error;
            let lacks_reason = comment.reason.is_none() && selector.as_ref().is_some_and(is_error);
            Name { written: written.clone(), selector, has_fired: false, lacks_reason }
        };
        let names = comment.names.iter().map(name).collect();
        Standing { comment, scope, names }
    }

    /// The reason, where this comment answers for a finding.
    fn answer(&mut self, finding: &Finding) -> Option<Option<String>> {
        let is_here = self.scope.start <= finding.at.start && finding.at.start < self.scope.end;
        if !is_here || finding.is_refused {
            return None;
        }
        let is_meant =
            |name: &&mut Name| name.selector.as_ref().is_some_and(|it| it.takes(finding));
        let name = self.names.iter_mut().find(is_meant)?;
        name.has_fired = true;
        if self.comment.reason.is_none() && finding.severity == Severity::Error {
            name.lacks_reason = true;
        }
        (!name.lacks_reason).then(|| self.comment.reason.clone())
    }

    fn complaints(&self, source: &Source, has_asked_shellcheck: bool) -> Vec<Finding> {
        let mut found = Vec::new();
        if let Some((message, help)) = &self.comment.wrong {
            found.push(suppressions::error(self.comment.span, message.as_str()).help(*help));
        }
        for Name { written, selector, lacks_reason, .. } in &self.names {
            match selector {
                None => found.push(policy::unknown(written)),
                Some(it) if is_refused(it.rule) => {
                    let message = format!("`{written}` cannot be left out: `run` refuses it too");
                    found
                        .push(suppressions::error(written.span, message).help("mend what it says"));
                }
                Some(_) if *lacks_reason => {
                    let message =
                        format!("`{written}` is an error, and is not left out without a reason");
                    let help = "write it behind the bracket: ` -- why this is right here`";
                    found.push(suppressions::error(written.span, message).help(help));
                }
                Some(_) => {}
            }
        }
        found.extend(self.unused(source, has_asked_shellcheck));
        found
    }

    /// What the comment names and nothing needs.
    fn unused(&self, source: &Source, has_asked_shellcheck: bool) -> Option<Finding> {
        let is_unused = |name: &&Name| {
            let counts = |it: &Selector| {
                !is_refused(it.rule) && (it.rule.code != SHELLCHECK || has_asked_shellcheck)
            };
            !name.has_fired && !name.lacks_reason && name.selector.as_ref().is_some_and(counts)
        };
        let unused: Vec<&Name> = self.names.iter().filter(is_unused).collect();
        let first = unused.first()?;
        let written: Vec<String> =
            unused.iter().map(|name| format!("`{}`", name.written)).collect();
        let (is, at) = match unused.as_slice() {
            [only] => ("is", only.written.span),
            _ => ("are", first.written.span.to(unused[unused.len() - 1].written.span)),
        };
        let message = format!("{} {is} left out here, and nothing is found", written.join(", "));
        let kept: Vec<&str> = self
            .names
            .iter()
            .filter(|name| !is_unused(name))
            .map(|name| name.written.as_str())
            .collect();
        let edit = match kept.is_empty() {
            true => Edit::replace(self.comment.with_its_line(source.text()), ""),
            false => Edit::replace(self.comment.list, kept.join(", ")),
        };
        let title = "take it out of the comment";
        Some(suppressions::warning(at, message).fix(Safety::Safe, title, vec![edit]))
    }
}

#[cfg(test)]
mod tests;
