//! What is sent arrives as it was, through every shell that is there.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::*;

/// Everything that a shell, `printf` or a login shell might take for more than text.
const NASTY: &str = "it's \"q\" \\ \\n \\0101 \\c $HOME ${x} `id` $(id) é Á 😀 \u{1}\u{7f}\t%s %b !! !$ \
    ~ * ? [a] {a,b} # <<E\r\n\n  lead\n-n\n\\";

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn ssh() -> Destination {
    Destination::Ssh("ops@db-1".into())
}

/// Every character of one and two bytes in UTF-8, NUL apart.
fn alphabet() -> String {
    ('\u{1}'..'\u{800}').collect()
}

/// A script, its last lines, and what must be in the files that it writes.
fn command(shell: &[&str]) -> Revealed {
    let filling = format!(": {}\n", "x".repeat(99)).repeat(1024);
    let script = format!(
        "printf %s \"$NASTY\" > variable\nprintf %s \"$ALL\" > all\ncat > stdin\n\
         printf %s {} > quoted\n{filling}pwd > folder\nprintf %s \"${{HOLDPOINT_LINE-unset}}\" > line\nexit 7",
        shell_quote(NASTY)
    );
    Revealed {
        words: owned(shell),
        script: Some(script),
        env: vec![("NASTY".into(), NASTY.into()), ("ALL".into(), alphabet())],
        cwd: Some("a folder's".into()),
        stdin: format!("the rest\n{NASTY}"),
    }
}

fn has(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// Runs a line in a shell as `sshd` would, in a folder of its own. The exit code and the folder.
fn run(login: &[&str], line: &str, stdin: &[u8]) -> (Option<i32>, TempDir) {
    let folder = TempDir::new().expect("a temporary folder can be made");
    fs::create_dir(folder.path().join("a folder's")).expect("the folder was just made");
    let mut child = Command::new(login[0])
        .args(&login[1..])
        .args(["-c", line])
        .current_dir(folder.path())
        .env("HOME", folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the shell is there");
    let mut pipe = child.stdin.take().expect("it was asked for");
    pipe.write_all(stdin).expect("the shell reads it");
    drop(pipe);
    (child.wait().expect("it is a child of ours").code(), folder)
}

#[test]
fn a_script_its_variables_and_its_input_arrive_whole_through_every_shell() {
    let logins: [&[&str]; 9] = [
        &["sh"],
        &["bash"],
        &["dash"],
        &["busybox", "sh"],
        &["zsh"],
        &["ksh"],
        &["mksh"],
        &["fish"],
        &["tcsh"],
    ];
    let there = |login: &&&[&str]| has(login[0]);
    for login in logins.iter().filter(there) {
        // The last two take no script on standard input; they only have to hand it on.
        for shell in logins[..7].iter().filter(there) {
            let mut words = shell.to_vec();
            words.push("-eu");
            let (argv, stdin) = client(&ssh(), &command(&words));
            let line = argv.last().expect("the line comes last");
            let (code, folder) = run(login, line, &stdin);
            let read = |name: &str| {
                fs::read_to_string(folder.path().join("a folder's").join(name)).unwrap_or_default()
            };
            let context = format!("{login:?} {shell:?}");
            assert_eq!(code, Some(7), "{context}");
            assert_eq!(read("variable"), NASTY, "{context}");
            assert_eq!(read("all"), alphabet(), "{context}");
            assert_eq!(read("quoted"), NASTY, "{context}");
            assert_eq!(read("stdin"), format!("the rest\n{NASTY}"), "{context}");
            assert_eq!(read("line"), "unset", "{context}");
            assert!(read("folder").ends_with("/a folder's\n"), "{context}");
        }
    }
}

#[test]
fn a_line_that_is_cut_is_not_evaluated() {
    let script = Some("touch ran".to_owned());
    let whole = Revealed { words: owned(&["sh", "-eu"]), script, ..Revealed::default() };
    let (argv, stdin) = client(&ssh(), &whole);
    let line = argv.last().expect("the line comes last");
    let ran = |stdin: &[u8]| {
        let (code, folder) = run(&["sh"], line, stdin);
        (code, folder.path().join("ran").exists())
    };
    assert_eq!(ran(&stdin), (Some(0), true));
    for length in 0..stdin.len() {
        assert_eq!(ran(&stdin[..length]), (Some(126), false), "{length}");
        // Something else, such as a profile, read the beginning.
        if length > 0 {
            assert_eq!(ran(&stdin[length..]), (Some(126), false), "{length}");
        }
    }
}

#[test]
fn the_bootstrap_has_nothing_that_a_login_shell_reads_differently() {
    for text in [BOOTSTRAP, SECOND] {
        assert_eq!(text.find(['\'', '\\', '!', '\n']), None);
    }
}

#[test]
fn each_client_gets_only_the_place_and_the_bootstrap() {
    let secret = Revealed {
        words: owned(&["sh", "-eu"]),
        script: Some("echo the-script".into()),
        env: vec![("TOKEN".into(), "the-secret".into())],
        cwd: Some("/the-folder".into()),
        stdin: "the-input".into(),
    };
    let words = |target: &Destination| client(target, &secret).0;
    let line = format!("sh -c '{BOOTSTRAP}'");
    let mut expected = owned(&["ssh"]);
    expected.extend(owned(SSH));
    expected.extend(owned(&["--", "ops@db-1", &line]));
    assert_eq!(words(&ssh()), expected);

    let docker = Destination::Docker("postgres".into());
    let expected = owned(&["docker", "exec", "-i", "postgres", "sh", "-c", BOOTSTRAP]);
    assert_eq!(words(&docker), expected);

    let pod = Pod { context: None, namespace: None, pod: "db-0".into(), container: None };
    let expected = owned(&["kubectl", "exec", "-i", "db-0", "--", "sh", "-c", BOOTSTRAP]);
    assert_eq!(words(&Destination::Kubernetes(Box::new(pod.clone()))), expected);

    let part = |text: &str| Some(text.to_owned());
    let pod = Pod { context: part("prod"), namespace: part("shop"), container: part("pg"), ..pod };
    let mut expected = owned(&["kubectl", "--context", "prod", "-n", "shop", "exec", "-i", "db-0"]);
    expected.extend(owned(&["-c", "pg", "--", "sh", "-c", BOOTSTRAP]));
    assert_eq!(words(&Destination::Kubernetes(Box::new(pod))), expected);
}

#[test]
fn an_argument_list_becomes_the_program_itself() {
    let words = owned(&["sh", "-c", "printf '%s|' \"$@\" > arguments", "sh", NASTY, "", "-n"]);
    let (argv, stdin) = client(&ssh(), &Revealed { words, ..Revealed::default() });
    let (code, folder) = run(&["sh"], argv.last().expect("the line comes last"), &stdin);
    let found = fs::read_to_string(folder.path().join("arguments")).unwrap_or_default();
    assert_eq!((code, found), (Some(0), format!("{NASTY}||-n|")));
}

#[test]
fn a_shell_that_is_not_known_gets_its_script_as_an_argument_over_there() {
    let sent = |shell: &[&str]| {
        let script = Some("print(1)".to_owned());
        text(&Revealed { words: owned(shell), script, ..Revealed::default() })
    };
    let one_line = "holdpoint1:unset HOLDPOINT_LINE BASH_ENV ENV\\nexec 'python3' -c 'print(1)'\n";
    assert_eq!(sent(&["python3"]), one_line);
    for known in [&["bash", "-eu"][..], &["sudo", "-n", "/bin/sh"], &["busybox", "ash"]] {
        assert_eq!(sent(known).lines().count(), 2);
    }
}

#[test]
fn what_became_of_a_command_is_taken_from_what_its_client_says() {
    let docker = Destination::Docker("db".into());
    let pod = Pod { context: None, namespace: None, pod: "db-0".into(), container: None };
    let pod = Destination::Kubernetes(Box::new(pod));
    let kind =
        |target: &Destination, code: i32, said: &str| match fate(target, &End::Exit(code), said) {
            Fate::Seen => "seen",
            Fate::Absent(_) => "absent",
            Fate::NotStarted(_) => "not started",
            Fate::Unseen(_) => "unseen",
        };
    let down = "Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?";
    let gone = "Error response from daemon: No such container: db";
    let cases = [
        (&ssh(), 0, "", "seen"),
        (&ssh(), 3, "ssh: connect to host db-1 port 22: Connection refused", "seen"),
        (&ssh(), 255, "ssh: connect to host db-1 port 22: Connection refused\r\n", "not started"),
        (&ssh(), 255, "ops@db-1: Permission denied (publickey).", "not started"),
        (&ssh(), 255, "Warning: a\nHost key verification failed.\n", "not started"),
        (&ssh(), 255, "Connection to db-1 closed by remote host.", "unseen"),
        (&ssh(), 255, "", "unseen"),
        (&docker, 1, "", "seen"),
        (&docker, 126, "OCI runtime exec failed", "seen"),
        (&docker, 1, gone, "absent"),
        (&docker, 1, &format!("a line\n{gone}"), "seen"),
        (&docker, 1, down, "not started"),
        (&docker, 1, "error during connect: EOF", "unseen"),
        (&docker, 255, "", "unseen"),
        (&pod, 0, "error: of its own", "seen"),
        (&pod, 1, "a line\ncommand terminated with exit code 1", "seen"),
        (&pod, 1, "Error from server (NotFound): pods \"db-0\" not found", "absent"),
        (&pod, 1, "Unable to connect to the server: dial tcp: no such host", "not started"),
        (&pod, 1, "a line\nerror: unexpected EOF", "unseen"),
        (&pod, 1, "", "unseen"),
    ];
    for (target, code, said, expected) in cases {
        assert_eq!(kind(target, code, said), expected, "{target:?} {code} {said}");
    }
}

#[test]
fn an_end_that_the_client_did_not_see_is_none_of_the_command() {
    let ends = [End::TimedOut, End::Stopped(15), End::Signal(9), End::Lost("x".into())];
    for end in ends {
        assert!(matches!(fate(&ssh(), &end, ""), Fate::Unseen(_)), "{end:?}");
        assert_eq!(fate(&Destination::Local, &end, ""), Fate::Seen);
    }
    assert_eq!(fate(&ssh(), &End::Spawn("no `ssh`".into()), ""), Fate::Seen);
}
