//! Checks: what looks show in a test, look by look.

use std::time::Duration;

use crate::plan::Plan;
use crate::run::event::{CheckRef, Purpose};
use crate::runbook::probe::{Check, Look, Observation, Probe};
use crate::runbook::testfile::{Seen, Shown};
use crate::source::{Diagnostic, Problems, Spanned};

use super::super::cast::Glance;
use super::acts::{judgement, sight};
use super::place::CheckPlace;

/// What looks of a check show.
#[derive(Clone, Debug)]
pub struct Looked {
    /// The checks.
    pub places: Vec<CheckPlace>,
    /// The name as it is written.
    pub name: Spanned<String>,
    /// The looks; the last holds for all further ones.
    pub looks: Vec<Spanned<Shown>>,
}

/// The checks of a case, each of which is there and can show what it says.
pub fn looked(
    plan: &Plan,
    checks: &[(Spanned<String>, Vec<Spanned<Shown>>)],
    problems: &mut Problems,
) -> Vec<Looked> {
    let mut found = Vec::new();
    for (name, looks) in checks {
        match CheckPlace::named(plan, name) {
            Ok(places) => {
                for look in looks {
                    problems_of(plan, name, &places, look, problems);
                }
                found.push(Looked { places, name: name.clone(), looks: looks.clone() });
            }
            Err(problem) => problems.push(*problem),
        }
    }
    // Who says less says it more exactly: a single check stands above all of its list, one step
    // above several.
    found.sort_by_key(|looked| {
        let is_list = looked.places.iter().any(|place| place.index.is_none());
        let is_many =
            looked.places.iter().any(|it| it.step.as_ref().is_some_and(|it| !it.is_one()));
        (is_list, is_many, looked.places.len())
    });
    found
}

fn problems_of(
    plan: &Plan,
    name: &Spanned<String>,
    places: &[CheckPlace],
    look: &Spanned<Shown>,
    problems: &mut Problems,
) {
    let Shown::Seen(seen) = &look.value else { return };
    let probes = places.iter().flat_map(|place| probes(plan, place));
    if probes.into_iter().any(|probe| can_show(probe, seen)) {
        return;
    }
    let what = if seen.is_of_answer() { "an answer" } else { "a command" };
    let message = format!("`{name}` does not look at {what}");
    let help = "say holds, warns, fails or unseen";
    problems.push(Diagnostic::error(look.span, message).help(help));
}

/// The probes of a place.
fn probes<'p>(plan: &'p Plan, place: &CheckPlace) -> Vec<&'p Probe> {
    let Some(step) = place.step.as_ref().filter(|_| place.purpose == Purpose::DoneWhen) else {
        return place.checks(plan).into_iter().map(|check: &Check| &check.probe).collect();
    };
    let forms = plan.nodes[step.node].forms.iter();
    forms.filter_map(|form| form.facets.done_when.as_ref()).collect()
}

/// Whether a probe can see such a thing.
fn can_show(probe: &Probe, seen: &Seen) -> bool {
    match &probe.look {
        Look::Run(_) => !seen.is_of_answer(),
        Look::Http(_) => !seen.is_of_command(),
        Look::Not(inner) => can_show(inner, seen),
        Look::Switch(_, cases) => cases.iter().any(|(_, probe)| can_show(probe, seen)),
        Look::File(_) | Look::Tcp(_) | Look::Dns(_) | Look::Requires(_) => {
            !seen.is_of_answer() && !seen.is_of_command()
        }
    }
}

impl Looked {
    /// Whether it says something of a check.
    pub fn holds(&self, check: &CheckRef) -> bool {
        self.places.iter().any(|place| place.holds(check))
    }

    /// What a look shows, when it has been looked so often before.
    pub fn glance(&self, before: usize, look: &Observation) -> Option<Glance> {
        let shown = self.looks.get(before).or(self.looks.last())?;
        Some(match &shown.value {
            Shown::Sight(sees) => Glance { judgement: judgement(*sees), takes: Duration::ZERO },
            Shown::Seen(seen) => {
                let takes = seen.takes.unwrap_or_default();
                let judgement = match seen.is_of_answer() || seen.is_of_command() {
                    true => look.judge(&sight(seen)),
                    false => crate::runbook::expect::Judgement::Holds,
                };
                Glance { judgement, takes }
            }
        })
    }
}
