//! What can happen at each node of a plan in some run: whether it is come to, whether it can fail,
//! whether it can be taken back. What no run can show would never be walked.

use crate::plan::{Form, Index, Inside, Node, Plan, ROOT, Role};
use crate::runbook::action::Action;
use crate::runbook::step::OnFailure;
use crate::runbook::wait::OnBreak;

use super::fixed::Fixed;

/// What can happen at the nodes of a plan.
pub struct Reach<'p> {
    plan: &'p Plan,
    /// Whether the action of a node, or what is inside, can fail.
    breaks: Vec<bool>,
    /// Whether a node is come to in some run.
    is_met: Vec<bool>,
}

impl<'p> Reach<'p> {
    /// Works it out: what is inside a node has a higher index than the node.
    pub fn of(plan: &'p Plan) -> Reach<'p> {
        let count = plan.nodes.len();
        let mut reach = Reach { plan, breaks: vec![false; count], is_met: vec![false; count] };
        for index in (0..count).rev() {
            reach.breaks[index] = reach.can_break(index);
        }
        for index in 0..count {
            reach.is_met[index] = reach.can_be_met(index);
        }
        reach
    }

    /// Whether a node is come to in some run.
    pub fn is_met(&self, index: Index) -> bool {
        self.is_met[index]
    }

    /// Whether its action, or what is inside it, can fail; what is required before is none of that.
    pub fn breaks(&self, index: Index) -> bool {
        self.breaks[index]
    }

    /// Whether it can begin: its condition is not false in every run.
    pub fn begins(&self, index: Index) -> bool {
        let node = &self.plan.nodes[index];
        self.condition(node) != Some(false) && self.forms(index).next().is_some()
    }

    /// Whether its condition can be false.
    pub fn can_be_skipped(&self, index: Index) -> bool {
        let node = &self.plan.nodes[index];
        let own = node.forms.first().is_some_and(|form| form.facets.when.is_some());
        let fixed = Fixed::at(self.plan, node);
        let cases = self.forms(index).filter_map(|form| form.facets.case_when.as_ref());
        let by_case = cases.into_iter().any(|when| fixed.condition(when) != Some(true));
        own && self.condition(node) != Some(true) || by_case
    }

    /// The forms that a node takes in some run.
    pub fn forms(&self, index: Index) -> impl Iterator<Item = &'p Form> + use<'p> {
        let node = &self.plan.nodes[index];
        let fixed = Fixed::at(self.plan, node);
        node.forms.iter().filter(move |form| match (&node.switch, &form.case) {
            (Some(on), Some(case)) => fixed.may_be(on, case),
            _ => true,
        })
    }

    /// The same, of those only whose own condition is not false in every run.
    pub fn begun_forms(&self, index: Index) -> impl Iterator<Item = &'p Form> + use<'p> {
        let fixed = Fixed::at(self.plan, &self.plan.nodes[index]);
        self.forms(index).filter(move |form| {
            let when = form.facets.case_when.as_ref();
            when.is_none_or(|when| fixed.condition(when) != Some(false))
        })
    }

    fn condition(&self, node: &Node) -> Option<bool> {
        let when = node.forms.first().and_then(|form| form.facets.when.as_ref());
        when.map_or(Some(true), |when| Fixed::at(self.plan, node).condition(when))
    }

    fn can_break(&self, index: Index) -> bool {
        self.begun_forms(index)
            .any(|form| form.verified().next().is_some() || self.can_break_inside(form))
            || self.can_fail_to_put_back(index)
    }

    /// Whether a paired undo inside a group, which runs before the end of the group, can fail.
    fn can_fail_to_put_back(&self, group: Index) -> bool {
        let is_fan_out = self.plan.items(group).is_some();
        let is_owed = |of: Index| of != group && self.plan.is_inside(of, group);
        let mut pairs = self.plan.pairs.iter();
        !is_fan_out && pairs.any(|(undo, of)| is_owed(*of) && self.can_end_badly(*undo))
    }

    /// Whether all rungs of a ladder can give way.
    pub fn exhausts(&self, index: Index) -> bool {
        self.begun_forms(index).any(|form| match &form.inside {
            Inside::Ladder(rungs) => rungs.iter().all(|rung| self.gives_way(*rung)),
            _ => false,
        })
    }

    fn can_break_inside(&self, form: &Form) -> bool {
        match &form.inside {
            Inside::Leaf => can_fail(form),
            Inside::Phase(children) => children.iter().any(|child| self.spoils(*child)),
            Inside::Ladder(rungs) => rungs.iter().all(|rung| self.gives_way(*rung)),
            Inside::Each(items) => self.can_end_badly(items.pattern.start),
        }
    }

    /// Whether it can end as failed or refused.
    fn can_end_badly(&self, index: Index) -> bool {
        let is_stopped =
            |form: &Form| form.facets.gate.is_some() || form.required().next().is_some();
        self.begins(index) && (self.breaks[index] || self.begun_forms(index).any(is_stopped))
    }

    /// Whether a step can end so that the phase around it has failed.
    fn spoils(&self, index: Index) -> bool {
        let is_gated = self.begun_forms(index).any(|form| form.facets.gate.is_some());
        let goes_on = self.plan.nodes[index].is_closing && !self.is_in_rung(index);
        let is_borne =
            self.begun_forms(index).all(|form| self.on_failure(index, form) == OnFailure::Continue);
        !goes_on && (is_gated || !is_borne && self.can_end_badly(index))
    }

    /// Whether the rung below one can be tried.
    fn gives_way(&self, rung: Index) -> bool {
        !self.begins(rung) || self.can_end_badly(rung) || self.can_be_skipped(rung)
    }

    fn is_in_rung(&self, index: Index) -> bool {
        self.around(index).any(|at| self.plan.nodes[at].role == Role::Rung)
    }

    fn around(&self, index: Index) -> impl Iterator<Item = Index> + use<'p> {
        let plan = self.plan;
        std::iter::successors(Some(index), move |at| plan.nodes[*at].parent)
    }

    /// What a failure leads to, unless it is said at the start of a run.
    fn on_failure(&self, index: Index, form: &Form) -> OnFailure {
        let node = &self.plan.nodes[index];
        let default = self.plan.runbook_at(node.space).runbook.defaults.on_failure;
        let said = form.facets.on_failure.or(node.on_failure);
        said.or(default).unwrap_or(OnFailure::Hold)
    }

    fn can_be_met(&self, index: Index) -> bool {
        let node = &self.plan.nodes[index];
        match node.role {
            Role::Undo { of, is_paired } => {
                let has_it = |form: &Form| form.undo == Some(index);
                self.is_met[of]
                    && self.begins(of)
                    && self.begun_forms(of).any(has_it)
                    && self.can_be_taken_back(of, is_paired)
            }
            _ => node.parent.is_none_or(|group| self.leads_to(group, index)),
        }
    }

    fn leads_to(&self, group: Index, inner: Index) -> bool {
        let leads = |form: &Form| match &form.inside {
            Inside::Leaf => false,
            Inside::Phase(children) => children.contains(&inner),
            Inside::Ladder(rungs) => {
                let above = rungs.iter().take_while(|rung| **rung != inner);
                rungs.contains(&inner) && above.into_iter().all(|rung| self.gives_way(*rung))
            }
            Inside::Each(items) => {
                let fixed = Fixed::at(self.plan, &self.plan.nodes[group]);
                items.pattern.start == inner && !fixed.is_empty(&items.each.list)
            }
        };
        let closes = |form: &Form| {
            form.included.as_ref().is_some_and(|included| included.finally == Some(inner))
        };
        let mut forms = self.begun_forms(group);
        self.is_met[group] && self.begins(group) && forms.any(|form| leads(form) || closes(form))
    }

    /// Whether what a step did is taken back in some run.
    fn can_be_taken_back(&self, of: Index, is_paired: bool) -> bool {
        let is_inner = self.plan.is_in_undo(of);
        let is_last = self.plan.finally.is_some_and(|finally| self.plan.is_inside(of, finally));
        let parent = self.plan.nodes[of].parent;
        let is_put_back = is_paired && !(is_last && parent == self.plan.finally);
        let is_asked = !self.plan.runbook.exit_criteria.is_empty()
            || (0..self.plan.nodes.len()).any(|at| self.can_ask_after(at, of));
        is_put_back || !is_inner && !is_last && is_asked
    }

    /// Whether a person can be asked at `at` what is to be done, after `step` has begun.
    fn can_ask_after(&self, at: Index, step: Index) -> bool {
        let node = &self.plan.nodes[at];
        if at == ROOT || node.is_closing || self.plan.is_in_undo(at) {
            return false;
        }
        if self.plan.is_inside(step, at) {
            return self.can_be_held(at);
        }
        let is_gated = self.begun_forms(at).any(|form| form.facets.gate.is_some());
        let is_watched = node.is_leaf() && !self.plan.runbook.invariants.is_empty();
        !self.plan.is_above(at, step) && (is_gated || is_watched || self.can_be_held(at))
    }

    /// Whether a person is asked when it fails. About a phase nobody is: about a step of it, before.
    fn can_be_held(&self, index: Index) -> bool {
        let fails = |form: &Form| match form.inside {
            Inside::Phase(_) => form.verified().next().is_some(),
            _ => self.breaks[index],
        };
        let is_hold = |form: &Form| self.on_failure(index, form) == OnFailure::Hold;
        self.begun_forms(index).any(|form| is_hold(form) && fails(form))
    }
}

/// Whether an action can fail by itself.
fn can_fail(form: &Form) -> bool {
    match &form.facets.action {
        Action::Run(_)
        | Action::Http(_)
        | Action::Probe(_)
        | Action::Manual(_)
        | Action::Checklist(_)
        | Action::Choose(_) => true,
        Action::Wait(wait) => wait.probe().is_some_and(|probe| {
            probe.patience.within.is_some() || form.facets.timeout().is_some()
        }),
        Action::Watch(watch) => watch.on_break != OnBreak::Record,
        Action::Notify(_)
        | Action::Decision
        | Action::Steps(_)
        | Action::Ladder(_)
        | Action::Switch(_)
        | Action::Include(_) => false,
    }
}
