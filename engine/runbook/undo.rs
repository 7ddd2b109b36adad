//! An undo: how a step is taken back, or why it cannot be.

use crate::document::shape::{Form, Rule, may, must};
use crate::document::{Node, Shape};

use super::action;
use super::reader::Reader;
use super::script::SETTING;
use super::step::{FACETS, Facets};

/// How a step is taken back.
#[derive(Clone, Debug, PartialEq)]
pub enum Undo {
    /// There is no way back, and this is why.
    None(String),
    /// An action takes it back.
    Act {
        /// The action and what stands around it.
        facets: Box<Facets>,
        /// Whether it also runs when the group around the step has succeeded.
        is_paired: bool,
    },
}

/// The forms of `undo`.
pub(super) static FORMS: &[Form] = &[Form::Shape(&NO_UNDO), Form::Shape(&UNDO)];

static NO_UNDO: Shape = Shape {
    noun: "`undo`",
    name: "no-undo",
    about: "There is no way back.",
    keys: &[&[must("none", Form::Text).about("Why there is no way back.")]],
    rules: &[],
};

static UNDO: Shape = Shape {
    noun: "`undo`",
    name: "undo",
    about: "How a step is taken back: an action and what stands around it.",
    keys: &[
        &[may("paired", Form::Boolean).about(
            "Whether it also runs when the group around the step has done its steps, as a \
             start belongs to a stop.",
        )],
        action::KEYS,
        FACETS,
        SETTING,
    ],
    rules: &[action::RULES, &[Rule::Never(&["undo"])]],
};

impl Undo {
    /// Reads `{none: reason}` or an action with `paired`.
    pub fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Undo> {
        if node.has("none") {
            let mut fields = reader.open(node, &NO_UNDO)?;
            let reason = fields.require("none", reader.problems);
            let reason = reason.and_then(|node| reader.string(node));
            reader.finish(fields);
            return reason.map(Undo::None);
        }
        let mut fields = reader.open(node, &UNDO)?;
        fields.know("none");
        let is_paired = reader.flag(&mut fields, "paired");
        let facets = Facets::read(&mut fields, node, reader);
        reader.finish(fields);
        if facets.undo.is_some() {
            reader.error(node.span, "an undo has no undo of its own");
        }
        Some(Undo::Act { facets: Box::new(facets), is_paired })
    }
}
