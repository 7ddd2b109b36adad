//! What a runbook requires of the machine, looked at before anything is begun.

use std::net::{TcpStream, ToSocketAddrs};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use crate::runbook::Requires;

use super::failure::Failure;

/// How long one address may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// Checks that every program is found, every variable set and every place
/// answering; all that is missing is named.
pub fn check(requires: &Requires) -> Result<(), Failure> {
    let tools = requires.tools.iter().filter(|tool| !is_found(tool));
    let missing: Vec<String> = tools
        .map(|tool| format!("`{tool}` was not found on PATH"))
        .chain(
            requires
                .env
                .iter()
                .filter(|name| std::env::var_os(name.as_str()).is_none())
                .map(|name| format!("the variable {name} is not set")),
        )
        .chain(
            requires
                .reachable
                .iter()
                .filter(|place| !is_reachable(place))
                .map(|place| format!("nothing answers at {place}")),
        )
        .collect();
    match missing.is_empty() {
        true => Ok(()),
        false => Err(Failure::Missing(missing.join("; "))),
    }
}

/// Whether something answers at `host:port`, at any of the addresses that the host has.
fn is_reachable(place: &str) -> bool {
    let addresses = place.to_socket_addrs().into_iter().flatten();
    addresses.into_iter().any(|address| TcpStream::connect_timeout(&address, PATIENCE).is_ok())
}

fn is_found(tool: &str) -> bool {
    if tool.contains('/') {
        return is_program(Path::new(tool));
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| is_program(&folder.join(tool)))
}

fn is_program(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}
