//! The rules of the house, kept by reading its own source.
//!
//! The layers are the `mod` lines of `engine/lib.rs`, bottom first; a module uses only those before
//! it. Each foreign crate has one place that may name it. Every rule is a function from text to
//! complaints, so that the tests at the end can show on small samples that it is able to complain.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

#[path = "architecture/rust_source.rs"]
mod rust_source;

use rust_source::{
    Function, Mention, declared_modules, functions, masked, mentions, modules_around,
};

/// The most lines a file may have.
const FILE_LINES: usize = 500;
/// The most lines a function may have.
const FUNCTION_LINES: usize = 60;
/// The most lines a function of [`FLAT_TABLES`] may have.
const TABLE_LINES: usize = 80;
/// Functions that are one flat `match`, as file and name.
const FLAT_TABLES: &[(&str, &str)] = &[];

/// What only some places of the engine may name: the path and where.
const OWNED: &[(&str, &[&str])] = &[
    ("granit_parser", &["engine/document/"]),
    ("petgraph", &["engine/plan/"]),
    ("minijinja", &["engine/runbook/expression", "engine/report/incident/template"]),
    ("annotate_snippets", &["engine/report/diagnostic"]),
    ("indicatif", &["engine/report/terminal"]),
    ("dialoguer", &["engine/runtime/"]),
    ("toml", &["engine/lint/knowledge/"]),
    ("ureq", &["engine/runtime/"]),
    ("simple_dns", &["engine/runtime/dns"]),
    ("similar", &["engine/report/findings/diff"]),
    ("csv", &["engine/timeline/sheet"]),
    ("tar", &["engine/journal/bundle"]),
    ("flate2", &["engine/journal/bundle"]),
    ("clap", &["engine/cli/"]),
    ("std::net", &["engine/runtime/"]),
    ("tokio::net", &["engine/runtime/"]),
    ("std::process::Command", &["engine/runtime/"]),
    ("process::Command", &["engine/runtime/"]),
    ("tokio::process", &["engine/runtime/"]),
];

/// Test files that are the root of a crate, which no `mod` line reaches.
const ROOTS: &[&str] = &[
    "tests/suite",
    "tests/architecture",
    "tests/simulation",
    "tests/fuzz/main",
    "tests/fuzz/simulation",
];

/// Words of unfinished work; cut in two so that this file does not hold them.
const UNFINISHED: &[&str] =
    &[concat!("to", "do!"), concat!("db", "g!"), concat!("FIX", "ME"), concat!("XX", "X")];

/// Beginnings of paths that exist on one machine only, cut in two for the same reason.
const MACHINE_PATHS: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("/ho", "me/"),
    concat!("/ro", "ot/"),
    concat!("/fa", "rm/"),
    concat!("/Us", "ers/"),
];

#[test]
fn modules_use_only_those_below_them() {
    let layers = layers(&read("engine/lib.rs"));
    assert!(!layers.is_empty(), "engine/lib.rs declares no layer");
    complain(
        &rust("engine").iter().flat_map(|file| upward_uses(file, &layers)).collect::<Vec<_>>(),
    );
}

#[test]
fn each_foreign_crate_is_named_in_its_own_place() {
    complain(&rust("engine").iter().flat_map(misplaced).collect::<Vec<_>>());
}

#[test]
fn files_and_functions_fit_on_a_screen_or_two() {
    let files = all_rust();
    let mut complaints: Vec<String> = files.iter().flat_map(too_long).collect();
    for (file, name) in FLAT_TABLES {
        let is_needed = files.iter().any(|f| f.name == *file && has_long_function(f, name));
        if !is_needed {
            complaints.push(format!("FLAT_TABLES: {file}: {name} is short or gone"));
        }
    }
    complain(&complaints);
}

#[test]
fn every_file_says_what_it_is() {
    complain(&all_rust().iter().flat_map(headless).collect::<Vec<_>>());
}

#[test]
fn nothing_is_left_unfinished() {
    complain(&all_rust().iter().flat_map(|file| found(file, UNFINISHED)).collect::<Vec<_>>());
}

#[test]
fn no_test_file_is_forgotten() {
    complain(&forgotten(&rust("tests")));
}

#[test]
fn no_file_names_a_path_of_one_machine() {
    complain(&files("").iter().flat_map(|file| found(file, MACHINE_PATHS)).collect::<Vec<_>>());
}

// ---- the rules ----

/// The layers in their order, from the text of `engine/lib.rs`.
fn layers(lib: &File) -> Vec<String> {
    declared_modules(&lib.text)
}

fn upward_uses(file: &File, layers: &[String]) -> Vec<String> {
    let mut parts = file.name.split('/').skip(1);
    let own = parts.next().unwrap_or_default().trim_end_matches(".rs");
    let Some(rank) = layers.iter().position(|layer| layer == own) else {
        let is_root = ["lib", "main"].contains(&own);
        let complaint = format!("{}: not a layer that engine/lib.rs declares", file.name);
        return if is_root { Vec::new() } else { vec![complaint] };
    };
    let below = parts.filter(|part| *part != "mod.rs").count();
    let code = masked(&file.text);
    let mut complaints = Vec::new();
    for Mention { line, path } in mentions(&code) {
        let mut names = path.split("::").map(str::to_owned);
        let used = names.nth(1).filter(|_| path.starts_with("crate::"));
        if used.is_some_and(|used| layers.iter().skip(rank + 1).any(|above| *above == used)) {
            complaints.push(format!("{}:{line}: `{own}` must not use `{path}`", file.name));
        }
        let ups = path.split("::").take_while(|part| *part == "super").count();
        if ups > below && ups > below + modules_around(&code, line) {
            complaints.push(format!("{}:{line}: `{path}` leaves the layer `{own}`", file.name));
        }
    }
    complaints
}

fn misplaced(file: &File) -> Vec<String> {
    let mut complaints = Vec::new();
    for Mention { line, path } in mentions(&masked(&file.text)) {
        for (owned, places) in OWNED {
            let is_named = path == *owned || path.starts_with(&format!("{owned}::"));
            if is_named && !places.iter().any(|place| file.name.starts_with(place)) {
                let home = places.join(" or ");
                complaints.push(format!("{}:{line}: only {home} may name `{path}`", file.name));
            }
        }
    }
    complaints
}

fn too_long(file: &File) -> Vec<String> {
    let mut complaints = Vec::new();
    let lines = file.text.lines().count();
    if lines > FILE_LINES {
        complaints.push(format!("{}:1: {lines} lines, at most {FILE_LINES}", file.name));
    }
    for Function { name, line, lines } in functions(&masked(&file.text)) {
        let is_table = FLAT_TABLES.contains(&(file.name.as_str(), name.as_str()));
        let most = if is_table { TABLE_LINES } else { FUNCTION_LINES };
        if lines > most {
            complaints
                .push(format!("{}:{line}: {name} has {lines} lines, at most {most}", file.name));
        }
    }
    complaints
}

fn has_long_function(file: &File, name: &str) -> bool {
    functions(&masked(&file.text)).iter().any(|f| f.name == name && f.lines > FUNCTION_LINES)
}

fn headless(file: &File) -> Option<String> {
    let is_headed = file.text.starts_with("//!");
    (!is_headed).then(|| format!("{}:1: must begin with `//!` and say what it is", file.name))
}

/// The lines that hold one of the words, which no letter or digit stands before.
fn found(file: &File, words: &[&str]) -> Vec<String> {
    let mut complaints = Vec::new();
    for (line, text) in (1..).zip(file.text.lines()) {
        for word in words {
            let stands_alone = |at: usize| {
                let before = text.get(..at).and_then(|before| before.chars().next_back());
                !before.is_some_and(|c| c.is_alphanumeric() || c == '.')
            };
            if text.match_indices(word).any(|(at, _)| stands_alone(at)) {
                complaints.push(format!("{}:{line}: `{word}` has no place here", file.name));
            }
        }
    }
    complaints
}

/// Test files that no `mod` line reaches.
fn forgotten(files: &[File]) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in files {
        let path = file.name.trim_end_matches(".rs").trim_end_matches("/mod");
        if ROOTS.contains(&path) {
            continue;
        }
        let Some((folder, module)) = path.rsplit_once('/') else { continue };
        let parents = match folder {
            "tests" => vec!["tests/suite.rs".to_owned(), "tests/simulation.rs".to_owned()],
            _ => vec![format!("{folder}/mod.rs"), format!("{folder}.rs")],
        };
        let declares = |parent: &File| {
            parents.contains(&parent.name)
                && declared_modules(&parent.text).iter().any(|name| name == module)
        };
        if !files.iter().any(declares) {
            let parents = parents.join(" or ");
            complaints.push(format!("{}:1: `mod {module};` is missing in {parents}", file.name));
        }
    }
    complaints
}

// ---- reading the tree ----

/// A file of the project, under its path from the root, with `/`.
struct File {
    name: String,
    text: String,
}

fn read(name: &str) -> File {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let text = fs::read_to_string(&path).expect("the project's own files can be read");
    File { name: name.to_owned(), text }
}

/// Every text file under a folder, in order; what is built or belongs to git is left out.
fn files(folder: &str) -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(root.join(&folder)).expect("the project's folders can be read");
        for entry in entries {
            let entry = entry.expect("the project's folders can be read");
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            if ["target", ".git"].contains(&path.as_str()) {
                continue;
            }
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(path),
                Ok(_) => {
                    if let Ok(text) = fs::read_to_string(entry.path()) {
                        files.push(File { name: path, text });
                    }
                }
                Err(_) => {}
            }
        }
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    files
}

fn rust(folder: &str) -> Vec<File> {
    files(folder).into_iter().filter(|file| file.name.ends_with(".rs")).collect()
}

fn all_rust() -> Vec<File> {
    rust("engine").into_iter().chain(rust("tests")).collect()
}

#[track_caller]
fn complain(complaints: &[String]) {
    let mut all = String::new();
    for complaint in complaints {
        writeln!(all, "{complaint}").expect("a string can be written to");
    }
    assert!(complaints.is_empty(), "{} complaints:\n{all}", complaints.len());
}

// ---- each rule complains where it should, and only there ----

fn sample(name: &str, text: &str) -> File {
    File { name: name.to_owned(), text: text.to_owned() }
}

fn layered(name: &str, text: &str) -> Vec<String> {
    let lib = sample("engine/lib.rs", "pub mod source;\nmod plan; // mod fake;\npub mod run;\n");
    upward_uses(&sample(name, text), &layers(&lib))
}

#[test]
fn a_use_of_a_higher_layer_is_seen_however_it_is_written() {
    let text = "use crate::source::{Span, Text};\nuse crate::{source, run::{self, Event}};\n";
    assert_eq!(
        layered("engine/plan/mod.rs", text),
        [
            "engine/plan/mod.rs:2: `plan` must not use `crate::run::self`",
            "engine/plan/mod.rs:2: `plan` must not use `crate::run::Event`",
        ]
    );
    let text = "fn f() -> crate::run::Event { g(crate::source::h, crate::plan::i) }";
    assert_eq!(layered("engine/plan/a.rs", text).len(), 1);
    assert!(layered("engine/run/a.rs", "use crate::plan::Plan;").is_empty());
    assert!(layered("engine/plan/a.rs", "use crate::{source as run, plan};").is_empty());
    assert!(layered("engine/plan/a.rs", "// crate::run\nlet s = r#\"crate::run \"# ;").is_empty());
}

#[test]
fn super_may_not_leave_the_layer() {
    assert!(layered("engine/run/a.rs", "use super::b;").is_empty());
    assert!(
        layered("engine/run/a.rs", "use super::b;\nmod t {\n use super::super::b;\n}").is_empty()
    );
    assert_eq!(layered("engine/run/a.rs", "use super::super::plan;").len(), 1);
    assert_eq!(layered("engine/run/mod.rs", "use super::plan;").len(), 1);
    assert_eq!(layered("engine/stray/mod.rs", "").len(), 1);
}

#[test]
fn a_foreign_crate_in_the_wrong_place_is_seen() {
    let text = "use std::process::{ExitCode, Command as C};\nuse petgraphs::x;\nfn f<'a>() {}";
    let complaint = "engine/plan/a.rs:1: only engine/runtime/ may name `std::process::Command`";
    assert_eq!(misplaced(&sample("engine/plan/a.rs", text)), [complaint]);
    assert!(misplaced(&sample("engine/runtime/a.rs", text)).is_empty());
}

#[test]
fn a_long_file_and_a_long_function_are_seen() {
    let body = "    let s = \"}\"; /* } /* } */ */ let c = '}';\n";
    let long = format!("fn a(x: [u8; 2]) {{\n{}}}\nfn b();\n", body.repeat(59));
    let complaint = "engine/a.rs:1: a has 61 lines, at most 60";
    assert_eq!(too_long(&sample("engine/a.rs", &long)), [complaint]);
    let short = format!("fn a() {{\n{}}}\n", body.repeat(58));
    assert!(too_long(&sample("engine/a.rs", &short)).is_empty());
    assert!(too_long(&sample("engine/a.rs", &"\n".repeat(500))).is_empty());
    assert_eq!(too_long(&sample("engine/a.rs", &"\n".repeat(501))).len(), 1);
}

#[test]
fn a_forgotten_test_file_is_seen() {
    let suite = sample("tests/suite.rs", "mod a;\nmod lab;\n// mod b;\n");
    let lab = sample("tests/lab/mod.rs", "pub(crate) mod c;\n");
    let rest = ["tests/a.rs", "tests/b.rs", "tests/lab/c.rs", "tests/lab/d.rs"];
    let mut files = vec![suite, lab];
    files.extend(rest.iter().map(|name| sample(name, "")));
    assert_eq!(
        forgotten(&files),
        [
            "tests/b.rs:1: `mod b;` is missing in tests/suite.rs or tests/simulation.rs",
            "tests/lab/d.rs:1: `mod d;` is missing in tests/lab/mod.rs or tests/lab.rs",
        ]
    );
}

#[test]
fn words_and_headers_are_seen() {
    let text = format!("//! A file.\n{}\na.{}\n", UNFINISHED.concat(), MACHINE_PATHS.concat());
    assert_eq!(found(&sample("a.rs", &text), UNFINISHED).len(), 3);
    assert_eq!(found(&sample("a.rs", &text), MACHINE_PATHS).len(), 4);
    assert_eq!(headless(&sample("a.rs", &text)), None);
    assert!(headless(&sample("a.rs", "use a;\n")).is_some());
}
