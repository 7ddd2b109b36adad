//! HP209: what is stopped must be started, and as it was.

use std::collections::HashMap;

use crate::lint::knowledge::Kind;
use crate::lint::scene::services::{ALL, Turn, Turned, is_same, replicas};
use crate::lint::scene::{Deed, Part, Scene};
use crate::lint::{Check, Confidence, Finding, Findings, Profile, Rule};
use crate::source::Severity;

use super::recovery::{step_after, steps_about};

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP209",
    name: "missing-inverse-step",
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    profile: Profile::Standard,
    fix: None,
    about: "A service is stopped, a deployment scaled to 0 or a right taken away, and no later step \
            gives that back, or gives back a number that is written down and not the one before.",
    why: "The database is well again and nobody can log in, because the REVOKE of step 2 still holds. \
          Or three replicas are started where thirty ran in the morning, and the incident goes on \
          as another one.",
    bad: include_str!("../../examples/HP209.bad.yaml"),
    good: include_str!("../../examples/HP209.good.yaml"),
    source: "practice: two of the five source documents take away what they do not give back",
    check: Check::Scene(check),
};

/// Words of a step that brings back what was stopped.
const BACK: [&str; 8] =
    ["start", "resume", "enable", "bring up", "bring back", "scale", "re-open", "reopen"];

/// How many commands about one service are looked through.
const NEAREST: usize = 64;

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    let turns = scene.turns();
    let starts: Vec<&Turned> = turns.iter().filter(|it| it.turn != Turn::Stop).collect();
    let by_service = by_service(starts.iter().copied());
    let back = steps_about(scene, &BACK);
    for turned in turns.iter().filter(|turned| turned.turn == Turn::Stop) {
        if is_last_or_undo(scene, turned.deed) {
            continue;
        }
        let is_all = turned.service == ALL;
        let of = |name| by_service.get(name).map(Vec::as_slice).unwrap_or_default();
        let same = if is_all { starts.as_slice() } else { of(key(&turned.service)) };
        let mut near = near(same, turned.deed).chain(near(of(ALL), turned.deed));
        let is_back = near.any(|start| is_way_back(scene, turned.deed, start.deed))
            || step_after(scene, turned.deed, &back).is_some();
        if !is_back {
            let message = match is_all {
                true => "nothing starts again what this stops".to_owned(),
                false => {
                    format!("`{}` is stopped here, and nothing starts it again", turned.service)
                }
            };
            push(scene, turned.deed, message, findings);
        }
    }
    numbers(scene, findings);
    rights(scene, findings);
}

/// What stops or starts services, by their names.
fn by_service<'t>(turns: impl Iterator<Item = &'t Turned>) -> HashMap<&'t str, Vec<&'t Turned>> {
    let mut found: HashMap<&str, Vec<&Turned>> = HashMap::new();
    for turned in turns {
        found.entry(key(&turned.service)).or_default().push(turned);
    }
    found
}

/// Those that stand nearest to a deed, below it first.
fn near<'t>(turns: &[&'t Turned], deed: Deed) -> impl Iterator<Item = &'t Turned> {
    let start = turns.partition_point(|turned| turned.deed <= deed);
    let below = turns[start..].iter().take(NEAREST);
    below.chain(turns[..start].iter().rev().take(NEAREST)).copied()
}

fn push(scene: &Scene<'_>, deed: Deed, message: String, findings: &mut Findings) {
    let help = "put the way back into a paired undo: `undo: {paired: true, run: …}`";
    let finding = Finding::new(&RULE, scene.place(deed), message).help(help);
    findings.push(scene.in_step(finding, scene.step_of(deed)));
}

/// The part of a name by which two commands may mean one service.
fn key(service: &str) -> &str {
    let name = service.rsplit('/').next().unwrap_or(service);
    name.strip_suffix(".service").unwrap_or(name)
}

/// Whether one deed gives back what another took: it comes after it, or is in its undo.
fn is_way_back(scene: &Scene<'_>, taken: Deed, given: Deed) -> bool {
    let is_undo = scene.step_of(taken).zip(scene.step_of(given)).is_some_and(|(taken, given)| {
        let mut around = scene.around(given);
        around.any(|at| {
            matches!(scene.steps[at].part, Part::Undo { .. })
                && scene.steps[at].parent.is_some_and(|owner| scene.is_within(taken, owner))
        })
    });
    is_undo || scene.may_precede(taken, given)
}

/// Whether a deed stands at the end of the run or is an undo, after which nothing need come.
fn is_last_or_undo(scene: &Scene<'_>, deed: Deed) -> bool {
    let mut around = scene.step_of(deed).into_iter().flat_map(|step| scene.around(step));
    around.any(|at| {
        let step = &scene.steps[at];
        step.is_closing || matches!(step.part, Part::Undo { .. })
    })
}

/// Deployments that come back with a number that is written down.
fn numbers(scene: &Scene<'_>, findings: &mut Findings) {
    let stops = by_service(scene.turns().iter().filter(|turned| turned.turn == Turn::Stop));
    for turned in scene.turns().iter().filter(|turned| turned.turn == Turn::Start) {
        let Some(number) = replicas(scene.command(turned.deed).arguments()) else { continue };
        if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            continue;
        }
        let same = stops.get(key(&turned.service)).map(Vec::as_slice).unwrap_or_default();
        let stop = near(same, turned.deed).find(|it| {
            is_same(&it.service, &turned.service) && is_way_back(scene, it.deed, turned.deed)
        });
        let Some(stop) = stop else { continue };
        let message =
            format!("`{}` comes back with {number}, however many ran before", turned.service);
        let help = "read the number before it is scaled to 0, and hand it on as an output";
        let finding = Finding::new(&RULE, scene.place(turned.deed), message)
            .related(scene.place(stop.deed), "the number is lost here")
            .help(help);
        findings.push(scene.in_step(finding, scene.step_of(turned.deed)));
    }
}

/// Rights and other things that are taken away, by their pair.
fn rights(scene: &Scene<'_>, findings: &mut Findings) {
    let given: Vec<Deed> = scene.acts(Kind::GivesBack).collect();
    for deed in scene.acts(Kind::Withdraws) {
        let Some(fact) = scene.fact(deed) else { continue };
        let is_pair =
            |given: &&Deed| scene.fact(**given).is_some_and(|given| given.object == fact.object);
        let mut pairs = given.iter().filter(is_pair).take(NEAREST);
        if is_last_or_undo(scene, deed) || pairs.any(|given| is_way_back(scene, deed, *given)) {
            continue;
        }
        let message = format!("this {}, and nothing gives that back", fact.does);
        push(scene, deed, message, findings);
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::of;

    fn found(steps: &str) -> Vec<String> {
        of("HP209", &format!("holdpoint: 1\nid: x\ntitle: X\nsteps:\n{steps}"))
    }

    const STOP: &str = "  - {id: halt, run: systemctl stop api}\n";

    #[test]
    fn what_is_stopped_and_never_started_is_found() {
        assert_eq!(found(STOP), ["5:21 systemctl stop api"]);
        assert_eq!(found(&format!("  - {{id: a, run: systemctl start api}}\n{STOP}")).len(), 1);
        let revoke = "  - {id: a, run: \"psql -d shop -c 'REVOKE ALL ON t FROM app'\"}\n";
        assert_eq!(found(revoke).len(), 1);
    }

    #[test]
    fn a_start_after_it_or_in_its_undo_is_the_way_back() {
        for steps in [
            format!("{STOP}  - {{id: go, run: systemctl start api}}\n"),
            format!("{STOP}  - {{id: go, run: systemctl restart api.service}}\n"),
            "  - {id: a, run: systemctl stop api, undo: {paired: true, run: systemctl start api}}\n"
                .to_owned(),
            format!("{STOP}  - {{id: start-all, manual: Start the API}}\n"),
        ] {
            assert!(found(&steps).is_empty(), "{steps}");
        }
    }

    #[test]
    fn a_number_that_is_written_down_is_not_the_one_before() {
        let scale = |id: &str, to: &str| {
            format!("  - {{id: {id}, run: kubectl scale deploy/api --replicas={to}}}\n")
        };
        let both = format!("{}{}", scale("down", "0"), scale("up", "3"));
        assert_eq!(found(&both), ["6:19 kubectl scale deploy/api --replicas=3"]);
        assert!(found(&scale("up", "5")).is_empty());
        let kept = format!("{}{}", scale("down", "0"), scale("up", "\"$before\""));
        assert!(found(&kept.replace("run: ", "run: '").replace("}\n", "'}\n")).is_empty());
    }
}
