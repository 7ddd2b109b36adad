//! Services: which ones a command stops and starts, by the names that it gives them.

use crate::lint::shell::{Command, Word};

use super::{Deed, Scene, Script};

/// What becomes of a service.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Turn {
    /// It does not run any more.
    Stop,
    /// It runs.
    Start,
    /// It was stopped and runs again.
    Restart,
}

/// A command that stops or starts a service.
#[derive(Clone, Debug)]
pub struct Turned {
    /// The command; its fact is of no meaning here.
    pub deed: Deed,
    /// What becomes of the service.
    pub turn: Turn,
    /// Its name as it is written; [`ALL`] where no name is given.
    pub service: String,
}

/// Every service of a place.
pub const ALL: &str = "*";

/// What is written for a system in the names of its services.
const STEMS: [(&str, &[&str]); 8] = [
    ("postgresql", &["postgres", "pgsql", "pg"]),
    ("mysql", &["mysql", "mariadb"]),
    ("redis", &["redis", "valkey"]),
    ("clickhouse", &["clickhouse"]),
    ("mongodb", &["mongo"]),
    ("etcd", &["etcd"]),
    ("elasticsearch", &["elastic", "opensearch"]),
    ("kafka", &["kafka"]),
];

impl Scene<'_> {
    /// Every command that stops or starts services, in the order of the file.
    pub fn turns(&self) -> &[Turned] {
        &self.turns
    }
}

pub(super) fn turns(scripts: &[Script<'_>]) -> Vec<Turned> {
    let mut found = Vec::new();
    for (at, script) in scripts.iter().enumerate() {
        if script.role.is_look() {
            continue;
        }
        for (place, command) in script.commands.iter().enumerate() {
            let deed = Deed { script: at, command: place, fact: 0 };
            let one = |(turn, service)| Turned { deed, turn, service };
            found.extend(changes(command).into_iter().map(one));
        }
    }
    found
}

/// Whether a service is, by its name, one of a system such as `postgresql`.
pub fn is_of(service: &str, system: &str) -> bool {
    let service = service.to_ascii_lowercase();
    let stems = STEMS.iter().find(|(name, _)| *name == system).map(|(_, stems)| *stems);
    let has = |stem: &str| {
        let is_word = |part: &str| part == stem || (stem.len() > 2 && part.contains(stem));
        service.split(|c: char| !c.is_ascii_alphanumeric()).any(is_word)
    };
    stems.unwrap_or(&[system]).iter().any(|stem| has(stem))
}

/// Whether two names mean one service: `deploy/api` and `api`, `api.service` and `api`.
pub fn is_same(one: &str, other: &str) -> bool {
    bare(one) == bare(other) || one == ALL || other == ALL
}

fn bare(name: &str) -> &str {
    let name = match name.split_once("/") {
        Some((kind, name)) if is_kind(kind) => name,
        _ => name,
    };
    name.strip_suffix(".service").unwrap_or(name)
}

/// What a command makes of services.
pub fn changes(command: &Command) -> Vec<(Turn, String)> {
    let arguments = command.arguments();
    match command.program() {
        "systemctl" => verb_first(arguments),
        "service" | "rc-service" => name_first(arguments),
        "docker" | "podman" => match arguments.first().map(|word| word.text.as_str()) {
            Some("compose") => compose(&arguments[1..]),
            Some("container") => verb_first(&arguments[1..]),
            _ => verb_first(arguments),
        },
        "docker-compose" => compose(arguments),
        "kubectl" | "oc" => kubectl(arguments),
        "supervisorctl" => verb_first(arguments),
        "pg_ctl" | "pg_ctlcluster" => {
            let turn = arguments.iter().find_map(|word| turn(&word.text));
            turn.map(|turn| (turn, "postgresql".to_owned())).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

fn turn(verb: &str) -> Option<Turn> {
    Some(match verb {
        "stop" | "kill" | "pause" | "down" => Turn::Stop,
        "start" | "unpause" | "up" => Turn::Start,
        "restart" | "reload" | "try-restart" => Turn::Restart,
        _ => return None,
    })
}

/// `systemctl stop a b`
fn verb_first(arguments: &[Word]) -> Vec<(Turn, String)> {
    let mut words = plain(arguments, &["-t", "--time", "-s", "--signal", "-H", "--host"]);
    let Some(turn) = words.next().and_then(turn) else { return Vec::new() };
    words.map(|name| (turn, name.to_owned())).collect()
}

/// `service a stop`
fn name_first(arguments: &[Word]) -> Vec<(Turn, String)> {
    let mut words = plain(arguments, &[]);
    let (name, verb) = (words.next(), words.next());
    let found = name.zip(verb.and_then(turn));
    found.map(|(name, turn)| (turn, name.to_owned())).into_iter().collect()
}

/// `docker compose -f x stop a b`
fn compose(arguments: &[Word]) -> Vec<(Turn, String)> {
    const VALUES: &[&str] = &[
        "-f",
        "--file",
        "-p",
        "--project-name",
        "--profile",
        "--env-file",
        "--project-directory",
        "-t",
        "--timeout",
        "--scale",
        "-s",
        "--signal",
    ];
    let mut words = plain(arguments, VALUES);
    let Some(turn) = words.next().and_then(turn) else { return Vec::new() };
    let mut named: Vec<_> = words.map(|name| (turn, name.to_owned())).collect();
    if named.is_empty() {
        named.push((turn, ALL.to_owned()));
    }
    named
}

/// `kubectl scale deployment a --replicas=0`, `kubectl rollout restart deploy/a`
fn kubectl(arguments: &[Word]) -> Vec<(Turn, String)> {
    const VALUES: &[&str] = &[
        "-n",
        "--namespace",
        "--context",
        "--cluster",
        "--kubeconfig",
        "--replicas",
        "--current-replicas",
        "--timeout",
        "-l",
        "--selector",
        "-f",
        "--filename",
    ];
    let words: Vec<&str> = plain(arguments, VALUES).collect();
    let (turn, names) = match words.as_slice() {
        ["scale", names @ ..] => match replicas(arguments) {
            Some("0") => (Turn::Stop, names),
            Some(_) => (Turn::Start, names),
            None => return Vec::new(),
        },
        ["rollout", "restart", names @ ..] => (Turn::Restart, names),
        _ => return Vec::new(),
    };
    let named = names.iter().filter(|name| !is_kind(name));
    named.map(|name| (turn, (*name).to_owned())).collect()
}

/// The number of replicas that a command asks for, as it is written.
pub fn replicas(arguments: &[Word]) -> Option<&str> {
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match word.text.strip_prefix("--replicas") {
            Some("") => return words.next().map(|word| word.text.as_str()),
            Some(number) => return number.strip_prefix('='),
            None => {}
        }
    }
    None
}

fn is_kind(word: &str) -> bool {
    const KINDS: [&str; 12] = [
        "deployment",
        "deployments",
        "deployment.apps",
        "deploy",
        "statefulset",
        "statefulsets",
        "statefulset.apps",
        "sts",
        "replicaset",
        "rs",
        "daemonset",
        "ds",
    ];
    KINDS.contains(&word)
}

/// The words that are neither options nor the values of these options.
fn plain<'w>(arguments: &'w [Word], values: &'w [&str]) -> impl Iterator<Item = &'w str> {
    let mut is_value = false;
    arguments.iter().map(|word| word.text.as_str()).filter(move |text| {
        let was_value = std::mem::replace(&mut is_value, values.contains(text));
        let is_option = text.starts_with('-') && text.len() > 1;
        !(was_value || is_option)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(line: &str) -> Vec<String> {
        let word = |text: &str| Word { text: text.to_owned(), ..Word::default() };
        let command = Command { words: line.split(' ').map(word).collect(), ..Command::default() };
        changes(&command).iter().map(|(turn, name)| format!("{turn:?} {name}")).collect()
    }

    #[test]
    fn each_way_to_stop_and_start_names_its_services() {
        for (line, expected) in [
            ("systemctl stop api worker.service", &["Stop api", "Stop worker.service"] as &[&str]),
            ("systemctl --no-block restart api", &["Restart api"]),
            ("systemctl status api", &[]),
            ("service postgresql start", &["Start postgresql"]),
            ("docker stop -t 5 db", &["Stop db"]),
            ("docker compose -f a.yaml stop -t 30 api worker", &["Stop api", "Stop worker"]),
            ("docker compose up -d", &["Start *"]),
            ("docker-compose down", &["Stop *"]),
            ("docker compose logs api", &[]),
            ("kubectl -n shop scale deployment api --replicas=0", &["Stop api"]),
            (
                "kubectl scale --replicas 3 deploy/api deploy/web",
                &["Start deploy/api", "Start deploy/web"],
            ),
            ("kubectl scale deployment api", &[]),
            ("kubectl rollout restart deployment api", &["Restart api"]),
            ("/usr/lib/postgresql/15/bin/pg_ctl -D /data -w stop", &["Stop postgresql"]),
            ("echo stop api", &[]),
        ] {
            assert_eq!(shown(line), expected, "{line}");
        }
    }

    #[test]
    fn a_service_is_known_by_its_name() {
        for (service, system) in [
            ("postgres", "postgresql"),
            ("aragora-postgres", "postgresql"),
            ("postgresql@15-main", "postgresql"),
            ("sts/pg", "postgresql"),
            ("redis-master-0", "redis"),
            ("vault", "vault"),
        ] {
            assert!(is_of(service, system), "{service} {system}");
        }
        assert!(!is_of("api", "postgresql") && !is_of("pgbouncer", "redis"));
        assert!(is_same("deploy/api", "api") && is_same("api.service", "api"));
        assert!(!is_same("api", "worker") && is_same("api", ALL));
    }
}
