//! The lanes of a chart: a step each, or a group that stands for the steps inside it.

use std::collections::HashMap;

use crate::plan::{Index, Plan, ROOT};
use crate::run::Names;
use crate::run::RunState;
use crate::run::state::StepState;
use crate::runbook::rendered::Quoting;

use super::bar::{Bar, Sort};
use super::choose::{Spot, choose, leaves};
use super::watch::Track;

/// The most bars of one lane.
const BARS: usize = 60;

/// One line of a chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Lane {
    /// The path of the step or the group; none of one that stands for many without a group.
    pub step: Option<String>,
    /// What a person calls it.
    pub title: Option<String>,
    /// How many groups are around it.
    pub depth: usize,
    /// What became of it, or where it stands.
    pub state: &'static str,
    /// How many steps it stands for that have no lane of their own.
    pub stands_for: usize,
    /// What it did, in the order in which that began.
    pub bars: Vec<Bar>,
    /// How many more bars it has, which are not drawn.
    pub more: usize,
}

/// A node in the order of the runbook.
struct Place {
    index: Index,
    spot: Spot,
}

/// At most `most` lanes, and how many steps have none.
pub(super) fn lanes(
    tracks: &HashMap<String, Track>,
    plan: &Plan,
    state: &RunState,
    most: usize,
) -> (Vec<Lane>, usize) {
    let places = places(tracks, plan, state);
    let spots: Vec<Spot> = places.iter().map(|place| place.spot).collect();
    let chosen = choose(&spots, most);
    let draw = Drawing { tracks, plan, state, places: &places, spots: &spots };
    let mut lanes: Vec<Lane> = Vec::new();
    for (nth, at) in chosen.iter().enumerate() {
        let is_opened = chosen.get(nth + 1).is_some_and(|next| *next < spots[*at].end);
        lanes.push(draw.lane(*at, is_opened));
    }
    lanes.extend(draw.rest(&chosen));
    lanes.extend(gone(tracks, plan, most));
    let drawn = chosen.iter().filter(|at| spots[**at].end == *at + 1).count();
    (lanes, leaves(&spots, 0, spots.len()) - drawn)
}

/// The lanes of commands that are no steps.
pub(super) fn beside(commands: Vec<(String, Bar)>, most: usize) -> Vec<Lane> {
    let lane = |(command, bar): (String, Bar)| Lane {
        step: None,
        title: Some(command),
        depth: 0,
        state: "",
        stands_for: 0,
        bars: vec![bar],
        more: 0,
    };
    commands.into_iter().take(most).map(lane).collect()
}

/// What a taken-over runbook has no more.
fn gone(tracks: &HashMap<String, Track>, plan: &Plan, most: usize) -> Vec<Lane> {
    let is_gone = |path: &&String| plan.at_path(path).is_none() && !tracks[*path].bars.is_empty();
    let mut paths: Vec<&String> = tracks.keys().filter(is_gone).collect();
    paths.sort();
    let lane = |path: &String| {
        let (bars, more) = few(tracks[path].bars.clone());
        let (step, state) = (Some(path.clone()), "no more in the runbook");
        Lane { step, title: None, depth: 0, state, stands_for: 0, bars, more }
    };
    paths.into_iter().take(most).map(lane).collect()
}

/// All nodes that can have happened, in the order of the runbook.
fn places(tracks: &HashMap<String, Track>, plan: &Plan, state: &RunState) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    let mut open: Vec<(Index, usize)> = Vec::new();
    for whole in [Some(ROOT), plan.finally].into_iter().flatten() {
        open.extend(inside(tracks, plan, state, whole).into_iter().rev().map(|index| (index, 0)));
        while let Some((index, depth)) = open.pop() {
            let weight = weight(tracks.get(&plan.nodes[index].path));
            places.push(Place { index, spot: Spot { end: 0, depth, weight } });
            let children = inside(tracks, plan, state, index).into_iter().rev();
            open.extend(children.map(|index| (index, depth + 1)));
        }
    }
    close(&mut places);
    places
}

/// Says of each place where what is inside it ends.
fn close(places: &mut [Place]) {
    let mut open: Vec<usize> = Vec::new();
    for at in 0..=places.len() {
        let depth = places.get(at).map_or(0, |place| place.spot.depth);
        while let Some(last) =
            open.pop_if(|last| at == places.len() || places[*last].spot.depth >= depth)
        {
            places[last].spot.end = at;
        }
        open.push(at);
    }
}

/// What is inside a node, each followed by its undo where that has begun.
fn inside(
    tracks: &HashMap<String, Track>,
    plan: &Plan,
    state: &RunState,
    around: Index,
) -> Vec<Index> {
    let form = state.form(plan, around);
    let closing = form.and_then(|form| form.included.as_ref()).and_then(|it| it.finally);
    let children = state.children(plan, around).iter().copied().chain(closing);
    let with_undo = children.flat_map(|index| {
        let undo = state.acted_form(plan, index).and_then(|form| form.undo);
        let has_begun = |undo: &Index| tracks.contains_key(&plan.nodes[*undo].path);
        [Some(index), undo.filter(has_begun)]
    });
    with_undo.flatten().collect()
}

fn weight(track: Option<&Track>) -> (u32, u64) {
    let bars = track.map(|track| track.bars.as_slice()).unwrap_or_default();
    let most = bars.iter().map(|bar| bar.sort.weight()).max().unwrap_or_default();
    (most, bars.iter().map(Bar::took_ms).sum())
}

/// The bars that are drawn, and how many more there are.
fn few(mut bars: Vec<Bar>) -> (Vec<Bar>, usize) {
    let more = bars.len().saturating_sub(BARS);
    if more > 0 {
        bars.drain(BARS / 2..BARS / 2 + more);
    }
    (bars, more)
}

struct Drawing<'a> {
    tracks: &'a HashMap<String, Track>,
    plan: &'a Plan,
    state: &'a RunState,
    places: &'a [Place],
    spots: &'a [Spot],
}

impl Drawing<'_> {
    fn bars(&self, at: usize) -> &[Bar] {
        let path = &self.plan.nodes[self.places[at].index].path;
        self.tracks.get(path).map(|track| track.bars.as_slice()).unwrap_or_default()
    }

    fn lane(&self, at: usize, is_opened: bool) -> Lane {
        let Place { index, spot } = &self.places[at];
        let node = &self.plan.nodes[*index];
        let mut bars = self.bars(at).to_vec();
        let folded = if is_opened { at + 1..at + 1 } else { at + 1..spot.end };
        let stands_for = leaves(self.spots, folded.start, folded.end);
        bars.extend(self.telling(folded));
        let (bars, more) = few(bars);
        let names = Names::at(self.plan, self.state, *index);
        let title = node.title.as_ref().map(|title| title.partly(&names, Quoting::Text));
        let state = word(&self.state.steps[*index].state);
        Lane {
            step: Some(node.path.clone()),
            title,
            depth: spot.depth,
            state,
            stands_for,
            bars,
            more,
        }
    }

    /// The bars between two places that tell of trouble or of waiting, with the step of each.
    fn telling(&self, places: impl IntoIterator<Item = usize>) -> Vec<Bar> {
        let mut telling = Vec::new();
        for at in places {
            let path = &self.plan.nodes[self.places[at].index].path;
            let bars = self.bars(at).iter().filter(|bar| bar.sort.weight() > 0);
            telling.extend(bars.map(|bar| Bar { of: Some(path.clone()), ..bar.clone() }));
        }
        telling.sort_by_key(|bar| bar.from.after_ms);
        telling
    }

    /// One lane for the outermost steps that were not chosen.
    fn rest(&self, chosen: &[usize]) -> Option<Lane> {
        let is_drawn = |at: usize| {
            let before = chosen.partition_point(|it| *it <= at);
            before > 0 && at < self.spots[chosen[before - 1]].end
        };
        let outermost = self.spots.iter().filter(|spot| spot.depth == 0).count();
        if chosen.iter().filter(|at| self.spots[**at].depth == 0).count() == outermost {
            return None;
        }
        let rest: Vec<usize> = (0..self.spots.len()).filter(|at| !is_drawn(*at)).collect();
        let stands_for = rest.iter().filter(|at| self.spots[**at].end == **at + 1).count();
        let all = || rest.iter().flat_map(|at| self.bars(*at));
        let first = all().map(|bar| bar.from).min_by_key(|from| from.after_ms);
        let last = all().map(|bar| bar.to).max_by_key(|to| to.after_ms);
        let mut bars = Vec::new();
        if let Some((from, to)) = first.zip(last) {
            let mut bar = Bar::begun(Sort::Group, from, 0);
            bar.close(to);
            bars.push(bar);
        }
        bars.extend(self.telling(rest.iter().copied()));
        let (bars, more) = few(bars);
        let (title, state) = (Some("all other steps".to_owned()), "");
        Some(Lane { step: None, title, depth: 0, state, stands_for, bars, more })
    }
}

/// What became of a step, or where it stands, in words.
fn word(state: &StepState) -> &'static str {
    match state {
        StepState::Pending | StepState::Ready(_) => "not begun",
        StepState::AtGate(_) => "at its gate",
        StepState::Running => "under way",
        StepState::AtPerson(_) => "waits for a person",
        StepState::Verifying | StepState::Failing(_) => "being verified",
        StepState::RetryWait(_) => "waits to be tried again",
        StepState::Held(_) => "held",
        StepState::InDoubt(_) => "in doubt",
        StepState::Succeeded => "succeeded",
        StepState::Satisfied => "satisfied",
        StepState::Skipped(_) => "skipped",
        StepState::Failed(..) => "failed",
        StepState::Rejected => "refused",
        StepState::NotReached => "not reached",
        StepState::Undone => "taken back",
    }
}
