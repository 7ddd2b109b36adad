//! What a page does not know.

use crate::report::page::Html;
use crate::timeline::Timeline;

use super::section;

/// The list; it is never empty, since names are never proven.
pub(super) fn write(html: &mut Html, timeline: &Timeline) {
    section(html, "unknown", "What is not known", |html| {
        html.within("ul", &[], |html| {
            unknown(timeline).iter().for_each(|line| html.element("li", &[], line));
        });
    });
}

fn unknown(timeline: &Timeline) -> Vec<String> {
    let mut unknown = Vec::new();
    if let Some(damage) = &timeline.damage {
        unknown.push(format!("Not the whole story: {damage}."));
    }
    if !timeline.unseen.is_empty() {
        let steps = timeline.unseen.join(", ");
        unknown.push(format!("How these ended, which had begun: {steps}."));
    }
    if timeline.milestones.since.as_ref().is_some_and(|since| !since.is_detection) {
        unknown.push("When the incident was detected: nobody said, so times count from the start of the run.".into());
    }
    if timeline.outcome.is_none() {
        unknown.push("How it ends: the run was open when this page was made.".into());
    }
    if timeline.durability.is_none() {
        unknown.push("What its records survive: that is not on record.".into());
    }
    unknown.push("Who people are: names are as they were given, and not proven.".into());
    unknown.push("What happened beside the run: only what is in its journal is here.".into());
    unknown
}
