//! A supervisor, which starts services anew that end unasked.

use super::super::component::{Kind, Program};

/// The kind.
pub static KIND: Kind = Kind {
    word: "supervisor",
    about: "A supervisor of services, runit, which starts anew what ends unasked.",
    tier: "T1",
    root: None,
    programs: &[
        Program { name: "runsvdir", package: "runit", folders: &[] },
        Program { name: "sv", package: "runit", folders: &[] },
    ],
    settings: &["unit"],
    facts: &[
        ("folder", "all that belongs to it"),
        (
            "services",
            "the folder in which the seed puts services, each a folder with a program `run`",
        ),
        ("supervised", "the folder in which `sv` looks for them"),
        ("logs", "the folder with what each service prints"),
        ("port", "a port that nobody has, for a service"),
        ("ctl", "does to a service, named after the verb, what `systemctl` does; else to all"),
    ],
    variables: &[("SVDIR", "supervised")],
};
