//! A DNS server with one zone, which whoever has its key can change.

use super::super::component::{Kind, Program};

/// The kind.
pub static KIND: Kind = Kind {
    word: "dns",
    about: "A DNS server with one zone that takes updates signed with its key.",
    tier: "T1",
    root: None,
    programs: &[
        Program { name: "named", package: "bind9", folders: &["/usr/sbin"] },
        Program { name: "nsupdate", package: "bind9-dnsutils", folders: &[] },
        Program { name: "dig", package: "bind9-dnsutils", folders: &[] },
    ],
    settings: &["zone", "unit"],
    facts: &[
        ("folder", "all that belongs to it"),
        ("host", "where it listens: 127.0.0.1"),
        ("port", "its port, for UDP and TCP"),
        ("zone", "its zone, which has no record but SOA, NS and the address of that"),
        ("key", "the file with the key for updates, as `nsupdate -k` reads it"),
        ("config", "its configuration"),
        ("user", "the user whose process and files are its own"),
        ("pidfile", "the file with its process id"),
        ("log", "its log"),
        ("ctl", "starts, stops and restarts it"),
    ],
    variables: &[],
};
