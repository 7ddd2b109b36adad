//! The timeline of a run as a page: what it came to, its milestones, its chart, who was waited for, all
//! that happened with what shows it, and what is not known.

mod chart;
mod clock;
mod entries;
mod head;
mod link;
mod unknown;
mod waits;

use crate::journal::Record;
use crate::runbook::Objectives;
use crate::timeline::gantt::Gantt;
use crate::timeline::{Milestones, Timeline};

use super::{Html, Shell, stamp};

pub use clock::Zone;

/// All that the page of a run is made from.
pub struct Chronicle<'a> {
    /// What happened.
    pub timeline: &'a Timeline,
    /// The records that it was made from, with the end of what was printed.
    pub records: &'a [Record],
    /// The same as bars in time; none where nothing is on record.
    pub gantt: Option<&'a Gantt>,
    /// What was promised, where the runbook says so.
    pub promised: Option<&'a Objectives>,
    /// What the clock of the reader shows at a moment.
    pub zone: Zone<'a>,
}

/// The page.
pub fn timeline(chronicle: &Chronicle) -> String {
    let told = chronicle.timeline;
    let milestones = Milestones::of(chronicle.records);
    let shell = Shell { title: &told.title, stamp: stamp(told.mode) };
    shell.page(|html| {
        head::write(html, chronicle, &milestones);
        head::milestones(html, chronicle.zone, &milestones);
        if let Some(gantt) = chronicle.gantt {
            chart::write(html, gantt, chronicle.zone);
            waits::write(html, gantt, chronicle.zone);
        }
        entries::write(html, chronicle);
        unknown::write(html, chronicle, &milestones);
    })
}

/// A part of the page under its heading.
fn section(html: &mut Html, id: &'static str, heading: &'static str, body: impl FnOnce(&mut Html)) {
    html.within("section", &[("aria-labelledby", id)], |html| {
        html.element("h2", &[("id", id)], heading);
        body(html);
    });
}
