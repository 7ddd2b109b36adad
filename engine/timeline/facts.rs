//! What stands above the entries, and the times of all formats for people.

use chrono::SecondsFormat;

use crate::run::Moment;

use super::milestones::Reached;
use super::{Entry, Objective, Timeline, Zone, words};

/// What the end of the run is called.
const ENDED: &str = "Run ended";

/// A timeline for a reader in a zone.
pub(super) struct Facts<'t> {
    pub(super) timeline: &'t Timeline,
    pub(super) zone: Zone,
}

impl Facts<'_> {
    /// What is known of the run, by name.
    pub(super) fn all(&self) -> Vec<(&'static str, String)> {
        let timeline = self.timeline;
        let time = |at: &Moment| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let verdict = timeline.verdict.map(|verdict| verdict.word().replace('_', " "));
        let mut facts = vec![
            ("Run", timeline.run.clone()),
            ("Runbook", timeline.runbook.clone()),
            ("Operator", timeline.operator.clone()),
            ("Started", timeline.started_at.as_ref().map(time).unwrap_or_default()),
            ("Last record", timeline.last_at.as_ref().map(time).unwrap_or_default()),
            ("Outcome", self.outcome().to_owned()),
            ("Verdict", verdict.unwrap_or_else(|| "none".into())),
        ];
        if let Some(environment) = &timeline.environment {
            facts.insert(2, ("Environment", environment.clone()));
        }
        facts.extend(self.objectives());
        let durability = timeline.durability.map(|level| words::durability(level).to_owned());
        facts.extend(durability.map(|told| ("Durability", told)));
        facts.extend(timeline.head.clone().map(|head| ("Head of the chain", head)));
        facts
    }

    /// How the run ended, if it has.
    pub(super) fn outcome(&self) -> &'static str {
        self.timeline.outcome.map_or("open: it has not ended", words::outcome)
    }

    /// What came of what was promised, as far as there is anything to tell.
    pub(super) fn objectives(&self) -> Vec<(&'static str, String)> {
        let both = [("RTO", self.timeline.objectives.rto), ("RPO", self.timeline.objectives.rpo)];
        let told = both.into_iter().filter_map(|(name, it)| Some((name, objective(name, it)?)));
        told.collect()
    }

    /// The head of a column of times that are told from a moment.
    pub(super) fn base(&self) -> &'static str {
        match &self.timeline.milestones.since {
            Some(since) if since.is_detection => "After detection",
            _ => "After the start",
        }
    }

    /// Every milestone and the end of the run, by name.
    pub(super) fn milestones(&self) -> Vec<(&'static str, Option<&Reached>)> {
        let milestones = &self.timeline.milestones;
        let marks = milestones.marks.iter();
        let marks = marks.map(|mark| (mark.milestone.label(), mark.reached.as_ref()));
        marks.chain([(ENDED, milestones.ended.as_ref())]).collect()
    }

    /// What is said of a milestone, or of the end, where its moment is not on record.
    pub(super) fn unreached(&self, label: &str) -> &'static str {
        if label == ENDED { "not yet" } else { "not known" }
    }

    /// A time of day, with its day where that is not the day on which the run began.
    pub(super) fn utc(&self, at: Moment) -> String {
        self.clock(at, Zone::Utc)
    }

    /// The same in the zone of the reader; none where that is UTC.
    pub(super) fn here(&self, at: Moment) -> Option<String> {
        let named = self.offset()?;
        let offset = self.zone.at(at).offset().to_string();
        let told = self.clock(at, self.zone);
        Some(if offset == named { told } else { format!("{told} ({offset})") })
    }

    /// What the zone of the reader is called; none where that is UTC.
    pub(super) fn zone_name(&self) -> Option<String> {
        self.offset().map(|offset| format!("UTC{offset}"))
    }

    /// When something was noted that tells of another time.
    pub(super) fn noted(&self, entry: &Entry) -> Option<String> {
        (entry.when() != entry.at).then(|| format!("noted at {}", self.utc(entry.at)))
    }

    fn offset(&self) -> Option<String> {
        self.zone.offset(self.timeline.started_at?).map(|offset| offset.to_string())
    }

    fn clock(&self, at: Moment, zone: Zone) -> String {
        let began = self.timeline.started_at.map(|began| zone.at(began).date_naive());
        let at = zone.at(at);
        match began == Some(at.date_naive()) {
            true => at.format("%H:%M:%S").to_string(),
            false => at.format("%Y-%m-%d %H:%M:%S").to_string(),
        }
    }
}

/// What came of a promise, in words; none where nothing was promised and nothing is known.
fn objective(name: &str, objective: Objective) -> Option<String> {
    let Objective { promised_ms, measured_ms, is_met } = objective;
    let promised = promised_ms.map(words::duration);
    Some(match (measured_ms.map(words::duration), promised, is_met) {
        (None, None, _) => return None,
        (Some(measured), Some(promised), met) => {
            let met = if met == Some(true) { "met" } else { "not met" };
            format!("{measured} of {promised} promised: {met}")
        }
        (Some(measured), None, _) => format!("{measured}; nothing was promised"),
        (None, Some(promised), Some(false)) => format!("not restored within {promised} promised"),
        (None, Some(promised), _) if name == "RTO" => {
            format!("not restored yet; {promised} promised")
        }
        (None, Some(promised), _) => format!("not measured; {promised} promised"),
    })
}
