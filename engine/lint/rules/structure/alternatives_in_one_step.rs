//! HP111: two ways to do one thing, of which both are carried out.

use std::ops::Range;

use crate::lint::scene::{Role, Scene, Script};
use crate::lint::shell::{Command, Place};
use crate::lint::{Check, Confidence, Finding, Findings, Profile, Rule};
use crate::source::Severity;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP111",
    name: "alternatives-in-one-step",
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    profile: Profile::Standard,
    fix: None,
    about: "A script holds several ways to do one thing: for Kubernetes and for systemd, with \
            Terraform and with Pulumi.",
    why: "A reader of a document picks the way that fits. A machine carries out both: what does not \
          fit fails and stops the recovery, or hits the wrong system and succeeds.",
    bad: include_str!("../../examples/HP111.bad.yaml"),
    good: include_str!("../../examples/HP111.good.yaml"),
    source: "practice: two of the five source documents give commands for two platforms in one block",
    check: Check::Scene(check),
};

/// Platforms as comments name them, by the family of which only one is there.
const PLATFORMS: [(&str, &str); 16] = [
    ("kubernetes", "kubernetes"),
    ("k8s", "kubernetes"),
    ("helm", "kubernetes"),
    ("docker", "docker"),
    ("docker compose", "docker"),
    ("docker-compose", "docker"),
    ("compose", "docker"),
    ("systemd", "systemd"),
    ("bare metal", "systemd"),
    ("terraform", "terraform"),
    ("pulumi", "pulumi"),
    ("aws", "aws"),
    ("gcp", "gcp"),
    ("azure", "azure"),
    ("linux", "linux"),
    ("macos", "macos"),
];

/// Programs that exclude each other in one script, with their families.
const PROGRAMS: [(&str, &str); 8] = [
    ("kubectl", "kubernetes"),
    ("helm", "kubernetes"),
    ("oc", "kubernetes"),
    ("systemctl", "systemd"),
    ("docker-compose", "docker"),
    ("terraform", "terraform"),
    ("tofu", "terraform"),
    ("pulumi", "pulumi"),
];

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    for script in scene.scripts.iter().filter(|it| it.role == Role::Action && it.is_shell) {
        if decides(script) {
            continue;
        }
        let Some((first, second)) = headings(script).or_else(|| programs(script)) else {
            continue;
        };
        let place = |way: &Way<'_>| script.place(&way.range, scene.source);
        let message =
            format!("this is another way than `{}`, and both are carried out", first.name);
        let finding = Finding::new(&RULE, place(&second), message)
            .related(place(&first), "the one way")
            .help("make them cases of a `switch` on an input, or rungs of a `ladder`");
        findings.push(scene.in_step(finding, script.step));
    }
}

/// One of several ways.
struct Way<'t> {
    family: &'t str,
    name: String,
    range: Range<usize>,
}

/// Whether a script decides by itself which way it goes.
fn decides(script: &Script<'_>) -> bool {
    let is_decision = |line: &str| {
        let line = line.trim_start();
        ["if ", "case ", "elif "].iter().any(|word| line.starts_with(word))
    };
    script.text.lines().any(is_decision)
}

/// Comments that name two platforms, or begin with `Or`.
fn headings<'t>(script: &'t Script<'_>) -> Option<(Way<'t>, Way<'t>)> {
    let mut first: Option<Way<'t>> = None;
    let mut at = 0;
    for line in script.text.split_inclusive('\n') {
        let start = at + line.len() - line.trim_start().len();
        let comment = line.trim();
        at += line.len();
        let Some(heading) = comment.strip_prefix('#').map(str::trim) else {
            continue;
        };
        let range = start..start + comment.len();
        let is_other =
            ["Or ", "OR ", "Alternatively", "or "].iter().any(|or| heading.starts_with(or));
        if is_other && let Some(before) = before(script, start) {
            return Some((before, Way { family: "", name: heading.to_owned(), range }));
        }
        let Some(family) = platform(heading) else { continue };
        let way = Way { family, name: heading.to_owned(), range };
        match first {
            Some(first) if first.family != way.family => return Some((first, way)),
            Some(_) => {}
            None => first = Some(way),
        }
    }
    None
}

/// The command before a byte.
fn before<'t>(script: &'t Script<'_>, at: usize) -> Option<Way<'t>> {
    let mut above = script.commands.iter().filter(|command| command.range.end <= at);
    let command = above.next_back()?;
    let name = command.program().to_owned();
    Some(Way { family: "", name, range: command.range.clone() })
}

/// The platform that a comment is a heading for: it begins with it, and is short.
fn platform(heading: &str) -> Option<&'static str> {
    let heading = heading.to_lowercase();
    let heading = heading.trim_start_matches(|c: char| !c.is_alphanumeric());
    let heading = heading.strip_prefix("for ").unwrap_or(heading);
    let is_it = |name: &str| {
        let rest = heading.strip_prefix(name);
        rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '-'))
    };
    let found = PLATFORMS.iter().filter(|(name, _)| is_it(name));
    let longest = found.max_by_key(|(name, _)| name.len())?;
    (heading.split_whitespace().count() <= 5).then_some(longest.1)
}

/// Commands of two families on one machine.
fn programs<'t>(script: &'t Script<'_>) -> Option<(Way<'t>, Way<'t>)> {
    let mut first: Option<Way<'t>> = None;
    for command in &script.commands {
        let Some(family) = family(command) else { continue };
        let way = Way { family, name: command.program().to_owned(), range: command.range.clone() };
        match first {
            Some(first) if first.family != way.family => return Some((first, way)),
            Some(_) => {}
            None => first = Some(way),
        }
    }
    None
}

fn family(command: &Command) -> Option<&'static str> {
    let is_here = command.wrappers.iter().all(|wrapper| wrapper.place == Place::Same);
    let named = PROGRAMS.iter().find(|(program, _)| *program == command.program());
    let family = named.map(|(_, family)| *family).or_else(|| {
        let is_compose = command.program() == "docker"
            && command.arguments().first().is_some_and(|word| word.text == "compose");
        is_compose.then_some("docker")
    });
    family.filter(|_| is_here)
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::of;

    fn found(lines: &[&str]) -> Vec<String> {
        let script: String = lines.iter().map(|line| format!("      {line}\n")).collect();
        let head = "holdpoint: 1\nid: x\ntitle: X\nsteps:\n  - id: a\n    run: |\n";
        of("HP111", &format!("{head}{script}"))
    }

    #[test]
    fn headings_for_two_platforms_are_two_ways() {
        assert_eq!(
            found(&["# Kubernetes", "kubectl get pods", "# Systemd", "systemctl status api"]),
            ["9:7 # Systemd"]
        );
        assert_eq!(
            found(&["# Docker Compose", "x", "# For Kubernetes:", "y"]),
            ["9:7 # For Kubernetes:"]
        );
        assert_eq!(
            found(&["cat a", "# Or from the compressed one", "zcat a.gz"]),
            ["8:7 # Or from the compressed one"]
        );
    }

    #[test]
    fn programs_that_exclude_each_other_are_two_ways() {
        assert_eq!(found(&["terraform apply", "pulumi up"]), ["8:7 pulumi up"]);
        assert_eq!(
            found(&["kubectl rollout restart deploy/api", "systemctl restart api"]),
            ["8:7 systemctl restart api"]
        );
    }

    #[test]
    fn one_way_and_a_script_that_decides_are_none() {
        assert!(found(&["# Kubernetes", "kubectl get pods", "# Kubernetes, too", "x"]).is_empty());
        assert!(found(&["# docker-like names are used by the tool below", "x"]).is_empty());
        assert!(found(&["kubectl drain n1", "ssh n1 systemctl restart kubelet"]).is_empty());
        assert!(
            found(&[
                "if command -v kubectl; then",
                "kubectl get pods",
                "else",
                "systemctl x",
                "fi"
            ])
            .is_empty()
        );
    }
}
