//! A Docker engine of its own, with an image that runs the programs of this machine.

use super::super::component::{Kind, Program};

/// Where Debian and Docker put what `docker compose` is.
const PLUGINS: &[&str] = &[
    "/usr/libexec/docker/cli-plugins",
    "/usr/lib/docker/cli-plugins",
    "/usr/local/lib/docker/cli-plugins",
];

/// The kind.
pub static KIND: Kind = Kind {
    word: "docker",
    about: "A Docker engine of its own, with an image that runs the programs of this machine.",
    tier: "T2",
    root: Some("because an engine of Docker mounts file systems"),
    programs: &[
        Program { name: "dockerd", package: "docker.io", folders: &[] },
        Program { name: "docker", package: "docker.io", folders: &[] },
        Program { name: "docker-compose", package: "docker-compose", folders: PLUGINS },
    ],
    settings: &["unit"],
    facts: &[
        ("folder", "all that belongs to it"),
        ("socket", "the socket on which it listens"),
        ("host", "the same as a URL, for DOCKER_HOST"),
        ("config", "the folder of the settings of `docker`, for DOCKER_CONFIG"),
        ("image", "an image without programs: mount /usr of this machine into it"),
        ("port", "a port of this machine for what a container serves on its network"),
        ("pidfile", "the file with its process id"),
        ("log", "its log"),
        ("ctl", "starts, stops and restarts it"),
    ],
    variables: &[("DOCKER_HOST", "host"), ("DOCKER_CONFIG", "config")],
};
