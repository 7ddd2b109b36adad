//! The deputy of whoever is alone with a run: what the operator is reminded of, and when.
//!
//! Each sort of reminder has its moments, in order. The last that has come is put on record once;
//! those before it that were missed, since nobody drove the run, are not made up for. The next one
//! is waited for by a timer of the run, which keeps no run from being left.

use std::time::Duration;

use crate::run::effect::Effect;
use crate::run::event::{Moment, Reminder, Stage, StopLevel, Verdict, later};
use crate::run::message;

use super::Run;

/// How much of the time until service must be back is spent when that is said, in per cent.
const SPENT: [u8; 3] = [75, 90, 100];

/// What is reminded of at which moment, the first one first.
type Moments = Vec<(Moment, Reminder)>;

impl Run<'_> {
    /// What the operator is to be reminded of now.
    pub(super) fn reminder(&self) -> Option<Reminder> {
        let reminder = self.moments().into_iter().find_map(|moments| self.due(moments))?;
        Some(match reminder {
            Reminder::Update { number, .. } => {
                Reminder::Update { number, text: message::update(self.plan, self.state) }
            }
            other => other,
        })
    }

    /// The moments of the next reminders, as far as nobody waits for them yet.
    pub(super) fn reminders_ahead(&self) -> Vec<Effect> {
        let ahead = self.moments().into_iter().filter_map(|moments| {
            let open = self.open(moments);
            let (due, reminder) =
                open.into_iter().find(|(due, reminder)| *due > self.now(reminder))?;
            let timer = reminder.timer();
            let is_new = self.state.timers.due(&timer).is_none();
            let is_near = due <= later(self.state.last_at?, Duration::MAX);
            (is_new && is_near).then_some(Effect::Wake { timer, due })
        });
        ahead.collect()
    }

    /// The moments of each sort; none where nobody needs a deputy.
    fn moments(&self) -> Vec<Moments> {
        let knowledge = &self.plan.runbook.knowledge;
        let has_any = knowledge.objectives.rto.is_some()
            || !knowledge.calls.is_empty()
            || self.plan.runbook.library.update_every.is_some();
        if !has_any || !self.is_recovering() {
            return Vec::new();
        }
        vec![self.rto(), self.calls(), self.update()]
    }

    /// Whether somebody still works on the recovery: it has not succeeded, and nobody gave it up.
    fn is_recovering(&self) -> bool {
        let state = self.state;
        state.stop == StopLevel::None
            && state.stage < Stage::Undo
            && !self.state.is_ending()
            && state.verdict != Some(Verdict::Recovered)
    }

    fn rto(&self) -> Moments {
        let (Some(rto), Some(from)) =
            (self.plan.runbook.knowledge.objectives.rto, self.state.noticed_at())
        else {
            return Vec::new();
        };
        let moment =
            |spent: u8| (after(from, rto * u32::from(spent) / 100), Reminder::Rto { spent });
        SPENT.into_iter().map(moment).collect()
    }

    fn calls(&self) -> Moments {
        let Some(from) = self.state.noticed_at() else { return Vec::new() };
        let calls = self.plan.runbook.knowledge.calls.iter();
        let mut moments: Moments = calls
            .map(|call| {
                let (place, to) = (call.place, call.shown());
                (after(from, call.after), Reminder::Escalation { place, to })
            })
            .collect();
        moments.sort();
        moments
    }

    /// The next update; whoever does not attend the run cannot send it.
    fn update(&self) -> Moments {
        let every = self.plan.runbook.library.update_every.filter(|every| !every.is_zero());
        let (Some(every), Some(began)) = (every, self.state.began_at()) else { return Vec::new() };
        if !self.state.is_anybody_there() {
            return Vec::new();
        }
        let is_update = |reminder: &&Reminder| matches!(reminder, Reminder::Update { .. });
        let given = self.state.reminded.keys().filter(is_update).count();
        let number = u32::try_from(given).unwrap_or(u32::MAX).saturating_add(1);
        let due = after(self.state.updated_at.unwrap_or(began), every);
        // What it says is written when it is due.
        vec![(due, Reminder::Update { number, text: String::new() })]
    }

    /// Those that come after the last one that was given.
    fn open(&self, moments: Moments) -> Moments {
        let given = |(_, reminder): &(Moment, Reminder)| self.state.reminded.contains_key(reminder);
        let next = moments.iter().rposition(given).map_or(0, |place| place + 1);
        moments.into_iter().skip(next).collect()
    }

    /// The last one whose moment has come.
    fn due(&self, moments: Moments) -> Option<Reminder> {
        let has_come = |(due, reminder): &(Moment, Reminder)| *due <= self.now(reminder);
        self.open(moments).into_iter().rfind(has_come).map(|(_, reminder)| reminder)
    }

    /// What time it is for a reminder: what waited for its moment may have seen it come when the
    /// clock on the wall had not.
    fn now(&self, reminder: &Reminder) -> Moment {
        let timer = reminder.timer();
        let rung = self.state.timers.due(&timer).filter(|_| self.state.timers.is_due(&timer));
        let last = self.state.last_at.unwrap_or(Moment::MIN_UTC);
        rung.map_or(last, |rung| rung.max(last))
    }
}

/// The moment a while after another, or that one where there is no such moment.
fn after(at: Moment, pause: Duration) -> Moment {
    let pause = chrono::TimeDelta::from_std(pause).unwrap_or_default();
    at.checked_add_signed(pause).unwrap_or(Moment::MAX_UTC)
}
