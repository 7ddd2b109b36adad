//! A library: found beside a runbook or above it, trusted or refused, and what it adds to a run.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::harness::Bench;

const LIBRARY: &str = r"
    holdpoint: 1
    severities:
      - {name: P1, description: nobody can order, response: 15m}
      - {name: P2, response: 1h}
    contacts:
      - {role: database-admin, name: Grace, channel: '+49 30 12345'}
      - {role: incident-commander, name: Ada}
    communications:
      update_every: 30m
      templates:
        resolved: ${{ runbook.title }} is over.
        incident: |
          ${{ runbook.severity }} in ${{ run.environment }}: ${{ runbook.title }}
          Written by ${{ inputs.who }}.
    channels:
      file: {run: cat >> effects, shell: sh -eu}
      broken: {run: [sh, -c, 'exit 9']}
    environments:
      staging: {inputs: {who: the stagers, unused: 1}}
      production: {inputs: {who: everybody}}
    defaults: {shell: sh -eu}
    backups:
      - {component: postgres, schedule: hourly, retention: 30d, location: /backups}
    lint: {profile: standard}
";

const BOOK: &str = r"
    holdpoint: 1
    id: book
    title: The shop is down
    severity: P1
    inputs: {who: {default: nobody, env: WHO}}
    steps:
      - {id: say, run: 'echo ${{ inputs.who }} in ${{ run.environment }} with $0 >> effects'}
";

fn bench() -> Bench {
    Bench::new().file("holdpoint.yaml", LIBRARY).runbook("books/book.yaml", BOOK)
}

/// A library with nothing but environments of these names.
fn environments(names: &[&str]) -> Bench {
    let list: String = names.iter().map(|name| format!("  {name}: {{}}\n")).collect();
    bench().file("holdpoint.yaml", &format!("holdpoint: 1\nenvironments:\n{list}"))
}

#[track_caller]
fn refused(bench: &Bench, more: &[&str], code: i32, stderr: &str) {
    for command in ["run", "plan"] {
        let args = [command, "books/book.yaml"].into_iter().chain(more.iter().copied());
        bench.args(args).stderr(stderr).exit(code);
    }
    assert_eq!(bench.effects(), Vec::<String>::new());
    assert!(bench.run_folders().is_empty());
}

#[test]
fn an_environment_gives_inputs_and_its_name_stands_on_every_screen() {
    let bench = bench();
    let run = ["run", "books/book.yaml", "--environment", "staging"];
    bench
        .args(run)
        .stdout_contains("[AT]  run  started in staging by ")
        .stdout_contains("[AT]  run  who is the stagers, from the library\n")
        .exit(0);
    assert_eq!(bench.effects(), ["the stagers in staging with sh"]);
    assert_eq!(bench.status()["environment"], "staging");
    bench.args(["status"]).stdout_contains("[RUN]  succeeded, unverified, in staging\n").exit(0);
    bench.args(["runs"]).stdout_contains("  succeeded  in staging  The shop is down\n").exit(0);
    let runs = bench.args(["runs", "--format", "json"]).json();
    assert_eq!(runs["runs"][0]["environment"], "staging");
    assert_eq!(bench.timeline()["environment"], "staging");
    bench.args(["timeline"]).stdout_contains("\n- Environment: staging\n").exit(0);
    bench
        .args(["plan", "books/book.yaml", "--environment", "staging"])
        .stdout(
            "
            in staging: book — The shop is down

            inputs
              given           who  the stagers

            steps
              assumed         every action succeeds at its first attempt
              would run       say
                              | echo 'the stagers' in 'staging' with $0 >> effects
                              effect once
            ",
        )
        .exit(0);
}

#[test]
fn what_is_said_for_this_run_comes_before_the_environment_of_the_library() {
    let bench = bench().env("WHO", "the variable");
    let run = ["run", "books/book.yaml", "--environment", "staging"];
    bench.args(run).stdout_contains("from the environment").exit(0);
    let flag = ["--input", "who=the flag"];
    bench.args(run.into_iter().chain(flag)).stdout_contains("command line").exit(0);
    let expected = ["the variable in staging with sh", "the flag in staging with sh"];
    assert_eq!(bench.effects(), expected);
}

#[test]
fn one_of_several_environments_must_be_named_where_nobody_can_be_asked() {
    let stderr = "
        error: the environments are staging, production
          help: name one with --environment; production is never assumed
    ";
    refused(&bench(), &[], 2, stderr);
    let stderr = "
        error: there is no environment `stagin`
          help: did you mean `staging`?
    ";
    refused(&bench(), &["--environment", "stagin"], 2, stderr);
}

#[test]
fn the_only_environment_is_taken_but_never_production() {
    let bench = environments(&["lab"]);
    bench.args(["run", "books/book.yaml"]).stdout_contains("started in lab by").exit(0);
    assert_eq!(bench.effects(), ["nobody in lab with bash"]);
    let stderr = "
        error: the environments are production
          help: name one with --environment; production is never assumed
    ";
    refused(&environments(&["production"]), &[], 2, stderr);
}

#[test]
fn an_environment_cannot_be_named_where_no_library_has_one() {
    let bench = Bench::new().runbook("books/book.yaml", BOOK);
    let stderr = "
        error: there is no environment `lab`
          help: environments are declared in holdpoint.yaml
    ";
    refused(&bench, &["--environment", "lab"], 2, stderr);
}

#[test]
fn somebody_at_the_terminal_is_asked_for_the_environment() {
    let bench = bench().env("TERM", "dumb");
    let mut screen = bench.at_terminal(["run", "books/book.yaml"]);
    screen.wait_for("In which environment?");
    screen.types("1\r");
    screen.exit(0);
    assert_eq!(bench.effects(), ["the stagers in staging with sh"]);
    let mut screen = bench.at_terminal(["run", "books/book.yaml"]);
    screen.wait_for("In which environment?");
    screen.types("\u{3}");
    screen.exit(130);
    assert_eq!(bench.run_folders().len(), 1);
}

#[test]
fn a_value_of_the_environment_that_does_not_fit_is_refused() {
    let bench = bench().runbook("books/book.yaml", &BOOK.replace("default: nobody", "type: int"));
    let stderr = "
        error: the value of `who` is refused: the library says \"the stagers\": `the stagers` is not a whole number
          help: who is a whole number
    ";
    refused(&bench, &["--environment", "staging"], 2, stderr);
    let private =
        BOOK.replace("default: nobody", "secret: true").replace("${{ inputs.who }}", "me");
    let bench = bench.runbook("books/book.yaml", &private);
    let stderr = "
        error: the library gives the secret `who`
          help: a secret stands in no file that others can read: take it out of there
    ";
    refused(&bench, &["--environment", "staging"], 2, stderr);
}

#[test]
fn what_a_runbook_takes_from_its_library_must_be_there() {
    let bench = bench().runbook(
        "books/book.yaml",
        r"
        holdpoint: 1
        id: book
        title: The shop is down
        severity: P9
        steps:
          - {id: tell, notify: {template: incidnt, to: file}}
          - {id: write, notify: {template: incident}}
          - {id: ask, gate: {approvers: [databse-admin, Grace, nobody-at-all]}}
        ",
    );
    let stderr = "
        error: the library has no severity `P9`
         --> books/book.yaml:4:11
          |
        4 | severity: P9
          |           ^^
          |
          = help: use one of P1, P2

        error: there is no template `incidnt`
         --> books/book.yaml:6:35
          |
        6 |   - {id: tell, notify: {template: incidnt, to: file}}
          |                                   ^^^^^^^
          |
          = help: did you mean `incident`?

        error: there is no input `who`
         --> books/book.yaml:7:36
          |
        7 |   - {id: write, notify: {template: incident}}
          |                                    ^^^^^^^^

        error: the library has no contact `databse-admin`
         --> books/book.yaml:8:34
          |
        8 |   - {id: ask, gate: {approvers: [databse-admin, Grace, nobody-at-all]}}
          |                                  ^^^^^^^^^^^^^
          |
          = help: did you mean `database-admin`?

        error: the library has no contact `nobody-at-all`
         --> books/book.yaml:8:56
          |
        8 |   - {id: ask, gate: {approvers: [databse-admin, Grace, nobody-at-all]}}
          |                                                        ^^^^^^^^^^^^^
          |
          = help: use one of database-admin, incident-commander, Grace, Ada

        error: 5 problems in books/book.yaml
    ";
    refused(&bench, &["--environment", "staging"], 3, stderr);
}

#[test]
fn a_library_of_another_name_is_not_passed_over_without_a_word() {
    let bench = Bench::new().runbook("books/book.yaml", BOOK).file("holdpoint.yml", LIBRARY);
    let stderr =
        "error: [DIR]/holdpoint.yml is not read: a library is called holdpoint.yaml; rename it";
    refused(&bench, &[], 3, stderr);
    let nearer = bench.file("books/holdpoint.yaml", "holdpoint: 1\n");
    nearer.args(["plan", "books/book.yaml"]).stdout_contains("say").exit(0);
    let book = "{holdpoint: 1, id: other, title: Other, steps: [{id: one, run: 'true'}]}";
    let of_a_runbook = Bench::new().runbook("books/book.yaml", BOOK).file("holdpoint.yml", book);
    of_a_runbook.args(["plan", "books/book.yaml"]).stdout_contains("say").exit(0);
}

#[test]
fn all_that_is_wrong_with_a_library_is_shown_at_once() {
    let bench = bench().file(
        "holdpoint.yaml",
        r"
        holdpoint: 1
        severity: []
        contacts: [{name: Ada}]
        channels:
          both: {run: cat, http: 'http://x/'}
          foreign: {run: 'cat; echo ${{ inputs.who }}'}
        lint: strict
        ",
    );
    let stderr = "
        error: unknown key `severity` in a library
         --> [DIR]/holdpoint.yaml:2:1
          |
        2 | severity: []
          | ^^^^^^^^ not a key here
          |
          = help: keys here: `holdpoint`, `severities`, `contacts`, `communications`, `channels`, `environments`, `defaults`, `backups`, `lint`

        error: a contact needs `role`
         --> [DIR]/holdpoint.yaml:3:12
          |
        3 | contacts: [{name: Ada}]
          |            ^^^^^^^^^^^

        error: a channel has either `run` or `http`
         --> [DIR]/holdpoint.yaml:5:9
          |
        5 |   both: {run: cat, http: 'http://x/'}
          |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          |
          = help: a command that reads the message, or the URL that it is posted to

        error: `inputs.who` may not stand here: not every run has it
         --> [DIR]/holdpoint.yaml:6:29
          |
        6 |   foreign: {run: 'cat; echo ${{ inputs.who }}'}
          |                             ^^^^^^^^^^^^^^^^^
          |
          = help: what may be named stands in run, objectives, runbook, message

        error: `lint` must be a mapping, found a string
         --> [DIR]/holdpoint.yaml:7:7
          |
        7 | lint: strict
          |       ^^^^^^

        error: 5 problems in [DIR]/holdpoint.yaml
    ";
    refused(&bench, &[], 3, stderr);
}

#[test]
fn a_library_is_no_runbook_and_a_runbook_no_library() {
    let bench = bench();
    bench
        .args(["plan", "holdpoint.yaml"])
        .stderr_contains("error: this is a library, and no runbook\n")
        .exit(3);
    bench.write("holdpoint.yaml", BOOK);
    bench
        .args(["plan", "books/book.yaml"])
        .stderr_contains(
            "error: a file called holdpoint.yaml is a library, and a library has no `id`\n",
        )
        .stderr_contains("help: a runbook needs another name\n")
        .exit(3);
}

#[test]
fn a_library_that_others_may_write_is_refused() {
    let bench = bench();
    let path = bench.path("holdpoint.yaml");
    let may = |mode| fs::set_permissions(&path, fs::Permissions::from_mode(mode));
    may(0o646).expect("it is ours");
    let stderr = "
        error: refusing the library [DIR]/holdpoint.yaml: everybody may write it; take that away with chmod o-w
    ";
    refused(&bench, &[], 3, stderr);
    may(0o664).expect("it is ours");
    let book = fs::Permissions::from_mode(0o644);
    fs::set_permissions(bench.path("books/book.yaml"), book).expect("it is ours");
    let stderr = "
        error: refusing the library [DIR]/holdpoint.yaml: a group may write it that may not write the runbook; take that away with chmod g-w
    ";
    refused(&bench, &[], 3, stderr);
}

#[test]
fn the_search_ends_at_the_root_of_a_repository_and_at_the_home_folder() {
    let bench = bench();
    let plan = ["plan", "books/book.yaml", "--environment", "lab"];
    let found = "help: the environments are staging, production\n";
    let nothing = "help: environments are declared in holdpoint.yaml\n";
    bench.args(plan).stderr_contains(found).exit(2);
    fs::create_dir(bench.path("books/.git")).expect("the bench can be written to");
    bench.args(plan).stderr_contains(nothing).exit(2);
    fs::copy(bench.path("holdpoint.yaml"), bench.path("books/holdpoint.yaml"))
        .expect("it is there");
    bench.args(plan).stderr_contains(found).exit(2);
    fs::remove_dir(bench.path("books/.git")).expect("it was made");
    fs::remove_file(bench.path("books/holdpoint.yaml")).expect("it was made");
    let home = bench.path("books").display().to_string();
    bench.env("HOME", &home).args(plan).stderr_contains(nothing).exit(2);
}

const GATED: &str = r"
    holdpoint: 1
    id: book
    title: The shop is down
    steps:
      - {id: ask, gate: {ask: Go on?, approvers: [database-admin]}}
      - {id: tell, notify: {template: resolved, to: file}}
";

#[test]
fn a_contact_opens_a_gate_by_its_role_and_a_stranger_is_a_usage_error() {
    let bench = bench().runbook("books/book.yaml", GATED);
    let run = ["run", "books/book.yaml", "--environment", "staging"];
    bench.args(run).stdout_contains("the run in staging waits for a person\n").exit(5);
    let resume = |answer: &str| {
        bench.write("answers.yaml", &format!("ask: {{approve: true, by: {answer}}}\n"));
        bench.args(["resume", "--answers", "answers.yaml"])
    };
    resume("Grac")
        .stderr(
            "
            error: the library has no contact `Grac`
             --> answers.yaml:1:26
              |
            1 | ask: {approve: true, by: Grac}
              |                          ^^^^
              |
              = help: did you mean `Grace`?

            error: 1 problem in answers.yaml
            ",
        )
        .exit(2);
    let refused =
        "ask: the prepared answer passes nothing: Ada may not approve it; database-admin may";
    resume("Ada").stdout_contains(refused).exit(5);
    resume("Grace").stdout_contains("ask  approved by Grace").exit(0);
}

#[test]
fn a_run_goes_on_with_the_library_that_it_began_with() {
    let bench = bench().runbook("books/book.yaml", GATED);
    bench.write("answers.yaml", "ask: {approve: true, by: database-admin}\n");
    let run = ["run", "books/book.yaml", "--environment", "staging"];
    bench.args(run).stdout_contains("").exit(5);
    let frozen = bench.run_folder().join("runbook/holdpoint.yaml");
    let given = fs::read_to_string(bench.path("holdpoint.yaml")).expect("it is there");
    assert_eq!(fs::read_to_string(&frozen).expect("it was frozen"), given);
    bench.write("holdpoint.yaml", "holdpoint: 1\n");
    fs::write(&frozen, given.replace("is over", "was over")).expect("it is ours");
    let stderr = "
        error: the journal of [RUN] cannot be used: its frozen holdpoint.yaml was changed after the start
    ";
    bench.args(["resume", "--answers", "answers.yaml"]).stderr(stderr).exit(6);
    fs::write(&frozen, given).expect("it is ours");
    bench.args(["resume", "--answers", "answers.yaml"]).stdout_contains("").exit(0);
    assert_eq!(bench.effects(), ["The shop is down is over."]);
}

#[test]
fn what_a_runbook_says_itself_comes_before_the_defaults_of_its_library() {
    let bench = bench().runbook(
        "books/book.yaml",
        r"
        holdpoint: 1
        id: book
        title: The shop is down
        defaults: {env: {NAME: runbook, OWN: own}, on_failure: continue}
        steps:
          - {id: say, run: 'echo $0 $NAME $OWN $MORE >> effects'}
          - {id: fails, run: exit 1}
        ",
    );
    bench.write(
        "holdpoint.yaml",
        "
        holdpoint: 1
        defaults: {shell: sh -eu, env: {NAME: library, MORE: '${{ runbook.id }}'}, on_failure: abort}
        ",
    );
    bench.args(["run", "books/book.yaml"]).stdout_contains("").exit(8);
    assert_eq!(bench.effects(), ["sh runbook own book"]);
}

#[test]
fn an_included_runbook_has_the_same_library() {
    let bench = bench().runbook(
        "books/book.yaml",
        r"
        holdpoint: 1
        id: book
        title: The shop is down
        severity: P2
        steps:
          - {id: inner, include: parts/tell.yaml, inputs: {who: Ada}}
        ",
    );
    bench.write(
        "books/parts/tell.yaml",
        r"
        holdpoint: 1
        id: tell
        title: Tell them
        severity: P1
        inputs: {who: {}}
        steps:
          - {id: tell, notify: {template: incident, to: file}}
          - {id: say, run: echo $0 >> effects}
        ",
    );
    let run = ["run", "books/book.yaml", "--environment", "staging"];
    bench.args(run).stdout_contains("").exit(0);
    assert_eq!(bench.effects(), ["P1 in staging: Tell them", "Written by Ada.", "sh"]);
    bench.args(["status"]).stdout_contains("succeeded").exit(0);
    let told = fs::read_to_string(bench.path("books/parts/tell.yaml")).expect("it was written");
    bench
        .write("books/parts/tell.yaml", &told.replace("template: incident", "template: incidence"));
    let stderr = "error: there is no template `incidence`\n";
    bench.args(run).stderr_contains(stderr).exit(3);
}
