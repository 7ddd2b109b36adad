//! A ClickHouse server with a password, whose data has a small file system of its own.

use super::super::component::{Kind, Program};

/// The kind.
pub static KIND: Kind = Kind {
    word: "clickhouse",
    about: "A ClickHouse server with a password, whose data has a small file system of its own.",
    tier: "T1",
    root: Some("because a file system is mounted for it"),
    programs: &[
        Program { name: "clickhouse-server", package: "clickhouse-server", folders: &[] },
        Program { name: "clickhouse-client", package: "clickhouse-client", folders: &[] },
    ],
    settings: &["size", "unit"],
    facts: &[
        ("folder", "all that belongs to it"),
        ("data", "the folder of its data, where its file system is mounted"),
        ("config", "its configuration"),
        ("client", "a configuration of clickhouse-client, with its address, user and password"),
        ("host", "where it listens: 127.0.0.1"),
        ("port", "its port for clickhouse-client"),
        ("http_port", "its port for HTTP"),
        ("user", "the user of its own that may do anything"),
        ("password", "the password of that"),
        ("pidfile", "the file with its process id"),
        ("log", "its log"),
        ("ctl", "starts, stops and restarts it"),
    ],
    variables: &[
        ("CLICKHOUSE_HOST", "host"),
        ("CLICKHOUSE_PORT", "port"),
        ("CLICKHOUSE_USER", "user"),
        ("CLICKHOUSE_PASSWORD", "password"),
    ],
};
