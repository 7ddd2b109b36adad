//! An included runbook in a plan: a group with names and checks of its own.

use std::sync::Arc;

use crate::document::nearest;
use crate::runbook::Runbook;
use crate::runbook::include::{Binding, Include};
use crate::runbook::input::Input;
use crate::runbook::probe::Check;
use crate::runbook::script::Setting;
use crate::runbook::value::Value;
use crate::source::{Diagnostic, Problems};

use super::space::{Surroundings, WHOLE};
use super::{Form, Index, Plan, SpaceIndex};

/// What is inside an include.
#[derive(Clone, Debug)]
pub struct Included {
    /// The runbook.
    pub runbook: Arc<Runbook>,
    /// What names mean inside.
    pub space: SpaceIndex,
    /// Where and how its checks look.
    pub setting: Setting,
    /// That all is there that it requires; nothing when it requires nothing.
    pub requires: Vec<Check>,
    /// The group of its closing steps, if it has any.
    pub finally: Option<Index>,
}

/// A check around a step, with what it needs to look.
#[derive(Clone, Copy, Debug)]
pub struct Around<'p> {
    /// The check.
    pub check: &'p Check,
    /// Where and how it looks.
    pub setting: &'p Setting,
    /// What names mean to it; where the step stands when nothing is said.
    pub space: Option<SpaceIndex>,
}

impl Form {
    /// The checks before the action: its own, then the preconditions of what it includes.
    pub fn required(&self) -> impl Iterator<Item = Around<'_>> {
        let inner = self.included.iter().flat_map(|inner| {
            inner.around(&inner.requires).chain(inner.around(&inner.runbook.preconditions))
        });
        self.around(&self.facets.require).chain(inner)
    }

    /// The checks after the action: the exit criteria of what it includes, then its own.
    pub fn verified(&self) -> impl Iterator<Item = Around<'_>> {
        let inner =
            self.included.iter().flat_map(|inner| inner.around(&inner.runbook.exit_criteria));
        inner.chain(self.around(&self.facets.verify))
    }

    /// What it hands to later steps, by name.
    pub fn output_names(&self) -> impl Iterator<Item = &str> {
        let included = self.included.iter().flat_map(|included| &included.runbook.outputs);
        let own = self.facets.outputs.iter().map(|output| output.name.as_str());
        own.chain(included.map(|(name, _)| name.as_str()))
    }

    fn around<'p>(&'p self, checks: &'p [Check]) -> impl Iterator<Item = Around<'p>> {
        checks.iter().map(|check| Around { check, setting: &self.facets.setting, space: None })
    }
}

impl Included {
    fn around<'p>(&'p self, checks: &'p [Check]) -> impl Iterator<Item = Around<'p>> {
        let (setting, space) = (&self.setting, Some(self.space));
        checks.iter().map(move |check| Around { check, setting, space })
    }
}

impl<'p> Surroundings<'p> {
    /// An input of this runbook.
    pub fn input(&self, name: &str) -> Option<&'p Input> {
        self.runbook.inputs.iter().find(|input| input.name.value == name)
    }

    /// What an input is given where the runbook is included.
    pub fn binding(&self, name: &str) -> Option<(SpaceIndex, &'p Binding)> {
        let (outer, include) = self.told?;
        Some((outer, include.binding(name)?))
    }
}

impl Plan {
    /// The inputs of the run that stand behind an input at a place, by their places.
    pub(super) fn inputs_behind(&self, space: SpaceIndex, name: &str, found: &mut Vec<usize>) {
        let around = self.runbook_at(space);
        if around.told.is_none() {
            let mut inputs = self.runbook.inputs.iter();
            found.extend(inputs.position(|input| input.name.value == name));
            return;
        }
        let Some((outer, binding)) = around.binding(name) else { return };
        let names = binding.expressions().flat_map(|expression| expression.names());
        for name in names.filter_map(|name| name.strip_prefix("inputs.")) {
            self.inputs_behind(outer, name, found);
        }
    }

    /// The step and the name of a secret output that a name at a place stands for.
    pub fn secret_output<'n>(&self, space: SpaceIndex, name: &'n str) -> Option<(Index, &'n str)> {
        let (step, field) = name.strip_prefix("steps.")?.split_once('.')?;
        let output = field.strip_prefix("outputs.")?;
        let index = self.named(step, space)?;
        self.secret_output_of(index, output).then_some((index, output))
    }

    /// Whether such an output of a step is a secret.
    pub(super) fn secret_output_of(&self, index: Index, output: &str) -> bool {
        let acting = self.items(index).map_or(index, |items| items.pattern.start);
        let mut outputs = self.nodes[acting].forms.iter().flat_map(|form| &form.facets.outputs);
        outputs.any(|it| it.name.value == output && it.is_secret)
    }

    /// Whether a name at a place stands for a secret.
    pub(super) fn is_secret(&self, space: SpaceIndex, name: &str) -> bool {
        let is_input = |name| self.is_secret_input(space, name);
        name.strip_prefix("inputs.").is_some_and(is_input)
            || self.secret_output(space, name).is_some()
    }

    /// Whether an input at a place is a secret.
    pub(super) fn is_secret_input(&self, space: SpaceIndex, name: &str) -> bool {
        self.runbook_at(space).input(name).is_some_and(|input| input.is_secret)
    }
}

/// Checks what a runbook of the run tells one that it includes.
pub(super) fn check(plan: &Plan, problems: &mut Problems) {
    for node in plan.nodes.iter().filter(|node| plan.runbook_at(node.space).told.is_none()) {
        for included in node.forms.iter().filter_map(|form| form.included.as_ref()) {
            let told = plan.runbook_at(included.space).told;
            if let Some((_, include)) = told {
                check_told(plan, node.space, &included.runbook, include, problems);
            }
        }
    }
}

fn check_told(
    plan: &Plan,
    space: SpaceIndex,
    runbook: &Runbook,
    include: &Include,
    problems: &mut Problems,
) {
    for (name, binding) in &include.inputs {
        let Some(input) = runbook.inputs.iter().find(|input| input.name.value == name.value) else {
            let known = runbook.inputs.iter().map(|input| input.name.as_str());
            let problem = Diagnostic::error(
                name.span,
                format!("the runbook `{}` has no input `{name}`", runbook.id),
            )
            .code("HP108");
            problems.push(match nearest(name, known) {
                Some(near) => problem.did_you_mean(name, near),
                None => problem,
            });
            continue;
        };
        if let Err(reason) = admits(plan, space, input, binding) {
            problems.error(name.span, reason);
        }
    }
    for input in &runbook.inputs {
        let may_lack = input.default.is_some() || input.is_optional;
        if !may_lack && include.binding(&input.name).is_none() {
            let message = format!("the runbook `{}` must be told `{}`", runbook.id, input.name);
            let help = format!("add `inputs: {{{}: …}}` beside the include", input.name);
            problems.push(Diagnostic::error(include.path.span, message).help(help));
        }
    }
}

/// Whether an input may be given this, as far as that is known beforehand.
fn admits(plan: &Plan, space: SpaceIndex, input: &Input, binding: &Binding) -> Result<(), String> {
    let names = binding.expressions().flat_map(|expression| expression.names());
    let mut secrets = names.filter(|name| plan.is_secret(space, name));
    match (input.is_secret, secrets.next()) {
        (false, Some(secret)) => Err(format!(
            "`{}` is no secret, and may not be given the secret `{secret}`",
            input.name
        )),
        (true, None) => Err(format!("`{}` is a secret: give it a secret input", input.name)),
        (true, Some(_)) => Ok(()),
        (false, None) => match binding {
            Binding::Value(json) => {
                let value = Value::typed(json, input.kind)?;
                input.admits(&value)
            }
            Binding::Template(_) => Ok(()),
        },
    }
}

/// The runbook of the run has the space of all names.
const _: () = assert!(WHOLE == 0);
