//! An id as it is written where an expression wants its dashes as underscores: `steps.check-backup`
//! takes `backup` away from `steps.check`.

use crate::source::{Diagnostic, Span};

use super::Plan;
use super::space::SpaceIndex;

const BEGIN: &str = "steps.";

/// What is wrong with an expression that names a step so, if one does; its place is that of the
/// expression.
pub(super) fn found(plan: &Plan, code: &str, space: SpaceIndex) -> Option<Diagnostic> {
    code.match_indices(BEGIN).find_map(|(at, _)| {
        let rest = &code[at + BEGIN.len()..];
        let is_of_id = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let id = rest.split(|c| !is_of_id(c)).next().filter(|id| id.contains('-'))?;
        plan.named(id, space)?;
        let (written, meant) = (format!("steps.{id}"), format!("steps.{}", id.replace('-', "_")));
        let message = format!("`{written}` is a subtraction, and no step");
        let help = format!("write `{meant}`: the dashes of an id are underscores in an expression");
        let problem = Diagnostic::error(Span::default(), message).code("HP108");
        Some(problem.did_you_mean(&written, &meant).help(help))
    })
}
