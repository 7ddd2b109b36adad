//! An id as it is written where an expression wants its dashes as underscores: `steps.check-backup`
//! takes `backup` away from `steps.check`.

use crate::source::{Diagnostic, Span};

use super::Plan;
use super::space::SpaceIndex;

const BEGIN: &str = "steps.";

/// An id that was taken for a subtraction.
pub(super) struct Dashes {
    /// What is wrong; its place is that of the expression.
    pub problem: Diagnostic,
    /// The id as it is written.
    id: String,
}

impl Dashes {
    /// Whether a name of the expression is nothing but a part of that id.
    pub(super) fn are_behind(&self, name: &str) -> bool {
        let mut parts = self.id.split('-');
        let first = parts.next().unwrap_or_default();
        let of_step = name.strip_prefix(BEGIN).and_then(|rest| rest.split('.').next());
        let of_itself = name.split('.').next().unwrap_or_default();
        of_step == Some(first) || parts.any(|part| part == of_itself)
    }
}

/// The step that an expression names so, if one does.
pub(super) fn found(plan: &Plan, code: &str, space: SpaceIndex) -> Option<Dashes> {
    code.match_indices(BEGIN).find_map(|(at, _)| {
        let rest = &code[at + BEGIN.len()..];
        let is_of_id = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let id = rest.split(|c| !is_of_id(c)).next().filter(|id| id.contains('-'))?;
        plan.named(id, space)?;
        let (written, meant) = (format!("steps.{id}"), format!("steps.{}", id.replace('-', "_")));
        let message = format!("`{written}` is a subtraction, and no step");
        let help = format!("write `{meant}`: the dashes of an id are underscores in an expression");
        let problem = Diagnostic::error(Span::default(), message).code("HP108");
        let problem = problem.did_you_mean(&written, &meant).help(help);
        Some(Dashes { problem, id: id.to_owned() })
    })
}
