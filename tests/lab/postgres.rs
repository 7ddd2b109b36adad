//! A real PostgreSQL cluster that a test may destroy: in a folder of its own, reached by a socket
//! there and by nothing else.
//!
//! PostgreSQL refuses to run as root, so there the user `postgres` owns it, and otherwise whoever
//! runs the tests. Whatever happens, the server is stopped and the folder removed at the end, and
//! that holds for a server which a runbook started in the same place too.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Once;
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long the server may take to answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a test that needs PostgreSQL leaves out, and how to get it.
const LEFT_OUT: &str = "tier T1 left out: PostgreSQL is not installed here; \
    run tests/all.sh --install as root on Debian, or put initdb on the PATH";

/// 20,000 debates and 100,000 votes on them.
const ROWS: &str = "
    CREATE TABLE debates (id bigserial PRIMARY KEY, topic text NOT NULL);
    CREATE TABLE votes (id bigserial PRIMARY KEY, debate_id bigint NOT NULL REFERENCES debates,
        score int NOT NULL CHECK (score BETWEEN 0 AND 10));
    INSERT INTO debates (topic) SELECT 'topic ' || n FROM generate_series(1, 20000) n;
    INSERT INTO votes (debate_id, score) SELECT 1 + n % 20000, n % 11 FROM generate_series(1, 100000) n;
";

/// A cluster with Aragora's database, its backup, and something that stands for its writers.
pub(crate) struct Postgres {
    root: PathBuf,
    bin: PathBuf,
    owner: Owner,
    port: u16,
    server: Child,
    _folder: TempDir,
}

/// The user whose processes and files PostgreSQL's are.
struct Owner {
    name: String,
    uid: u32,
    gid: u32,
}

impl Postgres {
    /// A running cluster with rows in it; none, and a line that says so, where PostgreSQL is not installed.
    pub(crate) fn start() -> Option<Postgres> {
        if Postgres::is_left_out() {
            return None;
        }
        let (bin, owner) = (binaries()?, Owner::find()?);
        let folder = TempDir::with_prefix("pg").expect("a temporary folder can be made");
        let root = folder.path().canonicalize().expect("the folder was just made");
        owner.take(&root);
        let port = free_port();
        prepare(&root, &bin, &owner, port);
        let server = serve(&root, &bin, &owner);
        let cluster = Postgres { root, bin, owner, port, server, _folder: folder };
        cluster.wait_until_ready();
        cluster.sql("postgres", "CREATE DATABASE aragora");
        cluster.sql("aragora", ROWS);
        Some(cluster)
    }

    /// Whether PostgreSQL is not installed, which is said once.
    pub(crate) fn is_left_out() -> bool {
        let is_there = binaries().is_some() && Owner::find().is_some();
        if !is_there {
            // Straight to the stream, because the test runner hides what a passing test prints.
            static SAID: Once = Once::new();
            SAID.call_once(|| {
                writeln!(io::stderr(), "{LEFT_OUT}").expect("standard error is open")
            });
        }
        !is_there
    }

    /// Writes the backup. Loading it takes this much longer than it would.
    pub(crate) fn back_up(&self, delay: Duration) {
        let dump = self.path("aragora-1.sql");
        let out = dump.display().to_string();
        expect_success(self.command("pg_dump").args(["-d", "aragora", "-f", &out]));
        let text = fs::read_to_string(&dump).expect("pg_dump wrote it");
        let (rows, end) = text
            .split_once("--\n-- PostgreSQL database dump complete")
            .expect("a dump says that it is complete");
        let pause = format!("SELECT pg_catalog.pg_sleep({});\n\n", delay.as_secs_f64());
        let text = format!("{rows}{pause}--\n-- PostgreSQL database dump complete{end}");
        fs::write(&dump, text).expect("the folder can be written to");
        expect_success(Command::new("gzip").arg("-f").arg(&dump));
    }

    /// Kills the server with KILL and removes what a cluster cannot be without.
    pub(crate) fn break_it(&mut self) {
        let memory = self.shared_memory();
        self.server.kill().expect("the server runs until now");
        self.server.wait().expect("the server is a child of the test");
        for folder in ["base", "global"] {
            remove(&self.path("data").join(folder));
        }
        // A server that is killed leaves this behind, and its folder will not be started again.
        let _gone = Command::new("ipcrm").args(["-m", &memory]).stderr(Stdio::null()).status();
    }

    /// The inputs under which a runbook finds this cluster, as arguments of `run`.
    pub(crate) fn inputs(&self) -> Vec<String> {
        let path = |name: &str| self.path(name).display().to_string();
        let inputs = [
            ("platform", "local".to_owned()),
            ("backup", path("aragora-1.sql.gz")),
            ("data_directory", path("data")),
            ("host", path("sock")),
            ("port", self.port.to_string()),
            ("os_user", self.owner.name.clone()),
            ("bin", self.bin.display().to_string()),
            ("log", path("log")),
            ("writers_script", path("writers.sh")),
        ];
        inputs.iter().flat_map(|(k, v)| ["--input".to_owned(), format!("{k}={v}")]).collect()
    }

    /// Whether it takes connections.
    pub(crate) fn is_ready(&self) -> bool {
        self.command("pg_isready").output().is_ok_and(|output| output.status.success())
    }

    /// How many rows a table of Aragora's has.
    #[track_caller]
    pub(crate) fn count(&self, table: &str) -> u64 {
        let count = self.sql("aragora", &format!("SELECT count(*) FROM {table}"));
        count.trim().parse().expect("a count is a number")
    }

    /// What the writers were told, in order.
    pub(crate) fn writers(&self) -> Vec<String> {
        let told = fs::read_to_string(self.path("writers.log")).unwrap_or_default();
        told.lines().map(str::to_owned).collect()
    }

    /// How many data directories were moved aside.
    pub(crate) fn set_aside(&self) -> usize {
        let entries = fs::read_dir(&self.root).expect("the folder is there");
        let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
        names.filter(|name| name.starts_with("data.broken-")).count()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// A program of PostgreSQL's that connects to this cluster.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.bin.join(program));
        command.env("PGHOST", self.path("sock")).env("PGPORT", self.port.to_string());
        command.env("PGUSER", "aragora").env("LC_ALL", "C").stdin(Stdio::null());
        command
    }

    #[track_caller]
    fn sql(&self, database: &str, sql: &str) -> String {
        let flags = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", sql];
        expect_success(self.command("psql").args(flags))
    }

    fn wait_until_ready(&self) {
        let end = Instant::now() + PATIENCE;
        while !self.is_ready() {
            let log = || fs::read_to_string(self.path("log")).unwrap_or_default();
            assert!(Instant::now() < end, "PostgreSQL does not start:\n{}", log());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// The id of the segment that guards the data directory, from the server's own note.
    fn shared_memory(&self) -> String {
        let note = fs::read_to_string(self.path("data/postmaster.pid")).unwrap_or_default();
        note.lines().nth(6).and_then(|l| l.split_whitespace().nth(1)).unwrap_or("0").to_owned()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.path("data").display().to_string();
        let mut stop = self.owner.command(&self.bin.join("pg_ctl"), &self.root);
        stop.args(["-D", &data, "-m", "immediate", "-t", "20", "stop"]);
        // Where nothing runs any more there is nothing to stop.
        let _stopped = stop.output();
        let _killed = self.server.kill();
        let _reaped = self.server.wait();
    }
}

impl Owner {
    fn find() -> Option<Owner> {
        let name = if id(&["-u"])? == "0" { "postgres".to_owned() } else { id(&["-un"])? };
        let uid = id(&["-u", &name])?.parse().ok()?;
        let gid = id(&["-g", &name])?.parse().ok()?;
        Some(Owner { name, uid, gid })
    }

    fn take(&self, folder: &Path) {
        chown(folder, Some(self.uid), Some(self.gid)).expect("a new folder can be given away");
        let open = fs::Permissions::from_mode(0o755);
        fs::set_permissions(folder, open).expect("a new folder can be opened");
    }

    /// A command that runs as the owner, with nothing but a path in its environment.
    fn command(&self, program: &Path, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("LC_ALL", "C").current_dir(folder).stdin(Stdio::null());
        if id(&["-u"]).as_deref() == Some("0") {
            command.uid(self.uid).gid(self.gid);
        }
        command
    }
}

/// Makes the cluster, and beside it what stands for Aragora's writers.
fn prepare(root: &Path, bin: &Path, owner: &Owner, port: u16) {
    let sock = root.join("sock");
    fs::create_dir(&sock).expect("the folder can be written to");
    owner.take(&sock);
    let mut initdb = owner.command(&bin.join("initdb"), root);
    initdb.args(["-D", "data", "-U", "aragora", "-A", "trust", "-E", "UTF8", "--no-sync"]);
    expect_success(initdb.arg("--locale=C.UTF-8"));
    let settings = format!(
        "port = {port}\nlisten_addresses = ''\nunix_socket_directories = '{}'\nfsync = off\n\
         dynamic_shared_memory_type = mmap\n",
        sock.display()
    );
    let conf = File::options().append(true).open(root.join("data/postgresql.conf"));
    let mut conf = conf.expect("initdb wrote it");
    conf.write_all(settings.as_bytes()).expect("the file can be written to");
    let writers = root.join("writers.sh");
    let script = format!("#!/bin/sh\necho \"$1\" >> '{}/writers.log'\n", root.display());
    fs::write(&writers, script).expect("the folder can be written to");
    owner.take(&writers);
}

/// Starts the server as a child, so that it can be killed and is gone when it was.
fn serve(root: &Path, bin: &Path, owner: &Owner) -> Child {
    let log = File::create(root.join("log")).expect("the folder can be written to");
    owner.take(&root.join("log"));
    let mut server = owner.command(&bin.join("postgres"), root);
    server.args(["-D", "data"]).stdout(log.try_clone().expect("a file can be shared")).stderr(log);
    server.spawn().expect("postgres stands beside initdb")
}

/// The folder with `initdb` and the rest: the one on the PATH, else the newest of the distribution.
fn binaries() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|folder| folder.join("initdb"));
    let mut installed: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin/initdb"))
        .collect();
    installed.sort_by_key(|path| std::cmp::Reverse(version(path)));
    let real = on_path.chain(installed).find_map(|initdb| initdb.canonicalize().ok())?;
    real.parent().filter(|bin| bin.join("postgres").exists()).map(Path::to_owned)
}

fn version(initdb: &Path) -> u32 {
    let name = initdb.ancestors().nth(2).and_then(Path::file_name).unwrap_or_default();
    name.to_string_lossy().parse().unwrap_or(0)
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("some port is free");
    listener.local_addr().expect("a bound socket has an address").port()
}

/// Removes a folder in which processes that are about to end may still write.
fn remove(folder: &Path) {
    let end = Instant::now() + PATIENCE;
    while let Err(e) = fs::remove_dir_all(folder) {
        assert!(Instant::now() < end, "{} cannot be removed: {e}", folder.display());
        thread::sleep(Duration::from_millis(20));
    }
}

fn id(args: &[&str]) -> Option<String> {
    let output = Command::new("id").args(args).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

/// Runs a command that must succeed, and returns what it printed.
#[track_caller]
fn expect_success(command: &mut Command) -> String {
    let output = match command.output() {
        Ok(output) => output,
        Err(e) => panic!("{command:?} cannot be started: {e}"),
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{command:?}: {}", text(&output.stderr));
    text(&output.stdout)
}
