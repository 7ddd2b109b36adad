//! What can be taken back, and what must be put back.

use crate::plan::{Form, Index, Plan, Role};
use crate::run::event::{Cause, Question, Skip, Stage};

use super::{RunState, StepState};

/// Why neither an end nor the way back can be wanted.
const ONLY_CLOSING: &str = "only what closes the run is left to be done";

impl RunState {
    /// The form in which a node acted last, though it may choose another now; else its own.
    pub fn acted_form<'p>(&self, plan: &'p Plan, index: Index) -> Option<&'p Form> {
        let acted = self.steps[index].acted_as.and_then(|form| plan.nodes[index].forms.get(form));
        acted.or_else(|| self.form(plan, index))
    }

    /// The paired undos inside a group that have not run though what they take back has begun,
    /// the last ended first.
    pub fn open_pairs(&self, plan: &Plan, group: Index) -> Vec<Index> {
        let begun = self.begun_pairs(plan, group);
        let is_open = |undo: &Index| !self.steps[*undo].state.is_settled();
        let mut pairs: Vec<(u64, Index)> = begun
            .filter(|(undo, _)| is_open(undo))
            .map(|(undo, of)| (self.steps[of].ended_as, undo))
            .collect();
        pairs.sort_by(|one, other| other.cmp(one));
        pairs.into_iter().map(|(_, undo)| undo).collect()
    }

    /// Whether the run is being taken back, or will be as soon as nothing is under way.
    pub fn is_taken_back(&self) -> bool {
        self.is_for_undo() && self.stage != Stage::Finally && !self.has_ended()
    }

    fn is_for_undo(&self) -> bool {
        matches!(self.cause, Some(Cause::Undone { .. }))
    }

    /// Whether it ends early: what has begun is let finish, and nothing new begins. So does a run
    /// whose taking back a person has broken off.
    pub fn is_ending(&self) -> bool {
        let is_broken_off = self.stage == Stage::Undo && !self.is_for_undo();
        self.cause.is_some() && (self.stage < Stage::Undo || is_broken_off)
    }

    /// Whether a question is open no more since the run ends early: what became of a step in doubt must
    /// be known all the same, and included runbooks are closed.
    pub fn is_moot(&self, plan: &Plan, question: &Question) -> bool {
        let is_kept = matches!(question, Question::InDoubt { .. } | Question::Input { .. });
        match question.step().and_then(|step| plan.at_path(step)) {
            _ if is_kept => false,
            Some(index) => self.gives_up(plan, index),
            None => self.is_ending(),
        }
    }

    /// Whether it ends early, and a node with it: what closes an included runbook is still done.
    pub fn gives_up(&self, plan: &Plan, index: Index) -> bool {
        self.is_ending() && !plan.nodes[index].is_closing
    }

    /// Whether no step of it is gone through any more, or soon none will be.
    pub fn are_steps_over(&self) -> bool {
        self.cause.is_some() || self.stage > Stage::Steps
    }

    /// Why nobody can want the run taken back now, as a lower-case sentence, if nobody can.
    pub fn no_way_back(&self) -> Option<&'static str> {
        match self.stage {
            _ if self.has_ended() => None,
            Stage::Finally => Some(ONLY_CLOSING),
            _ if self.is_taken_back() => Some("the run is being taken back already"),
            _ => None,
        }
    }

    /// Why nobody can want the run to end now, in the same form.
    pub fn no_early_end(&self) -> Option<&'static str> {
        match self.stage {
            _ if self.has_ended() => Some("the run has ended already"),
            Stage::Finally => Some(ONLY_CLOSING),
            _ if self.is_ending() && !self.is_taken_back() => {
                Some("the run is being ended already")
            }
            _ => None,
        }
    }

    /// The undos of all steps that have begun and are not taken back, the last ended first.
    pub fn owed_undos(&self, plan: &Plan) -> Vec<Index> {
        let owed = |index: Index| {
            let undo = self.acted_form(plan, index)?.undo?;
            let is_open = self.steps[index].owes_undo && !self.steps[undo].state.is_settled();
            (is_open && !plan.is_in_undo(index)).then_some((self.steps[index].ended_as, undo))
        };
        let mut undos: Vec<(u64, Index)> = (0..plan.nodes.len()).filter_map(owed).collect();
        undos.sort_by(|one, other| other.cmp(one));
        undos.into_iter().map(|(_, undo)| undo).collect()
    }

    /// Whether a node stands in a group that a person passed over as a whole.
    pub fn is_in_passed_over(&self, plan: &Plan, index: Index) -> bool {
        let mut around =
            std::iter::successors(plan.nodes[index].parent, |at| plan.nodes[*at].parent);
        around.any(|group| {
            let status = &self.steps[group];
            status.state == StepState::Skipped(Skip::Operator) && !status.is_entered
        })
    }

    /// The undos that have begun and are not settled.
    pub fn undos_under_way<'a>(&'a self, plan: &'a Plan) -> impl Iterator<Item = Index> + 'a {
        self.active.iter().copied().filter(|index| plan.is_in_undo(*index))
    }

    /// Whether a node is, or is inside, an undo that a person called for.
    pub fn is_wanted_back(&self, plan: &Plan, index: Index) -> bool {
        let mut around = std::iter::successors(Some(index), |at| plan.nodes[*at].parent);
        around.any(|at| self.steps[at].is_wanted_back)
    }

    /// Whether a single step is being taken back: what comes after it may need what is taken away.
    pub fn is_putting_back(&self, plan: &Plan) -> bool {
        self.undos_under_way(plan).any(|undo| self.steps[undo].is_wanted_back)
    }

    /// Whether the undo of a step is over.
    pub fn is_put_back(&self, plan: &Plan, step: &str) -> bool {
        let index = plan.at_path(step);
        let undo = index.and_then(|index| self.acted_form(plan, index)?.undo);
        undo.is_none_or(|undo| self.steps[undo].state.is_settled())
    }

    /// Whether a paired undo inside a group has failed.
    pub fn has_failed_pair(&self, plan: &Plan, group: Index) -> bool {
        self.begun_pairs(plan, group).any(|(undo, _)| {
            self.steps[undo].state.is_settled() && !self.steps[undo].state.is_good()
        })
    }

    /// The paired undos inside a group whose steps have begun, with those steps.
    fn begun_pairs<'a>(
        &'a self,
        plan: &'a Plan,
        group: Index,
    ) -> impl Iterator<Item = (Index, Index)> + 'a {
        plan.pairs.iter().copied().filter(move |(undo, of)| {
            let is_chosen = self.acted_form(plan, *of).is_some_and(|form| form.undo == Some(*undo));
            let is_inside = *of != group && plan.is_inside(*of, group);
            self.steps[*of].owes_undo && is_chosen && is_inside
        })
    }

    /// The steps that are taken back when a person wants that now, the last ended first: while the run
    /// is open, not those whose undo was given up.
    pub fn to_take_back(&self, plan: &Plan) -> Vec<String> {
        if self.has_ended() {
            return self.undoable(plan);
        }
        let step = |undo: Index| match plan.nodes[undo].role {
            Role::Undo { of, .. } => Some(plan.nodes[of].path.clone()),
            _ => None,
        };
        self.owed_undos(plan).into_iter().filter_map(step).collect()
    }

    /// The steps that taking the run back after its end would take back, the last ended first.
    pub fn undoable(&self, plan: &Plan) -> Vec<String> {
        let owes = |index: &Index| {
            let has_way = self.acted_form(plan, *index).is_some_and(|form| form.undo.is_some());
            has_way && self.steps[*index].owes_undo && !plan.is_in_undo(*index)
        };
        let mut steps: Vec<Index> = (0..self.steps.len()).filter(owes).collect();
        steps.sort_by_key(|index| std::cmp::Reverse((self.steps[*index].ended_as, *index)));
        steps.into_iter().map(|index| plan.nodes[index].path.clone()).collect()
    }
}
