//! A Redis Cluster of three masters, each with replicas that take over only when they are told to.

use super::super::component::{Kind, Program};

/// The kind.
pub static KIND: Kind = Kind {
    word: "redis_cluster",
    about: "A Redis Cluster: three masters with replicas, a password, no failover by itself.",
    tier: "T1",
    root: None,
    programs: &[
        Program { name: "redis-server", package: "redis-server", folders: &[] },
        Program { name: "redis-cli", package: "redis-tools", folders: &[] },
    ],
    settings: &["replicas", "unit"],
    facts: &[
        ("folder", "all that belongs to it; each node has a folder there, named by its port"),
        ("user", "the user whose processes and files are its own"),
        ("host", "where it listens: 127.0.0.1"),
        ("port", "the port of the first master, whose slots begin at 0"),
        ("ports", "the ports of all nodes: the masters, then their replicas in the same order"),
        ("nodes", "the address of every node, as a list"),
        ("password", "its password"),
        ("ctl", "starts, stops and restarts all of it; one node where its port follows"),
    ],
    variables: &[("REDIS_HOST", "host"), ("REDIS_PORT", "port"), ("REDISCLI_AUTH", "password")],
};
