//! Messages of a run that are not known to have arrived, a file each.
//!
//! A message is written down before it leaves, and taken out when it was taken. So whatever happens
//! on the way, a crash too, its text lies here to be copied. Nothing is ever sent from here.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::open;
use super::store::make_private;

/// The name of the folder in that of a run.
pub const FOLDER: &str = "undelivered";

/// The folder of such messages of one run.
#[derive(Clone, Debug)]
pub struct Undelivered {
    path: PathBuf,
}

impl Undelivered {
    /// Those of the run in a folder.
    pub fn of(run: &Path) -> Undelivered {
        Undelivered { path: run.join(FOLDER) }
    }

    /// Writes a message down, over what was said of it before; where, as seen from the folder of
    /// the run.
    pub fn keep(&self, name: &str, text: &str) -> io::Result<String> {
        make_private(&self.path).map_err(io::Error::other)?;
        if fs::symlink_metadata(&self.path)?.is_symlink() {
            return Err(io::Error::other("it is a symbolic link, and none is followed here"));
        }
        let draft = self.path.join(format!(".{name}.draft"));
        let mut file = open::anew(&draft)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, self.file(name))?;
        Ok(format!("{FOLDER}/{name}.txt"))
    }

    /// Takes out a message that has arrived.
    pub fn forget(&self, name: &str) {
        // One that stays only says what is not so any more; it is never sent.
        let _ = fs::remove_file(self.file(name));
        // What stands empty says that something is in it.
        let _ = fs::remove_dir(&self.path);
    }

    /// Those that are there, as seen from the folder of the run.
    pub fn list(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.path).into_iter().flatten().filter_map(Result::ok);
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        let is_message = |name: &String| !name.starts_with('.') && name.ends_with(".txt");
        let mut files: Vec<String> =
            names.filter(is_message).map(|name| format!("{FOLDER}/{name}")).collect();
        files.sort();
        files
    }

    fn file(&self, name: &str) -> PathBuf {
        self.path.join(format!("{name}.txt"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_listed_until_it_is_forgotten() {
        let run = tempfile::TempDir::new().expect("a folder");
        let undelivered = Undelivered::of(run.path());
        assert_eq!(undelivered.list(), [""; 0]);
        assert_eq!(undelivered.keep("tell.1", "one").expect("kept"), "undelivered/tell.1.txt");
        undelivered.keep("tell.1", "two").expect("kept over it");
        undelivered.keep("cry.1", "three").expect("kept");
        assert_eq!(undelivered.list(), ["undelivered/cry.1.txt", "undelivered/tell.1.txt"]);
        let text = fs::read_to_string(run.path().join("undelivered/tell.1.txt"));
        assert_eq!(text.expect("it is there"), "two");
        undelivered.forget("cry.1");
        undelivered.forget("tell.1");
        undelivered.forget("tell.1");
        assert_eq!(fs::read_dir(run.path()).expect("the folder").count(), 0);
    }

    #[test]
    fn a_link_in_its_place_is_not_followed() {
        let run = tempfile::TempDir::new().expect("a folder");
        let elsewhere = tempfile::TempDir::new().expect("a folder");
        std::os::unix::fs::symlink(elsewhere.path(), run.path().join(FOLDER)).expect("a link");
        let refused = Undelivered::of(run.path()).keep("tell.1", "one").expect_err("a link");
        assert!(refused.to_string().contains("symbolic link"), "{refused}");
        assert_eq!(fs::read_dir(elsewhere.path()).expect("the folder").count(), 0);
    }
}
