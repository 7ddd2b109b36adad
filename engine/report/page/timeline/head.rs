//! What a run came to, in a few facts, and its milestones.

use crate::report::page::Html;
use crate::run::event::Mode;
use crate::timeline::milestones::Reached;
use crate::timeline::{Objective, Zone, durability, duration, outcome, signed};

use super::{Chronicle, clock, section};

/// The facts.
pub(super) fn write(html: &mut Html, chronicle: &Chronicle) {
    section(html, "came-to", "What it came to", |html| {
        html.within("dl", &[], |html| {
            for (name, value) in facts(chronicle) {
                html.element("dt", &[], name);
                html.element("dd", &[], &value);
            }
        });
    });
}

fn facts(chronicle: &Chronicle) -> Vec<(&'static str, String)> {
    let Chronicle { timeline, incident, zone, .. } = chronicle;
    let ended = match timeline.outcome {
        Some(ended) => outcome(ended).to_owned(),
        None => "open: it has not ended".to_owned(),
    };
    let verdict = timeline.verdict.map(|verdict| verdict.word().replace('_', " "));
    let at = |moment: Option<_>| moment.map(|at| clock::full(at, *zone));
    let level = timeline.durability.map(|level| durability(level).to_owned());
    let (rto, rpo) = (&timeline.objectives.rto, &timeline.objectives.rpo);
    [
        ("Run", Some(timeline.run.clone())),
        ("Runbook", Some(timeline.runbook.clone())),
        ("Mode", Some(mode(timeline.mode).to_owned())),
        ("Incident", incident.map(str::to_owned)),
        ("Environment", timeline.environment.clone()),
        ("Operator", Some(timeline.operator.clone())),
        ("Outcome", Some(ended)),
        ("Verdict", Some(verdict.unwrap_or_else(|| "none: nothing was judged".into()))),
        ("Started", at(timeline.started_at)),
        ("Last record", at(timeline.last_at)),
        ("Took", Some(took(chronicle))),
        ("Recovery time (RTO)", objective(rto, "service was not seen to be back")),
        ("Data lost (RPO)", objective(rpo, "nothing measured it")),
        ("Records survive", level),
        ("Head of the chain", timeline.head.clone()),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
    .collect()
}

fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Live => "live: all of it was done for real",
        Mode::Drill => "drill: all of it was done for real, as an exercise",
        Mode::Rehearsal => "rehearsal: what would change something was assumed",
        Mode::Lab => "in a lab: all of it was done for real, to components made for it",
        Mode::Tabletop => "exercise at a table: nothing was run",
    }
}

fn took(chronicle: &Chronicle) -> String {
    let Some(gantt) = chronicle.gantt else { return "nothing is on record".into() };
    let took = duration(u64::try_from(gantt.to.after_ms - gantt.from.after_ms).unwrap_or_default());
    match chronicle.timeline.outcome {
        Some(_) => took,
        None => format!("{took} up to the last record"),
    }
}

/// What came of an objective; nothing where none was promised and nothing is known.
fn objective(objective: &Objective, unknown: &str) -> Option<String> {
    let promised = objective.promised_ms.map(duration);
    let measured = objective.measured_ms.map(duration);
    let judged = match objective.is_met {
        Some(true) => "met: ",
        Some(false) => "not met: ",
        None => "",
    };
    Some(match (measured, promised) {
        (Some(measured), Some(promised)) => format!("{judged}{measured} of {promised} promised"),
        (Some(measured), None) => format!("{measured}, and nothing was promised"),
        (None, Some(promised)) => format!("{judged}{promised} promised; {unknown}"),
        (None, None) => return None,
    })
}

/// How far the incident came.
pub(super) fn milestones(html: &mut Html, chronicle: &Chronicle) {
    let milestones = &chronicle.timeline.milestones;
    let Some(since) = &milestones.since else { return };
    section(html, "milestones", "Milestones", |html| {
        let from = if since.is_detection { "the detection" } else { "the start of the run" };
        html.element("p", &[("class", "quiet")], &format!("Times count from {from}."));
        html.table(&["Milestone", "When (UTC)", "After", "How it is known"], |html| {
            for mark in &milestones.marks {
                let unknown = "not known: nobody named it, and nothing shows it";
                let label = mark.milestone.label();
                milestone(html, label, mark.reached.as_ref(), (unknown, chronicle.zone));
            }
            milestone(html, "Run ended", milestones.ended.as_ref(), ("not yet", chronicle.zone));
        });
    });
}

fn milestone(
    html: &mut Html,
    label: &str,
    reached: Option<&Reached>,
    (unknown, zone): (&str, Zone),
) {
    html.within("tr", &[], |html| {
        html.element("th", &[("scope", "row")], label);
        let Some(reached) = reached else {
            html.element("td", &[("colspan", "3")], unknown);
            return;
        };
        clock::cell(html, reached.at, zone, true, &[]);
        html.cell("After", &signed(reached.after_ms));
        html.cell("Known", &reached.known.words());
    });
}
