//! Anchors and what their aliases cost.
//!
//! An alias shares its anchor's tree, so a small text can stand for a huge one. Each complete node
//! therefore knows its size and its height with all aliases followed, and an alias is refused
//! before it makes the document too large or too deep to be walked.

use std::borrow::Cow;
use std::collections::HashMap;

use super::nearest::nearest;
use super::node::Node;
use super::parse::{ALIAS_LIMIT, DEPTH_LIMIT};
use super::syntax;
use crate::source::{Diagnostic, Span};

/// How many anchors are compared with the name of an alias that has none.
const NAMES_COMPARED: usize = 1_000;

/// A complete node, and what an alias to it would cost.
#[derive(Clone)]
pub(super) struct Grown {
    pub(super) node: Node,
    /// Nodes in it, aliases followed.
    pub(super) size: usize,
    /// Collections inside each other, aliases followed.
    pub(super) height: usize,
}

/// The anchors of a document so far.
#[derive(Default)]
pub(super) struct Anchors<'t> {
    /// By the parser's number. An anchor is here once its node is complete.
    complete: HashMap<usize, Grown>,
    names: Vec<Cow<'t, str>>,
    /// Nodes that the aliases so far stand for.
    spent: usize,
}

impl<'t> Anchors<'t> {
    /// Notes the name of an anchor whose node has begun.
    pub(super) fn begin(&mut self, name: Cow<'t, str>) {
        self.names.push(name);
    }

    /// Notes the node of an anchor; 0 is no anchor.
    pub(super) fn complete(&mut self, anchor: usize, grown: &Grown) {
        if anchor != 0 {
            self.complete.insert(anchor, grown.clone());
        }
    }

    /// The node that the alias `written` at `span` stands for, inside of `depth` collections; or
    /// why it cannot be followed.
    pub(super) fn follow(
        &mut self,
        anchor: usize,
        written: &str,
        span: Span,
        depth: usize,
    ) -> Result<Grown, String> {
        let target = self.complete.get(&anchor).ok_or_else(|| {
            // The parser knows the anchor, so its node has begun.
            format!("the alias `{written}` stands inside of what it stands for")
        })?;
        self.spent += target.size;
        if self.spent > ALIAS_LIMIT {
            return Err(format!("the aliases stand for more than {ALIAS_LIMIT} nodes"));
        }
        if depth + target.height > DEPTH_LIMIT {
            return Err(syntax::too_deep());
        }
        Ok(Grown { node: Node { span, value: target.node.value.clone() }, ..*target })
    }

    /// An alias without an anchor before it.
    pub(super) fn unknown(&self, name: &str, span: Span) -> Diagnostic {
        let problem = Diagnostic::error(span, format!("no anchor `&{name}` stands before this"));
        let latest = self.names.iter().rev().take(NAMES_COMPARED).map(|name| &**name);
        match nearest(name, latest) {
            Some(near) => problem.did_you_mean(&format!("*{name}"), &format!("*{near}")),
            None => problem,
        }
    }
}
