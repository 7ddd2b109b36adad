//! A cluster of PostgreSQL: its data, its archive, and where it listens.

use super::super::component::{Kind, Program};

/// The kind.
pub static KIND: Kind = Kind {
    word: "postgres",
    about: "A cluster of PostgreSQL with an archive of its WAL.",
    tier: "T1",
    root: None,
    programs: &[Program {
        name: "initdb",
        package: "postgresql",
        folders: &["/usr/lib/postgresql/*/bin"],
    }],
    settings: &["database", "role", "archive", "unit"],
    facts: &[
        ("folder", "all that belongs to it"),
        ("data", "its data directory"),
        ("archive", "the folder of its archived WAL"),
        ("socket", "the folder of its socket, where nobody needs a password"),
        ("host", "where it listens: 127.0.0.1, with a password"),
        ("port", "its port"),
        ("database", "the database that was made"),
        ("role", "its superuser"),
        ("password", "the password of that"),
        ("user", "the user whose processes and files are its own"),
        ("bin", "the folder of its programs"),
        ("log", "its log"),
        ("ctl", "starts, stops and restarts it"),
    ],
    variables: &[
        ("PGHOST", "socket"),
        ("PGPORT", "port"),
        ("PGUSER", "role"),
        ("PGDATABASE", "database"),
        ("PGPASSWORD", "password"),
    ],
};
