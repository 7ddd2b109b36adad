//! Which parts of a runbook differ, beside its steps.

use crate::runbook::{Knowledge, Runbook};

/// The keys of a runbook, and of the library around it, that differ.
pub(super) fn differing(old: &Runbook, new: &Runbook) -> Vec<&'static str> {
    let differ = [
        ("id", old.id != new.id),
        ("title", old.title != new.title),
        ("requires", old.requires != new.requires),
        ("inputs", old.inputs != new.inputs),
        ("targets", old.targets != new.targets),
        ("defaults", old.defaults != new.defaults),
        ("confirm", old.confirm != new.confirm),
        ("preconditions", old.preconditions != new.preconditions),
        ("invariants", old.invariants != new.invariants),
        ("exit_criteria", old.exit_criteria != new.exit_criteria),
        ("outputs", old.outputs != new.outputs),
    ];
    let (one, other) = (&old.library, &new.library);
    let library = [
        ("lint", one.lint != other.lint),
        ("backups", one.backups != other.backups),
        ("severities", one.severities != other.severities),
        ("contacts", one.contacts != other.contacts),
        ("communications", one.update_every != other.update_every),
        ("communications", one.templates != other.templates),
        ("channels", one.channels != other.channels),
        ("environments", one.environments != other.environments),
    ];
    let mut keys: Vec<&'static str> = Vec::new();
    let knowledge = knowledge(&old.knowledge, &new.knowledge);
    for (key, differs) in differ.into_iter().chain(knowledge).chain(library) {
        if differs && !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}

fn knowledge(old: &Knowledge, new: &Knowledge) -> Vec<(&'static str, bool)> {
    let differ = [
        ("summary", old.summary != new.summary),
        ("system", old.system != new.system),
        ("owner", old.owner != new.owner),
        ("severity", old.severity != new.severity),
        ("symptoms", old.symptoms != new.symptoms),
        ("impact", old.impact != new.impact),
        ("objectives", old.objectives != new.objectives),
    ];
    let more = old
        .more
        .iter()
        .chain(&new.more)
        .map(|entry| (entry.0, !old.more.contains(entry) || !new.more.contains(entry)));
    differ.into_iter().chain(more).collect()
}
