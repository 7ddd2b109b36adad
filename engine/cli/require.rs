//! What a runbook requires of the machine, looked at before anything is begun.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::runbook::Requires;
use crate::runtime::is_reachable;

use super::failure::Failure;

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
