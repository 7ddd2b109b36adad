//! HP208: nothing may write while data is restored.

use std::collections::HashSet;

use crate::lint::knowledge::Kind;
use crate::lint::scene::services::{ALL, Turn, Turned, is_of, is_same};
use crate::lint::scene::{Deed, Known, Scene};
use crate::lint::{Check, Confidence, Finding, Findings, Profile, Rule};
use crate::source::Severity;

use super::recovery::{
    commands, database, is_file_copy, is_whole, restores, step_before, steps_about,
};

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP208",
    name: "restore-with-live-writers",
    severity: Severity::Error,
    confidence: Confidence::Medium,
    profile: Profile::Standard,
    fix: None,
    about: "Data is restored or emptied while something that writes to it still runs.",
    why: "What is written during the restore is lost, or meets half-loaded tables and is kept in a \
          state that no backup and no program ever had. To stop the API is not enough when workers \
          write as well.",
    bad: include_str!("../../examples/HP208.bad.yaml"),
    good: include_str!("../../examples/HP208.good.yaml"),
    source: "practice: four of the five source documents restore under running workers",
    check: Check::Scene(check),
};

/// How many commands about services are looked through on either side.
const NEAREST: usize = 64;

/// Words of a step that makes writers stand still.
const STILL: [&str; 11] = [
    "writer",
    "write",
    "stop",
    "scale",
    "maintenance",
    "read-only",
    "read only",
    "drain",
    "quiesce",
    "fence",
    "revoke",
];

/// Words of a step that makes a new place for the data, which nothing writes to yet.
const NEW: [&str; 5] = ["provision", "new server", "new cluster", "empty cluster", "standby"];

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    let restores = restores(scene);
    if restores.is_empty() && scene.acts(Kind::Destroys).next().is_none() {
        return;
    }
    let mut still = steps_about(scene, &STILL);
    still.retain(|step| is_open(scene, *step));
    let new = steps_about(scene, &NEW);
    let fresh = commands(scene, is_fresh);
    let gone = commands(scene, is_gone);
    // A right that is taken away in whatever database is the usual one is not taken away here.
    let is_aimed = |deed: &Deed| {
        let facts = &scene.command(*deed).facts;
        !facts.iter().any(|fact| fact.kind == Kind::ImplicitTarget)
    };
    let withdrawn: Vec<Deed> = scene.acts(Kind::Withdraws).filter(is_aimed).collect();
    let mut said = HashSet::new();
    for deed in restores {
        let Some(system) = database(scene, deed) else { continue };
        // A file is put in place of the data of a server that stands still.
        if is_file_copy(scene.command(deed)) {
            continue;
        }
        let is_again = scene.step_of(deed).is_some_and(|step| said.contains(&step));
        let is_new = step_before(scene, &new, deed).is_some()
            || (scene.nearest_before(&fresh, deed).is_some()
                && scene.nearest_before(&gone, deed).is_none());
        if is_again || is_new {
            continue;
        }
        let is_still = stopped_before(scene, deed, &system).next().is_some()
            || scene.nearest_before(&withdrawn, deed).is_some()
            || step_before(scene, &still, deed).is_some_and(|step| !is_about(scene, step, &system));
        if !is_still {
            said.extend(scene.step_of(deed));
            let message = "this loads data, and nothing before it stops what writes there";
            push(scene, deed, message.to_owned(), None, findings);
        } else if let Some(live) = live(scene, deed, &system) {
            said.extend(scene.step_of(deed));
            let message = format!("`{}` still runs while this loads data", live.service);
            push(scene, deed, message, Some(live), findings);
        }
    }
    for deed in scene.acts(Kind::Destroys).filter(|deed| is_whole(scene.command(*deed))) {
        if scene.step_of(deed).is_some_and(|step| !said.insert(step)) {
            continue;
        }
        let live = database(scene, deed).and_then(|system| live(scene, deed, &system));
        if let Some(live) = live.filter(|live| live.turn == Turn::Restart) {
            let message = format!("`{}` still runs while this empties the data", live.service);
            push(scene, deed, message, Some(live), findings);
        }
    }
}

fn push(
    scene: &Scene<'_>,
    deed: Deed,
    message: String,
    live: Option<&Turned>,
    findings: &mut Findings,
) {
    let help = "stop every service that writes first, and start them in a paired `undo`";
    let mut finding = Finding::new(&RULE, scene.place(deed), message).help(help);
    if let Some(live) = live {
        finding = finding.related(scene.place(live.deed), "started again, and never stopped");
    }
    findings.push(scene.in_step(finding, scene.step_of(deed)));
}

/// Whether a step does what is not known here, so that its title must be believed.
fn is_open(scene: &Scene<'_>, step: usize) -> bool {
    let mut commands = scene.scripts_of(step).flat_map(|script| &script.commands);
    scene.steps[step].action != "run" || commands.any(|command| command.facts.is_empty())
}

/// Commands that make an empty place.
fn is_fresh(command: &Known<'_>) -> bool {
    matches!(command.program(), "createdb" | "initdb")
        || command.text().to_lowercase().contains("create database")
}

/// Commands that take away what was used before, so that its writers come back to the new one.
fn is_gone(command: &Known<'_>) -> bool {
    let text = command.text().to_lowercase();
    command.program() == "dropdb"
        || text.contains("drop database")
        || text.starts_with("docker volume rm")
}

/// What is stopped before a deed, the system itself aside.
fn stopped_before<'s>(
    scene: &'s Scene<'_>,
    deed: Deed,
    system: &'s str,
) -> impl Iterator<Item = &'s Turned> + 's {
    let turns = scene.turns();
    let end = turns.partition_point(|turned| turned.deed < deed);
    let below = turns[end..].iter().take(NEAREST);
    let near = turns[..end].iter().rev().take(NEAREST).chain(below);
    near.filter(move |turned| {
        turned.turn == Turn::Stop
            && !is_of(&turned.service, system)
            && scene.may_precede(turned.deed, deed)
    })
}

/// A service that is started after a deed and was not stopped before it.
fn live<'s>(scene: &'s Scene<'_>, deed: Deed, system: &str) -> Option<&'s Turned> {
    let turns = scene.turns();
    let start = turns.partition_point(|turned| turned.deed <= deed);
    let stopped: Vec<&Turned> = stopped_before(scene, deed, system).collect();
    turns[start..].iter().take(NEAREST).find(|turned| {
        turned.turn != Turn::Stop
            && turned.service != ALL
            && !is_of(&turned.service, system)
            && !stopped.iter().any(|it| is_same(&it.service, &turned.service))
            && scene.may_precede(deed, turned.deed)
    })
}

/// Whether a step speaks of the system itself, such as `Stop PostgreSQL`.
fn is_about(scene: &Scene<'_>, step: usize, system: &str) -> bool {
    let step = &scene.steps[step];
    is_of(step.title(), system) || is_of(&step.id, system)
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::of;

    fn found(scripts: &[&str]) -> Vec<String> {
        let step = |(at, script): (usize, &&str)| format!("  - {{id: s{at}, run: '{script}'}}\n");
        let steps: String = scripts.iter().enumerate().map(step).collect();
        of("HP208", &format!("holdpoint: 1\nid: x\ntitle: X\nsteps:\n{steps}"))
    }

    const LOAD: &str = "pg_restore --clean -d shop a.dump";

    #[test]
    fn a_restore_under_writers_is_found() {
        assert_eq!(found(&[LOAD]), [format!("5:20 {LOAD}")]);
        assert_eq!(found(&["docker compose stop postgres", LOAD]), [format!("6:20 {LOAD}")]);
    }

    #[test]
    fn a_writer_that_is_only_started_again_was_never_stopped() {
        assert_eq!(
            found(&["systemctl stop api", LOAD, "systemctl start api worker"]),
            [format!("6:20 {LOAD}")]
        );
        assert_eq!(
            found(&["redis-cli FLUSHDB", "kubectl rollout restart deployment worker"]),
            ["5:20 redis-cli FLUSHDB"]
        );
    }

    #[test]
    fn what_stands_still_or_is_new_has_no_writers() {
        assert!(
            found(&["systemctl stop api worker", LOAD, "systemctl start api worker"]).is_empty()
        );
        assert!(found(&["kubectl scale deploy/api --replicas=0", LOAD]).is_empty());
        assert!(found(&["createdb shop", "pg_restore -d shop a.dump"]).is_empty());
        assert_eq!(found(&["dropdb shop", "createdb shop", "pg_restore -d shop a.dump"]).len(), 1);
    }
}
