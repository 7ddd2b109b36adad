//! A file of tests with what it tests: the plan of its runbook in each environment that its cases
//! name, and its cases as they are meant there.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cli::failure::Failure;
use crate::cli::library::{self, Shared};
use crate::cli::{load, run};
use crate::rehearse::results::hide_lines;
use crate::rehearse::script::{Piece, Script, secrets};
use crate::run::digest;
use crate::runbook::testfile::{self, Case, TestFile};
use crate::source::{Diagnostic, Problems, Source, Spanned};

/// A file of tests that was read.
pub struct Tests {
    /// Its text.
    pub source: Source,
    /// The runbook that it tests, as it names it.
    pub runbook: Option<String>,
    /// What is wrong with it; then it has no cases.
    pub wrong: Vec<Diagnostic>,
    /// Its cases that are to be played.
    pub cases: Vec<Ready>,
}

/// A case that can be played.
pub struct Ready {
    /// What it is played on.
    pub piece: Arc<Piece>,
    /// What it says.
    pub script: Arc<Script>,
}

/// Reads a file of tests and what it tests. Of its cases those are played whose name has one of the
/// `names` in it; all where there are none.
pub fn read(path: &Path, names: &[String]) -> Result<Tests, Failure> {
    let source = load::given(path)?;
    let mut problems = Problems::default();
    let Some(file) = testfile::read(&source, &mut problems) else {
        let wrong = problems.sorted();
        return Ok(Tests { source, runbook: None, wrong, cases: Vec::new() });
    };
    let mut stage = Stage::of(path, &file, &mut problems)?;
    let mut cases = Vec::new();
    let mut hidden = Vec::new();
    if let Some(stage) = &mut stage {
        for case in &file.cases {
            let ready = stage.ready(case, &mut problems, &mut hidden)?;
            let is_wanted =
                names.is_empty() || names.iter().any(|name| case.name.contains(name.as_str()));
            cases.extend(ready.filter(|_| is_wanted));
        }
    }
    let mut wrong = problems.sorted();
    hide_lines(&mut wrong, &source, &hidden);
    if !wrong.is_empty() {
        cases.clear();
    }
    Ok(Tests { source, runbook: Some(file.runbook.value), wrong, cases })
}

/// What a runbook without tests is: in the environment that is assumed, else in the first that is
/// not one of production, which is then named.
pub fn bare(runbook: &Path) -> Result<(Arc<Piece>, Option<String>), Failure> {
    let shared = library::find(runbook)?;
    let (chosen, named) = match library::environment(shared.as_ref(), None, false) {
        Ok(assumed) => (assumed, None),
        Err(_) => {
            let first = library::likely(shared.as_ref());
            (first.clone(), first)
        }
    };
    let mut stage = Stage { runbook: runbook.to_owned(), shared, pieces: Vec::new() };
    Ok((stage.piece(chosen)?, named))
}

/// The same, where only its edges are wanted.
pub fn untested(runbook: &Path) -> Result<Arc<Piece>, Failure> {
    bare(runbook).map(|(piece, _)| piece)
}

/// What the cases of a file are played on.
struct Stage {
    runbook: PathBuf,
    shared: Option<Shared>,
    /// The pieces so far, by their environments.
    pieces: Vec<(Option<String>, Arc<Piece>)>,
}

impl Stage {
    fn of(path: &Path, file: &TestFile, problems: &mut Problems) -> Result<Option<Stage>, Failure> {
        let runbook = path.parent().unwrap_or(Path::new("")).join(&file.runbook.value);
        if !runbook.is_file() {
            let message = format!("there is no runbook {}", runbook.display());
            let problem = Diagnostic::error(file.runbook.span, message);
            problems.push(problem.help("name it by its path from the file of tests"));
            return Ok(None);
        }
        let shared = library::find(&runbook)?;
        Ok(Some(Stage { runbook, shared, pieces: Vec::new() }))
    }

    /// A case as it is meant in its environment; what does not fit is reported, and `hidden` gets
    /// the secrets that it gives.
    fn ready(
        &mut self,
        case: &Case,
        problems: &mut Problems,
        hidden: &mut Vec<String>,
    ) -> Result<Option<Ready>, Failure> {
        let environment = match self.environment(case) {
            Ok(environment) => environment,
            Err(problem) => {
                problems.push(*problem);
                return Ok(None);
            }
        };
        let piece = self.piece(environment)?;
        hidden.extend(secrets(&piece.plan, case));
        let Some(script) = Script::of(&piece.plan, case, problems) else { return Ok(None) };
        let chosen = piece.plan.runbook.library.chosen.as_ref();
        let refused = run::refuse_unknown_cases(&piece.plan, chosen, &script.inputs);
        if let Err(Failure::Usage { message, help }) = refused {
            problems.push(Diagnostic::error(case.name.span, message).help(help));
            return Ok(None);
        }
        Ok(Some(Ready { piece, script: Arc::new(script) }))
    }

    fn environment(&self, case: &Case) -> Result<Option<String>, Box<Diagnostic>> {
        let named = case.environment.as_ref().map(|name| name.value.as_str());
        library::environment(self.shared.as_ref(), named, false).map_err(|failure| {
            let at =
                case.environment.as_ref().map_or(case.name.span, |name: &Spanned<_>| name.span);
            let problem = Diagnostic::error(at, failure.to_string());
            Box::new(match (named, failure) {
                (Some(_), Failure::Usage { help, .. }) => problem.help(help),
                _ => problem.help("name one with `environment`; production is never assumed"),
            })
        })
    }

    fn piece(&mut self, environment: Option<String>) -> Result<Arc<Piece>, Failure> {
        if let Some((_, piece)) = self.pieces.iter().find(|(known, _)| *known == environment) {
            return Ok(Arc::clone(piece));
        }
        let library = library::of(self.shared.as_ref(), environment.clone());
        let (source, bundle) = load::bundle(&self.runbook, library)?;
        let piece = Arc::new(Piece {
            plan: Arc::new(bundle.plan),
            file: source.name().to_owned(),
            digest: digest(source.text().as_bytes()),
        });
        self.pieces.push((environment, Arc::clone(&piece)));
        Ok(piece)
    }
}
