//! Which process a process id means.
//!
//! Numbers are used again, so an [`Identity`] also holds when the process started and in which
//! boot. It can be written down, and asked after by another process on the same machine. All of it
//! comes from Linux's `/proc`; elsewhere no process has an identity.

use std::fs;
use std::sync::OnceLock;

/// One process on this machine, for good.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Identity {
    /// Its number.
    pub pid: u32,
    /// When it started, in clock ticks since the boot.
    pub start_time: u64,
    /// The boot that the ticks count from.
    pub boot_id: String,
}

/// Who has this number now; none when nobody has, or when it cannot be seen.
pub fn identify(pid: u32) -> Option<Identity> {
    let start_time = Stat::of(pid)?.start_time;
    Some(Identity { pid, start_time, boot_id: Some(boot_id()).filter(|id| !id.is_empty())? })
}

/// Which start of the machine this is; empty where that cannot be seen.
pub fn boot_id() -> String {
    static THIS: OnceLock<String> = OnceLock::new();
    let read = || fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    THIS.get_or_init(|| read().trim().to_owned()).clone()
}

/// Whether exactly this process still runs; one that has ended and waits to be reaped does not.
pub fn is_alive(identity: &Identity) -> bool {
    identify(identity.pid).as_ref() == Some(identity)
        && Stat::of(identity.pid)
            .is_some_and(|now| now.start_time == identity.start_time && now.is_running())
}

/// What `/proc/PID/stat` says of a process.
#[derive(Debug, Eq, PartialEq)]
pub struct Stat {
    state: char,
    /// The number of its parent.
    pub parent: u32,
    /// The number of its process group.
    pub group: u32,
    /// The number of its session.
    pub session: u32,
    /// Whether somebody may sit before it.
    pub has_terminal: bool,
    threads: u32,
    start_time: u64,
}

impl Stat {
    /// What it says of the process with a number, if there is one.
    pub fn of(pid: u32) -> Option<Stat> {
        // A program may have given itself a name that is no UTF-8.
        let line = fs::read(format!("/proc/{pid}/stat")).ok()?;
        Stat::parse(&String::from_utf8_lossy(&line))
    }

    /// Reads the line. The name stands in brackets and may hold brackets and spaces itself, so the
    /// fields are counted from the last bracket: the first after it is the third of the line.
    fn parse(line: &str) -> Option<Stat> {
        let (_, after_name) = line.rsplit_once(')')?;
        let fields: Vec<&str> = after_name.split_ascii_whitespace().collect();
        let field = |number: usize| fields.get(number - 3);
        Some(Stat {
            state: field(3)?.chars().next()?,
            parent: field(4)?.parse().ok()?,
            group: field(5)?.parse().ok()?,
            session: field(6)?.parse().ok()?,
            has_terminal: *field(7)? != "0",
            threads: field(20)?.parse().ok()?,
            start_time: field(22)?.parse().ok()?,
        })
    }

    /// Whether it still does something. Its first thread may have ended before the others.
    pub fn is_running(&self) -> bool {
        !matches!(self.state, 'Z' | 'X' | 'x') || self.threads > 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_and_spaces_does_not_shift_the_fields() {
        let line = "42 (a) b) (c) S 1 40 41 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 9 0 777 1 1\n";
        let (parent, group, session) = (1, 40, 41);
        let stat = |has_terminal| Stat {
            state: 'S',
            parent,
            group,
            session,
            has_terminal,
            threads: 9,
            start_time: 777,
        };
        assert_eq!(Stat::parse(line), Some(stat(false)));
        let before_one = line.replace(" 41 0 -1", " 41 34816 -1");
        assert_eq!(Stat::parse(&before_one), Some(stat(true)));
        assert_eq!(Stat::parse("42 (a) S 1"), None);
        assert_eq!(Stat::parse(""), None);
    }

    #[test]
    fn a_process_knows_itself_and_no_other_start_or_boot() {
        let me = identify(std::process::id()).expect("this test runs");
        assert!(is_alive(&me));
        assert!(!is_alive(&Identity { start_time: me.start_time + 1, ..me.clone() }));
        assert!(!is_alive(&Identity { boot_id: "another".to_owned(), ..me }));
    }
}
