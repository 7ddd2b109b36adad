//! HP505: what was promised must be possible.

use std::time::Duration;

use crate::document::{duration_text, parse_duration};
use crate::lint::scene::{Scene, entry};
use crate::lint::{Check, Confidence, Finding, Findings, Profile, Rule};
use crate::plan::{CriticalPath, at_worst};
use crate::runbook::estimate::Estimate;
use crate::source::{Severity, Span};

use super::schedule::interval;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP505",
    name: "objective-exceeded",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Standard,
    fix: None,
    about: "The steps can take longer than the RTO, or the backups are as far apart as the RPO or \
            further.",
    why: "The promise is then broken before the incident begins. The longest way through the steps \
          is added up from their estimates, and where they have none, from their timeouts. A backup \
          takes time itself, and one may fail: an interval as long as the RPO leaves no room for \
          either.",
    bad: include_str!("../../examples/HP505.bad.yaml"),
    good: include_str!("../../examples/HP505.good.yaml"),
    source: "practice: two of the five source documents promise less time than their own steps take",
    check: Check::Scene(check),
};

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    let Some((_, objectives)) = scene.key("objectives") else { return };
    let promise = |name| {
        let (key, node) = entry(objectives, name)?;
        Some((key.to(node.span), parse_duration(node.as_str()?).ok()?))
    };
    if let Some((at, rto)) = promise("rto") {
        let own = entry(objectives, "estimate").and_then(|(key, node)| {
            Some((key.to(node.span), Estimate::parse(node.as_str()?).ok()?))
        });
        if let Some((estimate_at, own)) = own.filter(|(_, own)| own.high > rto) {
            let message = format!(
                "the runbook itself says that it takes up to {}, longer than its rto of {}",
                duration_text(own.high),
                duration_text(rto)
            );
            let finding = Finding::new(&RULE, estimate_at, message).related(at, "what is promised");
            findings.push(finding.help(WAYS_OUT));
        }
        if let Some(plan) = scene.plan {
            steps_against(at, rto, &at_worst(plan), scene, findings);
        }
    }
    if let Some((at, rpo)) = promise("rpo") {
        backups_against(at, rpo, scene, findings);
    }
}

const WAYS_OUT: &str = "make the longest steps shorter, or promise what can be kept";

fn steps_against(
    at: Span,
    rto: Duration,
    path: &CriticalPath,
    scene: &Scene<'_>,
    findings: &mut Findings,
) {
    let high = Duration::from_millis(path.high_ms);
    if high <= rto {
        return;
    }
    let message = format!(
        "the steps may take {} by their estimates and timeouts, longer than the rto of {}",
        duration_text(high),
        duration_text(rto)
    );
    let mut finding = Finding::new(&RULE, at, message).help(WAYS_OUT);
    let longest = path.path.iter().max_by_key(|leg| leg.high_ms);
    let step =
        longest.and_then(|longest| scene.steps.iter().find(|step| step.path == longest.path));
    if let Some((step, longest)) = step.zip(longest) {
        let takes = duration_text(Duration::from_millis(longest.high_ms));
        finding = finding.related(step.id.span, format!("the longest: {takes}"));
    }
    findings.push(finding);
}

/// The backups of what the runbook is about.
fn backups_against(at: Span, rpo: Duration, scene: &Scene<'_>, findings: &mut Findings) {
    let text = |key| scene.key(key).and_then(|(_, node)| node.as_str()).unwrap_or_default();
    let about = ["id", "title", "summary", "system"].map(text).join(" ").to_lowercase();
    let mine = scene.library.backups.iter().filter(|backup| is_about(&about, &backup.component));
    let timed = mine.filter_map(|it| Some((it, interval(it.schedule.as_deref()?)?)));
    let Some((backup, every)) = timed.min_by_key(|(_, every)| *every) else { return };
    if every < rpo {
        return;
    }
    let message = format!(
        "backups of `{}` are {} apart, and no more than {} may be lost",
        backup.component,
        duration_text(every),
        duration_text(rpo)
    );
    let help = "back up more often than the rpo, by the time that a backup takes and once more; or \
                promise what can be kept";
    findings.push(Finding::new(&RULE, at, message).help(help));
}

/// Whether a text names a component by one of its words.
fn is_about(text: &str, component: &str) -> bool {
    const OF_ANY: [&str; 9] =
        ["full", "backup", "backups", "dump", "data", "logs", "snapshot", "snapshots", "files"];
    let component = component.to_lowercase();
    let words = component.split(|c: char| !c.is_alphanumeric());
    let telling = words.filter(|word| word.len() > 3 && !OF_ANY.contains(word));
    let mut stems = telling.map(|word| word.strip_suffix("ql").unwrap_or(word));
    stems.any(|stem| text.split(|c: char| !c.is_alphanumeric()).any(|it| it.starts_with(stem)))
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{found_beside, of};

    fn book(objectives: &str, steps: &str) -> String {
        format!(
            "holdpoint: 1\nid: postgres-lost\ntitle: X\nobjectives: {{{objectives}}}\nsteps:\n{steps}"
        )
    }

    #[test]
    fn estimates_and_timeouts_along_the_longest_path_are_held_against_the_rto() {
        let one = "  - {id: a, estimate: 20m..40m, run: [x]}\n";
        let other = "  - {id: b, timeout: 30m, run: [x]}\n";
        let both = format!("{one}{other}");
        assert_eq!(of("HP505", &book("rto: 1h", &both)), ["4:14 rto: 1h"]);
        assert!(of("HP505", &book("rto: 70m", &both)).is_empty());
        let aside = format!("{one}  - {{id: b, needs: [], timeout: 30m, run: [x]}}\n");
        assert!(of("HP505", &book("rto: 40m", &aside)).is_empty());
    }

    #[test]
    fn the_estimate_of_the_runbook_is_held_against_the_rto() {
        let found = of("HP505", &book("rto: 1h, estimate: 2h..4h", "  - {id: a, run: [x]}\n"));
        assert_eq!(found, ["4:23 estimate: 2h..4h"]);
    }

    #[test]
    fn the_backups_of_what_it_is_about_are_held_against_the_rpo() {
        let is_found = |component: &str, schedule: &str, rpo: &str| {
            let library = format!(
                "holdpoint: 1\nbackups: [{{component: {component}, schedule: {schedule}}}]\n"
            );
            let book = book(&format!("rpo: {rpo}"), "  - {id: a, run: [x]}\n");
            found_beside(&library, &book).contains(&format!("HP505 4:14 rpo: {rpo}"))
        };
        assert!(is_found("PostgreSQL", "daily", "24h"));
        assert!(!is_found("PostgreSQL", "daily", "25h"));
        assert!(!is_found("Redis", "daily", "1h"));
        assert!(!is_found("PostgreSQL", "on demand", "1h"));
    }

    #[test]
    fn the_shortest_of_several_backups_counts() {
        let library = "holdpoint: 1\nbackups:\n  - {component: postgres, schedule: daily}\n  \
                       - {component: postgres WAL, schedule: continuous}\n";
        let found = found_beside(library, &book("rpo: 1h", "  - {id: a, run: [x]}\n"));
        assert!(!found.iter().any(|finding| finding.starts_with("HP505")), "{found:?}");
    }
}
