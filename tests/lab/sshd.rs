//! A real OpenSSH server that a test may break: on a free port of this machine only, with keys of its
//! own, for the user who runs the tests.
//!
//! Everything stands in the folder of a bench, which is the home of whatever runs there. The client
//! is found on a PATH of the bench as `ssh`, with a configuration that names one host, `box`, and
//! reads no other.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::needs::{self, program};
use crate::harness::{Bench, eventually};

/// The server, and the bench on which its host is known.
pub(crate) struct Sshd {
    server: Child,
    pub(crate) bench: Bench,
}

impl Sshd {
    /// A running server; none, and a line that says so, where OpenSSH is not installed.
    pub(crate) fn start() -> Option<Sshd> {
        if is_left_out() {
            return None;
        }
        let (sshd, ssh) = (program("sshd")?, program("ssh")?);
        let bench = Bench::new().with_programs();
        let folder = bench.path("sshd");
        let port = free_port();
        prepare(&bench, &folder, &ssh, port);
        let server = serve(&sshd, &folder);
        let server = Sshd { server, bench };
        server.wait_until_ready(port);
        Some(server)
    }

    /// Breaks every connection that stands, as when the network goes, and says how many there were.
    /// What was started over one lives on.
    pub(crate) fn break_connections(&self) -> usize {
        let connections = children_of(self.server.id());
        connections.iter().for_each(|connection| kill(*connection));
        connections.len()
    }

    fn wait_until_ready(&self, port: u16) {
        eventually("the server takes connections", || {
            TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        self.break_connections();
        let _killed = self.server.kill();
        let _reaped = self.server.wait();
    }
}

/// Whether OpenSSH is not installed, which is said once.
pub(crate) fn is_left_out() -> bool {
    needs::are_lacking(&["sshd", "ssh", "ssh-keygen"])
}

/// Makes the keys, both configurations, and the client.
fn prepare(bench: &Bench, folder: &Path, ssh: &Path, port: u16) {
    let at = |name: &str| folder.join(name).display().to_string();
    fs::create_dir(folder).expect("the bench can be written to");
    for key in ["host", "user"] {
        let mut keygen = Command::new("ssh-keygen");
        keygen.args(["-q", "-t", "ed25519", "-N", "", "-C", key, "-f", &at(key)]);
        assert!(keygen.status().expect("it was found").success(), "ssh-keygen");
    }
    let public = |key: &str| fs::read_to_string(at(&format!("{key}.pub"))).expect("it was made");
    bench.write("sshd/authorized", &public("user"));
    bench.write("sshd/known", &format!("[127.0.0.1]:{port} {}", public("host")));
    let home = bench.path("").display().to_string();
    let home = home.trim_end_matches('/');
    let server = format!(
        "ListenAddress 127.0.0.1:{port}\nHostKey {}\nAuthorizedKeysFile {}\nPidFile none\n\
         StrictModes no\nUsePAM no\nPasswordAuthentication no\nPermitRootLogin prohibit-password\n\
         PrintMotd no\nPrintLastLog no\nLogLevel VERBOSE\nSetEnv HOME={home} ENV={home}/no BASH_ENV={home}/no\n",
        at("host"),
        at("authorized"),
    );
    bench.write("sshd/server.conf", &server);
    let client = format!(
        "Host box\n  HostName 127.0.0.1\n  Port {port}\nHost shut\n  HostName 127.0.0.1\n  Port 1\n\
         Host *\n  IdentityFile {}\n  IdentitiesOnly yes\n  IdentityAgent none\n  UserKnownHostsFile {}\n\
         \x20 GlobalKnownHostsFile {}\n  StrictHostKeyChecking yes\n",
        at("user"),
        at("known"),
        at("none"),
    );
    bench.write("sshd/client.conf", &client);
    bench.program("ssh", &format!("exec '{}' -F '{}' \"$@\"", ssh.display(), at("client.conf")));
}

/// Starts the server as a child in a session of its own.
fn serve(sshd: &Path, folder: &Path) -> Child {
    // As root the server wants this folder, which is otherwise made when the machine starts.
    let _there = fs::create_dir("/run/sshd");
    let log = fs::File::options().create(true).append(true).open(folder.join("log"));
    let log = log.expect("the folder can be written to");
    let mut server = Command::new(sshd);
    server.arg("-D").arg("-e").arg("-f").arg(folder.join("server.conf"));
    server.env_clear().env("HOME", folder.parent().unwrap_or(folder));
    server.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    server.spawn().expect("the server was found")
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("some port is free");
    listener.local_addr().expect("a bound socket has an address").port()
}

/// The processes whose parent is this one.
fn children_of(parent: u32) -> Vec<u32> {
    let numbers = fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = numbers.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let is_child = |number: &u32| {
        let stat = fs::read_to_string(format!("/proc/{number}/stat")).unwrap_or_default();
        let after = stat.rsplit_once(") ").map(|(_, after)| after.to_owned()).unwrap_or_default();
        after.split(' ').nth(1) == Some(&parent.to_string())
    };
    numbers.filter(is_child).collect()
}

fn kill(process: u32) {
    let number = process.to_string();
    let mut kill = Command::new("sh");
    // It may have ended by itself.
    let _gone = kill.args(["-c", "kill -s KILL \"$0\" 2> /dev/null", &number]).status();
}
