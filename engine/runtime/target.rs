//! A command on a target: the client that takes it there, and what standard input brings.
//!
//! Nothing of a command stands in an argument list on the way. A fixed [`BOOTSTRAP`] reads one line,
//! decodes it and evaluates it; that line sets variables and the folder, and then becomes the
//! program, or the shell that reads the script from the next line in the same way. What follows is
//! the standard input of the command. A line that arrives cut is never evaluated.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use crate::runbook::rendered::shell_quote;
use crate::runbook::target::{Destination, Pod};

use super::process::End;

/// How long one step of reaching a host may take, and how silence on the way becomes an end. Neither
/// the operator's agent nor the display is lent to a host, whatever the configuration says; whether
/// a host is the right one is left to that.
const SSH: &[&str] = &[
    "-T",
    "-a",
    "-x",
    "-o",
    "BatchMode=yes",
    "-o",
    "RemoteCommand=none",
    "-o",
    "ConnectTimeout=10",
    "-o",
    "ServerAliveInterval=15",
    "-o",
    "ServerAliveCountMax=4",
];

/// Reads one line and evaluates it, byte for byte as it was sent. A shell reads a line from a pipe
/// without reading beyond it, and this needs no program besides the shell. Without `'`, `\`, `!` and
/// newlines it means the same to every login shell when it stands between single quotes.
macro_rules! bootstrap {
    ($mark:literal) => {
        concat!(
            "IFS= read -r HOLDPOINT_LINE || HOLDPOINT_LINE=; case $HOLDPOINT_LINE in ",
            $mark,
            "*) eval \"$(printf %b \"${HOLDPOINT_LINE#",
            $mark,
            "}\")\";; *) echo \"holdpoint: what was sent did not arrive whole\" >&2; exit 126;; esac"
        )
    };
}

/// Reads what prepares a command. Each line begins with a mark of its own, so that one is known
/// whose beginning, or the whole line before it, something else has read: a profile, say.
const BOOTSTRAP: &str = bootstrap!("holdpoint1:");

/// Reads the script.
const SECOND: &str = bootstrap!("holdpoint2:");

/// How much of what a client says itself is kept.
const MOST_SAID: u64 = 16 * 1024;

/// Shells that can read a script from standard input as [`BOOTSTRAP`] does.
const SHELLS: &[&str] = &["sh", "bash", "dash", "ash", "ksh", "ksh93", "mksh", "zsh", "yash"];

/// A command with its secrets in it.
#[derive(Clone, Debug, Default)]
pub(super) struct Revealed {
    /// The shell that reads the script, or the program with its arguments.
    pub words: Vec<String>,
    /// The script, where the words are a shell.
    pub script: Option<String>,
    /// Variables set for it, with plain names.
    pub env: Vec<(String, String)>,
    /// The folder it runs in; where the client begins when none.
    pub cwd: Option<String>,
    /// What it reads.
    pub stdin: String,
}

/// What became of a command on a target, as far as its client tells.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Fate {
    /// The end that the client tells is that of the command.
    Seen,
    /// It was not started, since the target answers that there is no such place.
    Absent(String),
    /// It was certainly not started, for this reason.
    NotStarted(String),
    /// It may have been started, and its end was not seen.
    Unseen(String),
}

/// The client with its arguments, and what it is given to read. This machine needs no client.
pub(super) fn client(target: &Destination, command: &Revealed) -> (Vec<String>, Vec<u8>) {
    let shell = ["sh", "-c", BOOTSTRAP];
    let words: Vec<String> = match target {
        Destination::Local => words(&shell, &[], &[]),
        Destination::Ssh(host) => {
            let line = format!("sh -c {}", shell_quote(BOOTSTRAP));
            words(&["ssh"], SSH, &["--", host, &line])
        }
        Destination::Docker(container) => words(&["docker", "exec", "-i", container], &shell, &[]),
        Destination::Kubernetes(pod) => kubectl(pod, &shell),
    };
    (words, text(command).into_bytes())
}

fn kubectl(Pod { context, namespace, pod, container }: &Pod, shell: &[&str]) -> Vec<String> {
    let mut found = words(&["kubectl"], &[], &[]);
    let mut option = |name: &str, value: &Option<String>| {
        found.extend(value.iter().flat_map(|value| [name.to_owned(), value.clone()]));
    };
    option("--context", context);
    option("-n", namespace);
    found.extend(words(&["exec", "-i", pod], &[], &[]));
    found.extend(container.iter().flat_map(|it| ["-c".to_owned(), it.clone()]));
    found.extend(words(&["--"], shell, &[]));
    found
}

fn words(first: &[&str], then: &[&str], last: &[&str]) -> Vec<String> {
    first.iter().chain(then).chain(last).map(|word| (*word).to_owned()).collect()
}

/// All that the client is given to read.
fn text(command: &Revealed) -> String {
    let mut prelude = "unset HOLDPOINT_LINE BASH_ENV ENV\n".to_owned();
    for (name, value) in &command.env {
        prelude.push_str(&format!("export {name}={} || exit 126\n", shell_quote(value)));
    }
    if let Some(folder) = &command.cwd {
        // So it is neither `-`, which is the folder before, nor looked for along CDPATH.
        let here = if folder.starts_with('/') { "" } else { "./" };
        prelude.push_str(&format!("cd {} || exit 126\n", shell_quote(&format!("{here}{folder}"))));
    }
    let quoted: Vec<String> = command.words.iter().map(|word| shell_quote(word)).collect();
    prelude.push_str(&format!("exec {}", quoted.join(" ")));
    let script = match &command.script {
        Some(script) if is_known(&command.words) => {
            prelude.push_str(&format!(" -c {}", shell_quote(SECOND)));
            line(2, &format!("unset HOLDPOINT_LINE; {script}"))
        }
        // Another shell gets it as an argument, though only there.
        Some(script) => {
            prelude.push_str(&format!(" -c {}", shell_quote(script)));
            String::new()
        }
        None => String::new(),
    };
    format!("{}{script}{}", line(1, &prelude), command.stdin)
}

/// Whether a shell is one of those known to read a line as we send it: `bash -eu`, `sudo -n sh`.
fn is_known(words: &[String]) -> bool {
    let name = |word: &String| word.rsplit('/').next().unwrap_or_default().to_owned();
    words.iter().any(|word| SHELLS.contains(&name(word).as_str()))
}

/// A text as one line that `printf %b` turns back.
fn line(mark: u8, text: &str) -> String {
    format!("holdpoint{mark}:{}\n", text.replace('\\', r"\\").replace('\n', r"\n"))
}

/// Lets `ssh` write what it says itself to a file, apart from what the command prints.
pub(super) fn log_arguments(target: &Destination, log: &Path) -> Vec<std::ffi::OsString> {
    match target {
        Destination::Ssh(_) => vec!["-E".into(), log.into()],
        _ => Vec::new(),
    }
}

/// What such a file holds, at most 16 KiB of it; it is not needed any more.
pub(super) fn take_log(log: &Path) -> Vec<u8> {
    let mut said = Vec::new();
    if let Ok(file) = File::open(log) {
        // What cannot be read says nothing, and then the end counts as not seen.
        let _ = file.take(MOST_SAID).read_to_end(&mut said);
        let _ = fs::remove_file(log);
    }
    said
}

/// What became of a command. `said` is what the client said itself: for `ssh` its log, for the others
/// the end of standard error, which the command shares.
pub(super) fn fate(target: &Destination, end: &End, said: &str) -> Fate {
    let code = match end {
        _ if target.is_local() => return Fate::Seen,
        End::Exit(code) => *code,
        // What the client did not live to start has no other end than this.
        End::Spawn(_) => return Fate::Seen,
        End::Signal(signal) => {
            return Fate::Unseen(format!("its client was ended by signal {signal}"));
        }
        End::TimedOut => return Fate::Unseen("its time was up".into()),
        End::Stopped(_) => return Fate::Unseen("the operator stopped it".into()),
        End::Lost(reason) => return Fate::Unseen(reason.clone()),
    };
    match target {
        Destination::Local => Fate::Seen,
        Destination::Ssh(_) => of_ssh(code, said),
        Destination::Docker(_) => of_docker(code, said.trim()),
        Destination::Kubernetes(_) => of_kubectl(code, said.trim()),
    }
}

/// What `ssh` says when it did not come as far as starting anything.
const SSH_NOT_STARTED: &[&str] = &[
    "ssh: ",
    "Host key verification failed",
    "kex_exchange_identification: ",
    "Unable to negotiate with ",
    "Connection timed out during banner exchange",
    "terminating, ",
];

fn of_ssh(code: i32, log: &str) -> Fate {
    if code != 255 {
        return Fate::Seen;
    }
    let is_early = |line: &&str| {
        SSH_NOT_STARTED.iter().any(|words| line.starts_with(words))
            || line.contains(": Permission denied (")
    };
    match log.lines().find(is_early) {
        Some(line) => Fate::NotStarted(line.trim().to_owned()),
        None => Fate::Unseen(last_line(log, "ssh lost the connection, or the command exited 255")),
    }
}

fn of_docker(code: i32, said: &str) -> Fate {
    if code == 255 {
        return Fate::Unseen("docker exited 255".into());
    }
    // The command may print the same words, but hardly nothing else.
    let is_alone = code == 1 && !said.contains('\n');
    let is_client = said.starts_with("Error") || said.starts_with("Cannot connect");
    let says = |words: &[&str]| words.iter().any(|words| said.contains(words));
    match is_alone && is_client {
        true if says(&["No such container", "is not running", "is paused", "is restarting"]) => {
            Fate::Absent(said.to_owned())
        }
        true if says(&["Cannot connect to the Docker daemon", "Error response from daemon"]) => {
            Fate::NotStarted(said.to_owned())
        }
        _ if code == 1 && says(&["error during connect", "unexpected EOF"]) => {
            Fate::Unseen(last_line(said, "docker lost the connection"))
        }
        _ => Fate::Seen,
    }
}

/// The last words of `kubectl` when it did not come as far as starting anything.
const KUBECTL_NOT_STARTED: &[&str] = &[
    "Error from server",
    "Unable to connect to the server",
    "The connection to the server",
    "error: unable to upgrade connection",
    "error: context ",
    "error: You must be logged in",
    "error: container ",
    "error: cannot exec",
    "error: stat ",
    "error: error loading config file",
];

/// `kubectl` says so when the command it ran has ended badly; otherwise it failed itself.
fn of_kubectl(code: i32, said: &str) -> Fate {
    let last = said.lines().next_back().unwrap_or_default();
    let absent = ["Error from server (NotFound)", "container not found", "completed pod"];
    if code == 0 || last == format!("command terminated with exit code {code}") {
        Fate::Seen
    } else if absent.iter().any(|words| last.contains(words)) {
        Fate::Absent(last.to_owned())
    } else if KUBECTL_NOT_STARTED.iter().any(|words| last.starts_with(words)) {
        Fate::NotStarted(last.to_owned())
    } else {
        Fate::Unseen(last_line(said, "kubectl lost the connection"))
    }
}

fn last_line(said: &str, otherwise: &str) -> String {
    match said.trim().lines().next_back() {
        Some(line) => line.trim().to_owned(),
        None => otherwise.to_owned(),
    }
}

#[cfg(test)]
mod tests;
