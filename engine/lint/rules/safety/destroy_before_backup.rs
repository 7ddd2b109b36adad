//! HP207: before data goes, a backup must be known to be good.

use crate::lint::knowledge::Kind;
use crate::lint::scene::{Deed, Scene, entry};
use crate::lint::{Check, Confidence, Finding, Findings, Profile, Rule};
use crate::source::Severity;

use super::recovery::{
    database, is_file_copy, is_undo, is_whole, restores, step_before, steps_about,
};

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP207",
    name: "destroy-before-backup",
    severity: Severity::Error,
    confidence: Confidence::Medium,
    profile: Profile::Standard,
    fix: None,
    about: "Data is destroyed or replaced, and no step before it makes a safety copy or checks the \
            backup.",
    why: "A backup that was never opened may be empty, cut short or of the wrong database. Found out \
          after the data is gone, that was the last copy. The damaged data is evidence, too, and \
          sometimes it can be repaired when the backup cannot be read.",
    bad: include_str!("../../examples/HP207.bad.yaml"),
    good: include_str!("../../examples/HP207.good.yaml"),
    source: "practice: four of the five source documents remove the data before the backup is opened",
    check: Check::Scene(check),
};

/// Words of a step that makes sure that the data is not lost.
const SAFE: [&str; 10] = [
    "backup",
    "snapshot",
    "dump",
    "safety",
    "aside",
    "copy",
    "evidence",
    "archive",
    "quarantine",
    "export",
];

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    let mut safe: Vec<Deed> = scene.deeds(Kind::BacksUp).to_vec();
    safe.extend(scene.deeds(Kind::ChecksBackup));
    safe.sort_unstable();
    let mut steps: Vec<usize> = steps_about(scene, &SAFE);
    steps.retain(|step| !only_fetches(scene, *step));
    let restores = restores(scene);
    let looks_at_files = scene.key("preconditions").is_some_and(|(_, checks)| {
        let checks = checks.as_sequence().unwrap_or_default();
        checks.iter().any(|check| names_a_file(entry(check, "probe").map(|(_, probe)| probe)))
    });
    let mut last_step = None;
    for deed in destroyers(scene, &restores) {
        let step = scene.step_of(deed);
        let is_again = step.is_some() && step == last_step;
        if is_again || looks_at_files || requires_a_file(scene, deed) {
            continue;
        }
        let is_safe = scene.nearest_before(&safe, deed).is_some()
            || step_before(scene, &steps, deed).is_some();
        if is_safe || is_undo(scene, deed) {
            continue;
        }
        last_step = step;
        let does = scene.fact(deed).map(|fact| fact.does.as_str());
        let does = does.unwrap_or("replaces data");
        let message = format!("data is lost before any backup was made or checked: this {does}");
        let help = "make it need a step that checks the backup, or makes a copy of what is there";
        let mut finding = Finding::new(&RULE, scene.place(deed), message).help(help);
        if database(scene, deed).as_deref() == Some("settings") {
            // On a new host there is nothing to lose yet.
            finding = finding.severity(Severity::Warning);
        }
        let restore = scene.nearest_after(deed, &restores);
        if let Some(restore) = restore.filter(|restore| restore.script != deed.script) {
            finding = finding.related(scene.place(restore), "the backup is first read here");
        }
        findings.push(scene.in_step(finding, step));
    }
}

/// Whether a step speaks of a backup, and only brings it or puts it back.
fn only_fetches(scene: &Scene<'_>, step: usize) -> bool {
    const FETCHES: [&str; 7] = ["download", "fetch", "list", "select", "choose", "find", "restore"];
    const MAKES: [&str; 9] =
        ["check", "verif", "prove", "test", "make", "create", "take", "save", "aside"];
    let step = &scene.steps[step];
    let title = format!("{} {}", step.id.value, step.title()).to_lowercase();
    let manual = step.text("manual").unwrap_or_default().to_lowercase();
    let has = |text: &str, stems: &[&str]| {
        let mut words = text.split(|c: char| !c.is_alphanumeric());
        words.any(|word| stems.iter().any(|stem| word.starts_with(stem)))
    };
    let is_named = has(&title, &SAFE) || step.key("include").is_some();
    let text = if is_named { title } else { manual };
    // A title may say it in one word; a text that a person reads says what is to be done.
    (has(&text, &FETCHES) || !is_named) && !has(&text, &MAKES)
}

/// What destroys or replaces whole data, one for each command.
fn destroyers(scene: &Scene<'_>, restores: &[Deed]) -> Vec<Deed> {
    // To put a file in place of the data is to destroy what was there.
    let restored = restores.iter().copied();
    let copies = restored.filter(|deed| is_file_copy(scene.command(*deed)));
    let mut found: Vec<Deed> = scene.acts(Kind::Destroys).chain(copies).collect();
    found.retain(|deed| is_whole(scene.command(*deed)));
    found.sort_unstable();
    found.dedup_by_key(|deed| (deed.script, deed.command));
    found
}

/// Whether the step or a group around it requires a file to be as it must.
fn requires_a_file(scene: &Scene<'_>, deed: Deed) -> bool {
    let mut around = scene.step_of(deed).into_iter().flat_map(|step| scene.around(step));
    around.any(|at| {
        let checks = scene.steps[at].key("require").and_then(|checks| checks.as_sequence());
        let probe = |check| entry(check, "probe").map(|(_, probe)| probe);
        checks.unwrap_or_default().iter().any(|check| names_a_file(probe(check)))
    })
}

fn names_a_file(probe: Option<&crate::document::Node>) -> bool {
    probe.is_some_and(|probe| probe.has("file"))
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::of;

    fn found(steps: &str) -> Vec<String> {
        of("HP207", &format!("holdpoint: 1\nid: x\ntitle: X\nsteps:\n{steps}"))
    }

    const CLEAR: &str = "  - {id: clear, run: docker volume rm shop_data}\n";

    #[test]
    fn data_that_goes_before_a_backup_is_known_is_found() {
        assert_eq!(found(CLEAR), ["5:22 docker volume rm shop_data"]);
        let late = "  - {id: check, run: pg_restore --list a.dump}\n";
        assert_eq!(found(&format!("{CLEAR}{late}")).len(), 1);
    }

    #[test]
    fn what_no_backup_can_be_made_of_is_not_data() {
        for run in [
            "aws iam delete-access-key --user-name a --access-key-id b",
            "aws ec2 terminate-instances --instance-ids i-1",
            "gcloud dns record-sets delete a.test --type A --zone z",
            "git push origin --delete hotfix",
            "aws s3 rm --recursive --dryrun s3://shop-data/",
        ] {
            assert!(found(&format!("  - {{id: a, run: {run}}}\n")).is_empty(), "{run}");
        }
        assert_eq!(found("  - {id: a, run: aws s3 rm --recursive s3://shop-data/}\n").len(), 1);
    }

    #[test]
    fn a_copy_or_a_check_before_it_will_do() {
        for before in [
            "  - {id: save, run: pg_dump shop > a.dump}\n",
            "  - {id: check, run: pg_restore --list a.dump}\n",
            "  - {id: set-aside, run: mv a b}\n",
            "  - {id: save, title: Make a snapshot in the console, manual: Do it}\n",
        ] {
            assert!(found(&format!("{before}{CLEAR}")).is_empty(), "{before}");
        }
        let require =
            "  - {id: clear, require: [{probe: {file: a.dump}}], run: docker volume rm a}\n";
        assert!(found(require).is_empty());
    }

    #[test]
    fn what_runs_beside_it_is_not_before_it() {
        let beside = "  - {id: clear, needs: [], run: docker volume rm shop_data}\n";
        let save = "  - {id: save, run: pg_dump shop > a.dump}\n";
        assert_eq!(found(&format!("{save}{beside}")), ["6:33 docker volume rm shop_data"]);
    }

    #[test]
    fn files_of_its_own_and_single_rows_are_no_data() {
        assert!(found("  - {id: a, run: rm -rf out tmp}\n").is_empty());
        assert!(found("  - {id: a, run: psql -c 'delete from jobs where id = 7'}\n").is_empty());
    }
}
