//! A lab, as a runbook writes it down: the real components on which it is rehearsed, what breaks
//! them, and what shows that they were broken and are whole again.
//!
//! What starts the components hands on *facts* about them, such as a port. A lab names them as
//! `lab.COMPONENT.FACT`; commands find the same in `$LAB_COMPONENT_FACT`.

mod component;
mod kinds;
mod names;
mod told;
#[cfg(test)]
mod tests;

use std::time::Duration;

use crate::document::shape::{Form, may, must};
use crate::document::{Node, Shape};
use crate::source::{Span, Spanned};

use super::answers::{self, Prepared};
use super::expression::Expression;
use super::probe::{PROBE, Probe};
use super::reader::Reader;
use super::script::Script;
use super::template::Template;

pub use component::{Component, Kind, Program, tier};
pub use kinds::KINDS;
pub(super) use names::check_inputs;
pub use names::{Facts, LabNames, variable};
pub use told::Told;

/// How long one command of a lab may take.
pub const PATIENCE: Duration = Duration::from_secs(300);

/// What a rehearsal against real components needs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lab {
    /// What is started, in this order.
    pub components: Vec<Component>,
    /// What the runbook is told there.
    pub inputs: Vec<(Spanned<String>, Told)>,
    /// Variables that everything there gets besides those of the components.
    pub env: Vec<(String, Template)>,
    /// Who answers its gates, and how.
    pub answers: Vec<Prepared>,
    /// What fills the components with data.
    pub seed: Vec<Script>,
    /// What causes the fault.
    pub inject: Vec<Script>,
    /// What must be seen once it is caused, and not before.
    pub symptoms: Vec<Probe>,
    /// What proves the recovery.
    pub prove: Vec<Probe>,
    /// What prints how many seconds of data were lost.
    pub lost: Option<Script>,
    /// Where it stands.
    pub span: Span,
}

/// The form of a lab.
pub(super) static LAB: Shape = Shape {
    noun: "`lab`",
    name: "lab",
    about: "What a rehearsal against real components needs.",
    keys: &[&[
        must("components", component::FORM)
            .about("The components that are started: their kinds, or by name with their settings."),
        may("inputs", Form::Map(&told::FORM)).about(
            "What the runbook is told there: a text, in which `lab.COMPONENT.FACT` may stand, or what \
             a command prints once the fault shows.",
        ),
        may("env", Form::Named("[A-Za-z_][A-Za-z0-9_]*", &Form::Template))
            .about("Variables for everything there, besides those of the components."),
        may("answers", answers::FORM)
            .about("Who answers its gates, and how, where nobody is at the terminal."),
        may("seed", Form::List(&Form::Script)).about("What fills them with data."),
        must("inject", Form::Filled(&Form::List(&Form::Script))).about("What causes the fault."),
        must("symptoms", Form::Filled(&Form::List(&Form::Shape(&PROBE))))
            .about("What must be seen before the runbook begins; otherwise nothing is proven."),
        may("prove", Form::List(&Form::Shape(&PROBE))).about("What proves the recovery."),
        may("lost", Form::Script)
            .about("Prints how many seconds of data were lost: the measured RPO."),
    ]],
    rules: &[],
};

impl Lab {
    /// Reads the mapping.
    pub(super) fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Lab> {
        let mut fields = reader.open(node, &LAB)?;
        let components = fields.require("components", reader.problems);
        let components = components.map(|node| component::read_all(node, reader));
        let seed = fields.take("seed").map(|node| scripts(node, reader)).unwrap_or_default();
        let inject = fields.require("inject", reader.problems);
        let inject = inject.map(|node| scripts(filled(node, reader), reader)).unwrap_or_default();
        let symptoms = fields.require("symptoms", reader.problems);
        let symptoms = symptoms.map(|node| probes(filled(node, reader), reader));
        let prove = fields.take("prove").map(|node| probes(node, reader)).unwrap_or_default();
        let inputs = named(fields.take("inputs"), reader, Told::read);
        let env = named(fields.take("env"), reader, |node, reader| reader.template(node));
        let answers = fields.take("answers").map(|node| reader.entries(node, "answers"));
        let answers = answers.unwrap_or_default().into_iter();
        let answers = answers.filter_map(|(step, node)| answers::one(&step, &node, reader));
        let answers = answers.collect();
        let lost = fields.take("lost").and_then(|node| Script::read(node, reader));
        reader.finish(fields);
        for (name, _) in env.iter().filter(|(name, _)| !is_variable(name)) {
            reader.error(name.span, format!("`{name}` cannot be a name here"));
        }
        let env = env.into_iter().map(|(name, value)| (name.value, value)).collect();
        let lab = Lab {
            components: components.unwrap_or_default(),
            inputs,
            env,
            answers,
            seed,
            inject,
            symptoms: symptoms.unwrap_or_default(),
            prove,
            lost,
            span: node.span,
        };
        names::check(&lab, reader);
        Some(lab)
    }

    /// The component of a name.
    pub fn component(&self, name: &str) -> Option<&Component> {
        self.components.iter().find(|component| component.name.value == name)
    }

    /// What programs of this machine it needs.
    pub fn programs(&self) -> impl Iterator<Item = &'static Program> {
        self.components.iter().flat_map(|component| component.kind.programs)
    }

    /// The expressions that stand where only facts of the lab are known.
    fn early(&self) -> impl Iterator<Item = &Expression> {
        let inputs = self.inputs.iter().filter_map(|(_, told)| told.text());
        inputs.chain(self.env.iter().map(|(_, value)| value)).flat_map(Template::expressions)
    }

    /// The expressions that stand where the inputs are known too, but for those that are printed.
    fn unprinted(&self) -> impl Iterator<Item = &Expression> {
        let scripts = self.seed.iter().chain(&self.inject);
        let scripts = scripts.chain(self.printed().map(|(_, script)| script));
        let symptoms = self.symptoms.iter().flat_map(Probe::expressions);
        scripts.flat_map(Script::expressions).chain(symptoms)
    }

    /// The expressions that stand where all inputs are known.
    fn late(&self) -> impl Iterator<Item = &Expression> {
        let prove = self.prove.iter().flat_map(Probe::expressions);
        self.lost.iter().flat_map(Script::expressions).chain(prove)
    }

    /// The inputs that commands print once the fault shows.
    pub fn printed(&self) -> impl Iterator<Item = (&Spanned<String>, &Script)> {
        self.inputs.iter().filter_map(|(name, told)| Some((name, told.script()?)))
    }
}

/// Whether a shell takes it for the name of a variable.
fn is_variable(name: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphabetic() || c == '_';
    name.starts_with(is_letter) && name.chars().all(|c| is_letter(c) || c.is_ascii_digit())
}

/// A list that must not be empty.
fn filled<'n>(node: &'n Node, reader: &mut Reader<'_>) -> &'n Node {
    if reader.list(node).is_empty() {
        let help = "without a fault that shows, a recovery proves nothing";
        reader.error_with_help(node.span, "it must not be empty", help);
    }
    node
}

/// A mapping of names that the author chooses.
fn named<T>(
    node: Option<&Node>,
    reader: &mut Reader<'_>,
    one: impl Fn(&Node, &mut Reader<'_>) -> Option<T>,
) -> Vec<(Spanned<String>, T)> {
    let entries = node.map(|node| reader.entries(node, "a mapping of names to texts"));
    let entries = entries.unwrap_or_default().into_iter();
    entries.filter_map(|(name, node)| Some((name, one(&node, reader)?))).collect()
}

fn scripts(node: &Node, reader: &mut Reader<'_>) -> Vec<Script> {
    reader.list(node).iter().filter_map(|node| Script::read(node, reader)).collect()
}

fn probes(node: &Node, reader: &mut Reader<'_>) -> Vec<Probe> {
    reader.list(node).iter().filter_map(|node| Probe::read(node, reader)).collect()
}
