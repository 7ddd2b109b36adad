//! What shellcheck is asked, and what its answers mean. It is not started here.
//!
//! A script is handed over with its templates as variables in quotes, which is what they are like:
//! one word each, of which nobody knows what it holds. They are as long as the templates, so that
//! every place in an answer is a place in the script.

mod answer;

use std::ops::Range;

use crate::document::{Node, Style};
use crate::runbook::template::Template;
use crate::source::{Source, Span};

use super::finding::{Edit, Finding, Safety};
use super::rules::setting;
use super::rules::shellcheck::RULE;
use super::scene::{Scene, Script};

pub use answer::{Comment, read};

/// The options that every script is looked at with.
pub const OPTIONS: [&str; 3] = ["--norc", "--format=json1", "--severity=style"];

/// What makes no sense in a part of a runbook: that it has no first line, and that another file is
/// not read.
const OUT_OF_PLACE: [u32; 3] = [2148, 1090, 1091];
/// A first line that is not the first: it is ours.
const FIRST_LINE: u32 = 1128;
/// That the script could not be read any further; the comment beside it says why.
const GAVE_UP: u32 = 1072;
/// A variable that nothing sets: `env` may.
const UNASSIGNED: u32 = 2154;

/// Fixes that only make a failure visible, or write the same in another way.
const SAFE: [u32; 4] = [2004, 2006, 2164, 2196];

/// A script that is to be looked at.
#[derive(Clone, Debug)]
pub struct Subject {
    node: Node,
    /// The script as it stands in the runbook.
    text: String,
    /// Where its templates stand.
    templates: Vec<Range<usize>>,
    /// What is handed over.
    script: String,
    step: Option<String>,
    /// The variables that `env` sets.
    variables: Vec<String>,
}

/// The shells that are known to shellcheck.
const SHELLS: [&str; 5] = ["bash", "sh", "dash", "ksh", "busybox"];

impl Subject {
    /// The scripts of a scene that a known shell reads.
    pub fn all(scene: &Scene<'_>) -> Vec<Subject> {
        let scripts = scene.scripts.iter().filter(|script| script.is_shell);
        scripts.filter_map(|script| Subject::of(scene, script)).collect()
    }

    fn of(scene: &Scene<'_>, script: &Script<'_>) -> Option<Subject> {
        let first = first_line(scene, script)?;
        let templates = templates(&script.text)?;
        let said = stand_ins(&script.text, &templates);
        Some(Subject {
            node: script.node.clone(),
            text: script.text.clone(),
            script: format!("{first}\n{said}"),
            templates,
            step: script.step.map(|step| scene.steps[step].path.clone()),
            variables: variables(scene, script),
        })
    }

    /// The text that is handed over; the same text has the same answer.
    pub fn script(&self) -> &str {
        &self.script
    }

    /// What an answer means here.
    pub fn findings(&self, comments: &[Comment], source: &Source) -> Vec<Finding> {
        let is_only = comments.len() == 1;
        let told = comments.iter().filter(|it| it.code != GAVE_UP || is_only);
        told.filter_map(|comment| self.finding(comment, source)).collect()
    }

    fn finding(&self, comment: &Comment, source: &Source) -> Option<Finding> {
        let is_ours = comment.code == FIRST_LINE && comment.line == 2;
        let is_set = comment.code == UNASSIGNED
            && self.variables.iter().any(|name| comment.message.starts_with(&format!("{name} ")));
        if OUT_OF_PLACE.contains(&comment.code) || is_ours || is_set {
            return None;
        }
        let range = self.range(comment)?;
        let at = self.node.span_at(range, source);
        let message = comment.message.trim().trim_end_matches('.');
        let mut finding = Finding {
            part: Some(format!("SC{:04}", comment.code)),
            step: self.step.clone(),
            ..Finding::new(&RULE, at, message)
        }
        .severity(comment.severity())
        .help(format!("see https://www.shellcheck.net/wiki/SC{:04}", comment.code));
        if let Some(edits) = self.edits(comment, source) {
            let safety = if SAFE.contains(&comment.code) { Safety::Safe } else { Safety::Unsafe };
            finding = finding.fix(safety, "make the change that shellcheck proposes", edits);
        }
        Some(finding)
    }

    /// Where a comment is in the script.
    fn range(&self, comment: &Comment) -> Option<Range<usize>> {
        let start = self.offset(comment.line, comment.column)?;
        let end = self.offset(comment.end_line, comment.end_column)?;
        Some(start..end.max(start))
    }

    /// The byte at a line and column, counted from 1, of what was handed over.
    fn offset(&self, line: usize, column: usize) -> Option<usize> {
        // The first line is ours.
        let before = line.checked_sub(2)?;
        let mut lines = self.text.split_inclusive('\n');
        let start: usize = lines.by_ref().take(before).map(str::len).sum();
        let line = lines.next().unwrap_or_default();
        let column = column.checked_sub(1)?;
        let at =
            line.char_indices().nth(column).map_or(line.trim_end_matches('\n').len(), |it| it.0);
        Some(start + at)
    }

    /// The changes that shellcheck proposes, where they can be made in the text of the runbook.
    fn edits(&self, comment: &Comment, source: &Source) -> Option<Vec<Edit>> {
        let mut replacements: Vec<_> = comment.fix.as_ref()?.replacements.iter().collect();
        replacements.sort_by_key(|it| std::cmp::Reverse(it.precedence));
        let mut edits: Vec<Edit> = Vec::new();
        for replacement in replacements {
            let start = self.offset(replacement.line, replacement.column)?;
            let end = self.offset(replacement.end_line, replacement.end_column)?;
            let place = self.exactly(start..end, source)?;
            if !self.may_stand(start, &replacement.replacement) {
                return None;
            }
            match edits.iter_mut().find(|edit| edit.at == place && place.start == place.end) {
                Some(edit) => edit.text.push_str(&replacement.replacement),
                None => edits.push(Edit::replace(place, replacement.replacement.clone())),
            }
        }
        (!edits.is_empty()).then_some(edits)
    }

    /// Where a range stands in the source, if it stands there as it is and no template is in it.
    fn exactly(&self, range: Range<usize>, source: &Source) -> Option<Span> {
        let is_in = |slot: &Range<usize>| slot.start < range.end && range.start < slot.end;
        let is_inside = |slot: &Range<usize>| slot.start < range.start && range.start < slot.end;
        if self.templates.iter().any(|slot| is_in(slot) || is_inside(slot)) {
            return None;
        }
        let span = self.node.span_at(range.clone(), source);
        let written = source.text().get(span.start..span.end)?;
        (written == self.text.get(range)?).then_some(span)
    }

    /// Whether a text keeps its meaning in the YAML around it.
    fn may_stand(&self, at: usize, text: &str) -> bool {
        let style = self.node.as_scalar().map(|scalar| scalar.style);
        match style {
            Some(Style::Literal) => !text.contains('\n'),
            Some(Style::Plain) => at > 0 && !text.contains(['\n', '#']) && !text.contains(": "),
            _ => false,
        }
    }
}

/// The line that names the shell and what it is told; none where shellcheck does not know the shell.
fn first_line(scene: &Scene<'_>, script: &Script<'_>) -> Option<String> {
    let shell = setting::interpreter(scene, script).words;
    let mut words = shell.iter();
    let name = words.next()?.rsplit('/').next()?;
    let ends_at_failure =
        words.any(|word| word.starts_with('-') && !word.starts_with("--") && word.contains('e'));
    let option = if ends_at_failure { " -e" } else { "" };
    SHELLS.contains(&name).then(|| format!("#!/bin/{name}{option}"))
}

/// The variables that `env` sets for a script.
fn variables(scene: &Scene<'_>, script: &Script<'_>) -> Vec<String> {
    let own = setting::variables(scene, script).into_iter().map(|(name, _)| name.value.clone());
    let shared = scene.library.defaults.setting.env.iter().map(|(name, _)| name.clone());
    own.chain(shared).collect()
}

/// Where the templates of a script stand; none where one of them is broken, which is told already.
fn templates(text: &str) -> Option<Vec<Range<usize>>> {
    let parsed = Template::parse(text).ok()?;
    Some(parsed.slots().map(|slot| slot.range.clone()).collect())
}

/// The text with a variable in quotes in place of each template, as long as it.
fn stand_ins(text: &str, templates: &[Range<usize>]) -> String {
    let mut said = String::new();
    let mut at = 0;
    for slot in templates {
        said.push_str(&text[at..slot.start]);
        let length = text[slot.clone()].chars().count();
        // `${{a}}` is the shortest: two quotes, a dollar sign, and a name.
        said.push_str(&format!("\"${}\"", "V".repeat(length.saturating_sub(3))));
        at = slot.end;
    }
    said + &text[at..]
}

#[cfg(test)]
mod tests;
