//! `holdpoint report`: the post-incident document, filled in from the record and nothing else.

use std::fs;

use holdpoint::report::incident::VARIABLES;
use regex::Regex;

use crate::docs::read;
use crate::harness::{Bench, shipped};

const BOOK: &str = r"
    holdpoint: 1
    id: shop-down
    title: The shop is down
    summary: Bring the shop back from its backup.
    impact: nobody can order
    severity: P1
    objectives: {rto: 100000h}
    steps:
      - {id: tell, notify: {template: start}}
      - {id: flaky, title: Look at the disk, effect: idempotent, retry: {times: 1, every: 10ms}, run: 'test -e seen || { touch seen; exit 3; }'}
      - {id: drop, gate: {ask: Drop the volume?}, run: 'true'}
    exit_criteria: [{title: the shop answers, probe: {file: seen}}]
";

/// An incident that is over, and about which people have said what they know.
#[track_caller]
fn over() -> Bench {
    let bench = Bench::new().env("USER", "ann").runbook("book.yaml", BOOK);
    let bench = bench.file("answers.yaml", "drop: {approve: true, by: grace}");
    let run = ["run", "book.yaml", "--answers", "answers.yaml", "--incident", "INC-7"];
    let run = run.into_iter().chain(["--detected-at", "2026-01-31T03:00:00Z"]);
    bench.args(run).stdout_contains("recovered").exit(0);
    let notes: [&[&str]; 5] = [
        &["the disk was full of old dumps", "--milestone", "root-cause", "--kind", "finding"],
        &["raise the quota, owner: bob, due: 2026-02-14", "--kind", "todo"],
        &["watch the disk", "--kind", "todo"],
        &["lesson: a full disk looks like a slow network"],
        &["we do not fail over", "--kind", "decision", "--by", "grace"],
    ];
    for note in notes {
        let note = ["note"].into_iter().chain(note.iter().copied());
        bench.args(note).stdout_contains("noted").exit(0);
    }
    bench
}

/// A page with one word for whatever differs from run to run.
fn evened(text: &str) -> String {
    let stands = [
        (r"\d{8}-[a-z-]+-[a-z0-9]{3}\b", "[RUN]"),
        (r"20(2[7-9]|[3-9]\d)-\d\d-\d\d \d\d:\d\d:\d\d UTC", "[MOMENT]"),
        (r"2026-(0[2-9]|1\d)-\d\d \d\d:\d\d:\d\d UTC", "[MOMENT]"),
        (r"as of \d\d:\d\d UTC", "as of [AT]"),
        (r"\b\d+ h \d+ m\b", "[HOURS]"),
        (r"\b\d+\.\d s\b", "[TIME]"),
        (r"by ann on [a-zA-Z0-9.-]+:", "by ann on [HOST]:"),
        (r"slowest: [a-z]+:", "slowest: [STEP]:"),
    ];
    stands.iter().fold(text.to_owned(), |text, (pattern, word)| {
        let pattern = Regex::new(pattern).expect("it is written here");
        pattern.replace_all(&text, *word).into_owned()
    })
}

#[test]
fn golden_both_built_in_templates_are_filled_in_from_the_record() {
    let bench = over();
    for name in ["incident-report", "post-mortem"] {
        let call = bench.args(["report", "--template", name]);
        let printed = evened(&call.stdout_contains("# ").exit(0).stdout);
        let path = shipped(&format!("tests/data/report/{name}.md"));
        if std::env::var_os("HOLDPOINT_BLESS").is_some() {
            fs::write(&path, &printed).expect("the project can be written to");
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(printed, kept, "{name}: HOLDPOINT_BLESS=1 accepts this");
    }
}

#[test]
fn a_template_of_ones_own_is_set_and_what_is_not_known_says_how_it_is_said() {
    let template = "\
        {{ incident }}: {{ title }}\n\
        {% for item in action_items %}\n{{ item.text }} / {{ item.owner }} / {{ item.due }}\n{% endfor %}\n\
        {% if 'system' in known %}known{% else %}{{ system }}{% endif %}\n";
    let bench = over().file("ours.md", template);
    let expected = "\
        INC-7: The shop is down\n\
        raise the quota / bob / 2026-02-14\n\
        watch the disk / (nobody yet: say \\`owner: NAME\\` in the todo) / (no day yet: say \\`due: DAY\\` in the todo)\n\
        (not known: the runbook says it with \\`system\\`)\n";
    bench.args(["report", "--template", "ours.md"]).stdout(expected).exit(0);
}

#[test]
fn a_template_that_cannot_be_used_is_refused_with_what_is_there() {
    let bench = over().file("wrong.md", "# {{ title }}\n\n{{ impct }}\n");
    let said = "error: wrong.md:3: there is no `impct`\n  help: did you mean `impact`? there are title, runbook, ";
    bench.args(["report", "--template", "wrong.md"]).stderr_contains(said).exit(2);
    let said = "\n  help: name a file, or one of incident-report, post-mortem\n";
    bench.args(["report", "--template", "nowhere.md"]).stderr_contains(said).exit(2);
    bench.args(["report", "--template", "."]).stderr_contains("it is no file").exit(2);
    fs::write(bench.path("latin.md"), b"caf\xe9").expect("the bench can be written to");
    bench.args(["report", "--template", "latin.md"]).stderr_contains("it is not UTF-8").exit(2);
    let large = "x".repeat((1 << 20) + 1);
    fs::write(bench.path("large.md"), large).expect("the bench can be written to");
    bench.args(["report", "--template", "large.md"]).stderr_contains("larger than 1 MiB").exit(2);
    bench.file("reads.md", "{% include 'book.yaml' %}");
}

#[test]
fn hostile_text_is_inert_in_the_document() {
    let bench = over();
    let hostile =
        "<img src=x onerror=alert(1)> [a](https://e) \u{202e}rtl \u{1b}[2J\n# head | cell";
    bench.args(["note", hostile, "--kind", "todo", "--by", "*eve*"]).stdout_contains("").exit(0);
    for name in ["incident-report", "post-mortem"] {
        let page = bench.args(["report", "--template", name]).stdout_contains("").exit(0).stdout;
        let inert = r"- [ ] &lt;img src=x onerror=alert(1)&gt; \[a\](https&#58;//e) \\u{202e}rtl \\x1b\[2J<br>\# head \| cell";
        assert!(page.contains(inert), "{name}: {page}");
        assert!(!page.contains("<img") && !page.contains("](https:"), "{name}: {page}");
    }
}

#[test]
fn of_a_run_that_is_open_or_damaged_what_is_known_is_told() {
    let bench = Bench::new().env("USER", "ann").runbook("book.yaml", BOOK);
    bench
        .args(["run", "book.yaml", "--drill"])
        .stdout_contains("waits")
        .stderr_contains("")
        .exit(5);
    bench
        .args(["report"])
        .stdout_contains("# Incident report: DRILL: The shop is down\n")
        .stdout_contains("- **This report is due:** (not known: 48 hours after the end, and the run has not ended)\n")
        .stdout_contains("- root\\_cause: \\`holdpoint note TEXT --milestone root-cause\\` says it\n")
        .exit(0);
    let path = bench.run_folder().join("journal.jsonl");
    let text = fs::read_to_string(&path).expect("the run has a journal");
    fs::write(&path, text.replacen("Drop the volume?", "Drop the volumes", 1)).expect("it is ours");
    bench
        .args(["report"])
        .stdout_contains("**Not the whole story:** the journal is damaged from line ")
        .stderr_contains("the journal of [RUN] cannot be used")
        .exit(6);
}

#[test]
fn the_page_documents_every_name_and_no_other() {
    let page = read("docs/report.md");
    let table = page.lines().filter_map(|line| line.strip_prefix("| `"));
    let rows: Vec<(String, String)> = table
        .filter_map(|row| {
            let (name, about) = row.split_once("` | ")?;
            Some((name.to_owned(), about.strip_suffix(" |")?.to_owned()))
        })
        .collect();
    let names: Vec<(String, String)> =
        VARIABLES.iter().map(|(name, about)| ((*name).to_owned(), (*about).to_owned())).collect();
    assert_eq!(rows, names);
}

#[test]
fn the_checklist_after_an_incident_is_a_runbook_whose_every_way_is_tested() {
    let (bench, tests) = (Bench::new(), shipped("runbooks/post-incident.test.yaml"));
    bench
        .args(["test", &tests, "--require-coverage", "100"])
        .stdout_contains("5 cases in 1 file, all ok\n")
        .stdout_contains("28 of 28 edges walked (100 %)\n")
        .exit(0);
    let runbook = shipped("runbooks/post-incident.yaml");
    let strict = ["lint", "--profile", "strict", "--today", "2026-11-28", &runbook, &tests];
    bench.args(strict).stdout_contains("no findings in 2 files").exit(0);
}
