//! What is shown: diagnostics with excerpts, a run as it goes, its state as text and JSON.
//!
//! Reporters only consume. One that cannot write falls silent: a closed terminal never stops a
//! recovery half-way. Text from outside is made visible and inert before it reaches a terminal.

mod bell;
mod changes;
pub mod debrief;
pub mod diagnostic;
pub mod due;
pub mod findings;
pub mod handover;
pub mod incident;
mod inert;
mod line;
mod metrics;
pub mod page;
pub mod rehearsed;
mod reporter;
mod standing;
mod status;
mod terminal;

pub use crate::timeline::visible;
pub use bell::Bell;
pub use changes::changes;
pub use line::lines;
pub use metrics::metrics_text;
pub use reporter::Reporter;
pub use status::{Status, inbox_text, status, status_text};
pub use terminal::Terminal;
pub use visible::{visible, visible_str};
