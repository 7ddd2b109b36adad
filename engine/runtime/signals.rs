//! Signals to us, as values.
//!
//! Nothing ends or stops the process behind our back: Ctrl-C, Ctrl-Z, TERM and a closed terminal
//! arrive here, and what they mean is decided elsewhere. A signal that our parent told us to ignore, as
//! `nohup` does with HUP, stays ignored. SIGPIPE is ignored from the start, so a closed pipe is an
//! error where it is written to.

use std::{fs, io};

use rustix::process::Signal as Sent;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

/// A signal that asks us for something.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Signal {
    /// SIGINT: Ctrl-C.
    Interrupt,
    /// SIGTERM.
    Terminate,
    /// SIGQUIT: Ctrl-\.
    Quit,
    /// SIGHUP: the terminal is gone.
    HangUp,
    /// SIGTSTP: Ctrl-Z.
    Suspend,
    /// SIGCONT: we were suspended, and go on.
    Continue,
}

impl Signal {
    const ALL: [Signal; 6] = [
        Signal::Interrupt,
        Signal::Terminate,
        Signal::Quit,
        Signal::HangUp,
        Signal::Suspend,
        Signal::Continue,
    ];

    fn kind(self) -> SignalKind {
        match self {
            Signal::Interrupt => SignalKind::interrupt(),
            Signal::Terminate => SignalKind::terminate(),
            Signal::Quit => SignalKind::quit(),
            Signal::HangUp => SignalKind::hangup(),
            Signal::Suspend => SignalKind::from_raw(Sent::TSTP.as_raw()),
            Signal::Continue => SignalKind::from_raw(Sent::CONT.as_raw()),
        }
    }
}

/// Takes these signals from now on and hands each on. Needs a tokio runtime around it.
pub fn listen() -> io::Result<mpsc::UnboundedReceiver<Signal>> {
    let (sender, receiver) = mpsc::unbounded_channel();
    let ignored = ignored();
    for wanted in Signal::ALL {
        let is_ignored = ignored & (1 << (wanted.kind().as_raw_value() - 1)) != 0;
        // Ignoring it changes nothing: who is continued goes on.
        if is_ignored && wanted != Signal::Continue {
            continue;
        }
        let mut arrivals = signal(wanted.kind())?;
        let sender = sender.clone();
        tokio::spawn(async move {
            while arrivals.recv().await.is_some() && sender.send(wanted).is_ok() {}
        });
    }
    Ok(receiver)
}

/// Outlives the signals that ask for an end, and that a file has grown too large, from now on. The
/// commands that are started later do not. Needs a tokio runtime around it.
pub fn outlive() -> io::Result<()> {
    let ignored = ignored();
    let kinds = Signal::ALL.map(Signal::kind).into_iter();
    let kinds = kinds.filter(|kind| ignored & (1 << (kind.as_raw_value() - 1)) == 0);
    // Its number is the same on every Linux that Rust runs on, except for MIPS.
    let too_large = SignalKind::from_raw(25);
    kinds.chain([too_large]).try_for_each(|kind| signal(kind).map(drop))
}

/// The signals we ignore, signal 1 being the lowest bit; none where it cannot be seen.
fn ignored() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use rustix::process::{getpid, kill_process};

    use super::*;

    /// Runs itself again where HUP is ignored, and INT is not, whoever started the tests: signals go
    /// to the whole process.
    #[tokio::test]
    async fn signals_arrive_except_the_ignored_ones() {
        const AGAIN: &str = "RUN_THE_TEST_ITSELF";
        if std::env::var_os(AGAIN).is_some() {
            let mut arrivals = listen().expect("signals can be heard");
            for (sent, arrived) in [(Sent::TERM, Signal::Terminate), (Sent::INT, Signal::Interrupt)]
            {
                kill_process(getpid(), Sent::HUP).expect("it is us");
                kill_process(getpid(), sent).expect("it is us");
                assert_eq!(arrivals.recv().await, Some(arrived));
            }
            return;
        }
        let (_, module) = module_path!().split_once("::").expect("it is in a crate");
        let output = std::process::Command::new("/bin/sh")
            .args(["-c", "trap '' HUP; exec env --default-signal=INT,TERM \"$@\"", "sh"])
            .arg(std::env::current_exe().expect("it has a path"))
            .args(["--exact", &format!("{module}::signals_arrive_except_the_ignored_ones")])
            .env(AGAIN, "1")
            .output()
            .expect("there is a shell");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && said.contains("1 passed"), "{said}");
    }
}
