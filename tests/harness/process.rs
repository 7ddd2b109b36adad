//! Processes of a test: each has a limit, and none outlives its bench.
//!
//! Output goes to files and not through pipes, so a service that a step leaves behind cannot keep
//! a test waiting by holding one open.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::NamedTempFile;

/// A program under way, in a process group of its own.
pub(crate) struct Process {
    child: Child,
    stdout: NamedTempFile,
    stderr: NamedTempFile,
}

impl Process {
    /// Starts a command; without a text its standard input is empty.
    pub(crate) fn start(mut command: Command, stdin: Option<&str>) -> io::Result<Process> {
        let (stdout, stderr) = (NamedTempFile::new()?, NamedTempFile::new()?);
        command.stdin(match stdin {
            Some(text) => Stdio::from(file_of(text)?),
            None => Stdio::null(),
        });
        command.stdout(stdout.reopen()?).stderr(stderr.reopen()?).process_group(0);
        Ok(Process { child: command.spawn()?, stdout, stderr })
    }

    /// Waits for its end; nothing when it does not come within the limit.
    pub(crate) fn wait(&mut self, limit: Duration) -> io::Result<Option<ExitStatus>> {
        let end = Instant::now() + limit;
        loop {
            match self.child.try_wait()? {
                None if Instant::now() < end => thread::sleep(Duration::from_millis(3)),
                found => return Ok(found),
            }
        }
    }

    /// What it has printed so far, on standard output and on standard error.
    pub(crate) fn printed(&self) -> (String, String) {
        let text = |file: &NamedTempFile| {
            let bytes = fs::read(file.path()).expect("the file was made for this process");
            String::from_utf8_lossy(&bytes).into_owned()
        };
        (text(&self.stdout), text(&self.stderr))
    }

    /// Its number.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends the process itself a signal, named as `INT` or `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        send(name, &[self.child.id().to_string()]);
    }

    /// Kills the process itself, as `kill -9` does, and nothing of what it started.
    pub(crate) fn kill(&mut self) {
        // It may have ended already, which is as good.
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }

    /// Kills the process and its group.
    pub(crate) fn kill_group(&mut self) {
        kill(&[format!("-{}", self.child.id())]);
        self.kill();
    }
}

/// A process that nobody waits for any more is killed, and reaped.
impl Drop for Process {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.kill_group();
        }
    }
}

/// The living processes that were told of the folder, with their command lines; none where there is no `/proc`.
pub(crate) fn living(root: &Path) -> Vec<(String, String)> {
    // What runs in a lab has another home, and still knows the state folder.
    let root = root.as_os_str().as_bytes();
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let pid = entry.file_name().to_string_lossy().into_owned();
        if !pid.starts_with(|c: char| c.is_ascii_digit()) {
            continue;
        }
        let environment = fs::read(entry.path().join("environ")).unwrap_or_default();
        if environment.windows(root.len()).any(|part| part == root) {
            let command = fs::read(entry.path().join("cmdline")).unwrap_or_default();
            let command =
                String::from_utf8_lossy(&command).replace('\0', " ").trim_end().to_owned();
            found.push((pid, command));
        }
    }
    found
}

/// The numbers of the keepers of runs in the folder. They hide their environment from others.
pub(crate) fn keepers(root: &Path) -> Vec<String> {
    let words = format!("holdpoint\0@keeper\0{}/", root.display());
    let is_keeper = |pid: &String| {
        let command = fs::read(Path::new("/proc").join(pid).join("cmdline")).unwrap_or_default();
        command.starts_with(words.as_bytes())
    };
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| name.starts_with(|c: char| c.is_ascii_digit())).filter(is_keeper).collect()
}

/// Kills every process whose home is the folder, those too that are started meanwhile.
pub(crate) fn end_all(home: &Path) {
    for _round in 0..50 {
        let pids: Vec<String> = living(home).into_iter().map(|(pid, _)| pid).collect();
        if pids.is_empty() {
            return;
        }
        kill(&pids);
        thread::sleep(Duration::from_millis(5));
    }
}

fn kill(pids: &[String]) {
    send("KILL", pids);
}

/// Sends a signal to processes, or to groups where a number is negative; those that are gone are passed over.
pub(super) fn send(signal: &str, pids: &[String]) {
    let script =
        r#"sig=$1; shift; for pid in "$@"; do kill -s "$sig" -- "$pid" 2> /dev/null || :; done"#;
    let sent = Command::new("sh").args(["-c", script, "sh", signal]).args(pids).status();
    sent.expect("a POSIX shell is there");
}

fn file_of(text: &str) -> io::Result<File> {
    let mut file = NamedTempFile::new()?;
    file.write_all(text.as_bytes())?;
    file.reopen()
}
