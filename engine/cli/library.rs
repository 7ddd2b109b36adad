//! Finding the library of a runbook, and the environment that was meant.
//!
//! A library says what runs, so it is used only when nobody could have written it who could not
//! have written the runbook as well.

use std::fs::{self, File, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::document::nearest;
use crate::lint::review::Place;
use crate::runbook::library::{FILE, Library, looks_like_one};
use crate::runtime::pick;
use crate::source::Source;

use super::failure::Failure;
use super::load;

/// What an environment is called that nobody enters without saying so.
const NEVER_ASSUMED: &[&str] = &["production", "prod"];

/// How a library is often called by mistake.
const MISNAMED: &str = "holdpoint.yml";

/// A library with the text it was read from.
pub struct Shared {
    /// The text.
    pub source: Source,
    /// What it says.
    pub library: Library,
}

/// What a library says in an environment; nothing where there is none.
pub fn of(shared: Option<&Shared>, environment: Option<String>) -> Library {
    let library = shared.map(|shared| shared.library.clone()).unwrap_or_default();
    library.within(environment)
}

/// The library of a runbook: the first one in its folder or a folder above.
pub fn find(runbook: &Path) -> Result<Option<Shared>, Failure> {
    // What is no file in a folder, such as a pipe, has no library.
    let Ok(real) = runbook.canonicalize() else {
        let unreadable = |source| Failure::Unreadable { path: runbook.to_owned(), source };
        return fs::metadata(runbook).map(|_| None).map_err(unreadable);
    };
    if let Some(path) = misnamed_above(&real) {
        return Err(Failure::Misnamed(path));
    }
    // A library that is taken for a runbook is told so when it is read as one.
    let Some(path) = nearest_above(&real).filter(|path| *path != real) else { return Ok(None) };
    let unreadable = |source| Failure::Unreadable { path: path.clone(), source };
    let file = File::open(&path).map_err(unreadable)?;
    // What is looked at is what is read: the file could be exchanged in between.
    let found = file.metadata().map_err(unreadable)?;
    let runbook = fs::metadata(&real).map_err(unreadable)?;
    let user = rustix::process::geteuid().as_raw();
    if let Some(reason) = suspicion((&found).into(), (&runbook).into(), user) {
        return Err(Failure::Untrusted { path, reason });
    }
    let source = load::text(&path, file)?;
    let library = load::library(&source)?;
    Ok(Some(Shared { source, library }))
}

/// The nearest library in the folders above a file.
fn nearest_above(file: &Path) -> Option<PathBuf> {
    folders_above(file).iter().map(|folder| folder.join(FILE)).find(|path| path.is_file())
}

/// A library below the nearest one that has a name under which none is looked for.
fn misnamed_above(file: &Path) -> Option<PathBuf> {
    let is_meant = |path: &PathBuf| {
        path != file && path.is_file() && load::source(path).is_ok_and(|it| looks_like_one(&it))
    };
    let folders = folders_above(file).into_iter();
    let below = folders.take_while(|folder| !folder.join(FILE).is_file());
    below.map(|folder| folder.join(MISNAMED)).find(is_meant)
}

/// The folder of the library that a folder belongs to, itself or one above it.
pub fn folder_around(folder: &Path) -> Option<PathBuf> {
    nearest_above(&folder.join(FILE)).and_then(|file| file.parent().map(Path::to_owned))
}

/// The folder that belongs together with a file: that of its library, else of its repository, else
/// its own.
pub fn root_above(file: &Path) -> PathBuf {
    let folders = folders_above(file);
    let is_root = |folder: &&PathBuf| folder.join(FILE).is_file() || is_repository(folder);
    let root = folders.iter().find(is_root).or(folders.first());
    root.cloned().unwrap_or_default()
}

/// Where a file stands, the same from wherever it is asked: in its repository, and in its library.
/// What is in neither stands in the current folder.
pub fn place(file: &Path) -> Place {
    let folders = folders_above(file);
    let within = |is_root: &dyn Fn(&Path) -> bool| {
        let root = folders.iter().find(|folder| is_root(folder)).cloned();
        let roots = [root, std::env::current_dir().ok()].into_iter().flatten();
        let inner = roots.filter_map(|root| file.strip_prefix(root).ok()).next();
        let name = || file.file_name().map(Path::new).filter(|_| file.is_absolute());
        inner.or_else(name).unwrap_or(file).to_string_lossy().into_owned()
    };
    Place {
        in_repository: within(&is_repository),
        in_library: within(&|folder| folder.join(FILE).is_file()),
    }
}

/// The folders above a file, its own first. The last is the root of a repository, the home folder,
/// or the top of a file system.
fn folders_above(file: &Path) -> Vec<PathBuf> {
    let home = std::env::var_os("HOME").and_then(|home| PathBuf::from(home).canonicalize().ok());
    let device = |folder: &Path| folder.metadata().map(|found| found.dev()).ok();
    let own = file.parent().and_then(device);
    let mut folders = Vec::new();
    for folder in file.ancestors().skip(1).take_while(|folder| device(folder) == own) {
        folders.push(folder.to_owned());
        if is_repository(folder) || home.as_deref() == Some(folder) {
            break;
        }
    }
    folders
}

fn is_repository(folder: &Path) -> bool {
    folder.join(".git").exists()
}

/// Who may change a file.
#[derive(Clone, Copy)]
struct Ownership {
    user: u32,
    group: u32,
    mode: u32,
}

impl From<&Metadata> for Ownership {
    fn from(found: &Metadata) -> Ownership {
        Ownership { user: found.uid(), group: found.gid(), mode: found.mode() }
    }
}

/// Why a library is not used. A group may write it where the same group may write the runbook.
fn suspicion(library: Ownership, runbook: Ownership, user: u32) -> Option<&'static str> {
    let shares_group = runbook.mode & 0o020 != 0 && runbook.group == library.group;
    if ![user, 0, runbook.user].contains(&library.user) {
        Some("it belongs neither to you, nor to root, nor to the owner of the runbook")
    } else if library.mode & 0o002 != 0 {
        Some("everybody may write it; take that away with chmod o-w")
    } else if library.mode & 0o020 != 0 && !shares_group {
        Some("a group may write it that may not write the runbook; take that away with chmod g-w")
    } else {
        None
    }
}

/// The environment that was named, the only one, or the one that somebody picks.
pub fn environment(
    shared: Option<&Shared>,
    named: Option<&str>,
    is_attended: bool,
) -> Result<Option<String>, Failure> {
    environment_for("In which environment?", shared, named, is_attended)
}

/// The same, where that is asked in other words.
pub fn environment_for(
    question: &str,
    shared: Option<&Shared>,
    named: Option<&str>,
    is_attended: bool,
) -> Result<Option<String>, Failure> {
    let environments = shared.map(|shared| shared.library.environments.as_slice());
    let environments = environments.unwrap_or_default().iter();
    let names: Vec<&str> = environments.map(|(name, _)| name.as_str()).collect();
    if let Some(named) = named {
        return match names.contains(&named) {
            true => Ok(Some(named.to_owned())),
            false => Err(unknown(named, &names)),
        };
    }
    match names.as_slice() {
        [] => Ok(None),
        [only] if !NEVER_ASSUMED.contains(only) => Ok(Some((*only).to_owned())),
        _ if is_attended => ask(question, &names).map(Some),
        _ => Err(unnamed(&names)),
    }
}

/// The first environment, one of production only where there is no other.
pub fn likely(shared: Option<&Shared>) -> Option<String> {
    let environments = shared.map(|shared| shared.library.environments.as_slice());
    let names = environments.unwrap_or_default().iter().map(|(name, _)| name.as_str());
    let first = names.clone().find(|name| !NEVER_ASSUMED.contains(name));
    first.or(names.clone().next()).map(str::to_owned)
}

fn unknown(named: &str, names: &[&str]) -> Failure {
    let help = match nearest(named, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if names.is_empty() => format!("environments are declared in {FILE}"),
        None => format!("the environments are {}", names.join(", ")),
    };
    Failure::usage(format!("there is no environment `{named}`"), help)
}

fn unnamed(names: &[&str]) -> Failure {
    let help = "name one with --environment; production is never assumed";
    Failure::usage(format!("the environments are {}", names.join(", ")), help)
}

fn ask(question: &str, names: &[&str]) -> Result<String, Failure> {
    let items: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let picked = pick(question, &items).map_err(Failure::Setup)?;
    picked.and_then(|place| items.get(place).cloned()).ok_or(Failure::BrokenOff)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: u32 = 1000;

    /// Whether a library is used that `user` owns, in group 7, beside a runbook of user 2000.
    fn is_used(user: u32, mode: u32, runbook: u32) -> bool {
        let library = Ownership { user, group: 7, mode };
        let runbook = Ownership { user: 2000, group: 7, mode: runbook };
        suspicion(library, runbook, ME).is_none()
    }

    #[test]
    fn a_library_of_a_stranger_is_not_used() {
        assert!(
            is_used(ME, 0o644, 0o644) && is_used(0, 0o644, 0o644) && is_used(2000, 0o644, 0o644)
        );
        assert!(!is_used(3000, 0o644, 0o644));
    }

    #[test]
    fn a_library_that_others_may_write_is_not_used() {
        assert!(!is_used(ME, 0o646, 0o666), "everybody");
        assert!(!is_used(ME, 0o664, 0o644), "a group that may not write the runbook");
        assert!(is_used(ME, 0o664, 0o664), "a group that may write the runbook as well");
        let other = Ownership { user: ME, group: 8, mode: 0o664 };
        let runbook = Ownership { user: ME, group: 7, mode: 0o664 };
        assert!(suspicion(other, runbook, ME).is_some(), "another group than that of the runbook");
    }

    fn library(names: &[&str]) -> Option<Shared> {
        let text: String = names.iter().map(|name| format!("  {name}: {{}}\n")).collect();
        let text = format!("holdpoint: 1\nenvironments:\n{text}");
        let source = Source::new(FILE, text);
        let library = load::library(&source).ok()?;
        Some(Shared { source, library })
    }

    #[test]
    fn only_the_one_environment_there_is_goes_without_saying_and_never_production() {
        let chosen =
            |names: &[&str], named| environment(library(names).as_ref(), named, false).ok();
        assert_eq!(chosen(&["staging"], None), Some(Some("staging".into())));
        assert_eq!(chosen(&["production"], None), None);
        assert_eq!(chosen(&["production"], Some("production")), Some(Some("production".into())));
        assert_eq!(chosen(&["staging", "lab"], None), None);
        assert_eq!(chosen(&["staging", "lab"], Some("lab")), Some(Some("lab".into())));
        assert_eq!(chosen(&["staging"], Some("lab")), None);
    }
}
