//! What a rehearsal with `--observe` must not look at: steps and probes that say that they only
//! read, and of which lint knows that they change something.

use chrono::Utc;

use crate::cli::include::Bundle;
use crate::cli::library::Shared;
use crate::cli::lint::Shelf;
use crate::document;
use crate::lint::changing;
use crate::lint::scene::{Part, Role, Scene, Script, Subject};
use crate::run::event::{Observes, Purpose};
use crate::runbook;
use crate::source::{Problems, Source};

/// What is looked at of a runbook and all that it includes.
pub fn observes(source: &Source, bundle: &Bundle, shared: Option<&Shared>) -> Observes {
    let mut found = Observes::default();
    let included = bundle.included.iter().map(|(name, text)| Source::new(name, text.clone()));
    for source in std::iter::once(source.clone()).chain(included) {
        leave_out(&source, bundle, shared, &mut found);
    }
    found
}

fn leave_out(source: &Source, bundle: &Bundle, shared: Option<&Shared>, found: &mut Observes) {
    // What is wrong with a runbook was said before: this one was planned.
    let mut problems = Problems::default();
    let Some(tree) = document::parse(source, &mut problems) else { return };
    let runbook = runbook::read_document(source, &tree, &mut problems);
    let lint = shared.and_then(|shared| shared.library.lint.as_ref());
    let folder = shared.map(|shared| std::path::Path::new(shared.source.name()));
    let folder = folder.and_then(std::path::Path::parent).unwrap_or(std::path::Path::new(""));
    let knowledge = Shelf::new().of(lint, folder);
    let scene = Scene::new(Subject {
        source,
        document: &tree,
        runbook: runbook.as_ref(),
        plan: None,
        library: &bundle.plan.runbook.library,
        knowledge: &knowledge,
        today: Utc::now().date_naive(),
    });
    for script in changing(&scene) {
        match (script.step, purpose(script)) {
            (Some(step), _) => drop(found.not_steps.insert(id(&scene, step))),
            (None, Some(purpose)) => drop(found.not_checks.insert(purpose)),
            // The choices of an input.
            (None, None) => {}
        }
    }
}

/// The id of the step that an entry is, or is a case of.
fn id(scene: &Scene<'_>, entry: usize) -> String {
    let mut around = scene.around(entry);
    let step = around.find(|at| scene.steps[*at].part != Part::Case).unwrap_or(entry);
    scene.steps[step].id.value.clone()
}

fn purpose(script: &Script<'_>) -> Option<Purpose> {
    match script.role {
        Role::Confirm => Some(Purpose::Confirm),
        Role::Precondition => Some(Purpose::Precondition),
        Role::Invariant => Some(Purpose::Invariant),
        Role::ExitCriterion => Some(Purpose::ExitCriterion),
        _ => None,
    }
}
