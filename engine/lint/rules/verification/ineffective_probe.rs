//! HP602: a check looks at what it is about.

use crate::document::{Node, Value};
use crate::lint::knowledge::{Kind, Match};
use crate::lint::rules::facts::{self, finding, instead, is_anywhere, is_look};
use crate::lint::scene::{Known, Role, Scene, Script};
use crate::lint::{Check, Confidence, Findings, Profile, Rule};
use crate::source::Severity;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP602",
    name: "ineffective-probe",
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    profile: Profile::Standard,
    fix: None,
    about: "What is taken for a check says nothing about what it is to prove.",
    why: "`gunzip -t` is content with an empty dump, the size of a database says nothing about its \
          rows, and a host that answers pings may have a dead database. A check that is always \
          green is worse than none: it is believed.",
    bad: include_str!("../../examples/HP602.bad.yaml"),
    good: include_str!("../../examples/HP602.good.yaml"),
    source: "https://www.gnu.org/software/gzip/manual/gzip.html",
    check: Check::Scene(check),
};

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    let has_any = |script: &&Script<'_>| script.commands.iter().any(|it| no_check(it).is_some());
    for script in scene.scripts.iter().filter(|it| it.role != Role::Choices).filter(has_any) {
        let is_believed = is_believed(scene, script)
            && !script.commands.iter().any(is_other_check)
            && !is_weighed(scene, script);
        for command in &script.commands {
            let mut told = command.facts.iter().filter(|fact| fact.kind == Kind::NoCheck);
            if let Some(fact) = told.find(|fact| is_believed || is_anywhere(fact)) {
                let found = finding(&RULE, scene, script, &fact.at, fact.sentence());
                findings.push(instead(found, fact));
            }
        }
    }
}

fn no_check<'c, 's>(command: &'c Known<'s>) -> Option<&'c Match<'s>> {
    facts::first(command, Kind::NoCheck)
}

/// Whether a script is a look, or a step that calls itself one.
fn is_believed(scene: &Scene<'_>, script: &Script<'_>) -> bool {
    let title = |at: usize| format!("{}\n{}", scene.steps[at].id.as_str(), scene.steps[at].title());
    match script.role {
        Role::Action => script.step.is_some_and(|at| is_look(&title(at))),
        _ => true,
    }
}

/// Whether another command of the script can fail for a good reason.
fn is_other_check(command: &Known<'_>) -> bool {
    let is_of = |kind| facts::first(command, kind).is_some();
    if no_check(command).is_some() || is_of(Kind::PrintsOnly) {
        return false;
    }
    let compares = ["grep", "awk", "diff", "cmp", "jq", "python3"];
    compares.contains(&command.program()) || is_of(Kind::ChecksBackup)
}

/// Whether the step asks for the size of the file as well.
fn is_weighed(scene: &Scene<'_>, script: &Script<'_>) -> bool {
    script.step.is_some_and(|at| has(&scene.steps[at].node, "larger_than"))
}

fn has(node: &Node, key: &str) -> bool {
    match &node.value {
        Value::Mapping(entries) => {
            entries.iter().any(|entry| entry.key.as_str() == key || has(&entry.value, key))
        }
        Value::Sequence(items) => items.iter().any(|item| has(item, key)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::of;

    fn found(step: &str) -> Vec<String> {
        let head = "holdpoint: 1\nid: x\ntitle: X\nsteps:\n";
        of("HP602", &format!("{head}  - {{id: a, {step}}}\n"))
    }

    #[test]
    fn what_looks_past_its_object_is_found() {
        for step in [
            "title: Check the backup, run: gunzip -t a.sql.gz",
            "probe: {run: \"psql -d a -Atc 'select pg_database_size(1)'\", expect: {stdout: {at_least: 1}}}",
            "run: ls, verify: [{probe: {run: \"psql -d a -c 'select * from pg_stat_user_tables'\"}}]",
            "run: ls, verify: [{title: the database is ready, probe: {run: curl -f -X POST http://127.0.0.1/runs}}]",
        ] {
            assert_eq!(found(step).len(), 1, "{step}");
        }
    }

    #[test]
    fn what_looks_closer_as_well_is_not() {
        for step in [
            "title: Check the backup, run: \"gunzip -t a.gz && zcat a.gz | grep -q 'dump complete'\"",
            "title: Check the backup, run: gunzip -t a.gz, require: [{probe: {file: a.gz, expect: {larger_than: 1KiB}}}]",
            "title: Unpack, run: gunzip -t a.gz",
            "probe: {run: \"psql -d a -Atc 'select count(*) from b'\", expect: {stdout: {at_least: 1}}}",
        ] {
            assert_eq!(found(step), [""; 0], "{step}");
        }
    }
}
