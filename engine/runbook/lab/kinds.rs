//! The kinds of components that a lab can start, as data: what each needs of the machine, which
//! settings it has, and which facts it hands on.

mod aws;
mod clickhouse;
mod dns;
mod docker;
mod folder;
mod host;
mod nginx;
mod postgres;
mod redis;
mod redis_cluster;
mod supervisor;

use super::component::Kind;

/// Every kind there is.
pub static KINDS: &[&Kind] = &[
    &aws::KIND,
    &clickhouse::KIND,
    &dns::KIND,
    &docker::KIND,
    &folder::KIND,
    &host::KIND,
    &nginx::KIND,
    &postgres::KIND,
    &redis::KIND,
    &redis_cluster::KIND,
    &supervisor::KIND,
];

/// The words of the kinds.
pub(super) const WORDS: &[&str] = &[
    "aws",
    "clickhouse",
    "dns",
    "docker",
    "folder",
    "host",
    "nginx",
    "postgres",
    "redis",
    "redis_cluster",
    "supervisor",
];
