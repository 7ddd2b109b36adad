//! The rows below the lines: where the run stands, what runs, what it prints, what comes next.
//!
//! A frame is worked out from facts, a moment and the size of the window, and fits into it: no row
//! is wider, and there are never more than [`MOST`].

use std::time::Duration;

use console::measure_text_width;

use super::marks::{Look, Marks};
use super::tail::Tail;
use crate::report::standing::{Running, Standing, long_clock};
use crate::run::event::Moment;

/// The most rows.
const MOST: usize = 8;

/// How many steps that run are told one by one.
const STEPS: usize = 4;

/// How many lines of a command are shown.
const LINES: usize = 4;

/// How long a mark stands before it turns.
const TURN: Duration = Duration::from_millis(250);

/// A window to draw in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Window {
    pub(super) columns: usize,
    pub(super) rows: usize,
    pub(super) marks: Marks,
    pub(super) has_colours: bool,
}

/// What is drawn in it.
pub(super) struct Scene<'a> {
    pub(super) standing: &'a Standing,
    /// The command that printed last: the path of its step, and what it printed.
    pub(super) speaker: Option<(&'a str, &'a Tail)>,
    pub(super) now: Moment,
}

/// A piece of a row: in full, what can stand in its place where that is too wide, and its look.
struct Part {
    full: String,
    short: Option<String>,
    look: Look,
}

/// The rows of a frame.
pub(super) fn rows(scene: &Scene<'_>, window: Window) -> Vec<String> {
    // The last column stays free: a row that fills it may be taken for one that goes on.
    let window = Window { columns: window.columns.saturating_sub(1).max(1), ..window };
    let most = MOST.min(window.rows / 2).max(1);
    let mut rows = header(scene, window);
    rows.extend(running(scene, window));
    let next =
        scene.standing.next.as_ref().map(|next| window.row(&format!("next: {next}"), Look::Dim));
    let room = most.saturating_sub(rows.len() + usize::from(next.is_some()));
    rows.extend(printed(scene, window, room.min(LINES)));
    rows.extend(next);
    rows.truncate(most);
    rows
}

/// Where the run stands: two rows, or three where they are narrow.
fn header(scene: &Scene<'_>, window: Window) -> Vec<String> {
    let most = if window.columns < 60 { 3 } else { 2 };
    let between = window.marks.between;
    let mut rows: Vec<(String, usize)> = vec![(String::new(), 0)];
    for Part { full, short, look } in parts(scene) {
        let used = rows.last().map_or(0, |(_, used)| *used);
        let gap = if used == 0 { 0 } else { measure_text_width(between) };
        let room = window.columns.saturating_sub(used + gap);
        let fitting = [Some(&full), short.as_ref()].into_iter().flatten();
        let mut fitting = fitting.map(|text| window.safe(text)).filter(|it| width(it) <= room);
        let (text, starts) = match fitting.next() {
            Some(text) => (text, used == 0),
            None if used > 0 && rows.len() == most => continue,
            None => (window.fit(&full, window.columns), true),
        };
        if starts && used > 0 {
            rows.push((String::new(), 0));
        }
        let Some((row, used)) = rows.last_mut() else { continue };
        if *used > 0 {
            row.push_str(between);
            *used += gap;
        }
        *used += width(&text);
        row.push_str(&window.dress(&text, look));
    }
    rows.into_iter().map(|(row, _)| row).filter(|row| !row.is_empty()).collect()
}

/// The facts of the header, the more important first.
fn parts(scene: &Scene<'_>) -> Vec<Part> {
    let Scene { standing, now, .. } = scene;
    let part = |full: String, look| Part { full, short: None, look };
    // First, so that no width leaves it out.
    let stamp = standing.stamp.map(|stamp| part(format!("[{stamp}]"), Look::Loud));
    let mut parts: Vec<Part> = stamp.into_iter().collect();
    parts.push(part(standing.runbook.clone(), Look::Bold));
    let environment = standing.environment.as_ref();
    parts.extend(environment.map(|name| part(format!("[{}]", name.to_uppercase()), Look::Loud)));
    let place = standing.place();
    parts.push(match &standing.part {
        Some(name) => {
            Part { full: format!("{place} in {name}"), short: Some(place), look: Look::Plain }
        }
        None => part(place, Look::Plain),
    });
    parts.extend(standing.stopping.map(|word| Part {
        full: word.to_owned(),
        short: Some("stopping".to_owned()),
        look: Look::Warning,
    }));
    parts.extend(standing.rto.map(|rto| {
        let (told, urgency) = rto.told(*now);
        part(told, Look::of(urgency))
    }));
    parts.extend(match (&standing.incident, standing.since) {
        (Some(incident), _) => Some(part(incident.told(*now), Look::Plain)),
        (None, Some(since)) => {
            let age = long_clock((*now - since).to_std().unwrap_or_default());
            Some(part(format!("run {age}"), Look::Plain))
        }
        (None, None) => None,
    });
    if !standing.operator.is_empty() {
        parts.push(part(format!("by {}", standing.operator), Look::Plain));
    }
    parts
}

/// What is under way, a row each.
fn running(scene: &Scene<'_>, window: Window) -> Vec<String> {
    let running = &scene.standing.running;
    let turns = window.marks.turns;
    let turned = scene.now.timestamp_millis().unsigned_abs() / TURN.as_millis() as u64;
    let mark = turns[usize::try_from(turned % turns.len() as u64).unwrap_or_default()];
    let row = |step: &Running| {
        let (told, urgency) = step.told(scene.now);
        let told_width = width(&told) + 2;
        let room = window.columns.saturating_sub(width(mark) + 1 + told_width);
        // A clock says more than the end of a title.
        let title = window.fit(&step.title, room.max(8));
        let front = format!("{mark} {title}  ");
        let told = window.fit(&told, window.columns.saturating_sub(width(&front)));
        window.fit_dressed(&front, &told, Look::of(urgency))
    };
    let mut rows: Vec<String> = running.iter().take(STEPS).map(row).collect();
    if running.len() > STEPS {
        rows.push(window.row(&format!("  and {} more", running.len() - STEPS), Look::Plain));
    }
    rows
}

/// What a command printed last, beside a gutter.
fn printed(scene: &Scene<'_>, window: Window, count: usize) -> Vec<String> {
    let Some((step, tail)) = scene.speaker else { return Vec::new() };
    let acting = scene.standing.running.iter().filter(|it| it.step.is_some()).count();
    let whose = if acting > 1 { format!("{step} ") } else { String::new() };
    let gutter = format!("  {whose}{}", window.marks.gutter);
    tail.last(count).map(|line| window.row(&format!("{gutter}{line}"), Look::Dim)).collect()
}

impl Window {
    fn row(self, text: &str, look: Look) -> String {
        self.dress(&self.fit(text, self.columns), look)
    }

    fn fit_dressed(self, front: &str, told: &str, look: Look) -> String {
        let front = self.fit(front, self.columns);
        format!("{front}{}", self.dress(told, look)).trim_end().to_owned()
    }

    fn dress(self, text: &str, look: Look) -> String {
        if self.has_colours && !text.is_empty() { look.dress(text) } else { text.to_owned() }
    }

    /// A text as this terminal can show it.
    fn safe(self, text: &str) -> String {
        let mut safe = text.replace('\t', "    ");
        if !self.marks.is_unicode {
            safe = safe.replace('…', "...").replace(|char: char| !char.is_ascii(), "?");
        }
        safe
    }

    /// A text that is no wider than a width; what is left out is marked.
    fn fit(self, text: &str, most: usize) -> String {
        let text = self.safe(text);
        if width(&text) <= most {
            return text;
        }
        let dots = self.marks.ellipsis;
        let room = most.saturating_sub(width(dots));
        let mut used = 0;
        let mut buffer = [0; 4];
        let fits = |char: &char| {
            used += width(char.encode_utf8(&mut buffer));
            used <= room
        };
        let kept: String = text.chars().take_while(fits).collect();
        if most < width(dots) { String::new() } else { format!("{kept}{dots}") }
    }
}

fn width(text: &str) -> usize {
    measure_text_width(text)
}

#[cfg(test)]
mod tests;
