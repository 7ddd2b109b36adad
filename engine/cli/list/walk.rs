//! The files that may be runbooks: those of this library, else those under the current folder.
//!
//! A walk is bounded, so that it ends soon wherever it is begun: in a home folder, at the top of a
//! file system. It goes level by level: what is left out is what lies deepest.

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};

use crate::runbook::library::FILE;

/// How many levels of folders are looked into, the first one too.
const DEEPEST: usize = 10;

/// How many files and folders are looked at.
const MOST: usize = 20_000;

/// Folders of what was made or fetched, and never of runbooks.
const PASSED_OVER: &[&str] = &["target", "node_modules"];

/// What a walk has found.
pub struct Walk {
    /// The files, in the order of their paths.
    pub files: Vec<PathBuf>,
    /// Why it is not all there may be.
    pub cut_short: Option<String>,
}

/// Walks through a folder. No link is followed; what is hidden is passed over, and so is the folder
/// that runs are kept in: the runbooks there are frozen copies.
pub fn walk(root: &Path, store: &Path) -> Walk {
    walk_for(root, store, |name| may_be_runbook(name) && name != FILE)
}

/// The same for every file of YAML, libraries too.
pub fn walk_for_yaml(root: &Path, store: &Path) -> Walk {
    walk_for(root, store, may_be_runbook)
}

fn walk_for(root: &Path, store: &Path, is_wanted: fn(&str) -> bool) -> Walk {
    walk_within(root, store, is_wanted, DEEPEST, MOST)
}

fn walk_within(
    root: &Path,
    store: &Path,
    is_wanted: fn(&str) -> bool,
    deepest: usize,
    most: usize,
) -> Walk {
    let mut found = Walk { files: Vec::new(), cut_short: None };
    let mut folders = VecDeque::from([(root.to_owned(), 1)]);
    let mut looked_at = 0;
    while let Some((folder, depth)) = folders.pop_front() {
        // A folder that may not be looked into holds no runbook that could be run from here.
        let mut entries: Vec<_> = fs::read_dir(&folder).into_iter().flatten().flatten().collect();
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            looked_at += 1;
            if looked_at > most {
                found.cut_short = Some(format!("only the first {most} files were looked at"));
                folders.clear();
                break;
            }
            let name = entry.file_name().to_string_lossy().into_owned();
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_file() && is_wanted(&name) {
                found.files.push(entry.path());
            } else if kind.is_dir() && is_looked_into(&name) && entry.path() != store {
                if depth == deepest {
                    let reason = format!("folders more than {deepest} deep were not looked into");
                    found.cut_short = Some(reason);
                } else {
                    folders.push_back((entry.path(), depth + 1));
                }
            }
        }
    }
    found.files.sort();
    found
}

fn may_be_runbook(name: &str) -> bool {
    (name.ends_with(".yaml") || name.ends_with(".yml")) && !name.starts_with('.')
}

fn is_looked_into(name: &str) -> bool {
    !name.starts_with('.') && !PASSED_OVER.contains(&name)
}

/// How a path is typed in a folder; both are absolute.
pub fn seen_from(folder: &Path, path: &Path) -> PathBuf {
    let shared = folder.components().zip(path.components()).take_while(|(a, b)| a == b).count();
    let ups = folder.components().skip(shared).map(|_| Path::new("..").as_os_str());
    let downs = path.components().skip(shared).map(|part| part.as_os_str());
    let seen: PathBuf = ups.chain(downs).collect();
    // What begins with `-` would be taken for an option.
    if seen.to_string_lossy().starts_with('-') { Path::new(".").join(seen) } else { seen }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// A folder with empty files.
    fn folder(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        folder
    }

    /// What is found, by the path from the folder.
    fn found(folder: &Path, walk: &Walk) -> Vec<String> {
        let inner = walk.files.iter().map(|path| path.strip_prefix(folder).unwrap());
        inner.map(|path| path.display().to_string()).collect()
    }

    #[test]
    fn yaml_files_are_found_in_all_folders_but_those_that_hold_no_runbooks() {
        let folder = folder(&[
            "b.yaml",
            "a/c.yml",
            "a/holdpoint.yaml",
            "a/notes.md",
            ".git/x.yaml",
            ".hidden.yaml",
            "target/x.yaml",
            "web/node_modules/x.yaml",
            "web/d.yaml",
            "state/runs/a/runbook/runbook.yaml",
        ]);
        symlink(folder.path().join("a"), folder.path().join("linked")).unwrap();
        symlink(folder.path().join("b.yaml"), folder.path().join("linked.yaml")).unwrap();
        let walk = walk(folder.path(), &folder.path().join("state"));
        assert_eq!(found(folder.path(), &walk), ["a/c.yml", "b.yaml", "web/d.yaml"]);
        assert_eq!(walk.cut_short, None);
    }

    #[test]
    fn a_walk_ends_at_its_depth_and_says_so() {
        let folder = folder(&["1.yaml", "a/2.yaml", "a/b/3.yaml"]);
        let walk = walk_within(folder.path(), Path::new(""), may_be_runbook, 2, 100);
        assert_eq!(found(folder.path(), &walk), ["1.yaml", "a/2.yaml"]);
        assert_eq!(
            walk.cut_short.as_deref(),
            Some("folders more than 2 deep were not looked into")
        );
    }

    #[test]
    fn a_walk_ends_after_so_many_files_and_the_nearest_come_first() {
        let folder = folder(&["a/b/3.yaml", "a/2.yaml", "z.yaml"]);
        let walk = walk_within(folder.path(), Path::new(""), may_be_runbook, 9, 3);
        assert_eq!(found(folder.path(), &walk), ["a/2.yaml", "z.yaml"], "and the folder a");
        assert_eq!(walk.cut_short.as_deref(), Some("only the first 3 files were looked at"));
    }

    #[test]
    fn a_path_is_typed_as_it_is_seen_from_the_current_folder() {
        let seen = |folder: &str, path: &str| {
            seen_from(Path::new(folder), Path::new(path)).display().to_string()
        };
        assert_eq!(seen("/lib", "/lib/a/b.yaml"), "a/b.yaml");
        assert_eq!(seen("/lib/a", "/lib/b.yaml"), "../b.yaml");
        assert_eq!(seen("/lib/a/c", "/lib/a/d/b.yaml"), "../d/b.yaml");
        assert_eq!(seen("/lib", "/lib/-b.yaml"), "./-b.yaml");
    }
}
