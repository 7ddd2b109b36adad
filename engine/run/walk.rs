//! The steps of a run one after the other: how many are settled, where it is, what comes next.

use crate::plan::{Index, Inside, Plan, ROOT};

use super::state::{RunState, StepState};

/// What a walk over all steps finds. Only forms that are chosen are entered, and no undo.
#[derive(Debug, Default)]
pub struct Walk {
    /// How many are settled.
    pub settled: usize,
    /// How many are under way.
    pub begun: usize,
    /// How many there are, as far as that is known.
    pub total: usize,
    /// The first step under way, else the next.
    pub here: Option<Index>,
    /// The first step that has not begun and may still do so.
    pub next: Option<Index>,
}

/// A node that is still to be walked over.
struct Open {
    index: Index,
    /// Whether a group around it is settled, and so everything in it.
    is_settled: bool,
    /// Whether it begins without a failure before it.
    is_expected: bool,
}

impl Walk {
    /// Walks over the steps of a run as they stand.
    pub fn of(plan: &Plan, state: &RunState) -> Walk {
        let mut walk = Walk::default();
        let whole = |index| Open { index, is_settled: false, is_expected: true };
        let mut open: Vec<Open> = plan.finally.into_iter().chain([ROOT]).map(whole).collect();
        let mut under_way = None;
        while let Some(here) = open.pop() {
            let inside = inside(plan, state, &here);
            let is_whole = here.index == ROOT || Some(here.index) == plan.finally;
            if !inside.is_empty() || is_whole {
                open.extend(inside.into_iter().rev());
                continue;
            }
            walk.total += 1;
            let status = &state.steps[here.index].state;
            if here.is_settled || status.is_settled() {
                walk.settled += 1;
            } else if state.active.contains(&here.index) && has_begun(status) {
                walk.begun += 1;
                under_way = under_way.or(Some(here.index));
            } else if here.is_expected {
                walk.next = walk.next.or(Some(here.index));
            }
        }
        walk.here = under_way.or(walk.next);
        walk
    }
}

fn has_begun(state: &StepState) -> bool {
    !matches!(state, StepState::Pending | StepState::Ready(_))
}

/// What is inside a node, its closing steps last.
fn inside(plan: &Plan, state: &RunState, around: &Open) -> Vec<Open> {
    let form = state.form(plan, around.index);
    let closing = form.and_then(|form| form.included.as_ref()).and_then(|it| it.finally);
    let is_ladder = form.is_some_and(|form| matches!(form.inside, Inside::Ladder(_)));
    let is_settled = around.is_settled || state.steps[around.index].state.is_settled();
    let mut has_rung = false;
    let children = state.children(plan, around.index).iter().copied().chain(closing);
    let open = children.map(|index| {
        let is_tried = is_ladder && !state.steps[index].state.is_settled();
        let is_expected = around.is_expected && !(is_ladder && has_rung);
        has_rung |= is_tried;
        Open { index, is_settled, is_expected }
    });
    open.collect()
}
