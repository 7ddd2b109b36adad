//! One call of the program: what is typed, and what must come of it.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::process::Process;
use super::text;
use super::{Bench, Journal, PATIENCE};

/// How long a call may take before it is killed and the test fails.
const LIMIT: Duration = Duration::from_secs(120);

/// A call that is being described. It runs with `exit`, `json` or `start`.
#[must_use = "nothing runs before `exit`, `json` or `start`"]
pub(crate) struct Call<'b> {
    bench: &'b Bench,
    program: PathBuf,
    args: Vec<String>,
    stdin: Option<String>,
    limit: Duration,
    stdout: Expected,
    stderr: Expected,
}

/// What a stream must be: a whole text, or some text that holds these parts.
enum Expected {
    Whole(String),
    Parts(Vec<String>),
}

/// What a call printed, with `[DIR]`, `[RUN]` and `[PROJECT]` where names differ from bench to bench.
pub(crate) struct Printed {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl<'b> Call<'b> {
    pub(super) fn new(bench: &'b Bench, args: Vec<String>) -> Call<'b> {
        let empty = || Expected::Whole(String::new());
        let program = bench.program.clone();
        Call { bench, program, args, stdin: None, limit: LIMIT, stdout: empty(), stderr: empty() }
    }

    pub(super) fn with_program(mut self, program: &Path) -> Call<'b> {
        self.program = program.to_owned();
        self
    }

    /// What stands on standard input, instead of nothing.
    pub(crate) fn stdin(mut self, text: &str) -> Call<'b> {
        self.stdin = Some(text::dedented(text));
        self
    }

    /// Another limit than two minutes.
    pub(crate) fn within(mut self, limit: Duration) -> Call<'b> {
        self.limit = limit;
        self
    }

    /// The whole standard output; without this it must be empty.
    pub(crate) fn stdout(mut self, text: &str) -> Call<'b> {
        self.stdout = Expected::Whole(text::dedented(text));
        self
    }

    /// The whole standard error; without this it must be empty.
    pub(crate) fn stderr(mut self, text: &str) -> Call<'b> {
        self.stderr = Expected::Whole(text::dedented(text));
        self
    }

    /// A part of standard output, instead of the whole; `""` takes any.
    pub(crate) fn stdout_contains(mut self, part: &str) -> Call<'b> {
        self.stdout.or_part(part);
        self
    }

    /// A part of standard error, instead of the whole; `""` takes any.
    pub(crate) fn stderr_contains(mut self, part: &str) -> Call<'b> {
        self.stderr.or_part(part);
        self
    }

    /// Runs it and compares everything: the exit code, standard output and standard error.
    #[track_caller]
    pub(crate) fn exit(self, code: i32) -> Printed {
        let mut process = self.spawned();
        self.ended(&mut process, code)
    }

    /// Runs it, wants success and a silent standard error, and reads standard output as JSON.
    #[track_caller]
    pub(crate) fn json(self) -> Value {
        let line = self.line();
        let (bench, command) = (self.bench, self.args.first().cloned().unwrap_or_default());
        let printed = self.stdout_contains("").exit(0).stdout;
        let found = serde_json::from_str(&printed);
        let found = found.unwrap_or_else(|e| panic!("{line}: {e}:\n{printed}"));
        if ["due", "handover", "metrics", "plan", "status", "timeline"].contains(&command.as_str())
        {
            bench.assert_valid(&command, &found);
        }
        found
    }

    /// Starts it and goes on with the test.
    #[track_caller]
    pub(crate) fn start(self) -> Driver<'b> {
        let process = self.spawned();
        Driver { call: self, process }
    }

    #[track_caller]
    fn spawned(&self) -> Process {
        let mut command = Command::new(&self.program);
        command.args(&self.args).current_dir(&self.bench.root).env_clear();
        command.envs(self.bench.environment.iter().map(|(name, value)| (name, value)));
        match Process::start(command, self.stdin.as_deref()) {
            Ok(process) => process,
            Err(e) => panic!("{} cannot be started: {e}", self.line()),
        }
    }

    #[track_caller]
    fn ended(&self, process: &mut Process, code: i32) -> Printed {
        let line = self.line();
        let status = process.wait(self.limit).expect("a child can be waited for");
        let Some(status) = status else {
            process.kill_group();
            let printed = self.printed(process);
            panic!("{line} did not end within {:?} and was killed\n{printed}", self.limit);
        };
        let printed = self.printed(process);
        let mut complaints = Vec::new();
        if status.code() != Some(code) {
            complaints.push(format!("exit code {code} was expected, found: {status}"));
        }
        complaints.extend(self.stdout.complaint("standard output", &printed.stdout));
        complaints.extend(self.stderr.complaint("standard error", &printed.stderr));
        assert!(complaints.is_empty(), "{line}\n{}\n{printed}", complaints.join("\n"));
        printed
    }

    fn printed(&self, process: &Process) -> Printed {
        let (mut stdout, mut stderr) = process.printed();
        for (name, word) in self.bench.names() {
            stdout = stdout.replace(&name, word);
            stderr = stderr.replace(&name, word);
        }
        Printed { stdout, stderr }
    }

    fn line(&self) -> String {
        let program = self.program.file_name().unwrap_or_default().to_string_lossy();
        format!("`{program} {}`", self.args.join(" "))
    }
}

impl Expected {
    fn or_part(&mut self, part: &str) {
        match self {
            Expected::Whole(_) => *self = Expected::Parts(vec![part.to_owned()]),
            Expected::Parts(parts) => parts.push(part.to_owned()),
        }
    }

    fn complaint(&self, stream: &str, found: &str) -> Option<String> {
        match self {
            Expected::Whole(whole) if text::agrees(whole, found) => None,
            Expected::Whole(whole) => {
                let line = text::first_difference(whole, found);
                Some(format!("{stream} differs from line {line} on; expected:\n{whole}"))
            }
            Expected::Parts(parts) => {
                let is_missing = |part: &&String| !part.is_empty() && !text::holds(part, found);
                let missing = parts.iter().find(is_missing)?;
                Some(format!("{stream} does not hold: {missing}"))
            }
        }
    }
}

impl std::fmt::Display for Printed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "-- standard output:\n{}-- standard error:\n{}", self.stdout, self.stderr)
    }
}

/// A call under way.
pub(crate) struct Driver<'b> {
    call: Call<'b>,
    process: Process,
}

impl Driver<'_> {
    /// Waits until the journal of the only run holds such an event about a step.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, kind: &str, step: &str) {
        self.wait_until(&format!("{kind} of {step}"), |journal| journal.count(kind, step) > 0);
    }

    /// Waits until the journal of the only run is as wanted.
    #[track_caller]
    pub(crate) fn wait_until(&mut self, what: &str, is_so: impl Fn(&Journal) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !is_so(&self.call.bench.journal_so_far()) {
            let has_ended = !matches!(self.process.wait(Duration::ZERO), Ok(None));
            if has_ended || Instant::now() > end {
                let journal = self.call.bench.journal_so_far();
                let why = if has_ended { "the driver ended" } else { "the time ran out" };
                let printed = self.call.printed(&self.process);
                panic!("{why} before {what}; the journal:\n{journal}\n{printed}");
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// The number of the program's process.
    pub(crate) fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Sends the program a signal, named as `INT` or `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        self.process.signal(name);
    }

    /// How it ended, once it has.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.process.wait(Duration::ZERO).expect("a child can be waited for")
    }

    /// What it has printed so far.
    pub(crate) fn printed(&self) -> Printed {
        self.call.printed(&self.process)
    }

    /// Kills the program as `kill -9` does; what it started lives on.
    pub(crate) fn kill(mut self) {
        self.process.kill();
    }

    /// Kills the program and the keeper of its run; what the keeper started lives on.
    pub(crate) fn kill_with_keeper(mut self) {
        self.process.kill();
        self.call.bench.kill_keeper();
    }

    /// Waits for its end and compares everything, as [`Call::exit`] does.
    #[track_caller]
    pub(crate) fn exit(mut self, code: i32) -> Printed {
        self.call.ended(&mut self.process, code)
    }
}
