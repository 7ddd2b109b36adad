//! Ending all that belongs to the folder of a lab, and removing it.
//!
//! A process belongs to a lab when its environment says so, or when it has no terminal and is called
//! with a path in its folder, or stands there. So what a step of a runbook has started is found too.
//! So does one that an engine of the lab has put into a container.

use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::mount::{UnmountFlags, unmount};
use rustix::process::{Pid, Signal, WaitOptions, kill_process, wait};

use super::ground::PREFIX;
use super::{KNOWN, Known, containers, lock};
use crate::journal::identity::Stat;

/// How long what is asked to end may take until it is asked again, then until it is killed, and then
/// until it is gone.
const HEARING: Duration = Duration::from_millis(300);
const GRACE: Duration = Duration::from_secs(3);
const REAPING: Duration = Duration::from_secs(10);

const LOOK_EVERY: Duration = Duration::from_millis(20);

/// How old a folder without a lock is that nobody is about to begin any more.
const FORGOTTEN: Duration = Duration::from_secs(600);

/// Clears away what guards that were killed have left.
pub fn clear_what_is_left() {
    let Ok(temporary) = std::env::temp_dir().canonicalize() else { return };
    for entry in fs::read_dir(temporary).into_iter().flatten().flatten() {
        let folder = entry.path();
        if !is_lab(&folder) || is_driven(&folder) {
            continue;
        }
        if folder.join(lock::NAME).exists() {
            // It is held until nothing is left.
            if let Some(_held) = lock::of_nobody(&folder) {
                sweep(&folder, &[]);
            }
        } else if is_forgotten(&folder) {
            sweep(&folder, &[]);
        }
    }
}

/// Whether it is the folder of a lab, and ours: nothing else is ever cleared away.
fn is_lab(folder: &Path) -> bool {
    let is_named =
        folder.file_name().is_some_and(|it| it.as_bytes().starts_with(PREFIX.as_bytes()));
    let us = rustix::process::geteuid().as_raw();
    let is_ours = || folder.symlink_metadata().is_ok_and(|it| it.is_dir() && it.uid() == us);
    is_named && is_ours() && folder.canonicalize().is_ok_and(|it| it == folder)
}

/// Whether its driver lives, though its guard may not: what it still does is not to be cut off.
fn is_driven(folder: &Path) -> bool {
    let known = fs::read(folder.join(KNOWN)).ok();
    let known = known.and_then(|it| serde_json::from_slice::<Known>(&it).ok());
    known.is_some_and(|known| known.driver.lives())
}

fn is_forgotten(folder: &Path) -> bool {
    let changed = folder.metadata().and_then(|it| it.modified()).ok();
    changed.and_then(|it| it.elapsed().ok()).is_some_and(|age| age > FORGOTTEN)
}

/// Ends all that belongs to the folder of a lab, but for some, and removes it.
pub fn sweep(folder: &Path, spared: &[u32]) {
    if !is_lab(folder) {
        return;
    }
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
    until(|| is_removed(folder));
}

/// Removes a folder; whether it is gone. What says that it is a lab goes last, so that the next lab finds
/// what could not be removed now.
fn is_removed(folder: &Path) -> bool {
    let mut is_left = false;
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if [lock::NAME, KNOWN].iter().any(|kept| entry.file_name() == *kept) {
            continue;
        }
        let (path, is_folder) = (entry.path(), entry.file_type().is_ok_and(|it| it.is_dir()));
        let removed = if is_folder { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        if removed.is_err() && path.symlink_metadata().is_ok() {
            open_up(&path);
            is_left = true;
        }
    }
    !is_left && (fs::remove_dir_all(folder).is_ok() || !folder.exists())
}

/// Gives back the right to remove what is in a folder. Links are not followed.
fn open_up(folder: &Path) {
    if !folder.symlink_metadata().is_ok_and(|it| it.is_dir()) {
        return;
    }
    // Where that fails, so does the removal, and it is told.
    let _ = fs::set_permissions(folder, Permissions::from_mode(0o700));
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.for_each(|entry| open_up(&entry.path()));
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
    let Some(stat) = Stat::of(pid).filter(Stat::is_running) else { return false };
    let proc = PathBuf::from(format!("/proc/{pid}"));
    let mark = [b"LAB=", folder.as_os_str().as_bytes()].concat();
    let environ = fs::read(proc.join("environ")).unwrap_or_default();
    if environ.split(|byte| *byte == 0).any(|variable| variable == mark) {
        return true;
    }
    if folder.file_name().is_some_and(|name| containers::is_in(name, pid)) {
        return true;
    }
    if stat.has_terminal {
        return false;
    }
    let inside = [folder.as_os_str().as_bytes(), b"/"].concat();
    let words = fs::read(proc.join("cmdline")).unwrap_or_default();
    let is_called = words.windows(inside.len()).any(|part| part == inside);
    is_called || fs::read_link(proc.join("cwd")).is_ok_and(|cwd| cwd.starts_with(folder))
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

/// The place of a line of that table, where a blank and the like stand as numbers of eight.
fn mount_point(line: &[u8]) -> Option<PathBuf> {
    let place = line.split(|byte| *byte == b' ').nth(4)?;
    let (mut found, mut rest) = (Vec::new(), place);
    while let Some((first, after)) = rest.split_first() {
        let number = after.get(..3).filter(|_| *first == b'\\');
        let number = number.and_then(|it| u8::from_str_radix(str::from_utf8(it).ok()?, 8).ok());
        found.push(number.unwrap_or(*first));
        rest = if number.is_some() { &after[3..] } else { after };
    }
    Some(PathBuf::from(OsStr::from_bytes(&found)))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_with_a_blank_in_it_is_read_as_it_is() {
        let line = br"36 35 98:0 / /tmp/a\040b\134c rw - tmpfs tmpfs rw";
        assert_eq!(mount_point(line), Some(PathBuf::from(r"/tmp/a b\c")));
        assert_eq!(mount_point(b"36 35"), None);
    }

    #[test]
    fn nothing_but_the_folder_of_a_lab_is_cleared_away() {
        let folder = std::env::temp_dir().canonicalize().expect("there is one");
        let folder = folder.join(format!("not-a-lab-{}", std::process::id()));
        fs::create_dir(&folder).expect("it can be made");
        sweep(&folder, &[]);
        assert!(folder.exists());
        fs::remove_dir(&folder).expect("it is still there");
    }
}
