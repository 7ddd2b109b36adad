//! Follows the records of a run, and opens and closes the bars of each step with what it is at.

use std::collections::HashMap;

use crate::journal::Record;
use crate::plan::{Index, Plan};
use crate::run::RunState;
use crate::run::event::{End, Event, StepEnded};
use crate::run::state::{StepState, StepStatus};
use crate::timeline::how_ended;

use super::bar::{Bar, Point, Sort};
use super::subject;

/// The bars of one step, in the order in which they began; the last may be open.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Track {
    pub(super) bars: Vec<Bar>,
}

/// What is known of a run so far.
#[derive(Debug, Default)]
pub struct Watch {
    /// The tracks of steps, by path.
    pub(super) tracks: HashMap<String, Track>,
    /// Who drove, and where nobody did.
    pub(super) drivers: Vec<Bar>,
    /// The commands that are no steps: what each is called, and its bar.
    pub(super) beside: Vec<(String, Bar)>,
    /// The commands of them that are under way, by their id.
    running: HashMap<String, usize>,
    first: Option<Point>,
    last: Option<Point>,
    has_ended: bool,
}

impl Track {
    fn open(&mut self) -> Option<&mut Bar> {
        self.bars.last_mut().filter(|bar| bar.is_open)
    }

    /// It is at something else now, or at nothing.
    fn turn(&mut self, at: Point, now: Option<(Sort, u32)>) {
        let was = self.open().map(|bar| (plain(bar.sort), bar.attempt));
        if was == now {
            return;
        }
        if let Some(bar) = self.open() {
            bar.close(at);
            let is_lost = bar.sort == Sort::Action && matches!(now, Some((Sort::Doubt, _)));
            if is_lost {
                bar.ended = Some("its end was not seen".into());
            }
        }
        self.bars.extend(now.map(|(sort, attempt)| Bar::begun(sort, at, attempt)));
    }
}

/// A failed action is an action as long as its bar is open.
fn plain(sort: Sort) -> Sort {
    if sort == Sort::Failed { Sort::Action } else { sort }
}

impl Watch {
    /// One more record; `state` is the state after it.
    pub fn see(&mut self, record: &Record, plan: &Plan, state: &RunState) {
        let at = Point { at: record.at, after_ms: state.lasted(record.at).num_milliseconds() };
        let before = self.last.unwrap_or(at);
        self.beside(&record.event, at);
        if self.has_ended && record.event.is_remark() {
            return;
        }
        self.first = self.first.or(Some(at));
        self.drive(&record.event, before, at);
        self.tell(&record.event);
        match subject::step(&record.event) {
            Some(path) => self.follow(path, at, plan, state),
            None if subject::is_aside(&record.event) => {}
            // What was under way when a driver died is in doubt from its last record on.
            None if matches!(record.event, Event::Resumed(_)) => {
                self.follow_all(before, plan, state);
            }
            None => self.follow_all(at, plan, state),
        }
        self.has_ended = state.has_ended();
        self.last = Some(at);
    }

    /// Ends every bar where the records do, and leaves those open that are not over.
    pub(super) fn close(&mut self) {
        let Some(last) = self.last else { return };
        let tracks = self.tracks.values_mut().filter_map(Track::open);
        let beside = self.beside.iter_mut().map(|(_, bar)| bar);
        for bar in tracks.chain(&mut self.drivers).chain(beside).filter(|bar| bar.is_open) {
            bar.close(last);
            bar.is_open = true;
        }
    }

    /// From the first point to the last.
    pub(super) fn span(&self) -> Option<(Point, Point)> {
        self.first.zip(self.last)
    }

    /// Every wait for somebody, in order.
    pub(super) fn waits(&self) -> Vec<(String, Bar)> {
        let each = self.tracks.iter().flat_map(|(path, track)| {
            let waits = track.bars.iter().filter(|bar| bar.sort.is_wait());
            waits.map(move |bar| (path.clone(), bar.clone()))
        });
        let mut waits: Vec<(String, Bar)> = each.collect();
        waits.sort_by(|(one, a), (other, b)| (a.from.at, one).cmp(&(b.from.at, other)));
        waits
    }

    /// What an event says of who drives.
    fn drive(&mut self, event: &Event, before: Point, at: Point) {
        let (next, ended) = match event {
            Event::RunStarted(start) => (Some(&start.operator), None),
            Event::Resumed(resumed) => (Some(&resumed.operator), None),
            Event::Parked { .. } => (None, Some("parked".to_owned())),
            Event::Paused { reason } => (None, Some(format!("paused: {reason}"))),
            Event::RunEnded { .. } => (None, Some("the run ended".to_owned())),
            _ => return,
        };
        let last = self.drivers.last_mut().filter(|bar| bar.is_open);
        match (last, next) {
            (Some(bar), Some(_)) if bar.sort == Sort::Driver => {
                bar.close(before);
                bar.ended = Some("its end is not on record".into());
                self.away(before, at);
            }
            (Some(bar), _) => {
                bar.close(at);
                bar.ended = ended;
            }
            (None, Some(_)) => {
                // It had ended, and is opened again.
                if let Some(end) = self.drivers.last().map(|bar| bar.to) {
                    self.away(end, at);
                }
            }
            (None, None) => {}
        }
        match next {
            Some(operator) => {
                let mut bar = Bar::begun(Sort::Driver, at, 0);
                bar.who.push(operator.clone());
                self.drivers.push(bar);
            }
            None if matches!(event, Event::RunEnded { .. }) => {}
            None => self.drivers.push(Bar::begun(Sort::Away, at, 0)),
        }
    }

    fn away(&mut self, from: Point, to: Point) {
        let mut bar = Bar::begun(Sort::Away, from, 0);
        bar.close(to);
        self.drivers.push(bar);
    }

    /// What an event says of the bar that its step has open.
    fn tell(&mut self, event: &Event) {
        let Some(bar) =
            subject::step(event).and_then(|path| self.tracks.get_mut(path)).and_then(Track::open)
        else {
            return;
        };
        if let Some(by) = subject::person(event)
            && !bar.who.iter().any(|who| who == by)
        {
            bar.who.push(by.to_owned());
        }
        match event {
            Event::StepEnded(ended) if bar.sort == Sort::Action => end(bar, ended),
            event => {
                if let Some(ended) = subject::answer(event) {
                    bar.ended = Some(ended.to_owned());
                }
            }
        }
    }

    fn follow(&mut self, path: &str, at: Point, plan: &Plan, state: &RunState) {
        let mut next = plan.at_path(path);
        if next.is_none() {
            self.turn(path, at, None);
        }
        // What happens to a step may settle the groups around it.
        while let Some(index) = next {
            self.turn(&plan.nodes[index].path, at, doing(plan, state, index));
            next = plan.nodes[index].parent.filter(|parent| plan.nodes[*parent].parent.is_some());
        }
    }

    fn follow_all(&mut self, at: Point, plan: &Plan, state: &RunState) {
        let open = self
            .tracks
            .iter()
            .filter(|(_, track)| track.bars.last().is_some_and(|bar| bar.is_open));
        let mut paths: Vec<String> = open.map(|(path, _)| path.clone()).collect();
        paths.extend(state.active.iter().map(|index| plan.nodes[*index].path.clone()));
        for path in paths {
            let now = plan.at_path(&path).and_then(|index| doing(plan, state, index));
            self.turn(&path, at, now);
        }
    }

    fn turn(&mut self, path: &str, at: Point, now: Option<(Sort, u32)>) {
        match (self.tracks.get_mut(path), now) {
            (Some(track), _) => track.turn(at, now),
            (None, Some(_)) => {
                self.tracks.entry(path.to_owned()).or_default().turn(at, now);
            }
            (None, None) => {}
        }
    }

    fn beside(&mut self, event: &Event, at: Point) {
        match event {
            Event::ExecStarted(exec) => {
                let mut bar = Bar::begun(Sort::Beside, at, 0);
                bar.who.push(exec.by.clone());
                self.running.insert(exec.id.clone(), self.beside.len());
                self.beside.push((exec.command.clone(), bar));
            }
            Event::ExecEnded(ended) => {
                let place = self.running.remove(&ended.id);
                let found = place.and_then(|place| self.beside.get_mut(place));
                if let Some((_, bar)) = found {
                    bar.close(at);
                    bar.ended = Some(how_ended(&ended.end));
                }
            }
            _ => {}
        }
    }
}

fn end(bar: &mut Bar, ended: &StepEnded) {
    let is_plain = ended.failure.is_none()
        && matches!(
            ended.end,
            End::Exited { code: 0 } | End::Waited | End::Looked { .. } | End::Shown { .. }
        );
    if ended.failure.is_some() {
        bar.sort = Sort::Failed;
    }
    if !is_plain {
        bar.ended = Some(how_ended(&ended.end));
    }
}

/// What a node is at; nothing before it begins, and nothing once it is settled.
fn doing(plan: &Plan, state: &RunState, index: Index) -> Option<(Sort, u32)> {
    let status: &StepStatus = &state.steps[index];
    let attempt = status.attempts;
    Some(match &status.state {
        StepState::Ready(_) if status.checks.is_looking => (Sort::Look, 0),
        StepState::AtGate(_) => (Sort::Gate, 0),
        StepState::Running if state.is_leaf(plan, index) => (Sort::Action, attempt),
        StepState::Running => (Sort::Group, 0),
        StepState::AtPerson(_) => (Sort::Person, 0),
        StepState::Verifying if has_verification(plan, state, index) => (Sort::Look, 0),
        StepState::RetryWait(_) => (Sort::Retry, 0),
        StepState::Held(_) => (Sort::Hold, 0),
        StepState::InDoubt(_) => (Sort::Doubt, 0),
        _ => return None,
    })
}

/// Whether something must hold after it.
fn has_verification(plan: &Plan, state: &RunState, index: Index) -> bool {
    state.form(plan, index).is_some_and(|form| !form.facets.verify.is_empty())
}
