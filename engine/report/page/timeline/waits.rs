//! Who was waited for, how long, and what came of it.

use crate::report::page::Html;
use crate::timeline::gantt::Gantt;
use crate::timeline::{Zone, duration};

use super::{clock, section};

/// The most that are listed; the chart and the timeline have the others.
const MOST: usize = 200;

/// The table of waits.
pub(super) fn write(html: &mut Html, gantt: &Gantt, zone: Zone) {
    section(html, "waits", "Waits for people", |html| {
        if gantt.waits.is_empty() {
            html.element("p", &[], "Nobody was waited for.");
            return;
        }
        html.table(
            &["Since (UTC)", "Step", "What", "How long", "Who", "What came of it"],
            |html| {
                for (step, bar) in gantt.waits.iter().take(MOST) {
                    html.within("tr", &[], |html| {
                        clock::cell(html, bar.from.at, zone, false, &[]);
                        html.cell("Step", step);
                        html.cell("What", bar.sort.word());
                        html.cell("How long", &duration(bar.took_ms()));
                        let who =
                            if bar.who.is_empty() { "nobody".into() } else { bar.who.join(", ") };
                        html.cell("Who", &who);
                        let open = bar.is_open.then(|| "not over by the last record".to_owned());
                        let ended = open.or_else(|| bar.ended.clone());
                        html.cell(
                            "What came of it",
                            &ended.unwrap_or_else(|| "over without an answer".into()),
                        );
                    });
                }
            },
        );
        if let Some(more) = gantt.waits.len().checked_sub(MOST).filter(|more| *more > 0) {
            html.element("p", &[], &format!("{more} more waits are not listed here."));
        }
    });
}
