//! From a file to what is found in it: read once, looked at as what it is.

use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use crate::cli::failure::Failure;
use crate::cli::include::{self, Files};
use crate::cli::library::{self, Shared};
use crate::cli::list::card;
use crate::cli::load;
use crate::document::{self, Node, TEXT_LIMIT};
use crate::lint::reading::{self, SCHEMA, SYNTAX};
use crate::lint::review::{Card, Found, Place};
use crate::lint::scene::{self, Scene, entry};
use crate::lint::shellcheck::Subject;
use crate::lint::suppress::Comments;
use crate::lint::{self, Finding, Policy, policy};
use crate::plan::Plan;
use crate::runbook::library::lint::Lint;
use crate::runbook::library::{FILE, Library};
use crate::runbook::{self, Runbook, testfile};
use crate::source::{Diagnostic, Problems, Source, Span};

use super::desk::Desk;
use super::files::{Candidate, Origin};

/// What a file is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Runbook,
    Library,
    Tests,
}

/// What is found in a file; none for what is no runbook and only lies in a folder.
pub fn look(file: &Candidate, desk: &Desk<'_>) -> Result<Option<Found>, Failure> {
    if file.origin == Origin::Found && kind(&file.path) == Kind::Runbook {
        // Nothing more than the beginning of a file is read that cannot be one.
        if let Ok(None) = card::text(&file.path) {
            return Ok(None);
        }
    }
    look_at(text(file)?, file, desk)
}

/// What is found in the text of a file.
pub fn look_at(
    source: Source,
    file: &Candidate,
    desk: &Desk<'_>,
) -> Result<Option<Found>, Failure> {
    let mut problems = Problems::default();
    let tree = document::parse(&source, &mut problems);
    let is_ours = kind(&file.path) != Kind::Runbook || card::is_runbook(&source, tree.as_ref());
    if file.origin == Origin::Found && !is_ours {
        return Ok(None);
    }
    let around = Around::of(file)?;
    let syntax = reading::findings(&source, None, problems.sorted(), SYNTAX);
    let mut look = match (&tree, kind(&file.path)) {
        (None, _) => Look::default(),
        (Some(tree), Kind::Runbook) => of_runbook(&source, tree, &around, desk)?,
        (Some(tree), Kind::Library) => of_library(&source, tree),
        (Some(tree), Kind::Tests) => of_tests(&source, tree),
    };
    look.findings.extend(syntax);
    let lint = look.lint.as_ref().or(around.lint());
    Ok(Some(Found {
        policy: desk.wish.above(Policy::of(lint)),
        place: around.place,
        comments: look.comments,
        findings: look.findings,
        scripts: look.scripts,
        has_asked_shellcheck: false,
        card: look.card,
        source,
    }))
}

/// What a look at a tree comes to.
#[derive(Default)]
struct Look {
    findings: Vec<Finding>,
    comments: Comments,
    scripts: Vec<Subject>,
    /// What the file itself says to the linter.
    lint: Option<Lint>,
    /// What the others of its library see of it.
    card: Option<Card>,
}

fn kind(path: &Path) -> Kind {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if name == FILE {
        Kind::Library
    } else if name.ends_with(".test.yaml") || name.ends_with(".test.yml") {
        Kind::Tests
    } else {
        Kind::Runbook
    }
}

/// The text of a file. Only what is a file is opened: a pipe without a writer would never end.
fn text(file: &Candidate) -> Result<Source, Failure> {
    let unreadable = |source| Failure::Unreadable { path: file.path.clone(), source };
    if file.origin == Origin::Input {
        let mut bytes = Vec::new();
        let input = io::stdin().lock();
        input.take(TEXT_LIMIT as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        return load::bytes(&file.path, bytes);
    }
    let found = fs::metadata(&file.path).map_err(unreadable)?;
    if !found.is_file() && !found.is_dir() {
        let reason = "it is no regular file; to review what a command prints, use `-`";
        return Err(unreadable(io::Error::other(reason)));
    }
    load::source(&file.path)
}

/// What stands around a file.
struct Around {
    /// The file itself, links followed; of a text that is no file, what it is called.
    name: String,
    /// Its paths.
    place: Place,
    /// Where its includes are found.
    files: Files,
    /// Its library.
    shared: Option<Shared>,
    /// Whether there is a library, and it is broken.
    is_broken: bool,
}

impl Around {
    fn of(file: &Candidate) -> Result<Around, Failure> {
        let real = file.real();
        let (shared, is_broken) = match real.as_deref().map(library::find) {
            None => (None, false),
            Some(Ok(shared)) => (shared, false),
            // What is wrong with it is told of the library itself.
            Some(Err(Failure::Invalid(_))) => (None, true),
            Some(Err(failure)) => return Err(failure),
        };
        let name = real.as_deref().unwrap_or(&file.path);
        Ok(Around {
            place: library::place(name),
            name: name.to_string_lossy().into_owned(),
            files: Files::around(&file.path),
            shared,
            is_broken,
        })
    }

    /// What the library says to the linter.
    fn lint(&self) -> Option<&Lint> {
        self.shared.as_ref().and_then(|shared| shared.library.lint.as_ref())
    }

    /// The folder of the library.
    fn folder(&self) -> &Path {
        let name = self.shared.as_ref().map(|shared| Path::new(shared.source.name()));
        name.and_then(Path::parent).unwrap_or(Path::new(""))
    }

    /// The library in each of its environments; as it is where it has none.
    fn libraries(&self) -> Vec<Library> {
        let environments = self.shared.iter().flat_map(|shared| &shared.library.environments);
        let names: Vec<String> = environments.map(|(name, _)| name.value.clone()).collect();
        let within = |name| library::of(self.shared.as_ref(), name);
        match names.is_empty() {
            true => vec![within(None)],
            false => names.into_iter().map(|name| within(Some(name))).collect(),
        }
    }
}

fn of_runbook(
    source: &Source,
    tree: &Node,
    around: &Around,
    desk: &Desk<'_>,
) -> Result<Look, Failure> {
    let mut problems = Problems::default();
    let runbook = runbook::read_document(source, tree, &mut problems);
    if around.is_broken {
        let message = format!("the library of this runbook, {FILE}, has errors");
        let problem = Diagnostic::error(Span::new(tree.span.start, tree.span.start), message);
        problems.push(problem.help("see what is wrong with it; until then nothing here can run"));
    }
    let can_run = runbook.clone().filter(|_| !around.is_broken);
    let Fit { library, plan, problems } = match can_run {
        Some(runbook) => fit(&runbook, around, &problems)?,
        None => Fit { library: Arc::default(), plan: None, problems },
    };
    let knowledge = desk.shelf.of(around.lint(), around.folder());
    let scene = Scene::new(scene::Subject {
        source,
        document: tree,
        runbook: runbook.as_ref(),
        plan: plan.as_ref(),
        library: &library,
        knowledge: &knowledge,
        today: desk.today,
    });
    let mut findings = reading::findings(source, Some(&scene), problems.sorted(), SCHEMA);
    findings.extend(lint::lint(&scene));
    let comments = Comments::of(source, tree, Some(&scene));
    let card = runbook.as_ref().map(|runbook| Card::Runbook(runbook.id.clone()));
    let scripts = Subject::all(&scene);
    Ok(Look { findings, comments, scripts, lint: None, card })
}

/// A runbook in its library.
struct Fit {
    library: Arc<Library>,
    plan: Option<Plan>,
    problems: Problems,
}

/// The runbook in the first environment in which it can run; else what is wrong in the first.
fn fit(runbook: &Runbook, around: &Around, problems: &Problems) -> Result<Fit, Failure> {
    let mut first = None;
    for library in around.libraries() {
        let library = Arc::new(library);
        let mut problems = problems.clone();
        let shared = Arc::clone(&library);
        let runbook = runbook.clone();
        let plan = include::plan(runbook, &around.name, &around.files, shared, &mut problems)?;
        let is_whole = plan.is_some();
        let fit = Fit { library, plan, problems };
        if is_whole {
            return Ok(fit);
        }
        first.get_or_insert(fit);
    }
    let none = || Fit { library: Arc::default(), plan: None, problems: problems.clone() };
    Ok(first.unwrap_or_else(none))
}

fn of_library(source: &Source, tree: &Node) -> Look {
    let mut problems = Problems::default();
    let library = runbook::library::read_document(source, tree, &mut problems);
    let mut findings = reading::findings(source, None, problems.sorted(), SCHEMA);
    let lint = library.and_then(|library| library.lint);
    findings.extend(lint.as_ref().map(policy::complaints).unwrap_or_default());
    findings.extend(lint::lint_library(tree, source));
    Look { findings, comments: Comments::of(source, tree, None), lint, ..Look::default() }
}

fn of_tests(source: &Source, tree: &Node) -> Look {
    let mut problems = Problems::default();
    testfile::check_document(source, tree, &mut problems);
    let findings = reading::findings(source, None, problems.sorted(), SCHEMA);
    let runbook = entry(tree, "runbook").and_then(|(_, runbook)| runbook.as_str());
    let card = runbook.map(|runbook| Card::Tests(runbook.to_owned()));
    Look { findings, comments: Comments::of(source, tree, None), card, ..Look::default() }
}
