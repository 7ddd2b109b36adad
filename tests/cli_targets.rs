//! Commands on targets: what arrives there, what comes back, and what is shown.
//!
//! Those over `ssh` go through a real OpenSSH server; where that is not installed they say so on
//! standard error and prove nothing. `docker` and `kubectl` are stand-ins, since tests have no
//! daemon and no cluster: programs of that name that refuse any other arguments than the expected
//! ones, and run the command on this machine.

use std::fs;

use crate::harness::{Bench, Call, eventually};
use crate::lab::sshd::Sshd;

/// Everything that a shell or `printf` might take for more than text; as JSON it is YAML too.
const NASTY: &str = "it's \"q\" \\ \\n \\0101 $HOME ${x} `id` $(id) é 😀 \t%s %b !! ~ * ? {a,b} # <<E\n\n  lead\n\\";

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn book(head: &str, steps: &str) -> String {
    format!(
        "holdpoint: 1\nid: book\ntitle: On targets\n{head}\nsteps:\n{}\n",
        steps.trim_matches('\n')
    )
}

/// The head of a runbook whose commands begin in the folder of the bench, on every target.
fn at_home(bench: &Bench) -> String {
    let home = bench.path("").display().to_string();
    let home = home.trim_end_matches('/');
    format!("defaults: {{cwd: {home}}}\ninputs:\n  home: {{default: {home}}}")
}

fn run(bench: &Bench) -> Call<'_> {
    bench.args(["run", "book.yaml", "--non-interactive"])
}

/// A bench with a stand-in for a client.
fn with_client(name: &str, script: &str) -> Bench {
    let bench = Bench::new().with_programs();
    bench.program(name, script);
    bench
}

/// A `docker` that knows one container, `box`.
fn docker() -> Bench {
    with_client(
        "docker",
        r#"
        if [ "$#" != 6 ] || [ "$1 $2 $4 $5" != "exec -i sh -c" ]; then
          echo "unexpected: $*" >&2; exit 99
        fi
        case $3 in
          box) shift 3; exec "$@";;
          lost) echo "error during connect: EOF" >&2; exit 1;;
          *) echo "Error response from daemon: No such container: $3" >&2; exit 1;;
        esac
        "#,
    )
}

#[test]
fn a_script_its_variables_its_folder_and_its_input_arrive_over_ssh_as_they_are() {
    let Some(sshd) = Sshd::start() else { return };
    let bench = &sshd.bench;
    let filling =
        "      : xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n".repeat(1600);
    let steps = format!(
        r#"
  - id: sh
    target: {{ssh: box}}
    cwd: ${{{{ inputs.home }}}}/sub/a folder's
    env: {{NASTY: {nasty}}}
    stdin: {nasty}
    run: |
      pwd > folder
      printf %s "$NASTY" > variable
      printf %s ${{{{ inputs.nasty }}}} > word
      cat > input
      printf %s "$0 ${{ENV-none}} ${{BASH_ENV-none}} ${{HOLDPOINT_STATE-none}} ${{NO_COLOR-none}}" > rest
{filling}
  - id: bash
    target: {{ssh: box}}
    shell: bash -euo pipefail
    run: |
      false | true || [[ $0 == bash ]] && echo bash > bash
      cat >> bash
  - id: arguments
    target: {{ssh: box}}
    run: [sh, -c, 'printf "%s|" "$@" > arguments', sh, {nasty}, "", "x-${{{{ inputs.nasty }}}}"]
"#,
        nasty = quoted(NASTY)
    );
    let head =
        format!("{}\n  nasty: {{multiline: true, default: {}}}", at_home(bench), quoted(NASTY));
    bench.write("book.yaml", &book(&head, &steps));
    fs::create_dir_all(bench.path("sub/a folder's")).expect("the bench can be written to");
    run(bench).stdout_contains("").exit(0);

    let read = |name: &str| fs::read_to_string(bench.path(name)).unwrap_or_default();
    let there = bench.path("sub/a folder's").display().to_string();
    assert_eq!(read("sub/a folder's/folder"), format!("{there}\n"));
    for name in ["variable", "word", "input"] {
        assert_eq!(read(&format!("sub/a folder's/{name}")), NASTY, "{name}");
    }
    assert_eq!(read("sub/a folder's/rest"), "sh none none none none");
    assert_eq!(read("bash"), "bash\n");
    assert_eq!(read("arguments"), format!("{NASTY}||x-{NASTY}|"));
}

#[test]
fn what_a_command_prints_and_exits_with_comes_back_over_ssh() {
    let Some(sshd) = Sshd::start() else { return };
    let bench = &sshd.bench;
    let steps = r#"
  - id: count
    target: db
    run: 'echo 217; echo "a word" >&2; exit 3'
    expect: {exit: 3, stderr: {equals: a word}}
    outputs: {rows: {type: int}}
  - id: use
    run: echo ${{ steps.count.outputs.rows }} >> effects
  - id: fails
    target: db
    run: exit 4
    on_failure: continue
  - id: missing
    target: db
    run: [no-such-program]
    on_failure: continue
"#;
    bench.write(
        "book.yaml",
        &book(&format!("targets: {{db: {{ssh: box}}}}\n{}", at_home(bench)), steps),
    );
    run(bench).stdout_contains("| on ssh box: echo 217; echo \"a word\" >&2; exit 3\n").exit(8);
    assert_eq!(bench.effects(), ["217"]);
    let journal = bench.sound_journal();
    let failure = |step: &str| journal.about("step_failed", step)[0]["failure"].to_string();
    assert_eq!(failure("fails"), r#"{"kind":"exit","detail":"exit 4, expected 0"}"#);
    assert!(failure("missing").contains("exit 127, expected 0"), "{}", failure("missing"));
}

#[test]
fn no_command_line_holds_a_secret_or_the_script() {
    let Some(sshd) = Sshd::start() else { return };
    let bench = &sshd.bench;
    let steps = r#"
  - id: hold
    target: {ssh: box}
    shell: bash -eu
    env: {TOKEN: "${{ inputs.token }}"}
    stdin: "${{ inputs.token }}"
    run: |
      : the-word-in-the-script
      [ "$TOKEN" = "$(cat)" ]
      echo "$TOKEN" begun; echo begun > begun
      until [ -e go ]; do sleep 0.02; done
"#;
    bench.write(
        "book.yaml",
        &book(&format!("{}\n  token: {{secret: true}}", at_home(bench)), steps),
    );
    bench.write("inputs.yaml", "token: s3cr3t-value-of-it");
    let given = ["run", "book.yaml", "--non-interactive", "--inputs", "inputs.yaml"];
    let driver = bench.args(given).stdout_contains("> *** begun").start();
    eventually("the step is under way", || bench.path("begun").exists());
    let mut lines = Vec::new();
    for entry in fs::read_dir("/proc").expect("there is such a folder").flatten() {
        let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        lines.push(String::from_utf8_lossy(&line).replace('\0', " "));
    }
    let with = |word: &str| lines.iter().filter(|line| line.contains(word)).count();
    assert!(with("holdpoint2:") > 0 && with(" -- box sh -c ") > 0, "{lines:?}");
    assert_eq!((with("s3cr3t"), with("the-word-in-the-script")), (0, 0), "{lines:?}");
    bench.write("go", "");
    driver.exit(0);
}

#[test]
fn a_host_that_cannot_be_reached_is_a_failure_and_the_next_rung_is_tried() {
    let Some(sshd) = Sshd::start() else { return };
    let bench = &sshd.bench;
    let steps = r#"
  - id: bring-back
    ladder:
      - {id: there, target: {ssh: shut}, run: echo there >> effects}
      - {id: unknown, target: {ssh: no-such-host.invalid}, run: echo there >> effects}
      - {id: here, run: echo here >> effects}
"#;
    bench.write("book.yaml", &book("", steps));
    run(bench).stdout_contains("").exit(0);
    assert_eq!(bench.effects(), ["here"]);
    let journal = bench.sound_journal();
    for (step, words) in
        [("there", "Connection refused"), ("unknown", "Could not resolve hostname")]
    {
        let failed = journal.about("step_failed", &format!("bring-back/{step}"));
        assert_eq!(failed[0]["failure"]["kind"], "spawn");
        let detail = failed[0]["failure"]["detail"].to_string();
        assert!(detail.contains(words), "{detail}");
        assert_eq!(journal.count("doubt_settled", step), 0);
    }
    // What the client said stands in the output, and its own file is gone.
    let output = bench.run_folder().join("output");
    let names = fs::read_dir(output).expect("it is there").flatten();
    assert!(names.into_iter().all(|name| !name.file_name().to_string_lossy().ends_with(".client")));
}

#[test]
fn a_probe_looks_on_its_target() {
    let Some(sshd) = Sshd::start() else { return };
    let bench = &sshd.bench;
    let steps = r#"
  - id: look
    target: {ssh: box}
    run: "true"
    verify:
      - probe: {run: pwd, expect: {stdout: {equals: "${{ inputs.home }}"}}}
      - probe: {file: there's, expect: {larger_than: 4B, younger_than: 1h, mode: "600", sha256: "${{ inputs.sum }}"}}
      - probe: {file: there's, cwd: /, expect: {exists: false}}
      - probe: {not: {file: there's/no}}
      - probe: {not: {run: exit 1}}
      - probe: {target: local, run: pwd, expect: {stdout: {equals: "${{ inputs.home }}"}}}
  - id: blind
    target: {ssh: shut}
    probe: {not: {run: "true"}}
    on_failure: continue
"#;
    let sum = "f2ca1bb6c7e907d06dafe4687e579fce76b37e4e93b7605022da52e6ccc26fd2";
    let head = format!("{}\n  sum: {{default: {sum}}}", at_home(bench));
    bench.write("book.yaml", &book(&head, steps));
    bench.write("there's", "test\n");
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    fs::set_permissions(bench.path("there's"), private).expect("the file was just made");
    run(bench).stdout_contains("").exit(5);
    assert_eq!(
        (bench.state_of("look"), bench.state_of("blind")),
        ("succeeded".into(), "held".into())
    );
    let journal = bench.sound_journal();
    let held = journal.about("step_held", "blind")[0]["failure"].clone();
    assert_eq!(held["kind"], "unseen");
    assert!(held["detail"].to_string().contains("Connection refused"), "{held}");
}

#[test]
fn ssh_gets_its_options_first_lends_no_agent_and_leaves_the_check_of_the_host_alone() {
    let bench =
        with_client("ssh", r#"printf '%s\n' "$@" > arguments; for last; do :; done; eval "$last""#);
    bench
        .write("book.yaml", &book("", "  - {id: a, target: {ssh: box}, run: echo ran >> effects}"));
    run(&bench).stdout_contains("a  succeeded").exit(0);
    assert_eq!(bench.effects(), ["ran"]);
    let arguments = fs::read_to_string(bench.path("arguments")).unwrap_or_default();
    let arguments: Vec<&str> = arguments.lines().skip(2).take(14).collect();
    let expected = "-T -a -x -o BatchMode=yes -o RemoteCommand=none -o ConnectTimeout=10 \
                    -o ServerAliveInterval=15 -o ServerAliveCountMax=4 --";
    assert_eq!(arguments.join(" "), expected, "its log before them, the host after them");
}

#[test]
fn docker_gets_the_container_and_the_bootstrap_and_nothing_else() {
    let bench = docker();
    let steps = r#"
  - id: write
    target: {docker: "${{ inputs.container }}"}
    cwd: ${{ inputs.folder }}
    env: {WORD: it's a word}
    stdin: some input
    run: 'printf "%s %s\n" "$WORD" "$(cat)" >> effects; exit 3'
    expect: {exit: 3}
    verify: [{probe: {run: [grep, -q, some input, effects]}}]
  - id: absent
    target: {docker: gone}
    run: echo never
    expect: {exit: [0, 1]}
    on_failure: continue
  - id: not-there
    run: "true"
    verify: [{probe: {not: {target: {docker: gone}, run: "true", expect: {exit: 1}}}}]
"#;
    let head = format!(
        "inputs: {{container: {{default: box}}, folder: {{default: {}}}}}",
        bench.path("").display()
    );
    bench.write("book.yaml", &book(&head, steps));
    run(&bench).stdout_contains("on docker box: printf").exit(8);
    assert_eq!(bench.effects(), ["it's a word some input"]);
    let journal = bench.sound_journal();
    assert_eq!(
        journal.about("step_failed", "absent")[0]["failure"],
        serde_json::json!({
            "kind": "spawn",
            "detail": "Error response from daemon: No such container: gone",
        })
    );
    assert_eq!(bench.state_of("not-there"), "succeeded");
}

#[test]
fn kubectl_gets_the_pod_and_the_bootstrap_and_nothing_else() {
    let bench = with_client(
        "kubectl",
        r#"
        case "$1 $2 $3 $4 $5 $6 $7 $8 $9" in
          "--context prod -n shop exec -i db-0 -c pg") shift 9;;
          "exec -i db-0 -- sh -c"*) shift 3;;
          *) echo "unexpected: $*" >&2; exit 99;;
        esac
        [ "$#" = 4 ] && [ "$1 $2 $3" = "-- sh -c" ] || { echo "unexpected: $*" >&2; exit 99; }
        shift
        code=0; "$@" || code=$?
        [ "$code" = 0 ] || echo "command terminated with exit code $code" >&2
        exit "$code"
        "#,
    );
    let steps = r#"
  - id: all
    target: {kubernetes: {context: prod, namespace: shop, pod: db-0, container: pg}}
    run: echo all >> effects
  - id: pod
    target: {kubernetes: {pod: db-0}}
    run: echo pod >> effects; exit 1
    on_failure: continue
"#;
    bench.write("book.yaml", &book("", steps));
    run(&bench).stdout_contains("on kubernetes prod/shop/db-0 (pg): echo all").exit(8);
    assert_eq!(bench.effects(), ["all", "pod"]);
    let journal = bench.sound_journal();
    assert_eq!(journal.about("step_failed", "pod")[0]["failure"]["kind"], "exit");
}

#[test]
fn a_gate_and_the_plan_show_where_a_command_runs() {
    let bench = docker();
    let steps = r#"
  - id: drop
    target: box
    gate: {ask: Really?}
    run: |
      echo one
      echo two
  - id: phase
    target: {ssh: "ops@${{ inputs.host }}"}
    gate: {ask: All of it?}
    steps:
      - {id: inner, run: echo inner}
      - {id: here, target: local, run: echo here}
"#;
    let head = "targets: {box: {docker: box}}\ninputs: {host: {default: db-1}}";
    bench.write("book.yaml", &book(head, steps));
    bench
        .args(["plan", "book.yaml"])
        .stdout(
            "
            book — On targets

            inputs
              assumed         host  db-1

            steps
              assumed         every action succeeds at its first attempt, every gate is opened
              needs a person  drop
                              gate Really?
                              on docker box
                              | echo one
                              | echo two
                              effect once
              needs a person  phase phase
                              gate All of it?
                would run       inner
                                on ssh ops@db-1
                                | echo inner
                                effect once
                would run       here
                                | echo here
                                effect once
            ",
        )
        .exit(0);
    run(&bench).stdout_contains("").exit(5);
    let asked = bench.journal().events("question_asked")[0]["question"]["commands"].clone();
    assert_eq!(asked, serde_json::json!(["on docker box: echo one\necho two"]));
}

#[test]
fn what_can_be_no_target_is_refused_where_it_stands() {
    let bench = Bench::new();
    let steps = r#"
  - {id: a, target: databse, run: "true"}
  - {id: b, target: {ssh: -oProxyCommand=id}, run: "true"}
  - {id: c, target: {ssh: a, docker: b}, run: "true"}
  - {id: d, target: {kubernetes: {namespace: x}}, run: "true"}
  - {id: e, run: "true", verify: [{probe: {target: {ssh: a}, tcp: "a:1"}}]}
  - {id: f, target: {ssh: "${{ inputs.token }}"}, run: "true"}
"#;
    let head = "targets: {database: {ssh: db-1}, local: {ssh: x}, other: {ssh: '${{ inputs.no }}'}}\n\
        inputs: {token: {secret: true, env: T}}";
    bench.write("book.yaml", &book(head, steps));
    let printed = bench.args(["plan", "book.yaml"]).stderr_contains("").exit(3).stderr;
    for words in [
        "this part of a target begins with `-` and could pass as an option",
        "a target is one of `ssh`, `docker` and `kubernetes`",
        "`kubernetes` needs `pod`",
        "`http`, `tcp` and `dns` look from this machine, whatever the target",
        "`local` is always this machine",
    ] {
        assert!(printed.contains(words), "{words}:\n{printed}");
    }
    let steps = r#"
  - {id: a, target: databse, run: "true"}
  - {id: f, target: {ssh: "${{ inputs.token }}"}, run: "true"}
"#;
    bench.write("book.yaml", &book(&head.replace("local: {ssh: x}, ", ""), steps));
    let printed = bench.args(["plan", "book.yaml"]).stderr_contains("").exit(3).stderr;
    for words in [
        "there is no target `databse`",
        "did you mean `database`?",
        "the secret `inputs.token` may not stand here",
        "there is no input `no`",
    ] {
        assert!(printed.contains(words), "{words}:\n{printed}");
    }
}

#[test]
fn a_value_that_could_pass_as_an_option_of_a_client_is_refused() {
    let found = "${{ steps.ask.outputs.name }}";
    for target in [
        format!("ssh: '{found}'"),
        format!("docker: '{found}'"),
        format!("kubernetes: {{pod: '{found}'}}"),
        format!("kubernetes: {{pod: a, context: '{found}'}}"),
        format!("kubernetes: {{pod: a, namespace: '{found}'}}"),
        format!("kubernetes: {{pod: a, container: '{found}'}}"),
    ] {
        let bench = Bench::new().with_programs();
        for client in ["ssh", "docker", "kubectl"] {
            bench.program(client, "echo \"$0\" >> effects");
        }
        let steps = format!(
            r#"
  - {{id: ask, run: "echo -- -oProxyCommand=x", outputs: {{name: {{from: regex, pattern: "-- (.*)"}}}}}}
  - {{id: act, target: {{{target}}}, run: echo never >> effects}}
"#
        );
        bench.write("book.yaml", &book("", &steps));
        run(&bench).stdout_contains("could pass as an option").exit(5);
        assert_eq!(bench.effects(), [""; 0], "{target}");
        let journal = bench.sound_journal();
        assert_eq!(journal.about("step_held", "act")[0]["failure"]["kind"], "template");
    }

    let bench = docker();
    let steps = r#"
  - {id: act, target: {docker: "${{ inputs.name }}"}, run: echo never >> effects}
"#;
    bench.write("book.yaml", &book("inputs: {name: {}}", steps));
    bench
        .args(["run", "book.yaml", "--input", "name=-x"])
        .stderr_contains("the value of `name` is refused: it begins with `-`")
        .exit(2);
}

#[test]
fn a_target_reaches_into_an_included_runbook_as_it_was_meant_outside() {
    let bench = docker();
    let inner = r#"
  - {id: given, run: echo given >> effects}
  - {id: own, target: box, run: echo own >> effects, on_failure: continue}
"#;
    let head = "targets: {box: {docker: '${{ inputs.name }}'}}\ninputs: {name: {default: gone}}";
    let inner = book(head, inner).replace("id: book\n", "id: inner\n");
    bench.write("inner.yaml", &inner);
    let steps = "  - {id: all, target: box, include: inner.yaml}";
    let head = "targets: {box: {docker: '${{ inputs.name }}'}}\ninputs: {name: {default: box}}";
    bench.write("book.yaml", &book(head, steps));
    let shown = run(&bench).stdout_contains("on docker box: echo given");
    shown.stdout_contains("on docker gone: echo own").exit(8);
    assert_eq!(bench.effects(), ["given"]);
}
