//! An undo: how a step is taken back, or why it cannot be.

use crate::document::Node;

use super::reader::Reader;
use super::step::Facets;

/// How a step is taken back.
#[derive(Clone, Debug)]
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

impl Undo {
    /// Reads `{none: reason}` or an action with `paired`.
    pub fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Undo> {
        let mut fields = reader.open(node, "`undo`")?;
        if let Some(reason) = fields.take("none") {
            let reason = reader.string(reason);
            reader.finish(fields);
            return reason.map(Undo::None);
        }
        let is_paired = reader.flag(&mut fields, "paired");
        let facets = Facets::read(&mut fields, node, reader);
        reader.finish(fields);
        if facets.undo.is_some() {
            reader.error(node.span, "an undo has no undo of its own");
        }
        Some(Undo::Act { facets: Box::new(facets), is_paired })
    }
}
