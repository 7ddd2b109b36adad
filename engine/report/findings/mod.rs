//! Findings of lint as people and programs read them: one file a format.

mod concise;
mod diff;
mod github;
mod gitlab;
mod json;
mod junit;
mod md;
pub mod page;
mod place;
mod rdjson;
mod sarif;
mod text;

pub use concise::concise;
pub use diff::diff;
pub use github::github;
pub use gitlab::gitlab;
pub use json::{Findings, json, jsonl};
pub use junit::{escaped, junit};
pub use md::md;
pub use rdjson::rdjson;
pub use sarif::sarif;
pub use text::text;
