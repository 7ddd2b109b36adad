//! The start of a keeper, seen from both sides.
//!
//! The program executes itself once more. The connection of the driver that starts it is its
//! standard input, so secrets need no name in any folder; its lock is its standard output, so the
//! lock is held without a gap from before its start until its end, however that comes.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};

use rustix::fs::{FlockOperation, OFlags, flock, fstat};
use rustix::process::{DumpableBehavior, set_dumpable_behavior};
use tokio::net::UnixStream;
use tokio::process::{Child, Command};

use super::{lock_in, serve};
use crate::runtime::{session, signals};

/// What makes the program a keeper; the folder of the run follows.
const ARGUMENT: &str = "@keeper";

const NO_FOLLOW: i32 = OFlags::NOFOLLOW.bits() as i32;

/// The right to be the keeper of a run.
pub(super) struct Right(File);

impl Right {
    /// The right, unless a keeper lives.
    pub(super) fn take(folder: &Path) -> io::Result<Option<Right>> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).mode(0o600).custom_flags(NO_FOLLOW);
        let file = options.open(lock_in(folder))?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(Right(file))),
            Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// Whether we hold the right, as our standard output, to be the keeper of the run in a folder.
fn is_ours(folder: &Path) -> io::Result<bool> {
    let ours = fstat(io::stdout())?;
    let lock = std::fs::symlink_metadata(lock_in(folder))?;
    let is_lock = (ours.st_dev, ours.st_ino) == (lock.dev(), lock.ino());
    // It succeeds at once where we hold it already.
    Ok(is_lock && flock(io::stdout(), FlockOperation::NonBlockingLockExclusive).is_ok())
}

/// Whether the keeper of a run lives, as far as can be seen.
pub fn is_alive(folder: &Path) -> bool {
    let options = OpenOptions::new().read(true).custom_flags(NO_FOLLOW).open(lock_in(folder));
    options.is_ok_and(|file| flock(&file, FlockOperation::NonBlockingLockShared).is_err())
}

/// Starts a keeper with the variables that its commands inherit, and connects to it.
pub(super) fn launch(
    program: &Path,
    folder: &Path,
    right: Right,
    env: &[(OsString, OsString)],
) -> io::Result<(Child, UnixStream)> {
    let (ours, theirs) = std::os::unix::net::UnixStream::pair()?;
    ours.set_nonblocking(true)?;
    let mut command = Command::new(program);
    command.arg0("holdpoint").arg(ARGUMENT).arg(folder).current_dir("/");
    command.env_clear().envs(env.iter().map(|(name, value)| (name, value)));
    command.stdin(Stdio::from(OwnedFd::from(theirs)));
    command.stdout(Stdio::from(right.0)).stderr(Stdio::null());
    // From its first moment on: a Ctrl-C or a hang-up is for the driver alone.
    session::lead_new(&mut command);
    let child = command.spawn()?;
    Ok((child, UnixStream::from_std(ours)?))
}

/// Whether this process is to be a keeper, and in which folder.
pub fn asked() -> Option<PathBuf> {
    let mut words = std::env::args_os().skip(1);
    (words.next()? == ARGUMENT).then(|| words.next().map(PathBuf::from))?
}

/// Is the keeper of the run in a folder.
pub fn main(folder: &Path) -> ExitCode {
    match keep(folder) {
        Ok(()) => ExitCode::SUCCESS,
        // Nobody reads what it could say; the driver sees that its connection is over.
        Err(_) => ExitCode::FAILURE,
    }
}

fn keep(folder: &Path) -> io::Result<()> {
    if !is_ours(folder)? {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    // No other process of this user may look into our memory, where secrets are.
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    let first = std::os::unix::net::UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    first.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        // What runs is not left alone because somebody asks us to end.
        signals::outlive()?;
        serve::serve(folder, UnixStream::from_std(first)?).await
    })
}
