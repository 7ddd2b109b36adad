//! Moments on a page: in UTC, and as the reader's clock shows them.

use chrono::{DateTime, FixedOffset, SecondsFormat};

use crate::report::page::Html;
use crate::run::Moment;
use crate::timeline::Zone;

/// A moment with its day, in UTC and, where that differs, in the reader's zone.
pub(super) fn full(at: Moment, zone: Zone) -> String {
    let utc = at.format("%Y-%m-%d %H:%M:%S UTC").to_string();
    match elsewhere(at, zone) {
        Some(there) => format!("{utc}, which is {}", there.format("%Y-%m-%d %H:%M:%S %:z")),
        None => utc,
    }
}

/// A moment in a table: the time in UTC, the same in the reader's zone below it, and more.
pub(super) fn cell(html: &mut Html, at: Moment, zone: Zone, with_day: bool, more: &[&str]) {
    let format = if with_day { "%Y-%m-%d %H:%M:%S" } else { "%H:%M:%S" };
    html.within("td", &[("class", "when")], |html| {
        let exact = at.to_rfc3339_opts(SecondsFormat::Millis, true);
        html.element("time", &[("datetime", &exact)], &at.format(format).to_string());
        if let Some(there) = elsewhere(at, zone) {
            html.element("span", &[], &there.format("%H:%M:%S %:z").to_string());
        }
        more.iter().for_each(|more| html.element("span", &[], more));
    });
}

fn elsewhere(at: Moment, zone: Zone) -> Option<DateTime<FixedOffset>> {
    zone.offset(at).map(|_| zone.at(at))
}
