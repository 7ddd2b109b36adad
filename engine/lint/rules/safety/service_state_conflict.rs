//! HP213: what is needed must run, and what is removed must not.

use std::collections::HashMap;

use crate::lint::knowledge::Kind;
use crate::lint::scene::services::{ALL, Turn, Turned, is_of, is_same};
use crate::lint::scene::{Deed, Known, Scene};
use crate::lint::shell::Place;
use crate::lint::{Check, Confidence, Finding, Findings, Profile, Rule};
use crate::source::Severity;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP213",
    name: "service-state-conflict",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Standard,
    fix: None,
    about: "A command needs a service that an earlier step has stopped, or removes the volume of a \
            container that was only stopped.",
    why: "It fails, always. `pg_restore` has nobody to talk to when PostgreSQL is stopped, and \
          `docker volume rm` refuses a volume that a stopped container still has. The step that \
          was tried on paper only stops the recovery.",
    bad: include_str!("../../examples/HP213.bad.yaml"),
    good: include_str!("../../examples/HP213.good.yaml"),
    source: "practice: three of the five source documents use what they have just stopped",
    check: Check::Scene(check),
};

/// What stands in the name of a service beside the system itself.
const BESIDE: [&str; 8] =
    ["exporter", "bouncer", "pool", "replica", "standby", "proxy", "backup", "sentinel"];

/// How many commands about one system are looked through.
const NEAREST: usize = 64;

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    let mut by_system: HashMap<&str, Vec<&Turned>> = HashMap::new();
    let mut starts: Vec<Deed> =
        scene.acts(Kind::Starts).chain(scene.acts(Kind::CutsOver)).collect();
    starts.sort_unstable();
    for deed in scene.acts(Kind::Uses) {
        let system = scene.fact(deed).and_then(|fact| fact.object.as_deref());
        let Some(system) = system else { continue };
        let turns = by_system.entry(system).or_insert_with(|| turns_of(scene, system));
        let end = turns.partition_point(|turned| turned.deed < deed);
        let mut near = turns[..end].iter().rev().take(NEAREST);
        let last = near.find(|turned| scene.may_precede(turned.deed, deed));
        let Some(stop) = last.filter(|turned| turned.turn == Turn::Stop) else { continue };
        let is_sure = scene.precedes(stop.deed, deed)
            && is_one_place(scene, stop.deed, deed)
            && scene.nearest_before(&starts, deed).is_none_or(|start| start < stop.deed)
            && !has_open_step(scene, stop.deed, deed)
            && !is_elsewhere(scene.command(deed));
        if is_sure {
            let name = scene.command(deed).program();
            let message = format!("`{name}` needs {system}, which was stopped before");
            push(scene, deed, stop.deed, message, "start it first, or stop it later", findings);
        }
    }
    volumes(scene, findings);
    starts_of_what_runs(scene, findings);
}

/// A start after the configuration was written, of a server that was not stopped: it changes nothing.
fn starts_of_what_runs(scene: &Scene<'_>, findings: &mut Findings) {
    let turns = scene.turns();
    for (at, turned) in turns.iter().enumerate() {
        let script = scene.script(turned.deed);
        let before =
            &script.commands[turned.deed.command.saturating_sub(NEAREST)..turned.deed.command];
        let is_set = before.iter().any(writes_recovery);
        if turned.turn != Turn::Start || turned.service == ALL || !is_set {
            continue;
        }
        let mut above = turns[..at].iter().rev().take(NEAREST);
        let last = above.find(|it| {
            (is_same(&it.service, &turned.service)) && scene.may_precede(it.deed, turned.deed)
        });
        let Some(last) = last.filter(|it| it.turn != Turn::Stop) else { continue };
        if !scene.precedes(last.deed, turned.deed) || !is_one_place(scene, last.deed, turned.deed) {
            continue;
        }
        let service = &turned.service;
        let message =
            format!("`{service}` runs already, so this changes nothing: it was not stopped");
        let finding = Finding::new(&RULE, scene.place(turned.deed), message)
            .related(scene.place(last.deed), "started here")
            .help("stop it before its settings for a recovery are written");
        findings.push(scene.in_step(finding, script.step));
    }
}

/// Whether a command writes what a server reads only when it starts to recover.
fn writes_recovery(command: &Known<'_>) -> bool {
    let is_it = |path: &str| path.ends_with("recovery.conf") || path.ends_with("recovery.signal");
    command.redirects.iter().any(|it| it.keeps_output() && is_it(&it.target.text))
        || (command.program() == "touch" && command.arguments().iter().any(|it| is_it(&it.text)))
}

fn push(
    scene: &Scene<'_>,
    deed: Deed,
    stop: Deed,
    message: String,
    help: &str,
    findings: &mut Findings,
) {
    let finding = Finding::new(&RULE, scene.place(deed), message)
        .related(scene.place(stop), "stopped here")
        .help(help);
    findings.push(scene.in_step(finding, scene.step_of(deed)));
}

/// What stops and starts a system, in the order of the file.
fn turns_of<'s>(scene: &'s Scene<'_>, system: &str) -> Vec<&'s Turned> {
    let is_it = |turned: &&Turned| {
        let name = turned.service.to_lowercase();
        // Whatever starts all of them starts this one; what stops all of them may not have it.
        let is_start_of_all = turned.service == ALL && turned.turn != Turn::Stop;
        is_start_of_all
            || (is_of(&name, system) && !BESIDE.iter().any(|beside| name.contains(beside)))
    };
    scene.turns().iter().filter(is_it).collect()
}

/// Whether two commands work in one place, as far as is said.
fn is_one_place(scene: &Scene<'_>, one: Deed, other: Deed) -> bool {
    let host = |deed: Deed| {
        let wrappers = scene.command(deed).wrappers.iter();
        let hosts = wrappers.filter_map(|wrapper| match &wrapper.place {
            Place::Host(host) => Some(host.clone()),
            _ => None,
        });
        hosts.collect::<Vec<_>>()
    };
    let target = |deed: Deed| {
        let step = scene.step_of(deed)?;
        scene.inherited(step, "target").map(|target| target.to_json())
    };
    host(one) == host(other) && target(one) == target(other)
}

/// Whether a step between two commands does what is not known here: by hand, or under a title that
/// speaks of a start.
fn has_open_step(scene: &Scene<'_>, stop: Deed, uses: Deed) -> bool {
    let (Some(from), Some(to)) = (scene.step_of(stop), scene.step_of(uses)) else { return true };
    if to.saturating_sub(from) > NEAREST {
        return true;
    }
    let starts = |text: &str| {
        let text = text.to_lowercase();
        ["start", "boot", "launch", "deploy"].iter().any(|word| text.contains(word))
    };
    let between = (from + 1..to.max(from + 1)).filter(|at| scene.may_be_before(*at, to));
    between.map(|at| &scene.steps[at]).any(|step| {
        matches!(step.action, "manual" | "include" | "checklist")
            || starts(step.title())
            || starts(&step.id)
    })
}

/// Whether a client is told to talk to another host.
fn is_elsewhere(command: &Known<'_>) -> bool {
    let words: Vec<&str> = command.arguments().iter().map(|word| word.text.as_str()).collect();
    let is_local =
        |host: &str| matches!(host, "localhost" | "127.0.0.1" | "::1") || host.starts_with('/');
    let named = words.iter().enumerate().find_map(|(at, word)| match *word {
        "-h" | "--host" => words.get(at + 1).copied(),
        word => word.strip_prefix("--host=").or_else(|| word.strip_prefix("-h")),
    });
    let by_variable = command.assignments.iter().any(|it| it.name.ends_with("HOST"));
    by_variable || named.is_some_and(|host| !host.is_empty() && !is_local(host))
}

/// `docker volume rm` of a container that was stopped and is still there.
fn volumes(scene: &Scene<'_>, findings: &mut Findings) {
    let is_of_docker = |deed: Deed| {
        matches!(scene.command(deed).program(), "docker" | "docker-compose" | "podman")
    };
    let removed = super::recovery::commands(scene, is_volume_removal);
    let cleared = super::recovery::commands(scene, is_removal);
    // From the stop on, which may remove the container itself.
    let is_cleared = |stop: Deed, then: Deed| {
        let end = cleared.partition_point(|deed| *deed < then);
        cleared[..end]
            .last()
            .is_some_and(|last| (last.script, last.command) >= (stop.script, stop.command))
    };
    for deed in removed {
        let volume = scene.command(deed).arguments().get(2).map(|word| word.text.clone());
        let volume = volume.unwrap_or_default();
        let turns = scene.turns();
        let end = turns.partition_point(|turned| turned.deed < deed);
        let stop = turns[..end].iter().rev().take(NEAREST).find(|turned| {
            turned.turn == Turn::Stop
                && is_of_docker(turned.deed)
                && turned.service.len() > 2
                && is_part(&volume, &turned.service)
                && scene.precedes(turned.deed, deed)
        });
        let Some(stop) = stop.filter(|stop| !is_cleared(stop.deed, deed)) else { continue };
        let message = format!("`{volume}` still belongs to the container, which was only stopped");
        let help = "remove the container first: `docker compose rm -sf SERVICE`";
        push(scene, deed, stop.deed, message, help, findings);
    }
}

/// Whether the name of a volume has the name of a service as one of its parts.
fn is_part(volume: &str, service: &str) -> bool {
    volume.split(['_', '-']).any(|part| part == service)
}

/// Whether a command removes containers.
fn is_removal(command: &Known<'_>) -> bool {
    let mut words = command.arguments().iter().map(|word| word.text.as_str());
    words.any(|word| matches!(word, "rm" | "down")) && !is_volume_removal(command)
}

fn is_volume_removal(command: &Known<'_>) -> bool {
    let words = command.arguments().iter().take(2).map(|word| word.text.as_str());
    command.program() == "docker" && words.eq(["volume", "rm"])
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::of;

    fn found(scripts: &[&str]) -> Vec<String> {
        let step = |(at, script): (usize, &&str)| format!("  - {{id: s{at}, run: '{script}'}}\n");
        let steps: String = scripts.iter().enumerate().map(step).collect();
        of("HP213", &format!("holdpoint: 1\nid: x\ntitle: X\nsteps:\n{steps}"))
    }

    const LOAD: &str = "pg_restore -h localhost -d shop a.dump";

    #[test]
    fn what_was_stopped_cannot_be_used() {
        assert_eq!(found(&["systemctl stop postgresql", LOAD]), [format!("6:20 {LOAD}")]);
        assert_eq!(
            found(&["docker compose stop postgres", "pg_basebackup -D /srv/data"]),
            ["6:20 pg_basebackup -D /srv/data"]
        );
    }

    #[test]
    fn a_start_of_what_runs_recovers_nothing() {
        let start = "touch /srv/data/recovery.signal; systemctl start postgresql";
        assert_eq!(
            found(&["systemctl restart postgresql", start]),
            ["6:53 systemctl start postgresql"]
        );
        assert!(found(&["systemctl stop postgresql", start]).is_empty());
        assert!(found(&["systemctl restart postgresql", "systemctl start postgresql"]).is_empty());
    }

    #[test]
    fn what_runs_again_or_is_another_can_be_used() {
        for scripts in [
            &["systemctl stop postgresql", "systemctl start postgresql", LOAD] as &[&str],
            &["systemctl stop postgresql", "docker compose up -d", LOAD],
            &["systemctl stop api", LOAD],
            &["systemctl stop postgres-exporter", LOAD],
            &["systemctl stop postgresql", "pg_restore -h db-2 -d shop a.dump"],
            &["ssh db-1 systemctl stop postgresql", LOAD],
        ] {
            assert!(found(scripts).is_empty(), "{scripts:?}");
        }
    }

    #[test]
    fn a_volume_of_a_stopped_container_cannot_be_removed() {
        assert_eq!(
            found(&["docker compose stop redis", "docker volume rm shop_redis_data"]),
            ["6:20 docker volume rm shop_redis_data"]
        );
        assert!(
            found(&[
                "docker compose stop redis",
                "docker compose rm -f redis && docker volume rm shop_redis_data"
            ])
            .is_empty()
        );
        assert!(found(&["docker compose down", "docker volume rm shop_redis_data"]).is_empty());
    }
}
