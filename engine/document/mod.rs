//! YAML as a tree that knows where each of its parts stands.
//!
//! [`parse`] turns one file into one [`Node`]; nothing else in the crate knows the YAML parser.
//! Scalars keep their text as it was written and are read by YAML 1.2's core schema only when
//! asked. Size, depth and aliases are bounded, so that a hostile file costs no more than an honest
//! one. [`Fields`] hands out the keys of a mapping once each, as its [`Shape`] allows, [`read`] turns
//! nodes into values, and [`schema`] says the same for editors.

mod amount;
mod anchors;
mod fields;
mod key;
mod locate;
mod nearest;
mod node;
mod parse;
pub mod read;
mod scalar;
pub mod schema;
pub mod shape;
mod syntax;
mod tree;

pub use amount::{LONGEST_DURATION, duration_text, millis, parse_duration, parse_size};
pub use fields::{Fields, Opening};
pub use nearest::nearest;
pub use node::{Entry, Node, Scalar, Style, Value};
pub use parse::{ALIAS_LIMIT, DEPTH_LIMIT, NODE_LIMIT, PROBLEM_LIMIT, TEXT_LIMIT, parse};
pub use shape::Shape;
