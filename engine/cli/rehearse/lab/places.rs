//! Where the steps of a runbook go in a lab, and whether any of them would leave it: only the
//! environment of the lab says which machine a name means there, and its `ssh` reaches its own hosts
//! and nobody else.

use crate::cli::library::Shared;
use crate::plan::{Plan, SpaceKind};
use crate::runbook::Runbook;
use crate::runbook::lab::Lab;
use crate::runbook::probe::Probe;
use crate::runbook::script::Setting;
use crate::runbook::target::{Target, TargetRef};
use crate::source::Spanned;

use super::ENVIRONMENT;

/// The kinds of components that `ssh` and `docker` reach.
const HOST: &str = "host";
const ENGINE: &str = "docker";

/// What is known of those places.
pub struct Places<'a> {
    plan: &'a Plan,
    lab: &'a Lab,
    /// The targets of the environment that the lab is.
    here: &'a [(Spanned<String>, Target)],
}

impl<'a> Places<'a> {
    /// Those of a runbook in its lab.
    pub fn of(plan: &'a Plan, lab: &'a Lab, shared: Option<&'a Shared>) -> Places<'a> {
        let here = shared.and_then(|shared| shared.library.environment(ENVIRONMENT));
        Places { plan, lab, here: here.map(|here| here.targets.as_slice()).unwrap_or_default() }
    }

    /// Whether anything runs on a machine that the lab knows nothing of.
    pub fn any_leaves(&self) -> bool {
        let mut targets = self.settings().filter_map(|it| it.target.as_ref());
        targets.any(|target| self.leaves(target))
    }

    /// The first setting by which a command would find the programs of the machine before those of the
    /// lab: a PATH of its own, or a shell that makes one.
    pub fn own_path(&self) -> Option<&'static str> {
        let makes_one =
            |word: &String| word == "--login" || (word.starts_with("-l") && word.len() == 2);
        let is_login = |it: &Setting| it.shell.iter().flatten().skip(1).any(makes_one);
        let has_path = |it: &Setting| it.env.iter().any(|(name, _)| name == "PATH");
        let mut found = self.settings().filter_map(|it| {
            if has_path(it) {
                Some("a `PATH` of its own")
            } else {
                is_login(it).then_some("a login shell")
            }
        });
        found.next()
    }

    /// The runbook with all that it includes.
    fn runbooks(&self) -> impl Iterator<Item = &'a Runbook> {
        let included = self.plan.spaces.iter().filter_map(|space| match &space.kind {
            SpaceKind::Included { runbook, .. } => Some(&**runbook),
            SpaceKind::Whole | SpaceKind::Item { .. } => None,
        });
        std::iter::once(&*self.plan.runbook).chain(included)
    }

    fn settings(&self) -> impl Iterator<Item = &'a Setting> {
        let checks = self.runbooks().flat_map(|it| {
            let checks = [&it.confirm, &it.preconditions, &it.invariants, &it.exit_criteria];
            checks.into_iter().flatten().flat_map(|check| check.probe.settings())
        });
        let defaults = self.runbooks().map(|it| &it.defaults.setting);
        let forms = self.plan.nodes.iter().flat_map(|node| &node.forms);
        let own = self.lab.symptoms.iter().chain(&self.lab.prove).flat_map(Probe::settings);
        forms.flat_map(|form| form.facets.settings()).chain(checks).chain(defaults).chain(own)
    }

    fn leaves(&self, target: &TargetRef) -> bool {
        match target {
            TargetRef::Outer(outer) => self.leaves(outer),
            TargetRef::Inline(place) => self.is_away(place),
            TargetRef::Named(_) if target.is_local() => false,
            TargetRef::Named(name) => {
                let is_here = self.here.iter().any(|(known, _)| known.value == name.value);
                !is_here && !self.stays(name)
            }
        }
    }

    /// Whether a name is declared, and wherever it is, means a place that stays in the lab.
    fn stays(&self, name: &str) -> bool {
        let declared = self.runbooks().flat_map(|it| &it.targets);
        let mut places = declared.filter(|(known, _)| known.as_str() == name).peekable();
        places.peek().is_some() && places.all(|(_, place)| !self.is_away(place))
    }

    fn is_away(&self, place: &Target) -> bool {
        match place {
            Target::Local => false,
            Target::Ssh { .. } => !self.has(HOST),
            Target::Docker { .. } => !self.has(ENGINE),
            Target::Kubernetes { .. } => true,
        }
    }

    fn has(&self, kind: &str) -> bool {
        self.lab.components.iter().any(|it| it.kind.word == kind)
    }
}
