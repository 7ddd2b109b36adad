//! The formats of findings: each is read as the programs that take it read it.

use std::collections::BTreeSet;
use std::fs;

use quick_junit::{Report, TestCaseStatus};
use serde_json::Value as Json;

use crate::cli_lint::{CLEAN, RAW};
use crate::docs::root;
use crate::harness::Bench;
use crate::schema::assert_valid;

/// Findings of all kinds: with fixes, with other places, suppressed, and in odd files.
fn bench() -> Bench {
    let killed = RAW.replace("kill", "killl").replace("id: raw", "id: killed");
    let twice = CLEAN.replace("id: clean", "id: clean\n    id: again");
    let quiet = RAW
        .replace("id: raw", "id: quiet")
        .replace("raw }}\n", "raw }} # holdpoint: ignore[HP303] -- \"a <number>\"\n");
    Bench::new()
        .runbook("books/raw.yaml", RAW)
        .runbook("books/ü & <b>.yaml", &killed)
        .runbook("twice.yaml", &twice)
        .runbook("quiet.yaml", &quiet)
        .file("broken.yaml", "holdpoint: 1\nsteps: [\n")
        .file(".git/HEAD", "ref: refs/heads/main\n")
}

#[track_caller]
fn printed(bench: &Bench, format: &str) -> String {
    let lint = ["lint", "--format", format, "--profile", "draft"];
    bench.args(lint).stdout_contains("").exit(1).stdout
}

#[track_caller]
fn json(bench: &Bench, format: &str) -> Json {
    serde_json::from_str(&printed(bench, format)).expect("it is JSON")
}

#[test]
fn json_fits_its_schema_and_has_a_line_for_each_finding_as_jsonl() {
    let bench = bench();
    let whole = json(&bench, "json");
    assert_valid("lint", &whole);
    assert_eq!(whole["version"], 1);
    assert_eq!(whole["files"], 5);
    let lines = printed(&bench, "jsonl");
    let lines: Vec<Json> =
        lines.lines().map(|line| serde_json::from_str(line).expect("it is JSON")).collect();
    assert_eq!(whole["findings"], Json::Array(lines));
    let raw = whole["findings"].as_array().into_iter().flatten();
    let raw = raw.into_iter().find(|it| it["path"] == "books/raw.yaml").expect("it is there");
    assert_eq!(raw["code"], "HP303");
    assert_eq!(raw["name"], "template-injection");
    assert_eq!(raw["severity"], "error");
    assert_eq!(raw["step"], "kill");
    let place = ["line", "column", "end_line", "end_column"].map(|key| raw[key].as_u64());
    assert_eq!(place, [Some(7), Some(15), Some(7), Some(38)]);
    assert_eq!(raw["fix"]["safety"], "unsafe");
    assert_eq!(raw["fix"]["edits"][0]["text"], " ");
}

#[test]
fn sarif_fits_the_schema_of_its_standard() {
    let schema = fs::read_to_string(root().join("tests/data/sarif/sarif-schema-2.1.0.json"));
    let schema = schema.expect("it is there");
    let mut schema: Json = serde_json::from_str(&schema).expect("it is JSON");
    // The patterns of languages have a bracket too many, which a strict reader refuses.
    for of in ["run", "toolComponent"] {
        let language = schema.pointer_mut(&format!("/definitions/{of}/properties/language"));
        let language = language.and_then(Json::as_object_mut).expect("it has a language");
        language.remove("pattern").expect("it has a pattern");
    }
    let options = jsonschema::draft7::options().should_validate_formats(true);
    let validator = options.build(&schema).expect("the schema can be used");
    let bench = bench();
    let sarif = json(&bench, "sarif");
    let wrong: Vec<String> =
        validator.iter_errors(&sarif).map(|it| format!("{}: {it}", it.instance_path())).collect();
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn sarif_has_all_that_code_scanning_asks_for() {
    let sarif = json(&bench(), "sarif");
    let run = &sarif["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let rules = run["tool"]["driver"]["rules"].as_array().expect("there are rules");
    for rule in rules {
        for key in [
            "/id",
            "/shortDescription/text",
            "/fullDescription/text",
            "/help/text",
            "/help/markdown",
        ] {
            assert!(rule.pointer(key).is_some_and(Json::is_string), "{key} of {rule}");
        }
    }
    let results = run["results"].as_array().expect("there are results");
    let mut prints = BTreeSet::new();
    for result in results {
        let place = result["ruleIndex"].as_u64().and_then(|at| usize::try_from(at).ok());
        assert_eq!(place.map(|at| &rules[at]["id"]), Some(&result["ruleId"]), "{result}");
        let physical = &result["locations"][0]["physicalLocation"];
        let uri = physical["artifactLocation"]["uri"].as_str().expect("there is a file");
        assert!(!uri.starts_with(['/', '.']) && !uri.contains(':'), "{uri}");
        let region = &physical["region"];
        let number = |key: &str| region[key].as_u64().expect("it is a number");
        let (start, end) = (number("startColumn"), number("endColumn"));
        assert!(number("startLine") < number("endLine") || start < end, "{region}");
        let print = result["partialFingerprints"]["primaryLocationLineHash"].as_str();
        assert!(prints.insert(print.expect("there is a fingerprint").to_owned()), "{result}");
    }
    let files: BTreeSet<&str> = results
        .iter()
        .filter_map(|it| it.pointer("/locations/0/physicalLocation/artifactLocation/uri")?.as_str())
        .collect();
    let all = [
        "books/%C3%BC%20%26%20%3Cb%3E.yaml",
        "books/raw.yaml",
        "broken.yaml",
        "quiet.yaml",
        "twice.yaml",
    ];
    assert_eq!(files, BTreeSet::from(all));
}

#[test]
fn sarif_tells_what_was_suppressed_and_why_and_other_places_and_fixes() {
    let sarif = json(&bench(), "sarif");
    let results = sarif["runs"][0]["results"].as_array().expect("there are results").clone();
    let of = |file: &str| {
        let path = "/locations/0/physicalLocation/artifactLocation/uri";
        let is_there = |it: &&Json| it.pointer(path).is_some_and(|uri| uri == file);
        results.iter().find(is_there).cloned().expect("there is one")
    };
    let why = serde_json::json!([{ "kind": "inSource", "justification": "\"a <number>\"" }]);
    assert_eq!(of("quiet.yaml")["suppressions"], why);
    let again = of("twice.yaml");
    assert_eq!(again["relatedLocations"][0]["message"]["text"], "first here");
    let change = &of("books/raw.yaml")["fixes"][0]["artifactChanges"][0];
    assert_eq!(change["artifactLocation"]["uri"], "books/raw.yaml");
    assert_eq!(change["replacements"][0]["deletedRegion"]["startColumn"], 29);
}

#[test]
fn a_path_is_that_in_the_repository_from_wherever_it_is_asked() {
    let bench = bench();
    let script = "cd books && holdpoint lint raw.yaml --profile draft --format sarif";
    let printed = bench.shell(script).stdout_contains("").exit(1).stdout;
    let sarif: Json = serde_json::from_str(&printed).expect("it is JSON");
    let path = "/runs/0/results/0/locations/0/physicalLocation/artifactLocation/uri";
    assert_eq!(sarif.pointer(path), Some(&Json::from("books/raw.yaml")));
}

#[test]
fn gitlab_gets_relative_paths_and_fingerprints_of_which_none_comes_twice() {
    let twice = RAW.replace("kill ${{", "kill ${{ inputs.pid | raw }} ${{");
    let twice = twice.replace("id: raw", "id: two");
    let issues = json(&bench().runbook("two.yaml", &twice), "gitlab");
    let issues = issues.as_array().expect("it is a list");
    assert_eq!(issues.len(), 6);
    let mut prints = BTreeSet::new();
    for issue in issues {
        assert!(issue["description"].is_string() && issue["check_name"].is_string(), "{issue}");
        assert!(prints.insert(issue["fingerprint"].to_string()), "{issue}");
        assert_eq!(issue["severity"], "critical");
        let path = issue["location"]["path"].as_str().expect("there is a file");
        assert!(!path.starts_with(['/', '.']), "{path}");
        assert!(issue["location"]["positions"]["begin"]["line"].is_u64(), "{issue}");
    }
}

#[test]
fn junit_has_a_suite_for_each_file_and_a_case_for_each_rule() {
    let text = printed(&bench(), "junit");
    let report = Report::deserialize_from_str(&text).expect("it is JUnit");
    assert_eq!(report.test_suites.len(), 5);
    for suite in &report.test_suites {
        assert_eq!(suite.tests, suite.test_cases.len());
        assert!(suite.test_cases.iter().any(|case| case.name.as_str() == "HP101 yaml-syntax"));
        let is_failed = |status: &TestCaseStatus| !matches!(status, TestCaseStatus::Success { .. });
        let failed = suite.test_cases.iter().filter(|case| is_failed(&case.status)).count();
        assert_eq!(failed, suite.failures, "{}", suite.name.as_str());
        assert_eq!(
            failed,
            usize::from(suite.name.as_str() != "quiet.yaml"),
            "{}",
            suite.name.as_str()
        );
    }
    let names: Vec<&str> = report.test_suites.iter().map(|suite| suite.name.as_str()).collect();
    assert!(names.contains(&"books/ü & <b>.yaml"), "{names:?}");
}

#[test]
fn in_junit_only_what_makes_the_review_fail_has_failed() {
    let bench = Bench::new().runbook("a.yaml", &CLEAN.replace("    owner: platform-team\n", ""));
    let lint = |fail_on: &str, code| {
        let lint = ["lint", "--format", "junit", "--today", "2026-12-01", "--fail-on", fail_on];
        let text = bench.args(lint).stdout_contains("HP501").exit(code).stdout;
        Report::deserialize_from_str(&text).expect("it is JUnit").test_suites[0].failures
    };
    assert_eq!(lint("error", 0), 0);
    assert_eq!(lint("warning", 1), 1);
}

#[test]
fn reviewdog_gets_bytes_as_columns_and_a_fix_as_a_suggestion() {
    let book = RAW.replace("run: kill", "run: echo ü; kill");
    let bench = Bench::new().runbook("a.yaml", &book);
    let found = &json(&bench, "rdjson")["diagnostics"][0];
    assert_eq!(found["severity"], "ERROR");
    assert_eq!(found["code"]["value"], "HP303");
    let start = serde_json::json!({ "line": 7, "column": 15 + "echo ü; ".len() });
    assert_eq!(found["location"]["range"]["start"], start);
    let suggestion = &found["suggestions"][0];
    assert_eq!(suggestion["text"], " ");
    assert_eq!(suggestion["range"]["start"]["column"], 29 + "echo ü; ".len());
}

#[test]
fn github_gets_the_heaviest_first_ten_of_each_and_one_line_for_the_rest() {
    let steps: String = (0..13)
        .map(|n| format!("      - {{id: s{n}, run: 'echo ${{{{ inputs.pid | raw }}}}'}}\n"))
        .collect();
    let book = format!("{}{steps}", RAW.trim_end_matches(' '));
    let text = printed(&Bench::new().runbook("a, b: %.yaml", &book), "github");
    assert_eq!(text.lines().filter(|line| line.starts_with("::error ")).count(), 10);
    let first = text.lines().next().unwrap_or_default();
    assert!(first.starts_with("::error file=a%2C b%3A %25.yaml,line=7,"), "{first}");
    let rest: Vec<&str> = text.lines().skip(10).collect();
    let all = "14 errors in 1 file (14 fixable with --unsafe-fixes)";
    assert_eq!(rest, ["4 more of severity error: see the log, or SARIF", all]);
}

#[test]
fn markdown_is_a_table_that_nothing_breaks_out_of() {
    let text = printed(&bench(), "md");
    assert!(text.starts_with("# Holdpoint lint\n\n"), "{text}");
    let row = text.lines().find(|line| line.contains("ü")).expect("there is a row");
    assert!(row.contains("books/ü &amp; &lt;b&gt;.yaml:7:16"), "{row}");
    assert!(row.contains("leave out `\\| raw`"), "{row}");
}

#[test]
fn several_formats_are_written_in_one_review() {
    let bench = bench();
    let lint = ["lint", "--profile", "draft", "--format", "concise"];
    let outputs = ["--output", "sarif=lint.sarif", "--output", "junit=lint.xml"];
    let args = lint.into_iter().chain(outputs);
    bench.args(args).stdout_contains("books/raw.yaml:7:15: error[HP303]").exit(1);
    let read = |name: &str| fs::read_to_string(bench.path(name)).expect("it was written");
    assert_eq!(read("lint.sarif"), printed(&bench, "sarif"));
    assert_eq!(read("lint.xml"), printed(&bench, "junit"));
    let lost = "
        error: cannot write nowhere/lint.sarif: No such file or directory (os error 2)
          help: name a file that can be written
    ";
    bench.args(["lint", "--output", "sarif=nowhere/lint.sarif"]).stderr(lost).exit(2);
}
