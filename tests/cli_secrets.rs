//! Secrets: they reach the steps that name them, and nothing else.

use std::fs;
use std::path::Path;

use crate::harness::{Bench, Call};

const SECRET: &str = "s3cr3t+value/with=signs";

/// Forms of the secret that must stand nowhere: as it is, in Base64 at each offset, in a URL.
const FORMS: [&str; 5] = [
    SECRET,
    "czNjcjN0K3ZhbHVlL3dpdGg9c2lnbn",
    "MzY3IzdCt2YWx1ZS93aXRoPXNpZ2",
    "zM2NyM3QrdmFsdWUvd2l0aD1zaWdu",
    "s3cr3t%2Bvalue%2Fwith%3Dsigns",
];

const HEAD: &str = "
holdpoint: 1
id: secret
title: A secret
inputs:
  password: {type: string, secret: true, env: PASSWORD}
  name: {type: string, default: plain}
steps:
";

/// A bench with these steps, and the secret in the environment.
fn bench(steps: &str) -> Bench {
    without_secret(steps).env("PASSWORD", SECRET)
}

fn without_secret(steps: &str) -> Bench {
    let steps: String = steps.trim().lines().map(|line| format!("  {line}\n")).collect();
    Bench::new().runbook("book.yaml", &format!("{}{steps}", HEAD.trim_start()))
}

fn run(bench: &Bench) -> Call<'_> {
    bench.args(["run", "book.yaml"])
}

/// No file below the state folder holds the secret in any form, nor does what was printed.
#[track_caller]
fn assert_kept_nowhere(bench: &Bench, printed: &[&str]) {
    let mut files = 0;
    each_file(&bench.path("state"), &mut |path, text| {
        files += 1;
        for form in FORMS {
            assert!(!text.contains(form), "{form} stands in {}:\n{text}", path.display());
        }
    });
    assert!(files > 3, "a run leaves files");
    for form in FORMS {
        assert!(!printed.iter().any(|text| text.contains(form)), "{form}: {printed:?}");
    }
}

fn each_file(folder: &Path, look: &mut impl FnMut(&Path, &str)) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => each_file(&path, look),
            false => {
                let bytes = fs::read(&path).expect("the run's files can be read");
                look(&path, &String::from_utf8_lossy(&bytes));
            }
        }
    }
}

#[test]
fn a_secret_reaches_a_step_by_env_and_by_stdin() {
    let bench = bench(
        "
- id: use
  env: {P: '${{ inputs.password }}', Q: 'x${{ inputs.password }}y'}
  stdin: '${{ inputs.password }}'
  run: |
    [ \"$P\" = 's3cr3t+value/with=signs' ]
    [ \"$Q\" = 'xs3cr3t+value/with=signsy' ]
    [ \"$(cat)\" = \"$P\" ]
    [ \"${PASSWORD-not inherited}\" = 'not inherited' ]
    echo used >> effects
        ",
    );
    // The script holds the text itself, which is what a secret is for.
    run(&bench).stdout_contains("use  succeeded").exit(0);
    assert_eq!(bench.effects(), ["used"]);
}

#[test]
fn a_secret_is_masked_wherever_it_is_printed_shown_or_kept() {
    let bench = bench(
        "
- id: tell
  env: {P: '${{ inputs.password }}'}
  outputs: {told: {from: line, line: 1}}
  run: |
    echo \"told $P\"
    echo \"$P\" >&2
    printf '%s' \"$P\" | base64
    printf 'x%s' \"$P\" | base64
    printf 'xx%s' \"$P\" | base64
    printf '%s\\n' \"$P\" | sed 's/+/%2B/; s,/,%2F,; s/=/%3D/'
    printf 's3cr3t+val'; sleep 0.1; printf 'ue/with=signs\\n'
- {id: pass-on, run: 'echo ${{ steps.tell.outputs.told }}'}
- id: fail
  env: {P: '${{ inputs.password }}'}
  run: echo \"$P\"
  expect: {stdout: {equals: other}}
  on_failure: continue
- id: look
  env: {P: '${{ inputs.password }}'}
  run: 'true'
  verify: [{probe: {run: [sh, -c, 'echo \"$P\"; echo \"$P\" >&2'], expect: {stdout: {equals: x}}}}]
  on_failure: continue
        ",
    );
    let printed = run(&bench).stdout_contains("> told ***\n").stdout_contains("").exit(8);
    assert!(
        printed.stdout.contains("pass-on  started\n          | echo 'told ***'\n"),
        "{printed}"
    );
    assert_eq!(printed.stdout.matches("***").count(), 13, "{printed}");
    let timeline = bench.args(["timeline"]).stdout_contains("").exit(0).stdout;
    let json = bench.timeline().to_string();
    let status = bench.status().to_string();
    assert_kept_nowhere(&bench, &[&printed.stdout, &printed.stderr, &timeline, &json, &status]);
    let inputs = fs::read_to_string(bench.run_folder().join("inputs.json"));
    assert_eq!(inputs.expect("inputs are kept"), "{\n  \"name\": \"plain\"\n}");
    bench.args(["verify"]).stdout_contains("").exit(0);
}

#[test]
fn no_command_line_holds_a_secret() {
    let bench = bench(
        "
- id: look
  env: {P: '${{ inputs.password }}'}
  stdin: '${{ inputs.password }}'
  run: 'cat /proc/$PPID/cmdline /proc/$$/cmdline > lines'
        ",
    );
    run(&bench).stdout_contains("").exit(0);
    let lines = fs::read_to_string(bench.path("lines")).expect("they were written");
    assert!(lines.contains("@keeper") && lines.contains("cmdline > lines"), "{lines}");
    assert!(!lines.contains("s3cr3t"), "{lines}");
}

#[test]
fn what_the_journal_prints_for_programs_is_masked_too() {
    let bench = bench("- {id: tell, run: 'echo \"$P\"', env: {P: '${{ inputs.password }}'}}");
    let args = ["run", "book.yaml", "--format", "jsonl"];
    let printed = bench.args(args).stdout_contains("\"tail\":\"***\\n\"").exit(0);
    assert_kept_nowhere(&bench, &[&printed.stdout]);
}

#[test]
fn a_secret_may_come_from_a_file_of_inputs_and_is_refused_unseen() {
    let bench =
        without_secret("- {id: tell, run: 'echo \"$P\"', env: {P: '${{ inputs.password }}'}}")
            .file("inputs.yaml", &format!("password: {SECRET}"));
    let args = ["run", "book.yaml", "--inputs", "inputs.yaml"];
    let printed = bench.args(args).stdout_contains("> ***\n").exit(0);
    assert!(printed.stdout.contains("password is a secret, from the inputs file\n"), "{printed}");
    assert_kept_nowhere(&bench, &[&printed.stdout]);

    let text = "
        holdpoint: 1
        id: short
        title: Short
        inputs: {password: {type: string, secret: true, max: 3}}
        steps: [{id: a, run: 'true', env: {P: '${{ inputs.password }}'}}]
    ";
    let bench = Bench::new().runbook("book.yaml", text);
    bench
        .args(["run", "book.yaml", "--input", &format!("password={SECRET}")])
        .stderr("error: the value of `password` is refused: it does not fit\n  help: password is text\n")
        .exit(2);
}

/// A step that uses the secret behind a gate; the run waits there.
const GATED: &str = "
- {id: first, run: 'echo first >> effects', env: {P: '${{ inputs.password }}'}}
- id: drop
  gate: {word: go}
  env: {P: '${{ inputs.password }}'}
  run: '[ \"$P\" = s3cr3t+value/with=signs ]; echo \"drop $P\"; echo drop >> effects'
  verify: [{probe: {run: [sh, -c, '[ \"$P\" = s3cr3t+value/with=signs ]']}}]
";

#[test]
fn a_secret_is_taken_from_the_environment_again_after_a_resume() {
    let bench = bench(GATED).file("answers.yaml", "drop: {word: go}");
    run(&bench).stdout_contains("drop  asks: ").exit(5);
    let resume = ["resume", "--answers", "answers.yaml"];
    let printed = bench.args(resume).stdout_contains("> drop ***\n").exit(0);
    assert_eq!(bench.effects(), ["first", "drop"]);
    // The test's own runbook holds the text, so its frozen copy does as well.
    let told = bench.args(["timeline"]).stdout_contains("").exit(0).stdout;
    assert!(!told.contains("drop s3cr3t") && !printed.stdout.contains("> drop s3cr3t"));
    bench.sound_journal();
}

#[test]
fn without_its_secret_a_resumed_run_waits_for_it_and_starts_nothing() {
    let bench = bench(GATED).file("answers.yaml", "drop: {word: go}");
    run(&bench).stdout_contains("drop  asks: ").exit(5);
    let resume = "unset PASSWORD; holdpoint resume --answers answers.yaml";
    let printed = bench.shell(resume).stdout_contains("the input password has no value\n").exit(5);
    assert!(!printed.stdout.contains("password=VALUE"), "a secret belongs into no argv: {printed}");
    assert_eq!(bench.effects(), ["first"]);
    assert_eq!(bench.sound_journal().count("step_started", "drop"), 0);
    let status = bench.status();
    assert_eq!(status["waiting_for"][0]["kind"], "input");
    bench.args(["resume", "--answers", "answers.yaml"]).stdout_contains("").exit(0);
    assert_eq!(bench.effects(), ["first", "drop"]);
    bench.sound_journal();
}

#[test]
fn a_secret_that_a_verification_needs_is_asked_for_again_too() {
    let bench = bench(
        "
- id: work
  run: echo work >> effects
  verify: [{probe: {run: [sh, -c, '[ -e go ] && [ -n \"$P\" ]'], env: {P: '${{ inputs.password }}'}, within: 50s, every: 20ms}}]
        ",
    );
    let mut driver = run(&bench).stdout_contains("").start();
    driver.wait_until("it verifies", |journal| !journal.events("check_started").is_empty());
    driver.kill();
    bench.write("go", "");
    let asks = "the input password has no value\n";
    bench.shell("unset PASSWORD; holdpoint resume").stdout_contains(asks).exit(5);
    bench.args(["resume"]).stdout_contains("").exit(0);
    assert_eq!(bench.effects(), ["work"]);
    bench.sound_journal();
}

#[test]
fn without_a_secret_nothing_begins_and_an_empty_one_is_none() {
    let steps = "- {id: use, run: 'echo used >> effects', env: {P: '${{ inputs.password }}'}}";
    for bench in [without_secret(steps), without_secret(steps).env("PASSWORD", "")] {
        run(&bench).stdout_contains("the input password has no value\n").exit(5);
        assert!(bench.effects().is_empty());
        assert_eq!(bench.sound_journal().events("step_started").len(), 0);
        let resume = format!("PASSWORD='{SECRET}' holdpoint resume");
        bench.shell(&resume).stdout_contains("use  succeeded").exit(0);
    }
}

const TYPED: &str = "
    holdpoint: 1
    id: book
    title: Book
    steps:
      - id: new-key
        manual: Create a key.
        answers: {key: {secret: true, pattern: 'key-[a-z-]+'}, id: {}}
      - {id: use, run: 'cat >> effects; exit $(cat code)', stdin: '${{ steps.new_key.outputs.key }}'}
";

#[test]
fn a_secret_that_a_person_types_is_used_and_stands_nowhere() {
    let bench = Bench::new().runbook("book.yaml", TYPED);
    bench.write("code", "0");
    let mut screen = bench.at_terminal(["run", "book.yaml"]);
    screen.wait_for("Is it done?");
    screen.types("y\r");
    screen.wait_for("What is key?");
    screen.types("wrong-hunter\r");
    screen.wait_for("it does not fit");
    screen.types("key-of-the-shop\r");
    screen.wait_for("What is id?");
    screen.types("key-of-the-shop\r");
    screen.wait_for("it holds a secret, which would be kept");
    screen.types("k-1\r");
    let shown = screen.exit(0);
    assert_eq!(bench.effects(), ["key-of-the-shop"]);
    assert!(!shown.contains("wrong-hunter"), "{shown}");
    let answered = &bench.sound_journal().events("step_answered")[0].clone();
    assert_eq!(answered["answers"], serde_json::json!({"id": "k-1"}));
    assert_eq!(answered["secrets"], serde_json::json!(["key"]));
    bench.shell("grep -rl 'key-of-the-shop' state || echo nowhere").stdout("nowhere").exit(0);
}

#[test]
fn a_secret_that_was_prepared_for_a_person_is_in_no_record() {
    let bench = Bench::new().runbook("book.yaml", TYPED);
    bench.write("code", "0");
    bench.write("wrong.yaml", "new-key: {answers: {key: hunter22, id: k-1}}");
    let refused = "
        error: the answer `key` is refused: it does not fit
         --> wrong.yaml:1:26

        error: 1 problem in wrong.yaml
    ";
    bench.args(["run", "book.yaml", "--answers", "wrong.yaml"]).stderr(refused).exit(2);
    bench.write("answers.yaml", "new-key: {answers: {key: key-of-the-shop, id: k-1}}");
    let run = bench.args(["run", "book.yaml", "--answers", "answers.yaml"]);
    run.stdout_contains("| key: ***").exit(0);
    assert_eq!(bench.effects(), ["key-of-the-shop"]);
    bench
        .shell("grep -rlE 'key-of-the-shop|hunter22' state || echo nowhere")
        .stdout("nowhere")
        .exit(0);
}

#[test]
fn a_secret_that_a_person_typed_is_asked_for_again_when_it_was_lost() {
    let bench = Bench::new().runbook("book.yaml", TYPED);
    bench.write("code", "1");
    bench.write("answers.yaml", "new-key: {answers: {key: key-of-the-shop, id: k-1}}");
    let run = bench.args(["run", "book.yaml", "--answers", "answers.yaml"]);
    run.stdout_contains("use is held: exit 1").exit(5);
    bench.write("code", "0");
    let mut screen = bench.at_terminal(["resume"]);
    screen.wait_for("[?] what each means");
    screen.decides("r", "again");
    screen.wait_for("steps/new-key/key (a secret, lost with the process that held it)");
    screen.types("key-of-the-shop\r");
    screen.exit(0);
    assert_eq!(bench.effects(), ["key-of-the-shopkey-of-the-shop"]);
    bench.shell("grep -rl 'key-of-the-shop' state || echo nowhere").stdout("nowhere").exit(0);
}

/// Every byte of it needs care in some form: both quotes, a backslash, what `%` and Base64 encode.
const AWKWARD: &str = r#"p'a"s\s+w/o=r?d&~>>>"#;

/// Prints the secret in `$S` in one form a line, as programs do, in pieces that end anywhere.
const PRINTS: &str = r##"
once() { printf '%s' "$S"; }
url() { tr '+/' '-_' | tr -d '='; }
line() { printf '%s ' "$1"; shift; "$@"; printf '\n'; }
hex() { once | od -An -v -tx1 | tr -d ' \n'; }
forms() {
  line plain once
  line base64 eval 'once | base64 -w0'
  line base64 eval '{ printf x; once; } | base64 -w0'
  line base64 eval '{ printf xx; once; } | base64 -w0'
  line base64 eval '{ once; printf y; } | base64 -w0 | url'
  line base64 eval '{ printf x; once; printf y; } | base64 -w0 | url'
  line base64 eval '{ printf xx; once; printf y; } | base64 -w0 | url'
  line hex hex
  line hex eval 'hex | tr a-f A-F'
  line percent eval 'hex | tr a-f A-F | sed "s/../%&/g; s/%70/p/g; s/%61/a/g; s/%73/s/g; s/%77/w/g; s/%6F/o/g; s/%72/r/g; s/%64/d/g; s/%7E/~/g"'
  line json eval 'once | sed "s/[\"\\\\]/\\\\&/g"'
  line quoted eval 'once | sed "s/'"'"'/'"'\\\\\\\\''"'/g"'
}
pieces() {
  rest=$(cat)
  while [ "${#rest}" -gt 5 ]; do printf '%.5s' "$rest"; sleep 0.001; rest=${rest#?????}; done
  printf '%s\n' "$rest"
}
"##;

/// Steps that print it on both outputs, whole, byte by byte and in pieces, or are judged by it.
const TELLERS: &str = "
- id: by-env
  env: {S: '${{ inputs.password }}'}
  run: '. ./prints; forms; forms | dd bs=1 status=none; forms | pieces'
- id: by-stdin
  stdin: '${{ inputs.password }}'
  run: 'S=$(cat); . ./prints; forms >&2; forms | dd bs=1 status=none >&2; forms | pieces >&2'
- id: judged
  env: {S: '${{ inputs.password }}'}
  run: '. ./prints; forms'
  expect: {stdout: {contains: something else}}
  on_failure: continue
- id: looked-at
  run: 'true'
  verify: [{probe: {run: [sh, -c, '. ./prints; forms; forms >&2'], env: {S: '${{ inputs.password }}'}, expect: {stdout: {contains: something else}}}}]
  on_failure: continue
";

#[test]
fn a_secret_in_any_form_that_programs_print_is_masked_however_its_output_is_cut() {
    // The secret is not in the runbook itself, which is kept as it is.
    let bench = without_secret(TELLERS).env("PASSWORD", AWKWARD);
    bench.write("prints", PRINTS);
    let bare = bench.shell("S=$PASSWORD; . ./prints; forms").stdout_contains("plain ").exit(0);
    let forms: Vec<&str> =
        bare.stdout.lines().filter_map(|line| line.split_once(' ')).map(|it| it.1).collect();
    assert_eq!(forms.len(), 12, "{forms:?}");
    assert_eq!(
        forms[9..],
        [
            "p%27a%22s%5Cs%2Bw%2Fo%3Dr%3Fd%26~%3E%3E%3E",
            r#"p'a\"s\\s+w/o=r?d&~>>>"#,
            r#"p'\''a"s\s+w/o=r?d&~>>>"#,
        ]
    );

    let printed = run(&bench).stdout_contains("").exit(8);
    let jsonl = bench.args(["run", "book.yaml", "--format", "jsonl"]).stdout_contains("").exit(8);
    let timeline = bench.args(["timeline"]).stdout_contains("").exit(0);
    let status = bench.status().to_string();
    let mut texts =
        vec![printed.stdout, printed.stderr, jsonl.stdout, jsonl.stderr, timeline.stdout, status];
    let mut outputs = 0;
    each_file(&bench.path("state"), &mut |path, text| {
        outputs += usize::from(path.parent().is_some_and(|folder| folder.ends_with("output")));
        texts.push(text.to_owned());
    });
    assert!(outputs >= 6, "{outputs} files of outputs");
    for text in &texts {
        for form in &forms {
            // At the edges of Base64 a character depends on what stands beside the secret.
            let inner = &form[4..form.len() - 4];
            assert!(!text.contains(inner), "{form} stands in:\n{text}");
            let escaped = serde_json::to_string(inner).expect("it is text");
            assert!(!text.contains(escaped.trim_matches('"')), "{form} stands in:\n{text}");
        }
    }
    let whole = |text: &&String| text.starts_with("plain ***\n") && text.lines().count() == 36;
    let kept: Vec<&String> = texts.iter().filter(whole).collect();
    assert_eq!(kept.len(), 4, "by env and by stdin, in two runs");
    for line in kept.iter().flat_map(|text| text.lines()) {
        let (_, masked) = line.split_once(' ').unwrap_or_default();
        let around = masked.replacen("***", "", 1).len();
        assert!(masked.contains("***") && around <= 6, "{line}");
    }
}
