//! An nginx that hands requests on to backends: a load balancer, or the front of a service.

use super::super::component::{Kind, Program};

/// The kind.
pub static KIND: Kind = Kind {
    word: "nginx",
    about: "An nginx in front of backends, of which there is none at first.",
    tier: "T1",
    root: None,
    programs: &[Program {
        name: "nginx",
        package: "nginx-light",
        folders: &["/usr/sbin", "/usr/local/sbin"],
    }],
    settings: &["unit"],
    facts: &[
        ("folder", "all that belongs to it"),
        ("config", "its configuration"),
        ("backends", "the file with its backends, each a line such as `server 127.0.0.1:8080;`"),
        ("host", "where it listens: 127.0.0.1"),
        ("port", "its port"),
        ("url", "its address"),
        ("pidfile", "the file with its process id"),
        ("log", "its log"),
        ("access", "what it was asked, a line for each request"),
        ("ctl", "starts, stops, restarts and reloads it"),
    ],
    variables: &[],
};
