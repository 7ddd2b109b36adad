//! The socket of a keeper, in the folder of its run.
//!
//! A path of a socket may have 107 bytes only, and the folder of a run may lie deeper. So it is
//! reached through the open folder: `/proc/self/fd/N/keeper.sock`. Only its owner may connect, and
//! who connects is asked of the system as well.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags, open};
use rustix::process::{geteuid, umask};
use tokio::net::{UnixListener, UnixStream};

use super::SOCKET;

/// The folder of a run, open.
struct Opened(File);

impl Opened {
    fn at(folder: &Path) -> io::Result<Opened> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(Opened(open(folder, flags, Mode::empty())?.into()))
    }

    fn socket(&self) -> PathBuf {
        PathBuf::from(format!("/proc/self/fd/{}/{SOCKET}", self.0.as_raw_fd()))
    }
}

/// Listens in the folder of a run, in place of whoever did so before.
pub(super) fn listen(folder: &Path) -> io::Result<UnixListener> {
    remove(folder);
    let opened = Opened::at(folder)?;
    // The socket is made with what the mask leaves; nothing else of us is under way yet.
    let before = umask(Mode::from_raw_mode(0o177));
    let listener = UnixListener::bind(opened.socket());
    umask(before);
    listener
}

/// Connects to the keeper of a run.
pub(super) async fn connect(folder: &Path) -> io::Result<UnixStream> {
    let opened = Opened::at(folder)?;
    let stream = UnixStream::connect(opened.socket()).await?;
    if is_own(&stream) { Ok(stream) } else { Err(io::ErrorKind::PermissionDenied.into()) }
}

/// Whether the other side runs as the same user.
pub(super) fn is_own(stream: &UnixStream) -> bool {
    stream.peer_cred().is_ok_and(|peer| peer.uid() == geteuid().as_raw())
}

/// Removes the socket; whoever tries to connect finds that nobody is there.
pub(super) fn remove(folder: &Path) {
    let removed = std::fs::remove_file(folder.join(SOCKET));
    // It may never have been there.
    tracing::debug!(?removed, "the socket of the keeper");
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[tokio::test]
    async fn a_folder_that_lies_deep_has_a_socket_for_its_owner_alone() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let deep = folder.path().join("d".repeat(200));
        std::fs::create_dir(&deep).expect("it can be made");
        let listener = listen(&deep).expect("it can listen");
        let mode = std::fs::metadata(deep.join(SOCKET)).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let _caller = connect(&deep).await.expect("somebody listens");
        let (called, _) = listener.accept().await.expect("somebody called");
        assert!(is_own(&called));
        listen(&deep).expect("a socket that was left behind is no hindrance");
        remove(&deep);
        let nobody = connect(&deep).await.expect_err("nobody is there");
        assert_eq!(nobody.kind(), io::ErrorKind::NotFound);
    }
}
