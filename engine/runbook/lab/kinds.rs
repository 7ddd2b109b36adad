//! The kinds of components that a lab can start, as data: what each needs of the machine, which
//! settings it has, and which facts it hands on.

mod clickhouse;
mod docker;
mod folder;
mod postgres;
mod redis;

use super::component::Kind;

/// Every kind there is.
pub static KINDS: &[&Kind] = &[&clickhouse::KIND, &docker::KIND, &folder::KIND, &postgres::KIND, &redis::KIND];

/// The words of the kinds.
pub(super) const WORDS: &[&str] = &["clickhouse", "docker", "folder", "postgres", "redis"];
