//! What a runbook requires of the machine: programs and their versions, variables, places.
//!
//! A version is asked of the tool itself, without a shell and not for long. What cannot be found
//! out is missing, and said to be just that.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::run::event::StopLevel;
use crate::runbook::Requires;
use crate::runbook::tool::{Tool, Version};

use super::is_reachable;
use super::process::{self, End, Sink, Spawn};

/// How long a tool may take to say its version.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long after TERM it is killed.
const GRACE: Duration = Duration::from_secs(1);
/// How much of what it prints is looked at.
const MOST: usize = 64 * 1024;

/// All that is missing, each as a lower-case sentence. Tools do not see the variables that are
/// `hidden`. Blocks.
pub fn missing(requires: &Requires, hidden: &[String]) -> Vec<String> {
    let names = requires.env.iter().filter(|name| std::env::var_os(name.as_str()).is_none());
    let places = requires.reachable.iter().filter(|place| !is_reachable(place));
    let tools: Vec<&Tool> = requires.tools.iter().map(|tool| &tool.value).collect();
    missing_tools(&tools, hidden)
        .into_iter()
        .chain(names.map(|name| format!("the variable {name} is not set")))
        .chain(places.map(|place| format!("nothing answers at {place}")))
        .collect()
}

/// What of it can be seen to be missing without starting a program and without connecting anywhere.
pub fn not_there(requires: &Requires) -> Vec<String> {
    let tools = requires.tools.iter().map(|tool| tool.value.name.as_str());
    let names = requires.env.iter().filter(|name| std::env::var_os(name.as_str()).is_none());
    tools
        .filter(|name| !is_found(name))
        .map(|name| format!("`{name}` was not found on PATH"))
        .chain(names.map(|name| format!("the variable {name} is not set")))
        .collect()
}

/// What is wrong with the tools, in their order.
fn missing_tools(tools: &[&Tool], hidden: &[String]) -> Vec<String> {
    let mut missing: Vec<Option<String>> = tools
        .iter()
        .map(|tool| {
            (!is_found(&tool.name)).then(|| format!("`{}` was not found on PATH", tool.name))
        })
        .collect();
    let asked: Vec<(usize, Tool)> = (0..)
        .zip(tools)
        .filter(|(place, tool)| missing[*place].is_none() && tool.at_least.is_some())
        .map(|(place, tool)| (place, (*tool).clone()))
        .collect();
    match versions(asked, hidden) {
        Ok(found) => found.into_iter().for_each(|(place, reason)| missing[place] = reason),
        Err(error) => missing.push(Some(format!("no version could be found out: {error}"))),
    }
    missing.into_iter().flatten().collect()
}

/// Asks tools for their versions, all at once; each with what is wrong with it.
fn versions(
    tools: Vec<(usize, Tool)>,
    hidden: &[String],
) -> io::Result<Vec<(usize, Option<String>)>> {
    if tools.is_empty() {
        return Ok(Vec::new());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(async {
        let mut asking = JoinSet::new();
        for (place, tool) in tools {
            let hidden = hidden.to_vec();
            asking.spawn(async move { (place, too_old(&tool, &hidden).await) });
        }
        asking.join_all().await
    }))
}

/// Why the version of a tool will not do.
async fn too_old(tool: &Tool, hidden: &[String]) -> Option<String> {
    let (name, least) = (&tool.name, tool.at_least.as_ref()?);
    let found = match said(name, "--version", hidden).await {
        Err(Unsaid { reason, is_silent: false }) => {
            said(name, "version", hidden).await.map_err(|_| reason)
        }
        found => found.map_err(|unsaid| unsaid.reason),
    };
    match found {
        Ok(version) if version >= *least => None,
        Ok(version) => Some(format!("`{name}` is {version}, and at least {least} is needed")),
        Err(reason) => Some(format!("the version of `{name}` could not be found out: {reason}")),
    }
}

/// The version that a tool says when it is asked with one word, or why it says none.
async fn said(name: &str, word: &str, hidden: &[String]) -> Result<Version, Unsaid> {
    let spawn = Spawn {
        args: vec![word.into()],
        env_remove: hidden.to_vec(),
        timeout: Some(PATIENCE),
        grace: GRACE,
        ..Spawn::new(name)
    };
    let (mut out, mut err) = (Head::default(), Head::default());
    let stop = watch::Sender::new(StopLevel::None);
    let over = process::run(spawn, &mut out, &mut err, |_| {}, stop.subscribe()).await;
    let (out, err) = (out.text(), err.text());
    let found = match &over.end {
        End::Exit(0) => Version::find(&out).or_else(|| Version::find(&err)),
        // A client may say its own version before it fails to reach its server.
        _ => Version::dotted(&out).filter(|_| word == "version"),
    };
    let is_silent = over.end == End::TimedOut;
    let reason = match over.end {
        End::Exit(0) => format!("`{name} {word}` prints none"),
        End::Exit(code) => format!("`{name} {word}` exits with {code}"),
        End::Signal(signal) | End::Stopped(signal) => {
            format!("`{name} {word}` was ended by signal {signal}")
        }
        End::TimedOut => format!("`{name} {word}` takes longer than 10s"),
        End::Spawn(reason) | End::Lost(reason) => reason,
    };
    found.ok_or(Unsaid { reason, is_silent })
}

/// Why a tool said no version.
struct Unsaid {
    reason: String,
    /// Whether it said nothing in time, so that it is not asked in another way.
    is_silent: bool,
}

fn is_found(tool: &str) -> bool {
    if tool.contains('/') {
        return is_program(Path::new(tool));
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| is_program(&folder.join(tool)))
}

/// Whether there is a program at a path.
pub(super) fn is_program(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

/// The beginning of what is printed.
#[derive(Default)]
struct Head(Vec<u8>);

impl Sink for Head {
    fn take(&mut self, chunk: &[u8]) {
        let room = MOST - self.0.len();
        self.0.extend(chunk.iter().take(room));
    }
}

impl Head {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }
}
