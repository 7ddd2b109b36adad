//! The chart of a run: who drove it, and what each step did and waited for, as bars in time.
//!
//! A [`Watch`] follows the fold of the timeline, and draws it at the end. A bar begins and ends with what its
//! step is at: acting, waiting at a gate, waiting for a person, held, in doubt. Where a bar lies goes
//! by the time that has passed, so a clock that is set moves none; what it says goes by the clock on
//! the wall. A chart stays small: what has no lane of its own is counted in one that stands for it.

mod bar;
mod choose;
mod lanes;
mod scale;
mod subject;
mod watch;

use crate::plan::Plan;
use crate::run::RunState;

pub use bar::{Bar, Point, Sort};
pub use lanes::Lane;
pub use scale::{Band, Scale};
pub use watch::Watch;

/// What a run did, in time.
#[derive(Clone, Debug, PartialEq)]
pub struct Gantt {
    /// Where it begins.
    pub from: Point,
    /// Where it ends: at the end of the run, or with its last record.
    pub to: Point,
    /// Who drove, and where nobody did.
    pub drivers: Vec<Bar>,
    /// The lanes of steps and groups, in the order of the runbook.
    pub lanes: Vec<Lane>,
    /// The lanes of commands that are no steps.
    pub beside: Vec<Lane>,
    /// Every wait for somebody, in the order in which it began: the step, and the wait.
    pub waits: Vec<(String, Bar)>,
    /// How many steps have no lane of their own.
    pub left_out: usize,
}

impl Watch {
    /// The chart of what was seen, for the plan and the state at the end; none where nothing was. At
    /// most `most` steps get lanes.
    pub fn drawn(mut self, plan: &Plan, state: &RunState, most: usize) -> Option<Gantt> {
        self.close();
        let (from, to) = self.span()?;
        let waits = self.waits();
        let (lanes, left_out) = lanes::lanes(&self.tracks, plan, state, most);
        let Watch { drivers, beside, .. } = self;
        Some(Gantt {
            from,
            to,
            drivers,
            lanes,
            beside: lanes::beside(beside, most),
            waits,
            left_out,
        })
    }
}

impl Gantt {
    /// Where things lie on a chart that is 100 wide.
    pub fn scale(&self) -> Scale {
        let away = self.drivers.iter().filter(|bar| bar.sort == Sort::Away);
        let away: Vec<(i64, i64)> = away.map(|bar| (bar.from.after_ms, bar.to.after_ms)).collect();
        Scale::new((self.from.after_ms, self.to.after_ms), &away)
    }
}
