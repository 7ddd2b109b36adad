//! Rules about what a runbook says of itself: whose it is, what was promised, whom to call, and what
//! was never filled in.

pub mod hardcoded_date;
pub mod missing_objectives;
pub mod missing_owner;
pub mod missing_severity;
pub mod objective_exceeded;
pub mod placeholder_left;
mod schedule;
pub mod stale_review;
mod texts;
pub mod unreachable_contact;
pub mod untested;

use crate::lint::scene::Scene;
use crate::source::Span;

/// The head of a runbook, `holdpoint: 1`: where what is missing is said.
fn head(scene: &Scene<'_>) -> Span {
    let line = |key| scene.key(key).map(|(key, value)| key.to(value.span));
    line("holdpoint").or_else(|| line("id")).unwrap_or(Span::new(0, 0))
}
