//! The bench that tests stand on, so that each of them reads as a sentence.
//!
//! A [`Bench`] is one empty folder: the working directory, the home and, in `state`, the runs. What
//! is typed there runs in a bare environment and under a time limit, and its exit code, standard
//! output and standard error are all compared, always. When a bench goes, so does every process
//! that was started on it.

pub(crate) mod browser;
mod call;
mod journal;
pub(crate) mod machine;
mod process;
mod screen;
mod server;
mod sound;
mod text;

mod own_tests;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::schema;

pub(crate) use call::{Call, Driver};
pub(crate) use journal::Journal;
pub(crate) use screen::{Screen, Size};
pub(crate) use server::{Reply, Server, answer};

/// How long a test waits for something to become so.
const PATIENCE: Duration = Duration::from_secs(60);

/// One folder with a state folder, a bare environment and the program under test.
pub(crate) struct Bench {
    root: PathBuf,
    program: PathBuf,
    environment: Vec<(OsString, OsString)>,
    _folder: TempDir,
}

impl Bench {
    /// An empty bench for the binary that this build made.
    pub(crate) fn new() -> Bench {
        Bench::of(Path::new(env!("CARGO_BIN_EXE_holdpoint")))
    }

    fn of(program: &Path) -> Bench {
        let folder = TempDir::new().expect("a temporary folder can be made");
        let root = folder.path().canonicalize().expect("the folder was just made");
        let environment = Vec::from([
            ("PATH".into(), search_path(program)),
            ("HOME".into(), root.clone().into()),
            ("LC_ALL".into(), "C".into()),
            ("TZ".into(), "UTC".into()),
            ("NO_COLOR".into(), "1".into()),
            ("HOLDPOINT_STATE".into(), root.join("state").into()),
            // Labs stand where the tests have their files.
            ("TMPDIR".into(), std::env::temp_dir().into()),
        ]);
        Bench { root, program: program.to_owned(), environment, _folder: folder }
    }

    /// With a runbook; the indentation that all its lines share is taken off.
    #[track_caller]
    pub(crate) fn runbook(self, name: &str, text: &str) -> Bench {
        self.file(name, text)
    }

    /// With a text file, made like a runbook.
    #[track_caller]
    pub(crate) fn file(self, name: &str, text: &str) -> Bench {
        self.write(name, text);
        self
    }

    /// With one more variable in the environment.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Bench {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Writes a file later on, over an older one too. What the reader takes must fit its schema.
    #[track_caller]
    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        let folder = path.parent().expect("a file stands in a folder");
        fs::create_dir_all(folder).expect("the bench can be written to");
        let text = text::dedented(text);
        schema::assert_agreement(name, &text);
        fs::write(&path, text).expect("the bench can be written to");
    }

    /// With a folder `bin` of its own, where programs are looked for first.
    pub(crate) fn with_programs(self) -> Bench {
        let is_path = |(name, _): &&(OsString, OsString)| name == "PATH";
        let path = self.environment.iter().find(is_path).map(|(_, path)| path.clone());
        let path = path.unwrap_or_default().to_string_lossy().into_owned();
        let path = format!("{}:{path}", self.path("bin").display());
        self.env("PATH", &path)
    }

    /// Makes a program in the bench's folder `bin`, of a text for `sh`.
    #[track_caller]
    pub(crate) fn program(&self, name: &str, script: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        let name = format!("bin/{name}");
        self.write(&name, &format!("#!/bin/sh\n{script}\n"));
        let mode = fs::Permissions::from_mode(0o755);
        fs::set_permissions(self.path(&name), mode).expect("the file was just made");
    }

    /// Where a file of the bench is.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// What is typed after the program's name. Nothing runs before `exit`, `json` or `start`.
    pub(crate) fn args<S: Into<String>>(&self, args: impl IntoIterator<Item = S>) -> Call<'_> {
        Call::new(self, args.into_iter().map(Into::into).collect())
    }

    /// What is typed into a shell, where `holdpoint` is found.
    pub(crate) fn shell(&self, script: &str) -> Call<'_> {
        Call::new(self, vec!["-c".to_owned(), script.to_owned()]).with_program(Path::new("sh"))
    }

    /// The folder of the only run of this bench.
    #[track_caller]
    pub(crate) fn run_folder(&self) -> PathBuf {
        match self.run_folders().as_slice() {
            [only] => only.clone(),
            folders => panic!("one run was expected on the bench, found {folders:?}"),
        }
    }

    /// The journal of the only run, as far as it is written.
    #[track_caller]
    pub(crate) fn journal(&self) -> Journal {
        Journal::read(&self.run_folder().join("journal.jsonl"))
    }

    /// The journal of the only run, which tells nothing that cannot have happened.
    #[track_caller]
    pub(crate) fn sound_journal(&self) -> Journal {
        let journal = self.journal();
        journal.assert_sound();
        journal.records().iter().for_each(|record| self.assert_valid("event", record));
        journal
    }

    /// Complains when what the program made does not fit its schema; a stand-in may print anything.
    #[track_caller]
    fn assert_valid(&self, name: &str, document: &Value) {
        if self.program == Path::new(env!("CARGO_BIN_EXE_holdpoint")) {
            schema::assert_valid(name, document);
        }
    }

    pub(crate) fn journal_so_far(&self) -> Journal {
        if self.run_folders().is_empty() { Journal::default() } else { self.journal() }
    }

    /// What `status --format json` says about the only run.
    #[track_caller]
    pub(crate) fn status(&self) -> Value {
        self.args(["status", "--format", "json"]).json()
    }

    /// The state of one step as `status` tells it; the step is named by id or by path.
    #[track_caller]
    pub(crate) fn state_of(&self, step: &str) -> String {
        let status = self.status();
        let steps = status["steps"].as_array().expect("status lists the steps");
        let found = steps.iter().find(|s| s["id"] == step || s["path"] == step);
        let found = found.unwrap_or_else(|| panic!("status does not list {step}: {status:#}"));
        found["state"].as_str().expect("a step has a state").to_owned()
    }

    /// What `timeline --format json` tells about the only run.
    #[track_caller]
    pub(crate) fn timeline(&self) -> Value {
        self.args(["timeline", "--format", "json"]).json()
    }

    /// The program at a terminal of its own, 50 lines of 80 columns.
    #[track_caller]
    pub(crate) fn at_terminal<S: Into<String>>(
        &self,
        args: impl IntoIterator<Item = S>,
    ) -> Screen<'_> {
        let args: Vec<String> = args.into_iter().map(Into::into).collect();
        Screen::start(self, &self.program, &args, screen::SIZE)
    }

    /// The same at a terminal of so many rows and columns.
    #[track_caller]
    pub(crate) fn at_terminal_of<S: Into<String>>(
        &self,
        size: Size,
        args: impl IntoIterator<Item = S>,
    ) -> Screen<'_> {
        let args: Vec<String> = args.into_iter().map(Into::into).collect();
        Screen::start(self, &self.program, &args, size)
    }

    /// What is typed into a shell at such a terminal, where `holdpoint` is found.
    #[track_caller]
    pub(crate) fn shell_at_terminal(&self, script: &str) -> Screen<'_> {
        Screen::start(self, Path::new("sh"), &["-c".to_owned(), script.to_owned()], screen::SIZE)
    }

    /// The lines that steps wrote to the file `effects`, in order: what really happened, and how often.
    pub(crate) fn effects(&self) -> Vec<String> {
        let text = fs::read_to_string(self.path("effects")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Sends the driver of the only run a signal, whoever is its parent.
    #[track_caller]
    pub(crate) fn signal_driver(&self, name: &str) {
        let lock = fs::read(self.run_folder().join("lock")).expect("somebody drives it");
        let holder: Value = serde_json::from_slice(&lock).expect("a lock says who holds it");
        process::send(name, &[holder["pid"].to_string()]);
    }

    /// Command lines of the processes that were started on this bench and still live.
    pub(crate) fn left_behind(&self) -> Vec<String> {
        process::living(&self.root).into_iter().map(|(_, command)| command).collect()
    }

    /// Kills every keeper of this bench, as `kill -9` does; what it started lives on.
    pub(crate) fn kill_keeper(&self) {
        process::send("KILL", &process::keepers(&self.root));
        eventually("no keeper lives", || process::keepers(&self.root).is_empty());
    }

    /// The numbers of the keepers that live.
    pub(crate) fn keepers(&self) -> Vec<String> {
        process::keepers(&self.root)
    }

    /// The numbers of the processes of commands that run: neither a driver nor a keeper.
    pub(crate) fn commands(&self) -> Vec<String> {
        let mut living = process::living(&self.root);
        living.retain(|(_, command)| !command.contains("holdpoint"));
        living.into_iter().map(|(pid, _)| pid).collect()
    }

    /// Kills processes all at once, as `kill -9` does.
    pub(crate) fn kill_all(&self, pids: &[String]) {
        process::send("KILL", pids);
    }

    /// Sends every keeper of this bench a signal, named as `STOP` or `CONT`.
    pub(crate) fn signal_keeper(&self, signal: &str) {
        process::send(signal, &self.keepers());
    }

    /// Waits until nothing lives any more of what was started on this bench.
    #[track_caller]
    pub(crate) fn wait_for_quiet(&self) {
        eventually("every process has ended", || self.left_behind().is_empty());
    }

    /// The folders of all runs of this bench, in the order of their ids.
    pub(crate) fn run_folders(&self) -> Vec<PathBuf> {
        self.folders_in("state/runs")
    }

    /// The folders of all rehearsals of this bench, in the order of their ids.
    pub(crate) fn rehearsals(&self) -> Vec<PathBuf> {
        self.folders_in("state/practice/runs")
    }

    fn folders_in(&self, name: &str) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.path(name));
        let mut folders: Vec<PathBuf> =
            entries.into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        folders.retain(|path| path.join("journal.jsonl").exists());
        folders.sort();
        folders
    }

    /// What differs from bench to bench, and the word that stands for it.
    fn names(&self) -> Vec<(String, &'static str)> {
        let mut names = Vec::new();
        for run in self.run_folders() {
            if let Some(id) = run.file_name() {
                names.push((id.to_string_lossy().into_owned(), "[RUN]"));
            }
        }
        for run in self.rehearsals() {
            if let Some(id) = run.file_name() {
                names.push((id.to_string_lossy().into_owned(), "[REHEARSAL]"));
            }
        }
        names.push((self.root.display().to_string(), "[DIR]"));
        names.push((env!("CARGO_MANIFEST_DIR").to_owned(), "[PROJECT]"));
        names
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        process::end_all(&self.root);
    }
}

/// Whether a text holds a part that is as expected, with the words that stand for what differs.
pub(crate) fn holds(expected: &str, text: &str) -> bool {
    text::holds(expected, text)
}

pub(crate) use text::unhurried;

/// Whether a whole text is as expected, with the words that stand for what differs from run to run.
pub(crate) fn agrees(expected: &str, text: &str) -> bool {
    text::agrees(&text::dedented(expected), &format!("{}\n", text.trim_end()))
}

/// Where programs are looked for: beside the program under test first.
fn search_path(program: &Path) -> OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let own = program.parent().filter(|folder| folder.is_absolute()).map(Path::to_owned);
    let folders = own.into_iter().chain(std::env::split_paths(&path));
    std::env::join_paths(folders).expect("the folders came from such a list")
}

/// Waits until something is so, and fails when it does not become so.
#[track_caller]
pub(crate) fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < end, "{what}: not so after {PATIENCE:?}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// Prints a figure. It goes straight to the stream, because the test runner hides what a passing
/// test prints.
pub(crate) fn tell(figure: &str) {
    use std::io::Write as _;
    writeln!(std::io::stderr(), "{figure}").expect("standard error is open");
}

/// The path of a file that belongs to the project, such as a runbook that is shipped with it.
pub(crate) fn shipped(name: &str) -> String {
    format!("{}/{name}", env!("CARGO_MANIFEST_DIR"))
}
