//! The chart: a table whose rows say in words what their bars draw.
//!
//! Bars lie by per cent of the width that there is, so the chart is as wide as the page, and nothing
//! of it is cut or must be scrolled to. Each sort of bar has a pattern or an outline of its own, and
//! its words beside it.

use crate::report::page::Html;
use crate::timeline::gantt::{Bar, Gantt, Lane, Scale, Sort};
use crate::timeline::{Zone, duration};

use super::{clock, section};

/// How many bars of a lane are told below it; the table of waits and the timeline tell the others.
const TOLD: usize = 6;
/// The least width of a bar, in per cent.
const LEAST: f64 = 0.35;
/// Where times are written.
const TICKS: [(f64, &str); 3] = [(0.0, "start"), (50.0, "middle"), (100.0, "end")];

/// The chart under its heading.
pub(super) fn write(html: &mut Html, gantt: &Gantt, zone: Zone) {
    let scale = gantt.scale();
    section(html, "chart", "Chart", |html| {
        patterns(html);
        legend(html, gantt);
        for band in scale.bands() {
            let long = duration(u64::try_from(band.took_ms).unwrap_or_default());
            let text = format!("Nobody drove for {long}: drawn narrower than it was.");
            html.element("p", &[("class", "quiet")], &text);
        }
        html.within("table", &[("class", "chart")], |html| {
            html.element(
                "caption",
                &[],
                "What went on when; each row says in words what its bars show.",
            );
            html.within("colgroup", &[], |html| {
                html.void("col", &[("class", "name")]);
                html.void("col", &[]);
            });
            html.within("tbody", &[], |html| {
                axis(html, gantt, &scale, zone);
                drivers(html, gantt, &scale);
                gantt.lanes.iter().for_each(|lane| row(html, lane, &scale));
                gantt.beside.iter().for_each(|lane| row(html, lane, &scale));
            });
        });
        if gantt.left_out > 0 {
            let text = format!("{} steps have no row of their own.", gantt.left_out);
            html.element("p", &[], &text);
        }
    });
}

/// What every chart refers to.
fn patterns(html: &mut Html) {
    let patterns = [
        ("p-gate", "6", "M-1 1L1 -1M0 6L6 0M5 7L7 5", "s-gate"),
        ("p-failed", "5", "M0 2.5H5", "s-failed"),
        ("p-hold", "7", "M0 0L7 7M7 0L0 7", "s-hold"),
        ("p-away", "10", "M-1 -1L11 11", "s-away"),
        ("p-person", "6", "M2 2h2v2h-2z", "s-person"),
    ];
    html.within("svg", &[("class", "defs"), ("aria-hidden", "true")], |html| {
        html.within("defs", &[], |html| {
            for (id, side, path, class) in patterns {
                let sides = [
                    ("id", id),
                    ("width", side),
                    ("height", side),
                    ("patternUnits", "userSpaceOnUse"),
                ];
                html.within("pattern", &sides, |html| {
                    html.within("path", &[("d", path), ("class", class)], |_| ());
                });
            }
        });
    });
}

/// The sorts of bars that this chart has.
fn legend(html: &mut Html, gantt: &Gantt) {
    let lanes = gantt.lanes.iter().chain(&gantt.beside).flat_map(|lane| &lane.bars);
    let mut sorts: Vec<Sort> = lanes.chain(&gantt.drivers).map(|bar| bar.sort).collect();
    sorts.sort_unstable();
    sorts.dedup();
    html.within("ul", &[("class", "legend"), ("aria-label", "What the bars mean")], |html| {
        for sort in sorts {
            html.within("li", &[], |html| {
                html.within("svg", &[("aria-hidden", "true")], |html| {
                    html.within("rect", &rect(class(sort), "2", "36"), |_| ());
                });
                html.text(sort.word());
            });
        }
    });
}

fn axis(html: &mut Html, gantt: &Gantt, scale: &Scale, zone: Zone) {
    html.within("tr", &[], |html| {
        html.element("th", &[("scope", "row")], "Time (UTC)");
        html.within("td", &[("class", "lanes")], |html| {
            html.within("svg", &[("class", "axis"), ("aria-hidden", "true")], |html| {
                for (x, anchor) in TICKS {
                    let Some(ms) = scale.moment(x) else { continue };
                    let at =
                        gantt.from.at + chrono::TimeDelta::milliseconds(ms - gantt.from.after_ms);
                    let place = format!("{x}%");
                    let attributes = [("x", place.as_str()), ("y", "13"), ("text-anchor", anchor)];
                    html.element("text", &attributes, &at.format("%H:%M:%S").to_string());
                }
            });
            let text = format!(
                "from {} to {}",
                clock::full(gantt.from.at, zone),
                clock::full(gantt.to.at, zone)
            );
            html.element("p", &[("class", "quiet")], &text);
        });
    });
}

fn drivers(html: &mut Html, gantt: &Gantt, scale: &Scale) {
    html.within("tr", &[], |html| {
        html.element("th", &[("scope", "row")], "Driver");
        html.within("td", &[("class", "lanes")], |html| {
            bars(html, &gantt.drivers, scale);
            told(html, "", &gantt.drivers, 0);
        });
    });
}

fn row(html: &mut Html, lane: &Lane, scale: &Scale) {
    html.within("tr", &[], |html| {
        let depth = ["", "in1", "in2", "in3", "in4"][lane.depth.min(4)];
        html.within("th", &[("scope", "row"), ("class", depth)], |html| {
            let names: Vec<&str> =
                [&lane.title, &lane.step].into_iter().flatten().map(String::as_str).collect();
            html.text(names.first().copied().unwrap_or_default());
            if let Some(path) = names.get(1) {
                html.within("div", &[("class", "quiet")], |html| html.text(path));
            }
            if lane.stands_for > 0 {
                let text = format!("{} steps inside", lane.stands_for);
                html.element("div", &[("class", "quiet")], &text);
            }
        });
        html.within("td", &[("class", "lanes")], |html| {
            if !lane.bars.is_empty() {
                bars(html, &lane.bars, scale);
            }
            told(html, lane.state, &lane.bars, lane.more);
        });
    });
}

/// The bars of a lane, over the times in which nobody drove.
fn bars(html: &mut Html, bars: &[Bar], scale: &Scale) {
    html.within("svg", &[("aria-hidden", "true")], |html| {
        for band in scale.bands() {
            let (x, width) = (percent(band.x), percent(band.width));
            let attributes = [
                ("class", "band"),
                ("x", x.as_str()),
                ("y", "0"),
                ("width", &width),
                ("height", "22"),
            ];
            html.within("rect", &attributes, |_| ());
        }
        for bar in bars {
            let from = scale.x(bar.from.after_ms).min(100.0 - LEAST);
            let width = (scale.x(bar.to.after_ms) - from).max(LEAST);
            html.within("rect", &rect(class(bar.sort), &percent(from), &percent(width)), |html| {
                html.element("title", &[], &bar.told());
            });
        }
    });
}

/// What the bars of a lane show, in words.
fn told(html: &mut Html, state: &str, bars: &[Bar], more: usize) {
    let is_plain = |bar: &&Bar| bar.sort != Sort::Group || bars.len() == 1;
    let telling: Vec<&Bar> = bars.iter().filter(is_plain).collect();
    let more = more + telling.len().saturating_sub(TOLD);
    let state = Some(state.to_owned()).filter(|state| !state.is_empty());
    let words = state.into_iter().chain(telling.iter().take(TOLD).map(|bar| bar.told()));
    let more = (more > 0).then(|| format!("and {more} more"));
    let words: Vec<String> = words.chain(more).collect();
    html.element("p", &[("class", "quiet")], &words.join("; "));
}

fn percent(x: f64) -> String {
    format!("{x:.2}%")
}

fn rect<'a>(class: &'a str, x: &'a str, width: &'a str) -> [(&'static str, &'a str); 5] {
    [("class", class), ("x", x), ("y", "3"), ("width", width), ("height", "16")]
}

fn class(sort: Sort) -> &'static str {
    match sort {
        Sort::Group => "group",
        Sort::Action => "action",
        Sort::Failed => "failed",
        Sort::Look => "look",
        Sort::Gate => "gate",
        Sort::Person => "person",
        Sort::Retry => "retry",
        Sort::Hold => "hold",
        Sort::Doubt => "doubt",
        Sort::Driver => "driver",
        Sort::Away => "away",
        Sort::Beside => "beside",
    }
}
