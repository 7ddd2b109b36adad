//! What a test needs of the machine. Where it is lacking the test says so, once, and proves nothing.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::Mutex;

/// How what is lacking is had.
const WAY_OUT: &str = "run tests/all.sh --install as root on Debian, or put it on the PATH";

/// Whether one of some programs is not installed, which is said once of each.
pub(crate) fn are_lacking(programs: &[&str]) -> bool {
    let lacking: Vec<_> = programs.iter().filter(|name| program(name).is_none()).collect();
    for name in &lacking {
        say(&format!("tier T1 left out: {name} is not installed here; {WAY_OUT}"));
    }
    !lacking.is_empty()
}

/// Whether this user is not root, who alone can do what is named; that is said once.
pub(crate) fn is_root_lacking(for_what: &str) -> bool {
    let is_root = rustix::process::geteuid().is_root();
    if !is_root {
        say(&format!("tier T1 left out: only root can {for_what}"));
    }
    !is_root
}

/// Where a program is: on the PATH, or where servers are that nobody calls by hand.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders =
        std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    folders.map(|folder| folder.join(name)).find(|place| place.is_file())
}

/// Says what is left out and why, once in a run of the tests.
pub(crate) fn say(why: &str) {
    static SAID: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let mut said = SAID.lock().expect("nobody panics while it is held");
    if !said.iter().any(|it| it == why) {
        said.push(why.to_owned());
        // Straight to the stream, because the test runner hides what a passing test prints.
        let _ = writeln!(io::stderr(), "{why}");
    }
}
