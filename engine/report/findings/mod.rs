//! Findings of lint as people and programs read them: one file a format.

mod concise;
mod text;

pub use concise::concise;
pub use text::text;
