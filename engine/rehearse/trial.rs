//! What a rehearsal in a lab has shown: a fault that was caused and seen, a run against it, and what
//! proves that it is over.

use std::fmt::Write as _;
use std::time::Duration;

use serde::Serialize;

use crate::document::millis;
use crate::run::event::{Outcome, Verdict};
use crate::runbook::Objectives;

/// What was shown.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Trial {
    /// The version of this form.
    pub version: u32,
    /// The run on record.
    pub run: String,
    /// The id of the runbook.
    pub runbook: String,
    /// What of a machine it needs.
    pub tier: &'static str,
    /// What was started, by name and kind.
    pub components: Vec<(String, &'static str)>,
    /// How long it took until all of it ran, and was filled.
    pub prepared_ms: u64,
    /// What was looked at before the run.
    pub symptoms: Vec<Seen>,
    /// Why nothing was shown, where the run was not begun.
    pub not_shown: Option<String>,
    /// How the run ended.
    pub outcome: Option<Outcome>,
    /// What its exit criteria said.
    pub verdict: Option<Verdict>,
    /// How long it took from the fault to the verdict `recovered`, else to the end.
    pub rto_ms: Option<u64>,
    /// What was promised.
    pub rto_objective_ms: Option<u64>,
    /// How much data was lost, in milliseconds of writing; none where nothing measured it.
    pub rpo_ms: Option<u64>,
    /// What was promised.
    pub rpo_objective_ms: Option<u64>,
    /// Why it was not measured, where it should have been.
    pub rpo_unknown: Option<String>,
    /// What was looked at after the run.
    pub proofs: Vec<Seen>,
    /// What of the lab could not be cleared away.
    pub left: Option<String>,
}

/// A look, and what it showed.
#[derive(Clone, Debug, Serialize)]
pub struct Seen {
    /// What was looked at.
    pub what: String,
    /// What is expected of it; empty where that is not said.
    pub expected: String,
    /// Whether it is as it must be.
    pub holds: bool,
    /// What was seen instead.
    pub detail: String,
}

impl Trial {
    /// Whether the runbook has recovered what was broken.
    pub fn is_recovered(&self) -> bool {
        let is_proven = !self.proofs.is_empty() && self.proofs.iter().all(|proof| proof.holds);
        let is_told = match self.verdict {
            Some(Verdict::Recovered) => self.proofs.iter().all(|proof| proof.holds),
            Some(Verdict::NotRecovered) => false,
            _ => is_proven,
        };
        self.not_shown.is_none() && self.has_succeeded() && is_told
    }

    /// Whether the run came to a good end, by what it knows itself.
    pub fn has_succeeded(&self) -> bool {
        matches!(self.outcome, Some(Outcome::Succeeded | Outcome::SucceededWithExceptions))
    }

    /// With what was promised.
    #[must_use]
    pub fn against(mut self, objectives: &Objectives) -> Trial {
        self.rto_objective_ms = objectives.rto.map(millis);
        self.rpo_objective_ms = objectives.rpo.map(millis);
        self
    }

    /// What it says, in a line.
    pub fn headline(&self) -> String {
        let what = match (&self.not_shown, self.is_recovered()) {
            (Some(reason), _) => format!("nothing was proven: {reason}"),
            (None, true) => "rehearsed and recovered".to_owned(),
            (None, false) => match self.proofs.iter().find(|proof| !proof.holds) {
                Some(proof) => format!("not recovered: {} does not hold", proof.what),
                None => "not recovered".to_owned(),
            },
        };
        format!("LAB: {}: {what}", self.runbook)
    }

    /// What it says, for a person.
    pub fn text(&self, duration: &dyn Fn(u64) -> String) -> String {
        let mut text = format!("{}\n", self.headline());
        let names = self.components.iter().map(|(name, kind)| match name == kind {
            true => name.clone(),
            false => format!("{name} ({kind})"),
        });
        let names: Vec<String> = names.collect();
        let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        let _ = writeln!(text, "components  {names}; tier {}", self.tier);
        let _ = writeln!(text, "prepared    in {}", duration(self.prepared_ms));
        for symptom in &self.symptoms {
            let _ = writeln!(text, "symptom     {}", symptom.told());
        }
        if self.not_shown.is_none() {
            let is_whole = self.is_recovered();
            let rto = self.rto_ms.map(|ms| match is_whole {
                true => against("RTO", ms, self.rto_objective_ms, duration),
                false => format!("{} until the end, without a recovery", duration(ms)),
            });
            let _ =
                writeln!(text, "time        {}", rto.unwrap_or_else(|| "RTO not measured".into()));
            let rpo = self.rpo_ms.map(|ms| match is_whole {
                true => {
                    against("RPO", ms, self.rpo_objective_ms, duration) + ", counted by the lab"
                }
                false => format!("{} lost, counted by the lab", duration(ms)),
            });
            let unknown = || match &self.rpo_unknown {
                Some(reason) => format!("RPO not measured: {reason}"),
                None => "RPO not measured: the lab does not say how (`lost`)".to_owned(),
            };
            let _ = writeln!(text, "data        {}", rpo.unwrap_or_else(unknown));
        }
        for proof in &self.proofs {
            let _ = writeln!(text, "proof       {}", proof.told());
        }
        if let Some(left) = &self.left {
            let _ = writeln!(text, "left behind {left}");
        }
        text
    }
}

impl Seen {
    fn told(&self) -> String {
        match (self.holds, self.detail.is_empty()) {
            (true, _) if self.expected.is_empty() => format!("holds: {}", self.what),
            (true, _) => format!("holds: {}: {}", self.what, self.expected),
            (false, true) => format!("does not hold: {}", self.what),
            (false, false) => format!("does not hold: {}: {}", self.what, self.detail),
        }
    }
}

/// What was measured, held against what was promised.
fn against(name: &str, ms: u64, promised: Option<u64>, duration: &dyn Fn(u64) -> String) -> String {
    let measured = format!("{name} {}", duration(ms));
    match promised {
        Some(most) if ms <= most => format!("{measured}, within {}", duration(most)),
        Some(most) => format!("{measured}, LONGER than {}", duration(most)),
        None => measured,
    }
}

/// The seconds that a command printed, in milliseconds.
pub fn seconds(printed: &str) -> Option<u64> {
    let seconds: f64 = printed.trim().parse().ok()?;
    let is_sane = seconds.is_finite() && (0.0..1e12).contains(&seconds);
    is_sane.then(|| millis(Duration::from_secs_f64(seconds)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(holds: bool) -> Seen {
        let expected = "exit 0".to_owned();
        Seen { what: "orders are there".into(), expected, holds, detail: String::new() }
    }

    fn trial(verdict: Verdict, proofs: &[bool]) -> Trial {
        Trial {
            runbook: "shop".into(),
            outcome: Some(Outcome::Succeeded),
            verdict: Some(verdict),
            proofs: proofs.iter().map(|holds| seen(*holds)).collect(),
            rto_ms: Some(2_000),
            tier: "T0",
            ..Trial::default()
        }
    }

    #[test]
    fn recovered_is_what_the_criteria_say_and_every_proof() {
        for (verdict, proofs, expected) in [
            (Verdict::Recovered, &[][..], true),
            (Verdict::Recovered, &[true], true),
            (Verdict::Recovered, &[true, false], false),
            (Verdict::NotRecovered, &[true], false),
            (Verdict::Unverified, &[], false),
            (Verdict::Unverified, &[true], true),
        ] {
            assert_eq!(trial(verdict, proofs).is_recovered(), expected, "{verdict:?} {proofs:?}");
        }
        let failed = Trial { outcome: Some(Outcome::Failed), ..trial(Verdict::Recovered, &[true]) };
        assert!(!failed.is_recovered());
        let unshown = Trial { not_shown: Some("x".into()), ..trial(Verdict::Recovered, &[true]) };
        assert!(!unshown.is_recovered());
    }

    #[test]
    fn what_was_measured_is_held_against_what_was_promised() {
        let duration = |ms: u64| format!("{} s", ms / 1000);
        let kept = Trial {
            rto_objective_ms: Some(3_000),
            rpo_ms: Some(5_000),
            rpo_objective_ms: Some(4_000),
            ..trial(Verdict::Recovered, &[true])
        };
        assert_eq!(
            kept.text(&duration),
            "LAB: shop: rehearsed and recovered\n\
             components  none; tier T0\n\
             prepared    in 0 s\n\
             time        RTO 2 s, within 3 s\n\
             data        RPO 5 s, LONGER than 4 s, counted by the lab\n\
             proof       holds: orders are there: exit 0\n"
        );
        let broken = trial(Verdict::Recovered, &[false]);
        assert_eq!(
            broken.text(&duration),
            "LAB: shop: not recovered: orders are there does not hold\n\
             components  none; tier T0\n\
             prepared    in 0 s\n\
             time        2 s until the end, without a recovery\n\
             data        RPO not measured: the lab does not say how (`lost`)\n\
             proof       does not hold: orders are there\n"
        );
    }

    #[test]
    fn lost_data_is_a_number_of_seconds() {
        assert_eq!(seconds("12.5\n"), Some(12_500));
        assert_eq!(seconds(" 0 "), Some(0));
        for text in ["", "none", "-1", "NaN", "inf", "1e99"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
