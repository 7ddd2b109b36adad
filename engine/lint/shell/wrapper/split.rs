//! Where the words of a wrapper end and those of the inner command begin.

use std::ops::Range;

use crate::lint::shell::options::{Taking, first_operand, value_of};
use crate::lint::shell::{Place, Word};

use super::SHELLS;

/// A wrapper, taken apart.
pub(super) struct Split {
    /// Its own words.
    pub(super) own: Range<usize>,
    /// What it runs.
    pub(super) inner: Inner,
    /// Where that runs.
    pub(super) place: Place,
    /// The words that set variables for it.
    pub(super) sets: Range<usize>,
}

/// What a wrapper runs.
pub(super) enum Inner {
    /// The words from here on.
    Words(usize),
    /// The script that these words are.
    Script(Range<usize>),
}

/// A program that runs what follows its options.
struct Prefix {
    program: &'static str,
    /// Options that take a value.
    taking: Taking,
    /// How many words stand between the options and the inner command.
    operands: usize,
    /// Options with which it runs nothing.
    idle: &'static [&'static str],
}

const fn prefix(
    program: &'static str,
    letters: &'static str,
    names: &'static [&'static str],
    operands: usize,
    idle: &'static [&'static str],
) -> Prefix {
    Prefix { program, taking: Taking { letters, names }, operands, idle }
}

/// The simple ones.
static PREFIXES: &[Prefix] = &[
    prefix(
        "sudo",
        "ugpCDRThrtU",
        &["user", "group", "prompt", "close-from", "chdir", "chroot", "host", "role", "type"],
        0,
        &["-e", "--edit", "-l", "--list", "-v", "--validate", "-K"],
    ),
    prefix("doas", "uC", &[], 0, &["-L"]),
    prefix("env", "uCS", &["unset", "chdir", "split-string"], 0, &[]),
    prefix("timeout", "ks", &["kill-after", "signal"], 1, &[]),
    prefix("gtimeout", "ks", &["kill-after", "signal"], 1, &[]),
    prefix("nice", "n", &["adjustment"], 0, &[]),
    prefix("ionice", "cn", &["class", "classdata"], 0, &["-p", "-P", "-u"]),
    prefix("nohup", "", &[], 0, &[]),
    prefix("time", "fo", &["format", "output"], 0, &[]),
    prefix("command", "", &[], 0, &["-v", "-V"]),
    prefix("exec", "a", &[], 0, &[]),
    prefix("builtin", "", &[], 0, &[]),
    prefix("stdbuf", "ioe", &["input", "output", "error"], 0, &[]),
    prefix("setsid", "", &[], 0, &[]),
    prefix("chrt", "TPD", &[], 1, &["-p", "-m"]),
    prefix("flock", "wEo", &["timeout", "wait", "conflict-exit-code"], 1, &["-u"]),
    prefix("chroot", "", &["userspec", "groups"], 1, &[]),
    prefix("gosu", "", &[], 1, &[]),
    prefix("su-exec", "", &[], 1, &[]),
    prefix(
        "xargs",
        "InPLdsaE",
        &["replace", "max-args", "max-procs", "max-lines", "delimiter", "max-chars", "arg-file"],
        0,
        &[],
    ),
    prefix("busybox", "", &[], 0, &["--list"]),
];

pub(super) const SSH: Taking = Taking { letters: "BbcDEeFIiJLlmOopQRSWw", names: &[] };
const SHELL: Taking = Taking { letters: "oO", names: &["rcfile", "init-file"] };
const SU: Taking = Taking { letters: "gGsw", names: &["shell", "group", "supp-group"] };
const RUNUSER: Taking = Taking { letters: "gGsuw", names: &["shell", "group", "user"] };

const DOCKER: Taking = Taking {
    letters: "Hcl",
    names: &["host", "context", "config", "log-level", "tlscacert", "tlscert", "tlskey"],
};
const COMPOSE: Taking = Taking {
    letters: "fp",
    names: &[
        "file",
        "project-name",
        "profile",
        "env-file",
        "project-directory",
        "ansi",
        "parallel",
        "progress",
        "context",
        "host",
    ],
};
const EXEC: Taking = Taking {
    letters: "euw",
    names: &["env", "env-file", "user", "workdir", "detach-keys", "index"],
};
const RUN: Taking = Taking {
    letters: "acehlmpuvw",
    names: &[
        "add-host",
        "attach",
        "cap-add",
        "cap-drop",
        "cidfile",
        "cpus",
        "device",
        "dns",
        "entrypoint",
        "env",
        "env-file",
        "expose",
        "gpus",
        "group-add",
        "health-cmd",
        "hostname",
        "ip",
        "ipc",
        "label",
        "link",
        "log-driver",
        "log-opt",
        "memory",
        "mount",
        "name",
        "network",
        "net",
        "network-alias",
        "pid",
        "platform",
        "publish",
        "pull",
        "restart",
        "runtime",
        "security-opt",
        "shm-size",
        "stop-signal",
        "stop-timeout",
        "sysctl",
        "tmpfs",
        "ulimit",
        "user",
        "userns",
        "volume",
        "volumes-from",
        "workdir",
    ],
};
const KUBECTL: Taking = Taking {
    letters: "ncfslv",
    names: &[
        "namespace",
        "context",
        "cluster",
        "kubeconfig",
        "user",
        "container",
        "filename",
        "server",
        "token",
        "as",
        "as-group",
        "request-timeout",
        "pod-running-timeout",
        "certificate-authority",
        "client-certificate",
        "client-key",
        "v",
    ],
};

/// Takes a command apart, if it runs another one.
pub(super) fn split(program: &str, words: &[Word]) -> Option<Split> {
    match program {
        "docker" | "podman" | "nerdctl" => docker(words),
        "docker-compose" | "podman-compose" => compose(words, 1),
        "kubectl" | "oc" | "kubecolor" => kubectl(words, 1),
        "k3s" | "microk8s" | "minikube"
            if words.get(1).is_some_and(|word| word.text == "kubectl") =>
        {
            kubectl(words, 2)
        }
        "ssh" => {
            let host = first_operand(words, 1, SSH);
            let place = place_of_host(words.get(host)?);
            // Options may stand behind the host as well, and `--` ends them.
            let command = first_operand(words, host + 1, SSH);
            script(command, command..words.len(), place)
        }
        "su" | "runuser" => su(program, words),
        "eval" => script(1, 1..words.len(), Place::Same),
        _ if SHELLS.contains(&program) => shell(words),
        _ => {
            let prefix = PREFIXES.iter().find(|prefix| prefix.program == program)?;
            prefixed(prefix, words)
        }
    }
}

fn script(own: usize, words: Range<usize>, place: Place) -> Option<Split> {
    let is_there = !words.is_empty();
    is_there.then_some(Split { own: 0..own, inner: Inner::Script(words), place, sets: 0..0 })
}

/// The words from `from` on, which run at a place.
fn rest(from: usize, words: &[Word], place: Place) -> Option<Split> {
    let is_there = from < words.len();
    is_there.then_some(Split { own: 0..from, inner: Inner::Words(from), place, sets: 0..0 })
}

fn prefixed(prefix: &Prefix, words: &[Word]) -> Option<Split> {
    let after = first_operand(words, 1, prefix.taking);
    let is_idle = |word: &Word| prefix.idle.contains(&word.text.as_str());
    if words.get(1..after)?.iter().any(is_idle) {
        return None;
    }
    let is_set = |word: &&Word| {
        matches!(prefix.program, "env" | "sudo" | "doas")
            && word.text.find('=').is_some_and(|at| at > 0)
    };
    let sets = after..after + words[after..].iter().take_while(is_set).count();
    let from = sets.end + prefix.operands;
    Some(Split { sets, ..rest(from, words, Place::Same)? })
}

fn docker(words: &[Word]) -> Option<Split> {
    let sub = first_operand(words, 1, DOCKER);
    match words.get(sub)?.text.as_str() {
        "compose" => compose(words, sub + 1),
        "exec" => contained(words, sub + 1, EXEC),
        "run" => contained(words, sub + 1, RUN),
        "container" => match words.get(sub + 1)?.text.as_str() {
            "exec" => contained(words, sub + 2, EXEC),
            "run" => contained(words, sub + 2, RUN),
            _ => None,
        },
        _ => None,
    }
}

fn compose(words: &[Word], from: usize) -> Option<Split> {
    let sub = first_operand(words, from, COMPOSE);
    match words.get(sub)?.text.as_str() {
        "exec" => contained(words, sub + 1, EXEC),
        "run" => contained(words, sub + 1, RUN),
        _ => None,
    }
}

/// What runs in a container that stands behind the options.
fn contained(words: &[Word], from: usize, taking: Taking) -> Option<Split> {
    let name = first_operand(words, from, taking);
    let place = Place::Container(words.get(name)?.text.clone());
    // With another entry point the words are its arguments; what it does is not known from them.
    let has_entry = value_of(&words[from..name], &["--entrypoint"], taking).is_some();
    rest(name + 1, words, place).filter(|_| !has_entry)
}

fn kubectl(words: &[Word], from: usize) -> Option<Split> {
    let sub = first_operand(words, from, KUBECTL);
    if words.get(sub)?.text != "exec" {
        return None;
    }
    let pod = first_operand(words, sub + 1, KUBECTL);
    let place = Place::Pod(words.get(pod)?.text.clone());
    let dashes = words.iter().skip(pod).position(|word| word.text == "--").map(|at| pod + at + 1);
    rest(dashes.unwrap_or_else(|| first_operand(words, pod + 1, KUBECTL)), words, place)
}

fn su(program: &str, words: &[Word]) -> Option<Split> {
    let taking = if program == "su" { SU } else { RUNUSER };
    let is_command = |word: &Word| {
        let is_cluster =
            word.text.starts_with('-') && !word.text.starts_with("--") && word.text.ends_with('c');
        word.text == "--command" || is_cluster
    };
    match words.iter().position(is_command) {
        Some(at) if at + 1 < words.len() => script(at + 1, at + 1..at + 2, Place::Same),
        _ if program == "runuser" => rest(first_operand(words, 1, taking), words, Place::Same),
        _ => None,
    }
}

/// The script of `sh -c`.
fn shell(words: &[Word]) -> Option<Split> {
    let after = first_operand(words, 1, SHELL);
    let is_command = |word: &Word| {
        word.text.starts_with('-') && !word.text.starts_with("--") && word.text.contains('c')
    };
    let is_there = words.get(1..after)?.iter().any(is_command) && after < words.len();
    is_there.then(|| script(after, after..after + 1, Place::Same)).flatten()
}

/// Where a wrapper runs what it reads.
pub(super) fn place_of(program: &str, words: &[Word]) -> Place {
    match program {
        "ssh" => words.get(first_operand(words, 1, SSH)).map_or(Place::Same, place_of_host),
        _ => Place::Same,
    }
}

fn place_of_host(word: &Word) -> Place {
    let host = word.text.rsplit('@').next().unwrap_or(&word.text);
    Place::Host(host.to_owned())
}
