//! An include: another runbook as one step, told what it must know.

use serde_json::Value as Json;

use crate::document::{Node, Value as NodeValue};
use crate::source::Spanned;

use super::expression::{Expression, Scope, TemplateError};
use super::reader::Reader;
use super::rendered::Quoting;
use super::template::Template;
use super::value::Value;

/// Another runbook, and what it is told.
#[derive(Clone, Debug, PartialEq)]
pub struct Include {
    /// Its file, relative to the file that names it.
    pub path: Spanned<String>,
    /// Its inputs by their names.
    pub inputs: Vec<(Spanned<String>, Binding)>,
}

/// What an input of an included runbook is given.
#[derive(Clone, Debug, PartialEq)]
pub enum Binding {
    /// Text with templates in it; one that is a single template keeps its type.
    Template(Template),
    /// A value as it is written.
    Value(Json),
}

impl Include {
    /// Reads the path, and the inputs beside it.
    pub fn read(path: &Node, inputs: Option<&Node>, reader: &mut Reader<'_>) -> Option<Include> {
        let path = reader.text(path)?;
        if path.contains("${{") {
            let help = "the path of an include is literal; use a switch to choose among several";
            reader.error_with_help(path.span, "no template may stand in this path", help);
            return None;
        }
        reader.includes.push(path.clone());
        let entries = inputs.map(|node| reader.entries(node, "`inputs`")).unwrap_or_default();
        let inputs = entries.into_iter().filter_map(|(name, node)| {
            let binding = Binding::read(&node, reader)?;
            Some((name, binding))
        });
        Some(Include { path, inputs: inputs.collect() })
    }

    /// What an input is given, if anything.
    pub fn binding(&self, name: &str) -> Option<&Binding> {
        self.inputs.iter().find(|(given, _)| given.value == name).map(|(_, binding)| binding)
    }

    /// The expressions in what the inputs are given.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        self.inputs.iter().flat_map(|(_, binding)| binding.expressions())
    }
}

impl Binding {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Binding> {
        if !matches!(node.value, NodeValue::Scalar(_)) {
            return Some(Binding::Value(node.to_json()));
        }
        if !node.as_str().is_some_and(|text| text.contains("${{")) {
            return Some(Binding::Value(node.to_json()));
        }
        let mut template = reader.template(node)?;
        for slot in template.slots_mut() {
            // Whether the input is a secret too is checked where both runbooks are known.
            slot.expression.is_private = slot.expression.bare_name().is_some();
        }
        Some(Binding::Template(template))
    }

    /// The one expression that it is, if it is no more than that.
    pub fn expression(&self) -> Option<&Expression> {
        match self {
            Binding::Template(template) => template.only_slot().map(|slot| &slot.expression),
            Binding::Value(_) => None,
        }
    }

    /// The expressions in it.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        let template = match self {
            Binding::Template(template) => Some(template),
            Binding::Value(_) => None,
        };
        template.into_iter().flat_map(Template::expressions)
    }

    /// Its value where it is given.
    pub fn value(&self, scope: &dyn Scope) -> Result<Value, TemplateError> {
        match (self, self.expression()) {
            (Binding::Value(json), _) => Ok(Value::from_json(json)),
            (_, Some(expression)) => expression.evaluate(scope),
            (Binding::Template(template), None) => {
                Ok(Value::Text(template.render(scope, Quoting::Text)?.shown()))
            }
        }
    }
}
