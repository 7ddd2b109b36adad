//! The targets of a plan: every name is declared, and what a target refers to counts as used where
//! something runs on it.

use std::collections::BTreeMap;

use crate::runbook::Runbook;
use crate::runbook::expression::Expression;
use crate::runbook::script::Setting;
use crate::runbook::step::Facets;
use crate::runbook::target::{Target, TargetRef, check_name};
use crate::runbook::template::Template;
use crate::source::{Diagnostic, Problems, Spanned};

use super::Plan;

/// The expressions of the declared targets that some settings name.
pub(super) fn expressions<'r>(
    runbook: &'r Runbook,
    settings: impl IntoIterator<Item = &'r Setting>,
) -> Vec<&'r Expression> {
    let names = settings.into_iter().filter_map(named);
    names.filter_map(|name| declared(runbook, name)).flat_map(Target::expressions).collect()
}

/// The expressions of the declared targets that nothing names.
pub(super) fn unused(plan: &Plan) -> Vec<&Expression> {
    let names: Vec<&str> =
        settings(plan).filter_map(named).map(|name| name.value.as_str()).collect();
    let targets = plan.runbook.targets.iter();
    let idle = targets.filter(|(name, _)| !names.contains(&name.value.as_str()));
    idle.flat_map(|(_, target)| target.expressions()).collect()
}

/// Reports each name that is not declared, where it stands, and each terminal elsewhere.
pub(super) fn check(plan: &Plan, problems: &mut Problems) {
    let by_place: BTreeMap<_, _> =
        settings(plan).filter_map(named).map(|name| (name.span.start, name)).collect();
    for name in by_place.values() {
        let known = plan.runbook.targets.iter().map(|(name, _)| name.as_str());
        check_name(name, known, problems);
    }
    let own = plan.nodes.iter().filter(|node| plan.runbook_at(node.space).told.is_none());
    for facets in own.flat_map(|node| &node.forms).map(|form| &form.facets) {
        let is_elsewhere =
            facets.setting.target.as_ref().is_some_and(|target| !is_here(plan, target));
        if let Some(span) = facets.tty.as_ref().filter(|_| is_elsewhere).map(|tty| tty.span) {
            let help = "say `target: local` for it, or do without `tty`";
            let message = "this runs on another machine, which has no terminal";
            problems.push(Diagnostic::error(span, message).help(help));
        }
    }
}

/// Whether a target is the machine that drives the run.
fn is_here(plan: &Plan, target: &TargetRef) -> bool {
    let named = match target {
        TargetRef::Named(name) => declared(&plan.runbook, name),
        TargetRef::Inline(_) | TargetRef::Outer(_) => None,
    };
    target.is_local() || named == Some(&Target::Local)
}

/// The templates of all targets, declared or given where they are used.
pub(super) fn templates(plan: &Plan) -> impl Iterator<Item = &Template> {
    let inline = settings(plan).filter_map(|setting| setting.target.as_ref());
    let declared = plan.runbook.targets.iter().flat_map(|(_, target)| target.templates());
    inline.flat_map(TargetRef::templates).chain(declared)
}

/// Every setting of the plan's own runbook; those that it includes were checked by themselves.
fn settings(plan: &Plan) -> impl Iterator<Item = &Setting> {
    let runbook = &plan.runbook;
    let checks = runbook.confirm.iter().chain(&runbook.preconditions).chain(&runbook.exit_criteria);
    let own = plan.nodes.iter().filter(|node| plan.runbook_at(node.space).told.is_none());
    let forms = own.flat_map(|node| &node.forms);
    std::iter::once(&runbook.defaults.setting)
        .chain(checks.flat_map(|check| check.probe.settings()))
        .chain(forms.flat_map(|form| Facets::settings(&form.facets)))
}

fn named(setting: &Setting) -> Option<&Spanned<String>> {
    match setting.target.as_ref()? {
        TargetRef::Named(name) => Some(name),
        TargetRef::Inline(_) | TargetRef::Outer(_) => None,
    }
}

fn declared<'r>(runbook: &'r Runbook, name: &str) -> Option<&'r Target> {
    runbook.targets.iter().find(|(declared, _)| declared.value == name).map(|(_, target)| target)
}
