//! Ending all that belongs to the folder of a lab, and removing it.
//!
//! A process belongs to a lab when its environment says so, or when it has no terminal and is called
//! with a path in its folder, or stands there. So what a step of a runbook has started is found too.
//! So does one that an engine of the lab has put into a container.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, OFlags, flock};
use rustix::mount::{UnmountFlags, unmount};
use rustix::process::{Pid, Signal, WaitOptions, kill_process, wait};

use super::containers;
use super::ground::PREFIX;
use crate::journal::identity::Stat;

/// How long what is asked to end may take until it is asked again, then until it is killed, and then
/// until it is gone.
const HEARING: Duration = Duration::from_millis(300);
const GRACE: Duration = Duration::from_secs(3);
const REAPING: Duration = Duration::from_secs(10);

const LOOK_EVERY: Duration = Duration::from_millis(20);

/// The file whose lock says that a guard lives.
pub fn claim(folder: &Path) -> io::Result<File> {
    let no_follow = OFlags::NOFOLLOW.bits().cast_signed();
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    options.custom_flags(no_follow).open(folder.join("lock"))
}

/// Clears away what guards that were killed have left.
pub fn clear_what_is_left() {
    let Ok(temporary) = std::env::temp_dir().canonicalize() else { return };
    let us = rustix::process::geteuid().as_raw();
    for entry in fs::read_dir(temporary).into_iter().flatten().flatten() {
        let is_lab = entry.file_name().as_bytes().starts_with(PREFIX.as_bytes());
        let is_ours =
            || entry.path().symlink_metadata().is_ok_and(|it| it.is_dir() && it.uid() == us);
        // One that has no lock yet is being begun.
        if !is_lab || !is_ours() || !entry.path().join("lock").exists() {
            continue;
        }
        let lock = claim(&entry.path());
        if lock.is_ok_and(|lock| flock(&lock, FlockOperation::NonBlockingLockExclusive).is_ok()) {
            sweep(&entry.path(), &[]);
        }
    }
}

/// Ends all that belongs to a folder, but for some, and removes it.
pub fn sweep(folder: &Path, spared: &[u32]) {
    let name = folder.file_name().unwrap_or_default();
    let (shared, bridges) = (shared_memory(folder), containers::bridges(folder));
    containers::thaw(name);
    end_all(folder, spared);
    for (key, id) in shared {
        forget(&key, &id);
    }
    bridges.iter().for_each(|bridge| containers::take_down(bridge));
    until(|| containers::are_forgotten(name));
    // What is mounted there may be the data of somebody else.
    if !is_unmounted(folder) {
        return;
    }
    until(|| fs::remove_dir_all(folder).is_ok() || !folder.exists());
}

/// Tries something until it is done, and not for ever.
fn until(mut is_done: impl FnMut() -> bool) {
    let end = Instant::now() + GRACE;
    while !is_done() && Instant::now() < end {
        reap();
        sleep(LOOK_EVERY);
    }
}

fn end_all(folder: &Path, spared: &[u32]) {
    // A server of PostgreSQL takes INT for the order to throw its clients out. What was begun in the
    // background of a shell does not hear it.
    for (signal, patience) in
        [(Signal::INT, HEARING), (Signal::TERM, GRACE), (Signal::KILL, REAPING)]
    {
        let end = Instant::now() + patience;
        let mut asked: Vec<u32> = Vec::new();
        loop {
            reap();
            let members = members(folder, spared);
            if members.is_empty() {
                return;
            }
            for pid in members {
                let is_new = !asked.contains(&pid);
                if let Some(found) = Pid::from_raw(pid.cast_signed()).filter(|_| is_new) {
                    asked.push(pid);
                    // It may have ended meanwhile.
                    let _ = kill_process(found, signal);
                }
            }
            if Instant::now() > end {
                break;
            }
            sleep(LOOK_EVERY);
        }
    }
}

/// Takes leave of children that have ended.
pub fn reap() {
    while matches!(wait(WaitOptions::NOHANG), Ok(Some(_))) {}
}

/// The processes that belong to a folder.
fn members(folder: &Path, spared: &[u32]) -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let us = std::process::id();
    pids.filter(|pid| *pid != us && !spared.contains(pid))
        .filter(|pid| is_in(folder, *pid))
        .collect()
}

fn is_in(folder: &Path, pid: u32) -> bool {
    if !Stat::of(pid).is_some_and(|stat| stat.is_running()) {
        return false;
    }
    let proc = PathBuf::from(format!("/proc/{pid}"));
    let mark = [b"LAB=", folder.as_os_str().as_bytes()].concat();
    let environ = fs::read(proc.join("environ")).unwrap_or_default();
    if environ.split(|byte| *byte == 0).any(|variable| variable == mark) {
        return true;
    }
    if folder.file_name().is_some_and(|name| containers::is_in(name, pid)) {
        return true;
    }
    if has_terminal(pid) {
        return false;
    }
    let inside = [folder.as_os_str().as_bytes(), b"/"].concat();
    let words = fs::read(proc.join("cmdline")).unwrap_or_default();
    let is_called = words.windows(inside.len()).any(|part| part == inside);
    is_called || fs::read_link(proc.join("cwd")).is_ok_and(|cwd| cwd.starts_with(folder))
}

/// Whether somebody may sit before it.
fn has_terminal(pid: u32) -> bool {
    let line = fs::read(format!("/proc/{pid}/stat")).unwrap_or_default();
    let line = String::from_utf8_lossy(&line);
    let fields = line.rsplit_once(')').map(|(_, rest)| rest.split_ascii_whitespace());
    fields.and_then(|mut fields| fields.nth(4)).is_some_and(|terminal| terminal != "0")
}

/// Takes off what is mounted in a folder, the last first; whether nothing is mounted there now. What
/// is still in use goes once that ends.
fn is_unmounted(folder: &Path) -> bool {
    for place in mounted(folder).iter().rev() {
        let _ = unmount(place, UnmountFlags::DETACH | UnmountFlags::NOFOLLOW);
    }
    mounted(folder).is_empty()
}

fn mounted(folder: &Path) -> Vec<PathBuf> {
    let table = fs::read("/proc/self/mountinfo").unwrap_or_default();
    let places = table.split(|byte| *byte == b'\n').filter_map(mount_point);
    places.filter(|place| place.starts_with(folder)).collect()
}

/// The place of a line of that table. A blank in it stands there as a number; no name in a lab has one.
fn mount_point(line: &[u8]) -> Option<PathBuf> {
    let place = line.split(|byte| *byte == b' ').nth(4)?;
    Some(PathBuf::from(OsStr::from_bytes(place)))
}

/// The segments that clusters of PostgreSQL have noted down: a server that was killed leaves its
/// own behind.
fn shared_memory(folder: &Path) -> Vec<(String, String)> {
    let below = |folder: &Path| {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect::<Vec<_>>()
    };
    let clusters = below(folder).into_iter().flat_map(|component| below(&component));
    let notes = clusters.filter_map(|it| fs::read_to_string(it.join("postmaster.pid")).ok());
    notes
        .filter_map(|note| {
            let mut words = note.lines().nth(6)?.split_ascii_whitespace();
            Some((words.next()?.to_owned(), words.next()?.to_owned()))
        })
        .collect()
}

/// Removes a segment that nobody uses any more.
fn forget(key: &str, id: &str) {
    let table = fs::read_to_string("/proc/sysvipc/shm").unwrap_or_default();
    let is_unused = table.lines().any(|line| {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        // The note has the key without its sign.
        let is_it = fields.first().and_then(|it| it.parse::<i64>().ok()).is_some_and(|it| {
            key.parse::<i64>().is_ok_and(|key| it & 0xffff_ffff == key & 0xffff_ffff)
        });
        is_it && fields.get(1) == Some(&id) && fields.get(6) == Some(&"0")
    });
    if is_unused {
        let mut ipcrm = Command::new("ipcrm");
        ipcrm.args(["-m", id]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let _ = ipcrm.status();
    }
}
