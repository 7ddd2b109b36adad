//! Writes a changed file in place of the one that was read: whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// How many names are tried for the file that is written first.
const TRIES: u32 = 100;

/// Puts `after` in place of `before` in a file; links to it are followed, and its mode is kept. The
/// file is left alone when somebody has changed it meanwhile.
pub fn replace(path: &Path, before: &str, after: &str) -> io::Result<()> {
    let real = path.canonicalize()?;
    let found = fs::metadata(&real)?;
    let (draft, mut file) = draft(&real)?;
    let written = file
        .write_all(after.as_bytes())
        .and_then(|()| keep_owner(&file, &found))
        .and_then(|()| file.set_permissions(fs::Permissions::from_mode(found.mode() & 0o7777)))
        .and_then(|()| file.sync_all())
        .and_then(|()| unchanged(&real, before))
        .and_then(|()| fs::rename(&draft, &real));
    if written.is_err() {
        // What is said is why it was not written; a draft that stays is named in no message.
        let _ = fs::remove_file(&draft);
    }
    written
}

/// A new file beside another one, hidden from everything that looks for runbooks.
fn draft(real: &Path) -> io::Result<(PathBuf, File)> {
    let name = real.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut last = io::Error::from(io::ErrorKind::AlreadyExists);
    for number in 0..TRIES {
        let path = real.with_file_name(format!(".{name}.{}-{number}.new", std::process::id()));
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
            Ok(file) => return Ok((path, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => last = error,
            Err(error) => return Err(error),
        }
    }
    Err(last)
}

/// Gives the file to the owner of the one that it replaces, where that is another one.
fn keep_owner(file: &File, found: &fs::Metadata) -> io::Result<()> {
    let own = file.metadata()?;
    if (own.uid(), own.gid()) == (found.uid(), found.gid()) {
        return Ok(());
    }
    std::os::unix::fs::fchown(file, Some(found.uid()), Some(found.gid()))
}

fn unchanged(real: &Path, before: &str) -> io::Result<()> {
    match fs::read(real)? == before.as_bytes() {
        true => Ok(()),
        false => Err(io::Error::other("it was changed meanwhile")),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_file_is_replaced_through_a_link_and_keeps_its_mode() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let (file, link) = (folder.path().join("a.yaml"), folder.path().join("link.yaml"));
        fs::write(&file, "one").expect("it can be written");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).expect("it is ours");
        symlink(&file, &link).expect("a link can be made");
        replace(&link, "one", "two").expect("it can be replaced");
        assert_eq!(fs::read_to_string(&file).expect("it is there"), "two");
        let mode = fs::metadata(&file).expect("it is there").mode() & 0o777;
        assert_eq!(mode, 0o640);
        assert!(fs::symlink_metadata(&link).expect("it is there").is_symlink());
        assert_eq!(fs::read_dir(folder.path()).expect("it is there").count(), 2);
    }

    #[test]
    fn a_file_that_somebody_has_changed_is_left_alone() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let file = folder.path().join("a.yaml");
        fs::write(&file, "other").expect("it can be written");
        let error = replace(&file, "one", "two").expect_err("it was changed");
        assert_eq!(error.to_string(), "it was changed meanwhile");
        assert_eq!(fs::read_to_string(&file).expect("it is there"), "other");
        assert_eq!(fs::read_dir(folder.path()).expect("it is there").count(), 1);
    }
}
