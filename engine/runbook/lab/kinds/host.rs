//! A machine that is reached over SSH, as far as SSH can tell: a server with a key of its own, whose
//! sessions have a home and units of their own. Everything else it shares with this machine.

use super::super::component::{Kind, Program};

/// The kind.
pub static KIND: Kind = Kind {
    word: "host",
    about: "A machine of its own, as far as SSH can tell.",
    tier: "T1",
    root: None,
    programs: &[
        Program {
            name: "sshd",
            package: "openssh-server",
            folders: &["/usr/sbin", "/usr/local/sbin"],
        },
        Program { name: "ssh", package: "openssh-client", folders: &[] },
        Program { name: "ssh-keygen", package: "openssh-client", folders: &[] },
        Program { name: "ssh-keyscan", package: "openssh-client", folders: &[] },
    ],
    settings: &["unit"],
    facts: &[
        ("folder", "all that belongs to it"),
        ("home", "where its sessions begin, and their home"),
        (
            "units",
            "the folder of its own units: programs that take start, stop, restart and status",
        ),
        ("name", "how ssh calls it"),
        ("host", "where it listens: 127.0.0.1"),
        ("port", "its port"),
        ("web", "a port for what it serves, which nobody had when it started"),
        ("user", "who logs in there"),
        ("key", "the private key that it lets in"),
        ("host_key", "its own key, the private half; .pub beside it"),
        ("known", "the file of the host keys that ssh believes"),
        ("config", "the configuration of ssh in the lab"),
        ("pidfile", "the file with the process id of its server"),
        ("log", "the log of that"),
        ("ctl", "starts, stops and restarts that: a host without it does not answer"),
    ],
    variables: &[],
};
