//! Whether PostgreSQL is installed: the labs of runbooks start it themselves.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::needs;

/// What a test that needs PostgreSQL leaves out, and how to get it.
const LEFT_OUT: &str = "tier T1 left out: PostgreSQL is not installed here; \
    run tests/all.sh --install as root on Debian, or put initdb on the PATH";

/// The PostgreSQL of this machine.
pub(crate) struct Postgres;

impl Postgres {
    /// Whether PostgreSQL is not installed, which is said once.
    pub(crate) fn is_left_out() -> bool {
        let is_there = has_server() && has_owner();
        if !is_there {
            needs::say(LEFT_OUT);
        }
        !is_there
    }
}

/// Whether `initdb` is on the PATH or where the distribution puts it, with the server beside it.
fn has_server() -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|folder| folder.join("initdb"));
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let installed = versions.map(|version| version.path().join("bin/initdb"));
    let mut found = on_path.chain(installed).filter_map(|initdb| initdb.canonicalize().ok());
    found.any(|initdb: PathBuf| initdb.with_file_name("postgres").exists())
}

/// Whether there is a user that it can run as: it refuses to run as root.
fn has_owner() -> bool {
    let id = |user: &[&str]| Command::new("id").arg("-u").args(user).output().ok();
    let is_root = id(&[]).is_some_and(|output| output.stdout == b"0\n");
    !is_root || id(&["postgres"]).is_some_and(|output| output.status.success())
}
