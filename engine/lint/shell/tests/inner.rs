//! What runs another command.

use super::super::{Word, from_words};
use super::{one, places, shown};

#[test]
fn what_runs_a_command_is_taken_away() {
    for (script, expected) in [
        ("sudo -n -u postgres rm x", "(sudo) rm x"),
        ("sudo -- A=1 rm x", "(sudo) A=1 rm x"),
        ("doas rm x", "(doas) rm x"),
        ("env -u X A=1 B=2 rm x", "(env) A=1 B=2 rm x"),
        ("/usr/bin/env rm x", "(env) rm x"),
        ("timeout -k 5 --signal=KILL 30s rm x", "(timeout) rm x"),
        ("nice -n 5 ionice -c3 rm x", "(nice) (ionice) rm x"),
        ("nohup setsid stdbuf -oL rm x", "(nohup) (setsid) (stdbuf) rm x"),
        ("time command exec rm x", "(time) (command) (exec) rm x"),
        ("xargs -r -n 1 -I{} rm {}", "(xargs) rm {}"),
        ("flock /tmp/l rm x", "(flock) rm x"),
        ("docker exec -it -u root db rm x", "(docker in db) rm x"),
        ("docker -H tcp://a exec db rm x", "(docker in db) rm x"),
        ("docker compose -f a.yml exec -T db rm x", "(docker in db) rm x"),
        ("docker-compose run --rm -e A=1 db rm x", "(docker-compose in db) rm x"),
        ("docker run --rm -v a:b alpine:3 rm x", "(docker in alpine:3) rm x"),
        ("podman exec db rm x", "(podman in db) rm x"),
        ("kubectl -n shop exec -it db-0 -c pg -- rm x", "(kubectl in pod db-0) rm x"),
        ("kubectl exec db-0 rm x", "(kubectl in pod db-0) rm x"),
        ("ssh -p 22 -o A=b me@db-1 rm x", "(ssh on db-1) rm x"),
        ("ssh me@db-1 -- rm -rf x", "(ssh on db-1) rm -rf x"),
        ("ssh me@db-1 -p 22 rm x", "(ssh on db-1) rm x"),
        ("runuser -u postgres -- rm x", "(runuser) rm x"),
        ("eval rm x", "(eval) rm x"),
        ("sudo docker exec db nice rm x", "(sudo) (docker in db) (nice) rm x"),
    ] {
        assert_eq!(shown(script), [expected], "{script}");
    }
}

#[test]
fn what_runs_nothing_stays_itself() {
    for script in [
        "command -v psql",
        "env",
        "sudo -l",
        "docker run --rm alpine",
        "docker run --entrypoint pg_dump postgres -Fc",
        "docker ps -q",
        "docker compose exec db",
        "kubectl get pods",
        "ssh db-1",
        "sh script.sh",
        "bash",
        "exec",
        "su - postgres",
        "watch rm x",
        "echo sudo rm x",
    ] {
        assert_eq!(shown(script), [script], "{script}");
    }
    assert_eq!(shown("exec > log 2>&1"), ["exec >[log] 2>&[1]"]);
}

#[test]
fn an_inner_script_is_read_as_one() {
    assert_eq!(shown("sh -c 'a | b; c'"), ["(sh) a #1/2", "(sh) b #2/2", "(sh) c"]);
    assert_eq!(shown("bash -o pipefail -euc \"a | b\" name"), ["(bash) a #1/2", "(bash) b #2/2"]);
    assert_eq!(
        shown("ssh db-1 'cd /x && rm y'"),
        ["(ssh on db-1) cd /x #tested", "(ssh on db-1) rm y"]
    );
    assert_eq!(shown("ssh db-1 sudo \"rm x\""), ["(ssh on db-1) (sudo) rm x"]);
    assert_eq!(shown("su - postgres -c 'rm x'"), ["(su) rm x"]);
    assert_eq!(shown("docker exec db sh -c 'sh -c \"rm x\"'"), ["(docker in db) (sh) (sh) rm x"]);
    assert_eq!(
        shown("ssh db-1 bash -s <<'E'\nrm x\nls\nE\n"),
        ["(ssh on db-1) (bash) rm x", "(ssh on db-1) (bash) ls"]
    );
    assert_eq!(shown("ssh db-1 <<E\nrm x\nE\n"), ["(ssh on db-1) rm x"]);
}

#[test]
fn what_is_around_a_script_is_around_its_commands() {
    assert_eq!(
        shown("a | docker exec -i db sh -c 'psql x' > f && b"),
        ["a #1/2 #tested", "(docker in db) (sh) psql x >[f] #2/2 #tested", "b"]
    );
    assert_eq!(shown("a | sh -c 'b; c' < f > g"), ["a #1/2", "(sh) b <[f]", "(sh) c >[g]"]);
}

#[test]
fn find_is_a_command_beside_those_that_it_runs() {
    assert_eq!(
        shown("find . -exec rm -f {} \\; -exec sudo ls {} + -delete"),
        [
            "find . -exec rm -f {} ; -exec sudo ls {} + -delete",
            "(find) rm -f {}",
            "(find) (sudo) ls {}"
        ]
    );
}

#[test]
fn an_inner_command_is_placed_in_the_outer_script() {
    assert_eq!(places("x; sh -c 'a é | b'; y"), ["x", "a é", "b", "y"]);
    assert_eq!(places("ssh h \"sh -c 'rm x'\""), ["rm x"]);
    assert_eq!(places("sh -c \"a \\\"b\\\"\""), ["\"a \\\"b\\\"\""]);
    assert_eq!(places("ssh h rm x"), ["rm x"]);
    assert_eq!(places("bash <<E\n  rm x\nE\n"), ["rm x"]);
    assert_eq!(places("sudo docker exec db rm x"), ["sudo docker exec db rm x"]);
}

#[test]
fn a_list_of_arguments_is_unwrapped_as_well() {
    let mut at = 0;
    let words = ["docker", "exec", "db", "sh", "-c", "a 'b c' | d"].map(|text| {
        let range = at..at + text.len();
        at = range.end + 1;
        Word { text: text.to_owned(), range, is_literal: true, is_quoted: true }
    });
    let found = from_words(words.to_vec());
    let shown: Vec<String> = found.iter().map(one).collect();
    assert_eq!(shown, ["(docker in db) (sh) a b c #1/2", "(docker in db) (sh) d #2/2"]);
    assert_eq!(found[1].range, 31..32);
    assert!(from_words(Vec::new())[0].words.is_empty());
}
