//! The outline of a plan as JSON, for programs.

use super::outline::Outline;

/// The outline as an indented JSON document.
pub fn json(outline: &Outline) -> String {
    // Keys are names of fields and values are texts, numbers and lists, so there is no failure.
    serde_json::to_string_pretty(outline).unwrap_or_default() + "\n"
}
