//! A Redis server with a password.

use super::super::component::{Kind, Program};

/// The kind.
pub static KIND: Kind = Kind {
    word: "redis",
    about: "A Redis server with a password.",
    tier: "T1",
    root: None,
    programs: &[
        Program { name: "redis-server", package: "redis-server", folders: &[] },
        Program { name: "redis-cli", package: "redis-tools", folders: &[] },
    ],
    settings: &["aof", "save", "unit"],
    facts: &[
        ("folder", "all that belongs to it"),
        ("data", "the folder of its snapshot, dump.rdb"),
        ("config", "its configuration"),
        ("user", "the user whose process and files are its own"),
        ("host", "where it listens: 127.0.0.1"),
        ("port", "its port"),
        ("password", "its password"),
        ("pidfile", "the file with its process id"),
        ("log", "its log"),
        ("ctl", "starts, stops and restarts it"),
    ],
    variables: &[("REDIS_HOST", "host"), ("REDIS_PORT", "port"), ("REDISCLI_AUTH", "password")],
};
