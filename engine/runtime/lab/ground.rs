//! The ground on which components stand: their folder, their ports, and whose they are.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::OFlags;
use tokio::sync::watch;

use crate::run::event::StopLevel;
use crate::runbook::lab::Program;
use crate::runbook::rendered::shell_quote;

use super::super::ask;
use super::super::process::{self, End, Sink, Spawn};
use super::super::require::is_program;
use super::ssh;

/// How the folder of every lab begins.
pub const PREFIX: &str = "holdpoint-lab-";

/// The longest path of a folder in which a socket of a component has its place.
const LONGEST: usize = 70;

/// How often another port is tried.
const ATTEMPTS: usize = 3;

/// The lowest port that a component gets, and how many are tried.
const LOWEST: u16 = 15_000;
const TRIES: usize = 50;

/// How long one command that starts a component may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// How much is kept of what such a command prints.
const MOST: usize = 16 * 1024;

/// What is known of a component that runs.
pub type Learned = BTreeMap<String, String>;

/// Where a component stands.
pub struct Ground<'a> {
    /// The folder of the lab.
    pub lab: &'a Path,
    /// The name of the component.
    pub name: &'a str,
    /// What is said of it.
    pub settings: &'a BTreeMap<String, String>,
}

/// Makes the folder of a lab.
pub fn make() -> io::Result<PathBuf> {
    let folder = std::env::temp_dir().canonicalize()?.join(format!("{PREFIX}{}", random(5)?));
    if folder.as_os_str().len() > LONGEST {
        let shown = folder.display();
        return Err(io::Error::other(format!("{shown} is too long for sockets: set TMPDIR")));
    }
    // Who runs the components may be another user, who must be able to pass.
    DirBuilder::new().mode(0o711).create(&folder)?;
    const FOLDERS: [(&str, u32); 6] = [
        ("work", 0o711),
        ("bin", 0o755),
        ("ctl", 0o711),
        ("ssh", 0o700),
        ("tmp", 0o1777),
        ("units", 0o700),
    ];
    for (name, mode) in FOLDERS {
        DirBuilder::new().mode(0o700).create(folder.join(name))?;
        fs::set_permissions(folder.join(name), Permissions::from_mode(mode))?;
    }
    for (name, text) in STAND_INS {
        script(&folder.join("bin").join(name), text)?;
    }
    for name in OF_THE_MACHINE {
        script(&folder.join("bin").join(name), include_str!("scripts/refused.sh"))?;
    }
    ssh::fence(&folder)?;
    Ok(folder)
}

/// What would reach the machine itself, or find the programs of that again.
const OF_THE_MACHINE: [&str; 7] =
    ["halt", "poweroff", "reboot", "service", "shutdown", "su", "telinit"];

/// What stands for systemd and for sudo in a lab.
const STAND_INS: [(&str, &str); 3] = [
    ("systemctl", include_str!("scripts/systemctl.sh")),
    ("journalctl", include_str!("scripts/journalctl.sh")),
    ("sudo", include_str!("scripts/sudo.sh")),
];

impl Ground<'_> {
    /// The folder of the component.
    pub fn folder(&self) -> PathBuf {
        self.lab.join(self.name)
    }

    /// What is said of it.
    pub fn setting<'s>(&'s self, key: &str, otherwise: &'s str) -> &'s str {
        self.settings.get(key).map_or(otherwise, String::as_str)
    }

    /// Makes a folder in that of the component.
    pub fn make(&self, name: &str) -> Result<PathBuf, String> {
        let folder = self.folder().join(name);
        let made = DirBuilder::new().mode(0o700).recursive(true).create(&folder);
        made.map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(folder)
    }

    /// Writes a file that nobody else may read.
    pub fn write(&self, name: &str, text: &str) -> Result<PathBuf, String> {
        let path = self.folder().join(name);
        write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(path)
    }

    /// Writes what starts and stops the component, and lets `systemctl` of the lab find it. It does not
    /// stand in the folder of the component, which may be another user's.
    pub fn control(&self, text: &str) -> Result<PathBuf, String> {
        let path = self.lab.join("ctl").join(self.name);
        script(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        self.unit(self.setting("unit", self.name), &path)?;
        Ok(path)
    }

    /// Writes a program into the folder of the component.
    pub fn program(&self, name: &str, text: &str) -> Result<PathBuf, String> {
        let path = self.folder().join(name);
        script(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(path)
    }

    /// Lets `systemctl` of the lab find what starts and stops something under this name.
    pub fn unit(&self, name: &str, ctl: &Path) -> Result<(), String> {
        let unit = self.lab.join("units").join(name);
        std::os::unix::fs::symlink(ctl, &unit).map_err(|it| format!("{}: {it}", unit.display()))
    }

    /// Starts something on a port that nobody has; another one is tried where somebody else takes it
    /// meanwhile.
    pub async fn on_free_port<T>(
        &self,
        mut start: impl AsyncFnMut(u16) -> Result<T, String>,
    ) -> Result<u16, String> {
        let mut failed = String::new();
        for _ in 0..ATTEMPTS {
            let port = free_port()?;
            match start(port).await {
                Ok(_) => return Ok(port),
                Err(reason) => failed = reason,
            }
        }
        Err(failed)
    }

    /// The name of the user whose the lab is.
    pub async fn user(&self) -> Result<String, String> {
        Ok(self.run(&["id", "-un"]).await?.trim().to_owned())
    }

    /// Runs a command that must succeed; what it printed.
    pub async fn run(&self, words: &[&str]) -> Result<String, String> {
        let shown = || format!("{}: `{}`", self.name, words.join(" "));
        let Some((program, args)) = words.split_first() else { return Ok(String::new()) };
        let spawn = Spawn {
            args: args.iter().map(Into::into).collect(),
            // What a server leaves among temporary files goes with the lab.
            env: vec![("TMPDIR".to_owned(), self.lab.join("tmp").into())],
            cwd: Some(self.folder()),
            timeout: Some(PATIENCE),
            ..Spawn::new(*program)
        };
        let (mut out, mut err) = (Kept::default(), Kept::default());
        let stop = watch::Sender::new(StopLevel::None);
        let over = process::run(spawn, &mut out, &mut err, |_| {}, stop.subscribe()).await;
        match over.end {
            End::Exit(0) => Ok(out.text()),
            End::Exit(code) => {
                let told = [out.text(), err.text()].concat();
                Err(format!("{} ended with {code}: {}", shown(), told.trim()))
            }
            End::Signal(signal) | End::Stopped(signal) => {
                Err(format!("{} was ended by signal {signal}", shown()))
            }
            End::TimedOut => Err(format!("{} takes longer than {}s", shown(), PATIENCE.as_secs())),
            End::Spawn(reason) | End::Lost(reason) => Err(format!("{}: {reason}", shown())),
        }
    }
}

/// What a command prints, up to a limit.
#[derive(Default)]
struct Kept(Vec<u8>);

impl Sink for Kept {
    fn take(&mut self, chunk: &[u8]) {
        let room = MOST.saturating_sub(self.0.len());
        self.0.extend(chunk.iter().take(room));
    }
}

impl Kept {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }
}

/// Facts by their names.
pub fn facts<const N: usize>(facts: [(&str, String); N]) -> Learned {
    facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Where a program of this machine is: on the PATH, else the newest in its other folders.
pub fn find(program: &Program) -> Option<PathBuf> {
    let on_path = ask::find(program.name).and_then(|path| path.canonicalize().ok());
    on_path.or_else(|| {
        let folders = program.folders.iter().flat_map(|pattern| matching(pattern));
        folders.map(|folder| folder.join(program.name)).find(|path| is_program(path))
    })
}

/// The folders of a pattern with at most one `*`, the highest number there first.
fn matching(pattern: &str) -> Vec<PathBuf> {
    let Some((before, after)) = pattern.split_once('*') else { return vec![pattern.into()] };
    let entries = fs::read_dir(before).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort_by_key(|name| std::cmp::Reverse(name.parse::<u32>().unwrap_or_default()));
    names.into_iter().map(|name| PathBuf::from(format!("{before}{name}{after}"))).collect()
}

/// A port of this machine that nobody has, and that stays so while its server is down: none of those
/// that the kernel gives to clients, and to whoever takes any.
pub fn free_port() -> Result<u16, String> {
    let is_free = |port: u16| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
    for _ in 0..TRIES {
        let random = random(2).map_err(|it| it.to_string())?;
        let port = u16::from_str_radix(&random, 16).ok().and_then(|it| below(it, given_away()));
        if let Some(port) = port.filter(|port| is_free(*port)) {
            return Ok(port);
        }
    }
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(|it| it.to_string())?;
    listener.local_addr().map(|address| address.port()).map_err(|it| it.to_string())
}

/// A port from the lowest up to those that are given away, by a random number; none where there is no room.
fn below(random: u16, given_away: u16) -> Option<u16> {
    let room = given_away.checked_sub(LOWEST)?;
    Some(LOWEST + random.checked_rem(room)?)
}

/// The first of the ports that the kernel gives to whoever takes any.
fn given_away() -> u16 {
    let range = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap_or_default();
    let first = range.split_ascii_whitespace().next();
    first.and_then(|it| it.parse().ok()).unwrap_or(32_768)
}

/// So many random bytes in hex.
pub fn random(bytes: u64) -> io::Result<String> {
    let mut found = Vec::new();
    File::open("/dev/urandom")?.take(bytes).read_to_end(&mut found)?;
    Ok(crate::run::hex(&found))
}

/// A path as it is told.
pub fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// A word as a shell reads it.
pub fn quoted(path: &Path) -> String {
    shell_quote(&path.to_string_lossy())
}

/// Writes a program that everybody may run.
pub fn script(path: &Path, text: &str) -> io::Result<()> {
    fs::write(path, text)?;
    fs::set_permissions(path, Permissions::from_mode(0o755))
}

/// Writes a file that nobody else may read.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    // Where another user may write too, a link would lead anywhere.
    options.custom_flags(OFlags::NOFOLLOW.bits().cast_signed());
    options.open(path)?.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_none_of_those_that_are_given_to_whoever_takes_any() {
        assert_eq!(below(0, 32_768), Some(15_000));
        assert_eq!(below(17_767, 32_768), Some(32_767));
        assert_eq!(below(17_768, 32_768), Some(15_000));
        assert_eq!(below(7, 15_000), None);
        assert_eq!(below(7, 1_024), None);
        let port = free_port().expect("some port is free");
        assert!((LOWEST..given_away()).contains(&port), "{port}");
    }
}
