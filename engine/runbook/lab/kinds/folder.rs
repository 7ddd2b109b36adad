//! A folder, for what needs nothing but files.

use super::super::component::Kind;

/// The kind.
pub static KIND: Kind = Kind {
    word: "folder",
    about: "A folder, for what needs nothing but files.",
    tier: "T0",
    root: None,
    programs: &[],
    settings: &[],
    facts: &[("folder", "the folder, which is empty at first")],
    variables: &[],
};
