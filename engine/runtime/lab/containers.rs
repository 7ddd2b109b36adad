//! What containers of a lab are to the kernel: members of a group that has the name of the lab, and
//! what is left of them once they have ended.
//!
//! An engine of a lab puts its containers into groups below one of that name, so that they are known
//! when the engine is gone.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Whether a process stands in a group of a lab.
pub(super) fn is_in(lab: &OsStr, pid: u32) -> bool {
    fs::read(format!("/proc/{pid}/cgroup")).is_ok_and(|text| names(&text, lab))
}

/// Whether one of these groups is that of a lab, or below it.
fn names(groups: &[u8], lab: &OsStr) -> bool {
    let paths = groups.split(|byte| *byte == b'\n');
    let paths = paths.filter_map(|line| line.splitn(3, |byte| *byte == b':').nth(2));
    paths.flat_map(|path| path.split(|byte| *byte == b'/')).any(|name| name == lab.as_bytes())
}

/// Lets all of a lab go on that stands still by order: it could not even be killed.
pub(super) fn thaw(lab: &OsStr) {
    for group in groups(lab).iter().flat_map(|group| below(group)) {
        // Where there is no such order, there is no such file.
        for (name, word) in [("freezer.state", "THAWED"), ("cgroup.freeze", "0")] {
            let order = group.join(name);
            if order.exists() {
                let _ = fs::write(order, word);
            }
        }
    }
}

/// Removes the groups of a lab, which are empty once all in them has ended; whether none is left.
pub(super) fn are_forgotten(lab: &OsStr) -> bool {
    for group in groups(lab).iter().flat_map(|group| below(group)) {
        let _ = fs::remove_dir(group);
    }
    groups(lab).is_empty()
}

/// The group of a lab in each hierarchy.
fn groups(lab: &OsStr) -> Vec<PathBuf> {
    let table = fs::read("/proc/self/mountinfo").unwrap_or_default();
    let places = hierarchies(&table).into_iter().map(|place| place.join(lab));
    places.filter(|place| place.is_dir()).collect()
}

/// Where the hierarchies of groups are mounted.
fn hierarchies(table: &[u8]) -> Vec<PathBuf> {
    let lines = table.split(|byte| *byte == b'\n');
    let found = lines.filter_map(|line| {
        let words: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
        let at = words.iter().position(|word| *word == b"-")?;
        let kind = *words.get(at + 1)?;
        let is_one = kind == b"cgroup" || kind == b"cgroup2";
        is_one.then(|| words.get(4).map(|place| PathBuf::from(OsStr::from_bytes(place))))?
    });
    found.collect()
}

/// A group and those below it, the lowest first.
fn below(group: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(group).into_iter().flatten().flatten();
    let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let mut found: Vec<PathBuf> = folders.flat_map(|entry| below(&entry.path())).collect();
    found.push(group.to_owned());
    found
}

/// The bridges that engines of a lab have made, by the names that they have noted down.
pub(super) fn bridges(folder: &Path) -> Vec<String> {
    let components = fs::read_dir(folder).into_iter().flatten().flatten();
    let notes = components.map(|it| it.path().join("data/network/files/local-kv.db"));
    let notes: Vec<Vec<u8>> = notes.filter_map(|note| fs::read(note).ok()).collect();
    if notes.is_empty() {
        return Vec::new();
    }
    let here = fs::read_dir("/sys/class/net").into_iter().flatten().flatten();
    let here = here.filter_map(|entry| entry.file_name().into_string().ok());
    here.filter(|name| is_bridge(name) && notes.iter().any(|note| has(note, name))).collect()
}

/// Whether it is a name that an engine gives.
fn is_bridge(name: &str) -> bool {
    name.strip_prefix("br-")
        .is_some_and(|id| id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn has(note: &[u8], name: &str) -> bool {
    note.windows(name.len()).any(|part| part == name.as_bytes())
}

/// Removes a bridge.
pub(super) fn take_down(bridge: &str) {
    let mut ip = Command::new("ip");
    ip.args(["link", "delete", "dev", bridge, "type", "bridge"]);
    ip.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let _ = ip.status();
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAB: &str = "holdpoint-lab-0123456789";

    fn is_named(groups: &str) -> bool {
        names(groups.as_bytes(), OsStr::new(LAB))
    }

    #[test]
    fn a_process_is_in_a_lab_whose_name_is_a_part_of_the_path_of_its_group() {
        assert!(is_named("9:name=systemd:/\n4:pids:/holdpoint-lab-0123456789/5d0e\n"));
        assert!(is_named("0::/nested/holdpoint-lab-0123456789\n"));
    }

    #[test]
    fn a_process_is_in_no_lab_for_a_longer_name_nor_for_that_of_a_hierarchy() {
        assert!(!is_named("0::/holdpoint-lab-0123456789a/5d0e\n"));
        assert!(!is_named("4:holdpoint-lab-0123456789:/docker/5d0e\n"));
        assert!(!is_named("0::/docker/5d0e\n"));
        assert!(!is_named(""));
    }

    #[test]
    fn hierarchies_are_known_by_their_kind_and_not_by_their_place() {
        let table = b"31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n\
            33 31 0:30 / /sys/fs/cgroup/pids rw,relatime shared:9 - cgroup cgroup rw,pids\n\
            41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n\
            9 1 8:1 / /data rw - ext4 /dev/sda rw\n";
        let expected = ["/sys/fs/cgroup/pids", "/sys/fs/cgroup/unified"].map(PathBuf::from);
        assert_eq!(hierarchies(table), expected);
        assert_eq!(hierarchies(b"broken\n - \n"), Vec::<PathBuf>::new());
    }

    #[test]
    fn only_a_name_that_an_engine_gives_is_that_of_a_bridge_to_remove() {
        assert!(is_bridge("br-3e7ae5cf4252"));
        for other in ["br-lan", "br0", "docker0", "eth0", "br-3e7ae5cf42521", "br-3e7ae5cf425g"] {
            assert!(!is_bridge(other), "{other}");
        }
        assert!(has(b"..\"BridgeName\":\"br-3e7ae5cf4252\"..", "br-3e7ae5cf4252"));
        assert!(!has(b"br-3e7ae5cf425", "br-3e7ae5cf4252"));
    }
}
