//! Reading a runbook with all that it includes, each file once, from a library or from the folder
//! of a run.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::plan::{self, Plan};
use crate::runbook::library::Library;
use crate::runbook::{self, Runbook};
use crate::source::{Diagnostic, Problems, Source};

use super::failure::Failure;
use super::library::root_above;
use super::load;

/// How deep includes may be nested.
const DEEPEST: usize = 16;

/// Where included files are found.
pub trait Shelf {
    /// The file that is meant by `written` in another one, or why there is none to be had.
    fn locate(&self, from: &str, written: &str) -> Result<String, String>;

    /// The text of a file that was located.
    fn read(&self, file: &str) -> Result<Source, Failure>;
}

/// A runbook that is ready to run, with the files that it was made of.
pub struct Bundle {
    /// Its plan.
    pub plan: Plan,
    /// The texts of what it includes, each under the name by which it was located.
    pub included: BTreeMap<String, String>,
    /// What every file means by the paths that it includes; its own path is empty.
    pub links: BTreeMap<String, BTreeMap<String, String>>,
}

/// Reads a runbook and all that it includes, or says everything that is wrong with any of them.
pub fn bundle(
    source: &Source,
    name: &str,
    shelf: &dyn Shelf,
    library: Library,
) -> Result<Bundle, Failure> {
    let mut reading = Reading::new(name, shelf, Arc::new(library));
    let plan = reading.plan(source, name, "")?;
    match plan {
        Some(plan) if reading.wrong.is_empty() => {
            Ok(Bundle { plan, included: reading.included, links: reading.links })
        }
        _ => Err(Failure::Invalid(reading.wrong)),
    }
}

/// The plan of a runbook that was read already, with all that it includes. What is wrong with the
/// runbook goes to `problems`; what is wrong with an included file is told as one problem.
pub fn plan(
    runbook: Runbook,
    name: &str,
    shelf: &dyn Shelf,
    library: Arc<Library>,
    problems: &mut Problems,
) -> Result<Option<Plan>, Failure> {
    Reading::new(name, shelf, library).fit(runbook, name, "", problems)
}

struct Reading<'s> {
    shelf: &'s dyn Shelf,
    library: Arc<Library>,
    /// The files that are being read, the outermost first.
    open: Vec<String>,
    done: HashMap<String, Option<Arc<Runbook>>>,
    included: BTreeMap<String, String>,
    links: BTreeMap<String, BTreeMap<String, String>>,
    /// What is wrong, file by file.
    wrong: String,
}

impl<'s> Reading<'s> {
    fn new(name: &str, shelf: &'s dyn Shelf, library: Arc<Library>) -> Reading<'s> {
        Reading {
            shelf,
            library,
            open: vec![name.to_owned()],
            done: HashMap::new(),
            included: BTreeMap::new(),
            links: BTreeMap::new(),
            wrong: String::new(),
        }
    }

    /// The plan of one file, once all that it includes is read.
    fn plan(&mut self, source: &Source, name: &str, link: &str) -> Result<Option<Plan>, Failure> {
        let mut problems = Problems::default();
        let read = runbook::read(source, &mut problems);
        let plan = match read {
            Some(runbook) => self.fit(runbook, name, link, &mut problems)?,
            None => None,
        };
        if problems.has_errors() {
            self.wrong.push_str(&load::drawn(source, problems));
            return Ok(None);
        }
        Ok(plan)
    }

    /// The plan of a runbook in its library, once all that it includes is read.
    fn fit(
        &mut self,
        runbook: Runbook,
        name: &str,
        link: &str,
        problems: &mut Problems,
    ) -> Result<Option<Plan>, Failure> {
        let mut runbook = self.library.around(runbook);
        for path in std::mem::take(&mut runbook.includes) {
            match self.include(name, link, &path.value)? {
                Ok(included) => {
                    runbook.included.insert(path.value.clone(), included);
                }
                Err(reason) => problems.push(Diagnostic::error(path.span, reason)),
            }
            runbook.includes.push(path);
        }
        // Without one of its parts, what refers to that part would seem wrong too.
        let is_whole = runbook.includes.iter().all(|p| runbook.included.contains_key(&p.value));
        Ok(if is_whole { plan::build(runbook, problems) } else { None })
    }

    /// The runbook that is meant by a path, or why there is none.
    fn include(
        &mut self,
        from: &str,
        link: &str,
        written: &str,
    ) -> Result<Result<Arc<Runbook>, String>, Failure> {
        let file = match self.shelf.locate(from, written) {
            Ok(file) => file,
            Err(reason) => return Ok(Err(reason)),
        };
        if let Some(place) = self.open.iter().position(|open| *open == file) {
            let round: Vec<&str> =
                self.open[place..].iter().map(|name| short(name)).chain([short(&file)]).collect();
            return Ok(Err(format!(
                "these runbooks include each other: {}",
                round.join(" includes ")
            )));
        }
        if self.open.len() > DEEPEST {
            return Ok(Err(format!("includes are nested more than {DEEPEST} deep")));
        }
        self.links.entry(link.to_owned()).or_default().insert(written.to_owned(), file.clone());
        if let Some(done) = self.done.get(&file) {
            return Ok(done.clone().ok_or_else(|| unusable(written)));
        }
        let source = match self.shelf.read(&file) {
            Ok(source) => source,
            Err(failure) => return Ok(Err(failure.to_string())),
        };
        self.open.push(file.clone());
        let plan = self.plan(&source, &file, &file)?;
        self.open.pop();
        let runbook = plan.map(|plan| plan.runbook);
        self.included.insert(file.clone(), source.text().to_owned());
        self.done.insert(file, runbook.clone());
        Ok(runbook.ok_or_else(|| unusable(written)))
    }
}

fn unusable(written: &str) -> String {
    format!("`{written}` cannot be included: see what is wrong with it")
}

fn short(file: &str) -> &str {
    file.rsplit('/').next().unwrap_or(file)
}

/// The files of a library.
pub struct Files {
    /// The folder that no include may leave.
    root: PathBuf,
}

impl Files {
    /// The files around a runbook: those of its library, else of its repository, else of its folder.
    pub fn around(runbook: &Path) -> Files {
        Files { root: runbook.canonicalize().map(|path| root_above(&path)).unwrap_or_default() }
    }
}

impl Shelf for Files {
    fn locate(&self, from: &str, written: &str) -> Result<String, String> {
        if Path::new(written).is_absolute() {
            return Err("the path of an include is relative to the file that names it".into());
        }
        let path = Path::new(from).parent().unwrap_or(Path::new("")).join(written);
        let found = path.canonicalize().map_err(|error| format!("`{written}`: {error}"))?;
        if found.is_dir() {
            return Err(format!("`{written}` is a folder, and no runbook"));
        }
        if !found.starts_with(&self.root) {
            let root = self.root.display();
            return Err(format!("`{written}` leads out of the library, {root}"));
        }
        found.into_os_string().into_string().map_err(|_| format!("`{written}` is no UTF-8 path"))
    }

    fn read(&self, file: &str) -> Result<Source, Failure> {
        let here = std::env::current_dir().unwrap_or_default();
        let path = Path::new(file);
        load::source(path.strip_prefix(&here).unwrap_or(path))
    }
}

/// The files that a run was frozen with.
pub struct Frozen {
    folder: PathBuf,
    links: BTreeMap<String, BTreeMap<String, String>>,
}

/// The file that says what the paths of includes mean in the folder of a run.
const LINKS: &str = "includes.json";

impl Frozen {
    /// The files in the folder of a frozen runbook.
    pub fn at(runbook: &Path) -> Result<Frozen, String> {
        let folder = runbook.parent().unwrap_or(Path::new("")).to_owned();
        let links = match std::fs::read(folder.join(LINKS)) {
            Ok(bytes) => {
                serde_json::from_slice(&bytes).map_err(|error| format!("{LINKS}: {error}"))?
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(format!("{LINKS}: {error}")),
        };
        Ok(Frozen { folder, links })
    }
}

impl Shelf for Frozen {
    fn locate(&self, from: &str, written: &str) -> Result<String, String> {
        let found = self.links.get(from).and_then(|links| links.get(written));
        found.cloned().ok_or_else(|| format!("`{written}` was not kept with the run"))
    }

    fn read(&self, file: &str) -> Result<Source, Failure> {
        // A name that leaves the folder was not written by us.
        let name = Path::new(file).file_name().unwrap_or_default();
        load::source(&self.folder.join(name))
    }
}

impl Bundle {
    /// The files to keep beside the runbook of a run, by name: what it includes, and what the
    /// paths mean.
    pub fn beside(&self) -> BTreeMap<String, String> {
        if self.included.is_empty() {
            return BTreeMap::new();
        }
        let names: BTreeMap<&str, String> = self
            .included
            .keys()
            .zip(1..)
            .map(|(file, number)| (file.as_str(), format!("included-{number}.yaml")))
            .collect();
        let name_of = |file: &str| names.get(file).cloned().unwrap_or_default();
        let links: BTreeMap<String, BTreeMap<&str, String>> = self
            .links
            .iter()
            .map(|(from, links)| {
                let links = links.iter().map(|(written, to)| (written.as_str(), name_of(to)));
                (name_of(from), links.collect())
            })
            .collect();
        let texts = self.included.iter().map(|(file, text)| (name_of(file), text.clone()));
        let links = serde_json::to_string_pretty(&links).unwrap_or_default();
        texts.chain([(LINKS.to_owned(), links + "\n")]).collect()
    }
}
