//! What a rehearsal with `--observe` must not look at: steps and probes that say that they only
//! read, and of which lint knows that they change something.

use chrono::Utc;

use crate::cli::include::Bundle;
use crate::cli::library::Shared;
use crate::cli::lint::Shelf;
use crate::document::{self, Node};
use crate::lint::changing;
use crate::lint::scene::{self, Role, Scene, Script, Subject};
use crate::plan::Plan;
use crate::run::event::{Observes, Purpose};
use crate::run::practice::named;
use crate::runbook;
use crate::source::{Problems, Source};

/// What is looked at of a runbook and all that it includes.
pub fn observes(source: &Source, bundle: &Bundle, shared: Option<&Shared>) -> Observes {
    let mut found = Observes::default();
    let included = bundle.included.iter().map(|(name, text)| Source::new(name, text.clone()));
    leave_out(source, Part::Whole, bundle, shared, &mut found);
    for source in included {
        leave_out(&source, Part::Included, bundle, shared, &mut found);
    }
    found
}

/// What a file is of a runbook.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Part {
    Whole,
    Included,
}

fn leave_out(
    source: &Source,
    part: Part,
    bundle: &Bundle,
    shared: Option<&Shared>,
    found: &mut Observes,
) {
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
            // Around what is included stand its checks, as those of the step that includes it.
            (None, Some(_)) if part == Part::Included => {
                let id = runbook.as_ref().map(|runbook| runbook.id.value.as_str());
                found.not_steps.extend(including(&bundle.plan, id));
            }
            (None, Some(purpose)) => drop(found.not_checks.insert(purpose)),
            (None, None) => found.not_inputs.extend(input_of(&tree, script)),
        }
    }
}

/// The steps that include a runbook, by their ids.
fn including<'p>(plan: &'p Plan, runbook: Option<&'p str>) -> impl Iterator<Item = String> + 'p {
    let includes = move |index: &usize| {
        let mut included = plan.nodes[*index].forms.iter().filter_map(|it| it.included.as_ref());
        included.any(|it| runbook.is_none_or(|id| it.runbook.id.value == id))
    };
    (0..plan.nodes.len()).filter(includes).map(|index| named(plan, index).to_owned())
}

/// The input whose choices a script lists.
fn input_of(tree: &Node, script: &Script<'_>) -> Option<String> {
    let root = tree.as_mapping()?;
    let inputs = root.iter().find(|entry| entry.key.value == "inputs")?.value.as_mapping()?;
    let input = inputs.iter().find(|entry| entry.value.span == script.around.span)?;
    Some(input.key.value.clone())
}

/// The id of the step that an entry is, or is a case of.
fn id(scene: &Scene<'_>, entry: usize) -> String {
    let mut around = scene.around(entry);
    let step = around.find(|at| scene.steps[*at].part != scene::Part::Case).unwrap_or(entry);
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
