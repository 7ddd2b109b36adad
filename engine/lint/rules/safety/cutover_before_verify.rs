//! HP212: users come last.

use crate::lint::knowledge::Kind;
use crate::lint::scene::{Deed, Scene};
use crate::lint::{Check, Confidence, Finding, Findings, Profile, Rule};
use crate::source::Severity;

use super::change;
use super::recovery::restores;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP212",
    name: "cutover-before-verify",
    severity: Severity::Error,
    confidence: Confidence::Medium,
    profile: Profile::Standard,
    fix: None,
    about: "Users are sent to a system before its data is restored, or before anything has looked at \
            the restored data.",
    why: "They meet an empty or half-loaded system, and what they write there stands in the way of \
          the restore. A change of DNS is kept by resolvers for as long as its TTL: it cannot be \
          taken back in a minute.",
    bad: include_str!("../../examples/HP212.bad.yaml"),
    good: include_str!("../../examples/HP212.good.yaml"),
    source: "practice: one of the five source documents changes DNS before it restores the data",
    check: Check::Scene(check),
};

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    let restores = restores(scene);
    if restores.is_empty() {
        return;
    }
    let looks: Vec<usize> = (0..scene.steps.len()).filter(|at| change::looks(scene, *at)).collect();
    for deed in scene.acts(Kind::CutsOver) {
        let Some(step) = scene.step_of(deed) else { continue };
        let after = scene.nearest_after(deed, &restores).filter(|it| scene.precedes(deed, *it));
        let before = scene.nearest_before(&restores, deed);
        let (message, related, words) = match (after, before) {
            (Some(after), _) => {
                ("users are sent there before the data is restored", after, "restored only here")
            }
            (None, Some(before)) if !is_looked_at(scene, before, deed, &looks) => (
                "users are sent there before anything looked at the restored data",
                before,
                "restored here",
            ),
            _ => continue,
        };
        let finding = Finding::new(&RULE, scene.place(deed), message)
            .related(scene.place(related), words)
            .step(&scene.steps[step].path)
            .help("restore, look at the data with a probe, and send users there last");
        findings.push(finding);
    }
}

/// Whether something looks between two deeds, at the end of the first or at the beginning of the
/// second.
fn is_looked_at(scene: &Scene<'_>, first: Deed, then: Deed, looks: &[usize]) -> bool {
    let (Some(from), Some(to)) = (scene.step_of(first), scene.step_of(then)) else { return true };
    let says = |at: usize, key| scene.steps[at].key(key).is_some();
    let next = |at: usize| looks.partition_point(|look| *look < at);
    scene.around(from).any(|at| says(at, "verify"))
        || scene.around(to).any(|at| says(at, "require"))
        || looks.get(next(from + 1)).is_some_and(|look| *look < to)
        || (from == to && looks.get(next(from)) == Some(&from))
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::of;

    fn found(steps: &[&str]) -> Vec<String> {
        let steps: String = steps.iter().map(|step| format!("  - {{{step}}}\n")).collect();
        of("HP212", &format!("holdpoint: 1\nid: x\ntitle: X\nsteps:\n{steps}"))
    }

    const LOAD: &str = "id: load, run: pg_restore -d shop a.dump";
    const DNS: &str = "id: dns, run: pg_ctl -D /srv/data promote";

    #[test]
    fn users_come_after_the_data_and_after_a_look_at_it() {
        assert_eq!(found(&[DNS, LOAD]), ["5:20 pg_ctl -D /srv/data promote"]);
        assert_eq!(found(&[LOAD, DNS]), ["6:20 pg_ctl -D /srv/data promote"]);
        assert!(found(&[LOAD, "id: look, probe: {tcp: \"db:5432\"}", DNS]).is_empty());
        assert!(found(&[DNS]).is_empty());
    }
}
