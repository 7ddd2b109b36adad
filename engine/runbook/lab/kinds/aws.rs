//! An emulator of AWS, for the real AWS CLI: buckets, zones of names, and whatever else it knows.

use super::super::component::{Kind, Program};

/// The kind.
pub static KIND: Kind = Kind {
    word: "aws",
    about: "An emulator of AWS in memory: what it holds is lost when it stops.",
    tier: "T1",
    root: None,
    programs: &[
        Program { name: "moto_server", package: "moto[server] of PyPI", folders: &[] },
        Program { name: "aws", package: "awscli of PyPI", folders: &[] },
    ],
    settings: &["region", "unit"],
    facts: &[
        ("folder", "all that belongs to it"),
        ("endpoint", "its URL, which every service of AWS has there"),
        ("host", "where it listens: 127.0.0.1"),
        ("port", "its port"),
        ("region", "the region that is meant where none is named"),
        ("account", "the account whose all of it is"),
        ("access_key", "the id of a key, which it lets in like any other"),
        ("secret_key", "the secret of that"),
        ("config", "the configuration that the CLI reads, and no other"),
        ("credentials", "the file of credentials that the CLI reads, which has none"),
        ("no_metadata", "true: nothing asks the machine for credentials"),
        ("pidfile", "the file with its process id"),
        ("log", "its log, with a line for each request"),
        ("ctl", "starts, stops and restarts it"),
    ],
    variables: &[
        ("AWS_ENDPOINT_URL", "endpoint"),
        ("AWS_ACCESS_KEY_ID", "access_key"),
        ("AWS_SECRET_ACCESS_KEY", "secret_key"),
        ("AWS_DEFAULT_REGION", "region"),
        ("AWS_REGION", "region"),
        ("AWS_CONFIG_FILE", "config"),
        ("AWS_SHARED_CREDENTIALS_FILE", "credentials"),
        ("AWS_EC2_METADATA_DISABLED", "no_metadata"),
    ],
};
