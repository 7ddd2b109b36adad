//! Secrets that steps handed on and that were lost with the driver that held them: a person is asked
//! for one when it is needed.

use crate::plan::{Index, SpaceIndex};
use crate::run::event::Question;
use crate::run::scope::Names;
use crate::run::{Offer, state::RunState};
use crate::runbook::expression::{Expression, Scope as _};

use super::{Next, Run};

impl Run<'_> {
    /// What is to be done about a secret that the form of a node needs and that was lost.
    pub(super) fn lost_secret_at(&self, index: Index) -> Option<Next> {
        if !self.state.has_lost_secrets() {
            return None;
        }
        let form = self.state.form(self.plan, index)?;
        self.lost_secret(self.plan.nodes[index].space, form.facets.expressions().into_iter())
    }

    /// What is to be done about a secret that some expressions need and that was lost.
    pub(super) fn lost_secret<'e>(
        &self,
        space: SpaceIndex,
        mut expressions: impl Iterator<Item = &'e Expression>,
    ) -> Option<Next> {
        if !self.state.has_lost_secrets() {
            return None;
        }
        let names = Names { space, ..self.names() };
        let is_lost = |kept: &String| self.state.secrets.get(kept) == Some(&false);
        let name = expressions.find_map(|expression| {
            let kept = expression.names().iter().filter_map(|name| names.secret(name));
            kept.into_iter().find(is_lost)
        })?;
        Some(Next::ask(self, Question::Input { name }, Offer::default()))
    }
}

impl RunState {
    fn has_lost_secrets(&self) -> bool {
        self.secrets.values().any(|is_held| !is_held)
    }
}
