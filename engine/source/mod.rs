//! Text and where things stand in it.
//!
//! A [`Source`] is one file's text under the name a person knows it by. A [`Span`] is a range of
//! its bytes, a [`Spanned`] value knows the span it was read from, and a [`Diagnostic`] says one
//! thing about a span. Nothing here formats for a screen or reads a file.

mod diagnostic;
mod digest;
mod span;
mod text;

pub use diagnostic::{Diagnostic, Meant, Problems, Severity};
pub use digest::{digest, hex};
pub use span::{Span, Spanned};
pub use text::{Position, Source};
