//! What a lab tells its runbook as an input: a text that is known beforehand, or what a command
//! prints once the fault shows, such as the moment at which it was caused.

use crate::document::shape::{Form, must};
use crate::document::{Node, Shape};
use crate::runbook::reader::Reader;
use crate::runbook::script::Script;
use crate::runbook::template::Template;

/// The value of an input in a lab.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// A text, in which facts of the lab may stand.
    Text(Template),
    /// What a command prints.
    Printed(Script),
}

/// Either of them.
pub(super) const FORM: Form = Form::Either(&[Form::Template, Form::Shape(&PRINTED)]);

static PRINTED: Shape = Shape {
    noun: "an input of a lab",
    name: "printed",
    about: "What only the fault shows, for an input that is `late`.",
    keys: &[&[
        must("run", Form::Script).about("Run once the symptoms hold; what it prints is the value.")
    ]],
    rules: &[],
};

impl Told {
    /// Reads a text, or a mapping with a command.
    pub(super) fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Told> {
        if node.as_mapping().is_none() {
            return reader.template(node).map(Told::Text);
        }
        let mut fields = reader.open(node, &PRINTED)?;
        let run = fields.require("run", reader.problems);
        let script = run.and_then(|node| Script::read(node, reader));
        reader.finish(fields);
        script.map(Told::Printed)
    }

    /// The text that is known beforehand.
    pub fn text(&self) -> Option<&Template> {
        match self {
            Told::Text(text) => Some(text),
            Told::Printed(_) => None,
        }
    }

    /// The command that prints it.
    pub fn script(&self) -> Option<&Script> {
        match self {
            Told::Text(_) => None,
            Told::Printed(script) => Some(script),
        }
    }
}
