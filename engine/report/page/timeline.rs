//! The timeline of a run as a page: what it came to, its milestones, its chart, who was waited for, all
//! that happened with what shows it, and what is not known.

mod chart;
mod clock;
mod entries;
mod head;
mod link;
mod unknown;
mod waits;

use crate::timeline::gantt::Gantt;
use crate::timeline::{Timeline, Zone};

use super::{Html, Shell, stamp};

/// All that the page of a run is made from.
pub struct Chronicle<'a> {
    /// What happened.
    pub timeline: &'a Timeline,
    /// The same as bars in time; none where nothing is on record.
    pub gantt: Option<&'a Gantt>,
    /// What the incident is called elsewhere.
    pub incident: Option<&'a str>,
    /// The zone of the reader.
    pub zone: Zone,
}

/// The page.
pub fn timeline(chronicle: &Chronicle) -> String {
    let told = chronicle.timeline;
    let shell = Shell { title: &told.title, stamp: stamp(told.mode) };
    shell.page(|html| {
        head::write(html, chronicle);
        head::milestones(html, chronicle);
        if let Some(gantt) = chronicle.gantt {
            chart::write(html, gantt, chronicle.zone);
            waits::write(html, gantt, chronicle.zone);
        }
        entries::write(html, chronicle);
        unknown::write(html, told);
    })
}

/// A part of the page under its heading.
fn section(html: &mut Html, id: &'static str, heading: &'static str, body: impl FnOnce(&mut Html)) {
    html.within("section", &[("aria-labelledby", id)], |html| {
        html.element("h2", &[("id", id)], heading);
        body(html);
    });
}
