//! What the action of a step changes, and what looks at it afterwards.

use crate::document::Node;
use crate::lint::knowledge::Kind;
use crate::lint::scene::{Known, Role, Scene, entry};
use crate::lint::shell::Command;
use crate::source::Span;

/// How much a change weighs; the heaviest of a step is what is said of it.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Weight {
    /// A service is stopped.
    Stops,
    /// A service is started.
    Starts,
    /// Something is changed in another way.
    Changes,
    /// Data is loaded from a backup.
    Restores,
    /// Data is destroyed.
    Destroys,
}

/// A change that a step makes.
pub(super) struct Change {
    /// How much it weighs.
    pub(super) weight: Weight,
    /// The command or request.
    pub(super) at: Span,
    /// What it does, to be read after "this".
    pub(super) does: String,
}

/// The heaviest change of the action of an entry, the first of several; those of its weight that
/// follow on it at once belong to it.
pub(super) fn of(scene: &Scene<'_>, step: usize) -> Option<Change> {
    let mut found: Option<Change> = None;
    for script in scene.scripts_of(step).filter(|script| script.role == Role::Action) {
        // The place after the last command of what was found.
        let mut next = None;
        for (place, command) in script.commands.iter().enumerate() {
            let Some((weight, does)) = weight(command).or_else(|| unknown(command)) else {
                continue;
            };
            let at = script.place(&command.range, scene.source);
            match &mut found {
                // Several of a kind that follow on each other are one change.
                Some(found) if weight == found.weight && next == Some(place) => {
                    found.at = found.at.to(at);
                }
                Some(found) if weight <= found.weight => continue,
                _ => found = Some(Change { weight, at, does }),
            }
            next = Some(place + 1);
        }
    }
    found.or_else(|| request(scene, step))
}

fn weight(command: &Known<'_>) -> Option<(Weight, String)> {
    let is_light = |tool: &str| matches!(tool, "files" | "system") && !is_data(command);
    let weighed = command.facts.iter().filter_map(|fact| {
        let weight = match fact.kind {
            Kind::Destroys => Weight::Destroys,
            Kind::Restores => Weight::Restores,
            Kind::Changes | Kind::TearsDown | Kind::CutsOver | Kind::Withdraws => Weight::Changes,
            Kind::Starts | Kind::GivesBack => Weight::Starts,
            Kind::Stops => Weight::Stops,
            _ => return None,
        };
        // That a file could not be moved or removed shows at once.
        (!is_light(&fact.tool)).then(|| (weight, fact.does.clone()))
    });
    let heaviest = weighed.reduce(|one, other| if other.0 > one.0 { other } else { one })?;
    // Some commands that stop or start a service also change something, by what is known of them.
    let is_turn = !crate::lint::scene::services::changes(command).is_empty();
    match heaviest.0 {
        Weight::Changes if is_turn => {
            let has = |kind| command.facts.iter().any(|fact| fact.kind == kind);
            let is_more = has(Kind::TearsDown) || has(Kind::CutsOver);
            let turn = if has(Kind::Stops) { Weight::Stops } else { Weight::Starts };
            Some((if is_more { Weight::Changes } else { turn }, heaviest.1))
        }
        _ => Some(heaviest),
    }
}

/// A change by a command of which nothing is known: a statement without a client, and a program that
/// is written in the runbook and calls a restore.
fn unknown(command: &Command) -> Option<(Weight, String)> {
    if is_statement(command) {
        return Some(match command.program() {
            "SELECT" => return None,
            "DELETE" | "DROP" | "TRUNCATE" => (Weight::Destroys, "destroys data".to_owned()),
            _ => (Weight::Changes, "changes the database".to_owned()),
        });
    }
    let is_written = ["python", "python3", "node", "ruby", "perl"].contains(&command.program());
    let restores = |word: &crate::lint::shell::Word| word.text.contains("restore_");
    let calls = is_written && command.arguments().iter().any(restores);
    let found = calls || super::recovery::is_restore_script(command);
    found.then(|| (Weight::Restores, "loads data from a backup".to_owned()))
}

/// Whether it is SQL, and no command of a shell.
pub(super) fn is_statement(command: &Command) -> bool {
    const VERBS: [&str; 12] = [
        "SELECT", "INSERT", "UPDATE", "DELETE", "ALTER", "CREATE", "DROP", "TRUNCATE", "REINDEX",
        "OPTIMIZE", "GRANT", "REVOKE",
    ];
    VERBS.contains(&command.program()) && !command.arguments().is_empty()
}

/// Whether a command about files is about the data of a service, by its paths.
pub(super) fn is_data(command: &Command) -> bool {
    const SIGNS: [&str; 10] = [
        "/var/lib/",
        "/data",
        "data/",
        "pgdata",
        "postgres",
        "mysql",
        "redis",
        "mongo",
        "clickhouse",
        "volumes/",
    ];
    let mut paths = command.arguments().iter().map(|word| word.text.to_lowercase());
    paths.any(|path| {
        path.starts_with(['/', '~', '$']) && SIGNS.iter().any(|sign| path.contains(sign))
    })
}

/// Whether all that an entry changes is that there is a backup.
pub(super) fn makes_a_backup(scene: &Scene<'_>, step: usize) -> bool {
    let has = |kinds: &[Kind]| {
        let mut commands = scene.scripts_of(step).flat_map(|script| &script.commands);
        commands.any(|command| command.facts.iter().any(|fact| kinds.contains(&fact.kind)))
    };
    has(&[Kind::BacksUp]) && !has(&[Kind::Destroys, Kind::Restores, Kind::TearsDown])
}

/// A request that is not only a question.
fn request(scene: &Scene<'_>, step: usize) -> Option<Change> {
    let http = scene.steps[step].key("http")?;
    let method = entry(http, "method").and_then(|(_, method)| Node::as_str(method))?;
    let is_change = !matches!(method, "GET" | "HEAD" | "OPTIONS");
    let at = scene.steps[step].key_span("http")?;
    let does = format!("sends a {method}");
    is_change.then_some(Change { weight: Weight::Changes, at, does })
}

/// Whether an entry looks at something by itself: a probe, a check, or a step that only reads.
pub(super) fn looks(scene: &Scene<'_>, step: usize) -> bool {
    let entry = &scene.steps[step];
    let has = |key: &str| entry.key(key).is_some();
    ["probe", "verify", "require", "done_when", "expect"].iter().any(|key| has(key))
        || matches!(entry.action, "wait" | "watch")
        || entry.text("effect") == Some("read")
        || (entry.action == "http" && request(scene, step).is_none())
        || (entry.action == "manual" && (has("answers") || has("evidence")))
        || has("include")
        || scene.scripts_of(step).any(|script| script.commands.iter().any(|it| is_look(it)))
}

/// Whether a command fails when something is not as it must be.
pub(super) fn is_look(command: &Command) -> bool {
    let words = || command.arguments().iter().map(|word| word.text.as_str());
    let has = |wanted: &str| words().any(|word| word == wanted);
    match command.program() {
        "test" | "[" | "[[" | "pg_isready" | "cmp" | "diff" | "pg_verifybackup" | "pg_amcheck"
        | "amcheck" | "nc" | "sha256sum" | "cksum" => true,
        "curl" => words().any(|word| {
            word == "--fail"
                || word.starts_with("--fail-")
                || (word.starts_with('-') && !word.starts_with("--") && word.contains('f'))
        }),
        "kubectl" | "oc" => has("wait") || (has("rollout") && has("status")),
        "systemctl" => has("is-active") || has("is-failed"),
        "argocd" => has("wait"),
        "grep" => words().any(|word| word == "-q" || word == "--quiet"),
        _ => false,
    }
}
