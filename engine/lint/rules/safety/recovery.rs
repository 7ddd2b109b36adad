//! What rules about a recovery share: which commands load data, into what, and what was made ready
//! before.

use crate::lint::knowledge::Kind;
use crate::lint::scene::{Deed, Known, Part, Scene, Script};
use crate::lint::shell::Command;

use super::change::is_data;

/// Systems whose data services write to.
const DATABASES: [&str; 8] =
    ["postgresql", "mysql", "redis", "clickhouse", "mongodb", "elasticsearch", "sql", "mariadb"];

/// Services and objects of clouds that keep data; of others there is no backup to be made.
const KEEPS: &[&str] = &[
    "s3",
    "s3api",
    "rds",
    "dynamodb",
    "efs",
    "fsx",
    "redshift",
    "docdb",
    "neptune",
    "elasticache",
    "delete-volume",
    "delete-snapshot",
    "sql",
    "storage",
    "spanner",
    "bigtable",
    "filestore",
    "firestore",
    "disks",
    "disk",
    "postgres",
    "mysql",
    "cosmosdb",
    "redis",
    "snapshots",
    "backup",
];

/// How many steps are looked through before a deed.
const NEAREST: usize = 64;

/// The commands that load data from a backup, by what they do or by what they are meant for, one for
/// each command, in the order of the file.
pub(super) fn restores(scene: &Scene<'_>) -> Vec<Deed> {
    let meant = scene.acts(Kind::WrongTool).filter(|deed| {
        let step = scene.step_of(*deed).map(|step| &scene.steps[step]);
        let title = step.map(|step| step.title().to_lowercase()).unwrap_or_default();
        scene.command(*deed).program() == "pg_basebackup" && title.contains("restor")
    });
    let is_it = |command: &Known<'_>| replaces(command).is_some() || is_restore_script(command);
    let replaced = commands(scene, is_it);
    let replaced = replaced.into_iter().filter(|deed| !scene.script(*deed).role.is_look());
    let mut found: Vec<Deed> = scene.acts(Kind::Restores).chain(meant).chain(replaced).collect();
    found.retain(|deed| !scene.command(*deed).facts.iter().any(|it| it.kind == Kind::ChecksBackup));
    found.sort_unstable();
    found.dedup_by_key(|deed| (deed.script, deed.command));
    found
}

/// Whether it takes away whole data, and not some rows or keys, old backups, or files of its own.
pub(super) fn is_whole(command: &Known<'_>) -> bool {
    let words = || command.arguments().iter().map(|word| word.text.as_str());
    let text = command.text().to_lowercase();
    match command.program() {
        "find" | "git" => false,
        "aws" | "gcloud" | "az" => words().take(3).any(|word| KEEPS.contains(&word)),
        "rm" | "shred" | "truncate" => is_data(command),
        "kubectl" => words().any(|word| word == "delete" || word == "cp"),
        "redis-cli" | "valkey-cli" => text.contains("flush") || text.contains("shutdown"),
        _ => !text.contains(" where ") && !text.contains("purge binary logs"),
    }
}

/// Whether a deed is done to take something back.
pub(super) fn is_undo(scene: &Scene<'_>, deed: Deed) -> bool {
    let mut around = scene.step_of(deed).into_iter().flat_map(|step| scene.around(step));
    around.any(|at| matches!(scene.steps[at].part, Part::Undo { .. }))
}

/// The database that a deed is about, where it is one.
pub(super) fn database(scene: &Scene<'_>, deed: Deed) -> Option<String> {
    if let Some(system) = replaces(scene.command(deed)) {
        return Some(system.to_owned());
    }
    let fact = scene.fact(deed)?;
    let named = fact.object.as_deref().filter(|object| DATABASES.contains(object));
    let named = named.or_else(|| Some(fact.tool.as_str()).filter(|tool| DATABASES.contains(tool)));
    named.map(str::to_owned)
}

/// The system of which a command puts a file in place of the data, or attaches a part of it.
pub(super) fn replaces(command: &Command) -> Option<&'static str> {
    let words: Vec<&str> = command.arguments().iter().map(|word| word.text.as_str()).collect();
    let is_attached = command.program() == "ALTER" && words.contains(&"ATTACH");
    let to = words.last().copied().unwrap_or_default();
    let is_snapshot = to.ends_with("dump.rdb") || to.ends_with("appendonly.aof");
    match (is_attached, is_file_copy(command)) {
        (true, _) => Some("clickhouse"),
        (false, true) if is_snapshot => Some("redis"),
        // The settings of a deployment are the data of this kind that is lost the most often.
        (false, true) if to == ".env" || to.ends_with("/.env") => Some("settings"),
        _ => None,
    }
}

/// Whether a command is a script of one's own that restores, by its name.
pub(super) fn is_restore_script(command: &Command) -> bool {
    let is_path = command.words.first().is_some_and(|word| word.text.contains('/'));
    let name = command.program();
    name.contains("restore") && (name.ends_with(".sh") || name.ends_with(".py")) && is_path
}

/// Whether a command copies a file to where its last word says.
pub(super) fn is_file_copy(command: &Command) -> bool {
    let copies = command.arguments().iter().take(2).any(|word| word.text == "cp");
    match command.program() {
        "cp" | "mv" | "rsync" | "scp" | "install" => true,
        "docker" | "docker-compose" | "podman" | "kubectl" => copies,
        _ => false,
    }
}

/// The commands for which something holds, as deeds without a fact, in the order of the file.
pub(super) fn commands(scene: &Scene<'_>, is_it: impl Fn(&Known<'_>) -> bool) -> Vec<Deed> {
    let mut found = Vec::new();
    for (script, of) in scene.scripts.iter().enumerate() {
        let own = of.commands.iter().enumerate().filter(|(_, command)| is_it(command));
        found.extend(own.map(|(command, _)| Deed { script, command, fact: 0 }));
    }
    found
}

/// The commands in the pipeline of one, in its order; those that stand close to it, since a pipeline
/// is one line or a few.
pub(super) fn pipeline<'c, 's>(
    script: &'c Script<'s>,
    place: usize,
) -> impl Iterator<Item = &'c Known<'s>> {
    let number = script.commands[place].pipe.number;
    let end = (place + 32).min(script.commands.len());
    let near = &script.commands[place.saturating_sub(32)..end];
    near.iter().filter(move |command| command.pipe.number == number)
}

/// The steps whose id, title or included file has one of these words, in the order of the file.
pub(super) fn steps_about(scene: &Scene<'_>, words: &[&str]) -> Vec<usize> {
    let is_about = |at: &usize| {
        let step = &scene.steps[*at];
        let include = step.text("include").unwrap_or_default();
        let manual = step.text("manual").unwrap_or_default();
        let text = format!("{} {} {include} {manual}", step.id.value, step.title()).to_lowercase();
        words.iter().any(|word| text.contains(word))
    };
    (0..scene.steps.len()).filter(is_about).collect()
}

/// The nearest of these steps that may be done before a deed.
pub(super) fn step_before(scene: &Scene<'_>, steps: &[usize], deed: Deed) -> Option<usize> {
    let own = scene.step_of(deed)?;
    let end = steps.partition_point(|step| *step < own);
    let near = steps[..end].iter().rev().take(NEAREST).chain(steps[end..].iter().take(NEAREST));
    near.copied().find(|step| scene.may_be_before(*step, own))
}

/// The nearest of these steps that may be done after a deed.
pub(super) fn step_after(scene: &Scene<'_>, deed: Deed, steps: &[usize]) -> Option<usize> {
    let own = scene.step_of(deed)?;
    let start = steps.partition_point(|step| *step <= own);
    let near = steps[start..].iter().take(NEAREST).chain(steps[..start].iter().rev().take(NEAREST));
    near.copied().find(|step| scene.may_be_before(own, *step))
}
