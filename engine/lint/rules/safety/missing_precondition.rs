//! HP211: look before it is begun.

use crate::lint::knowledge::Kind;
use crate::lint::scene::{Deed, Known, Scene, Script};
use crate::lint::{Check, Confidence, Finding, Findings, Profile, Rule};
use crate::source::Severity;

use super::change;
use super::recovery::{is_undo, restores, step_before};

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP211",
    name: "missing-precondition",
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    profile: Profile::Standard,
    fix: None,
    about: "A restore, a copy of whole buckets or a change of a volume begins, and nothing has \
            looked whether it can end: that the backup is there and whole, that the \
            server answers, that there is room.",
    why: "A restore that fails in the middle leaves less than there was before. The file that is \
          missing, the password that was changed and the full disk are found in a second before, \
          and in an hour afterwards.",
    bad: include_str!("../../examples/HP211.bad.yaml"),
    good: include_str!("../../examples/HP211.good.yaml"),
    source: "practice: no recovery of the five source documents checks anything before it begins",
    check: Check::Scene(check),
};

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    if scene.key("preconditions").is_some() {
        return;
    }
    let looking: Vec<usize> = (0..scene.steps.len())
        .filter(|at| !is_change(scene, *at) && change::looks(scene, *at))
        .collect();
    let mut checks: Vec<Deed> = scene.deeds(Kind::ChecksBackup).to_vec();
    checks.extend(looks(scene));
    checks.sort_unstable();
    let mut begun: Vec<Deed> = restores(scene);
    begun.extend(irreversible(scene));
    begun.sort_unstable();
    let fetched = super::recovery::commands(scene, is_fetch);
    let mut last_step = None;
    for deed in begun {
        let step = scene.step_of(deed);
        let is_again = step.is_some() && step == last_step;
        if is_again || requires(scene, deed) || is_undo(scene, deed) {
            continue;
        }
        if step_before(scene, &looking, deed).is_some()
            || scene.nearest_before(&checks, deed).is_some()
        {
            continue;
        }
        last_step = step;
        let at = fetch(scene, deed, &fetched).unwrap_or(deed);
        let message = "nothing has looked whether this can work: the backup, the server, the room";
        let help =
            "add a `require`: that the backup is there and whole, and that the server answers";
        let mut finding = Finding::new(&RULE, scene.place(at), message).help(help);
        if at != deed {
            finding = finding.related(scene.place(deed), "what is fetched is loaded here");
        }
        findings.push(scene.in_step(finding, scene.step_of(at)));
    }
}

fn is_change(scene: &Scene<'_>, at: usize) -> bool {
    change::of(scene, at).is_some()
}

/// Commands that fail when something is not as it must be.
fn looks(scene: &Scene<'_>) -> Vec<Deed> {
    // What waits for a rollout looks at what was just changed, and not at what is to come.
    let is_about_changes = |command: &Known<'_>| {
        matches!(command.program(), "kubectl" | "oc" | "argocd" | "systemctl")
    };
    super::recovery::commands(scene, |it| change::is_look(it) && !is_about_changes(it))
}

/// Commands other than restores that must be able to end: whole buckets, volumes that grow.
fn irreversible(scene: &Scene<'_>) -> Vec<Deed> {
    let is_it = |command: &Known<'_>| {
        let words: Vec<&str> = command.arguments().iter().map(|word| word.text.as_str()).collect();
        match command.program() {
            "aws" => words.starts_with(&["s3", "sync"]) && words.iter().all(|it| *it != "--dryrun"),
            "kubectl" => words.contains(&"patch") && words.iter().any(|it| is_volume(it)),
            _ => false,
        }
    };
    let found = super::recovery::commands(scene, is_it);
    found.into_iter().filter(|deed| !scene.script(*deed).role.is_look()).collect()
}

fn is_volume(word: &str) -> bool {
    matches!(word.split('/').next(), Some("pvc" | "persistentvolumeclaim" | "pv"))
}

/// Whether the step, or a group around it, requires something.
fn requires(scene: &Scene<'_>, deed: Deed) -> bool {
    let mut around = scene.step_of(deed).into_iter().flat_map(|step| scene.around(step));
    around.any(|at| scene.steps[at].key("require").is_some())
}

/// The command that fetches what a restore reads.
fn fetch(scene: &Scene<'_>, deed: Deed, fetched: &[Deed]) -> Option<Deed> {
    let file = last_name(read_file(scene.script(deed), deed.command)?);
    if !file.contains('.') {
        return None;
    }
    scene.nearest_before(fetched, deed).filter(|fetch| {
        scene.command(*fetch).arguments().iter().any(|word| last_name(&word.text) == file)
    })
}

fn is_fetch(command: &Known<'_>) -> bool {
    matches!(command.program(), "aws" | "gsutil" | "curl" | "wget" | "scp" | "rclone")
}

/// The file that a command of a pipeline reads.
fn read_file<'t>(script: &'t Script<'_>, place: usize) -> Option<&'t str> {
    let command = &script.commands[place];
    let own = command.redirects.iter().find(|redirect| redirect.reads());
    if let Some(own) = own.filter(|own| !own.operator.contains("<<")) {
        return Some(&own.target.text);
    }
    let first = super::recovery::pipeline(script, place).min_by_key(|it| it.pipe.place)?;
    let operands = first.arguments().iter().filter(|word| !word.text.starts_with('-'));
    operands.map(|word| word.text.as_str()).rfind(|word| word.contains(['.', '/']))
}

fn last_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::of;

    fn found(steps: &str) -> Vec<String> {
        of("HP211", &format!("holdpoint: 1\nid: x\ntitle: X\n{steps}"))
    }

    const LOAD: &str = "  - {id: load, run: pg_restore -d shop a.dump}\n";

    #[test]
    fn a_restore_without_a_look_is_found() {
        assert_eq!(found(&format!("steps:\n{LOAD}")), ["5:21 pg_restore -d shop a.dump"]);
        let fetched = "steps:\n  - {id: get, run: aws s3 cp s3://b/a.sql.gz /tmp/}\n  \
                       - {id: restore, title: Restore it, run: gunzip -c /tmp/a.sql.gz | psql shop}\n";
        assert_eq!(found(fetched), ["5:20 aws s3 cp s3://b/a.sql.gz /tmp/"]);
    }

    #[test]
    fn a_look_before_it_will_do() {
        for before in [
            "preconditions: [{probe: {tcp: \"db:5432\"}}]\nsteps:\n",
            "steps:\n  - {id: up, probe: {tcp: \"db:5432\"}}\n",
            "steps:\n  - {id: up, run: pg_isready && test -s a.dump}\n",
            "steps:\n  - {id: up, effect: read, run: ls -l a.dump}\n",
        ] {
            assert!(found(&format!("{before}{LOAD}")).is_empty(), "{before}");
        }
        let own = "steps:\n  - {id: a, require: [{probe: {file: a}}], run: pg_restore -d shop a}\n";
        assert!(found(own).is_empty());
    }
}
