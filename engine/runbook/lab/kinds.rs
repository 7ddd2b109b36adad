//! The kinds of components that a lab can start, as data: what each needs of the machine, which
//! settings it has, and which facts it hands on.

mod folder;
mod host;
mod nginx;
mod postgres;
mod redis;

use super::component::Kind;

/// Every kind there is.
pub static KINDS: &[&Kind] =
    &[&folder::KIND, &host::KIND, &nginx::KIND, &postgres::KIND, &redis::KIND];

/// The words of the kinds.
pub(super) const WORDS: &[&str] = &["folder", "host", "nginx", "postgres", "redis"];
