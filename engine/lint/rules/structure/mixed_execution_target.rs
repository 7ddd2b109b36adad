//! HP112: what runs in another place than it is meant for.

use std::ops::Range;

use crate::lint::scene::services::is_of;
use crate::lint::scene::{Known, Part, Role, Scene, Script};
use crate::lint::shell::{Command, Place};
use crate::lint::{Check, Confidence, Finding, Findings, Profile, Rule};
use crate::source::Severity;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP112",
    name: "mixed-execution-target",
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    profile: Profile::Standard,
    fix: None,
    about: "A command runs in another place than those around it: `docker compose` between steps of \
            `kubectl`, a path of a container on the host, SQL where a shell stands.",
    why: "Half of the runbook then works on one system and half on another. `rm -rf \
          /var/lib/postgresql/data` on the host does nothing to a database in a container, or \
          removes another one; a repair in a local container leaves the cluster as broken as it \
          was.",
    bad: include_str!("../../examples/HP112.bad.yaml"),
    good: include_str!("../../examples/HP112.good.yaml"),
    source: "practice: two of the five source documents work on the host what runs in a container",
    check: Check::Scene(check),
};

/// The first words of SQL, as it is written in capitals.
const SQL: [&str; 13] = [
    "SELECT", "INSERT", "UPDATE", "DELETE", "ALTER", "CREATE", "DROP", "TRUNCATE", "REINDEX",
    "VACUUM", "OPTIMIZE", "GRANT", "REVOKE",
];

/// Where systems keep their data.
const DATA: [(&str, &str); 6] = [
    ("/var/lib/postgresql", "postgresql"),
    ("/var/lib/mysql", "mysql"),
    ("/var/lib/redis", "redis"),
    ("/var/lib/clickhouse", "clickhouse"),
    ("/var/lib/mongodb", "mongodb"),
    ("/var/lib/elasticsearch", "elasticsearch"),
];

/// What `docker` does to containers that run something, beside images and builds.
const TO_CONTAINERS: [&str; 9] =
    ["compose", "exec", "stop", "start", "restart", "kill", "rm", "cp", "logs"];

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    let actions = || scene.scripts.iter().filter(|script| script.role == Role::Action);
    let contained = contained(scene);
    for script in actions() {
        if let Some(range) = statement(script) {
            let message = "this is SQL, and a shell is to run it";
            let help = "give it to a client: `psql -v ON_ERROR_STOP=1 -d DATABASE` with the SQL in \
                        `stdin`";
            push(script, &range, message.to_owned(), help, scene, findings);
        }
        for command in &script.commands {
            elsewhere(script, command, &contained, scene, findings);
        }
    }
    two_platforms(scene, findings);
}

fn push(
    script: &Script<'_>,
    range: &Range<usize>,
    message: String,
    help: &str,
    scene: &Scene<'_>,
    findings: &mut Findings,
) {
    let at = script.place(range, scene.source);
    let finding = Finding::new(&RULE, at, message).help(help);
    findings.push(scene.in_step(finding, script.step));
}

/// The first line of a script, comments of SQL aside, where it is a statement.
fn statement(script: &Script<'_>) -> Option<Range<usize>> {
    let mut at = 0;
    for line in script.text.split_inclusive('\n').filter(|_| script.is_shell) {
        let start = at + line.len() - line.trim_start().len();
        at += line.len();
        let text = line.trim();
        if text.is_empty() || text.starts_with("--") {
            continue;
        }
        let mut words = text.split_whitespace();
        let is_verb = words.next().is_some_and(|word| SQL.contains(&word));
        let is_alone = words.next().is_none() && text != "SELECT";
        return (is_verb && !is_alone).then(|| start..start + text.len());
    }
    None
}

/// A path of a container on the host, or a path of the host in a container.
fn elsewhere(
    script: &Script<'_>,
    command: &Known<'_>,
    contained: &[&str],
    scene: &Scene<'_>,
    findings: &mut Findings,
) {
    let inner = command.wrappers.iter().rev().find_map(|wrapper| match &wrapper.place {
        Place::Same => None,
        place => Some(place),
    });
    let is_aimed = script.step.is_some_and(|step| scene.inherited(step, "target").is_some());
    let mut words = command.arguments().iter().map(|word| word.text.as_str());
    if inner.is_none() && !is_aimed && command.program() != "docker" {
        let data = words.find_map(|word| DATA.iter().find(|(path, _)| word.starts_with(path)));
        if let Some((path, system)) = data.filter(|(_, system)| contained.contains(system)) {
            let message =
                format!("this works on `{path}` of this machine, and {system} runs in a container");
            let help = "run it where the data is: in the container, or on its volume";
            push(script, &command.range, message, help, scene, findings);
        }
    } else if let Some(Place::Container(_) | Place::Pod(_)) = inner
        && let Some(path) = words.find(|word| word.starts_with("./"))
    {
        let message =
            format!("`{path}` is looked for in the container, and it is a path from here");
        let help = "give the file on standard input: `< FILE`, with `-i`";
        push(script, &command.range, message, help, scene, findings);
    }
}

/// The systems that the runbook addresses in containers.
fn contained(scene: &Scene<'_>) -> Vec<&'static str> {
    let mut names: Vec<&str> = Vec::new();
    for turned in scene.turns() {
        let program = scene.command(turned.deed).program();
        if ["docker", "docker-compose", "podman", "kubectl"].contains(&program) {
            names.push(&turned.service);
        }
    }
    let commands = scene.scripts.iter().flat_map(|script| &script.commands);
    for wrapper in commands.flat_map(|command| &command.wrappers) {
        if let Place::Container(name) | Place::Pod(name) = &wrapper.place {
            names.push(name);
        }
    }
    names.sort_unstable();
    names.dedup();
    let is_there = |system: &str| names.iter().any(|name| is_of(name, system));
    DATA.iter().map(|(_, system)| *system).filter(|system| is_there(system)).collect()
}

/// `docker compose` and `kubectl` in steps that nothing chooses between.
fn two_platforms(scene: &Scene<'_>, findings: &mut Findings) {
    let mut found: [Vec<(usize, usize)>; 2] = [Vec::new(), Vec::new()];
    for (at, script) in scene.scripts.iter().enumerate() {
        let is_chosen = script.step.is_some_and(|step| {
            let mut around = scene.around(step).map(|at| &scene.steps[at]);
            around.any(|step| {
                matches!(step.part, Part::Case | Part::Rung) || step.key("when").is_some()
            })
        });
        if script.role != Role::Action || is_chosen {
            continue;
        }
        for (place, command) in script.commands.iter().enumerate() {
            if let Some(platform) = platform(command) {
                found[platform].push((at, place));
            }
        }
    }
    let [docker, kubectl] = &found;
    let (few, many) =
        if docker.len() <= kubectl.len() { (docker, kubectl) } else { (kubectl, docker) };
    let (Some(odd), Some(usual)) = (few.first(), many.first()) else { return };
    if odd.0 == usual.0 {
        return;
    }
    let script = &scene.scripts[odd.0];
    let command = &script.commands[odd.1];
    let usual_script = &scene.scripts[usual.0];
    let usual_at = usual_script.place(&usual_script.commands[usual.1].range, scene.source);
    let at = script.place(&command.range, scene.source);
    let message = "this works in another place than the other steps of the runbook";
    let finding = Finding::new(&RULE, at, message)
        .related(usual_at, "where the others work")
        .help("say which platform it is for: a `switch` on an input, or a `target`");
    findings.push(scene.in_step(finding, script.step));
}

/// 0 for containers of Docker, 1 for Kubernetes.
fn platform(command: &Command) -> Option<usize> {
    let first = |words: &[crate::lint::shell::Word]| {
        let is_verb =
            |word: &&crate::lint::shell::Word| TO_CONTAINERS.contains(&word.text.as_str());
        words.iter().any(|word| is_verb(&word))
    };
    let outer = command.wrappers.iter().find_map(|wrapper| match wrapper.program.as_str() {
        "docker" | "docker-compose" | "podman" => Some(0),
        "kubectl" | "oc" => Some(1),
        _ => None,
    });
    outer.or_else(|| match command.program() {
        "docker-compose" => Some(0),
        "docker" | "podman" if first(command.arguments()) => Some(0),
        "kubectl" | "oc" | "helm" => Some(1),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::of;

    fn found(scripts: &[&str]) -> Vec<String> {
        let step = |(at, script): (usize, &&str)| format!("  - {{id: s{at}, run: '{script}'}}\n");
        let steps: String = scripts.iter().enumerate().map(step).collect();
        of("HP112", &format!("holdpoint: 1\nid: x\ntitle: X\nsteps:\n{steps}"))
    }

    #[test]
    fn sql_without_a_client_is_found() {
        assert_eq!(found(&["REINDEX DATABASE shop;"]), ["5:20 REINDEX DATABASE shop;"]);
        assert!(found(&["psql -c \"REINDEX DATABASE shop;\""]).is_empty());
    }

    #[test]
    fn a_step_on_another_platform_is_found() {
        assert_eq!(
            found(&[
                "kubectl scale deployment api --replicas=0",
                "docker compose exec postgres psql -c x",
                "kubectl scale deployment api --replicas=3",
            ]),
            ["6:20 docker compose exec postgres psql -c x"]
        );
        assert!(found(&["docker build -t a .", "kubectl rollout status deploy/a"]).is_empty());
    }

    #[test]
    fn the_data_of_a_container_is_not_on_the_host() {
        assert_eq!(
            found(&["docker compose stop postgres", "rm -rf /var/lib/postgresql/data/*"]),
            ["6:20 rm -rf /var/lib/postgresql/data/*"]
        );
        assert!(found(&["systemctl stop postgresql", "rm -rf /var/lib/postgresql/x"]).is_empty());
        assert_eq!(
            found(&["docker exec db pg_restore -d shop ./backups/a.dump"]),
            ["5:20 docker exec db pg_restore -d shop ./backups/a.dump"]
        );
    }
}
