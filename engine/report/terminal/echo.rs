//! What is typed while the screen is drawn is not echoed: an Enter would move the cursor, and rows of
//! the screen would stay where they are not found again.
//!
//! Only this one setting is touched, and only at a terminal that is ours now: the system suspends
//! whoever touches one that another program has.

use std::io;

use rustix::process::getpgrp;
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcgetpgrp, tcsetattr};

/// Whether what is typed is not echoed because of us.
#[derive(Debug, Default)]
pub(super) struct Echo {
    is_off: bool,
}

impl Echo {
    /// Echoes no more; where the terminal is not ours, that is tried again the next time.
    pub(super) fn stop(&mut self) {
        self.is_off = self.is_off || set(false);
    }

    /// Echoes again, if it was us who stopped it.
    pub(super) fn restore(&mut self) {
        if std::mem::take(&mut self.is_off) {
            set(true);
        }
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        self.restore();
    }
}

/// Sets it; whether that made a difference.
fn set(echoes: bool) -> bool {
    let input = io::stdin();
    if !tcgetpgrp(&input).is_ok_and(|group| group == getpgrp()) {
        return false;
    }
    let Ok(mut settings) = tcgetattr(&input) else { return false };
    if settings.local_modes.contains(LocalModes::ECHO) == echoes {
        return false;
    }
    settings.local_modes.set(LocalModes::ECHO, echoes);
    tcsetattr(&input, OptionalActions::Now, &settings).is_ok()
}
