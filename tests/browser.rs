//! The pages as a reader sees them: in a real browser, light and dark, narrow and wide, on paper, and
//! with whatever a runbook, a command or a person may have put into them.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::golden;
use crate::harness::browser::{Browser, Tab, View};
use crate::harness::{Bench, shipped};

const CHECKS: &str = include_str!("browser/checks.js");
const WIDE: View = View { width: 1400, scheme: "light", media: "screen" };
const VIEWS: [View; 4] = [
    WIDE,
    View { width: 1400, scheme: "dark", media: "screen" },
    View { width: 400, scheme: "light", media: "screen" },
    View { width: 400, scheme: "dark", media: "screen" },
];
const PAPER: View = View { width: 1000, scheme: "dark", media: "print" };

/// What a tag, an attribute, an address, a terminal or the eye could take for something else.
const HOSTILE: [&str; 12] = [
    "</p></td></h1></title></style><script>document.title = 'taken'; alert(1)</script>",
    "\"><img src=x onerror=alert(1)><svg/onload=alert(1)>",
    "' onmouseover='alert(1)' style='position:fixed;inset:0",
    "<iframe src=javascript:alert(1)></iframe><base href=//e.test/><link rel=stylesheet href=//e.test/x>",
    "<meta http-equiv=refresh content='0;url=//e.test/'><form action=//e.test/><input autofocus onfocus=alert(1)>",
    "<!--<![CDATA[--><style>*{display:none}</style>&lt;&#60;&NewLine;&#x0;",
    "javascript:alert(1) data:text/html,<script>alert(1)</script> https://e.test/",
    "user\\u202etxt.exe\\u202c \\u2066a\\u2069 pass\\u200bword\\ufeff",
    "\\e[31mred\\e[0m\\e]8;;https://e.test\\e\\\\link\\e]8;;\\e\\\\\\a",
    "${'{'}{ 7 * 7 }} {% raw %} {{ constructor.constructor('alert(1)')() }}",
    "<a href=\"javascript:alert(1)\" ping=//e.test>x</a><math><mi xlink:href=javascript:alert(1)>",
    "</textarea></pre></details><template><plaintext>",
];

/// Everything hostile, and a word that no line can hold.
fn hostile() -> String {
    HOSTILE.join(" ") + &"w".repeat(3000)
}

/// The page of the only run, where its links lead somewhere.
fn page(bench: &Bench) -> PathBuf {
    let html = bench.args(["timeline", "--format", "html"]).stdout_contains("").exit(0).stdout;
    let id = bench.run_folder().file_name().expect("it has a name").to_string_lossy().into_owned();
    let html = html.replace("[RUN]", &id).replace("[DIR]", &bench.path("").display().to_string());
    let file = bench.run_folder().join("timeline.html");
    fs::write(&file, html).expect("the bench can be written to");
    file
}

#[track_caller]
fn assert_quiet(tab: &Tab, file: &Path) {
    assert_eq!(tab.messages, [""; 0]);
    assert_eq!(tab.requests, [format!("file://{}", file.display())]);
}

/// Looks at a page in every way.
#[track_caller]
fn assert_readable(browser: &Browser, file: &Path) {
    for view in VIEWS {
        let mut tab = browser.open(file, view);
        let wrong = tab.says(CHECKS);
        assert_eq!(wrong, json!([]), "{view:?} {}: {wrong:#}", file.display());
        assert_quiet(&tab, file);
    }
}

#[test]
fn the_page_of_every_golden_run_is_readable_in_any_window_and_any_light() {
    let Some(browser) = Browser::start() else { return };
    for (_, run) in golden::runs() {
        let (bench, _) = golden::bench(&run);
        assert_readable(&browser, &page(&bench));
    }
}

#[test]
fn the_debrief_of_an_exercise_is_readable_in_any_window_and_any_light() {
    let Some(browser) = Browser::start() else { return };
    assert_readable(&browser, Path::new(&shipped("tests/data/tabletop/shop.html")));
}

/// A run in which everything that can be named or printed is hostile.
fn hostile_run() -> Bench {
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\\\""));
    let text = quoted(&hostile().replace("${", "$${"));
    let bench = Bench::new().runbook(
        "book.yaml",
        &format!(
            "holdpoint: 1\nid: hostile\ntitle: {text}\n\
             inputs: {{value: {{default: {text}}}}}\n\
             preconditions: [{{title: {text}, probe: {{run: 'true'}}}}]\n\
             steps:\n\
             \x20 - {{id: print, title: {text}, on_failure: continue, run: cat in; cat in >&2; exit 3}}\n\
             \x20 - id: ask\n    title: {text}\n    gate: {{ask: {text}}}\n    run: cat in\n\
             \x20 - {{id: count, run: seq 40}}\n\
             exit_criteria: [{{title: {text}, probe: {{run: cat in >&2; exit 1}}}}]\n"
        ),
    );
    let raw =
        hostile().replace("\\e", "\x1b").replace("\\a", "\x07").replace("\\u202e", "\u{202e}");
    fs::write(bench.path("in"), (raw + "\n").repeat(10)).expect("the bench can be written to");
    let hostile = hostile();
    let run = ["run", "book.yaml", "--operator", &hostile, "--incident", &hostile];
    bench.args(run).stdout_contains("").exit(5);
    let gate = ["approve", "ask", "--by", &hostile, "--note", &hostile];
    bench.args(gate).stdout_contains("").exit(0);
    bench
        .args(["note", "--kind", "finding", "--by", &hostile, &hostile])
        .stdout_contains("")
        .exit(0);
    bench.args(["resume", "--operator", &hostile]).stdout_contains("").exit(1);
    bench
}

#[test]
fn a_page_that_is_hard_to_read_or_acts_is_found_out() {
    let Some(browser) = Browser::start() else { return };
    let bench = Bench::new();
    let file = bench.path("bad.html");
    let bad = "<!doctype html><title>x</title><style>p{width:3000px;color:#999}div{overflow:hidden}</style>\
        <h1>One</h1><h3>Three</h3><p>pale</p><div onclick='1'>x</div><table><tr><td>1</table>\
        <a href='https://e.test/'>x</a><script>console.log('said')</script><img src='x.png' id=a><i id=a></i>\
        <svg><text x=-99>cut</text><rect fill=white width=9 height=9 /></svg>";
    fs::write(&file, bad).expect("the bench can be written to");
    let mut tab = browser.open(&file, WIDE);
    let wrong = tab.says(CHECKS).to_string();
    let expected = [
        "the page is 3008 wide of 1400",
        "beyond the window: <P",
        "may be cut: <DIV",
        "cut: <text",
        "contrast 2.85: <P",
        "texts were looked at",
        "a bar that is hardly seen",
        "no language",
        "not one main",
        "a heading skips a level",
        "a table without names",
        "an id is there twice",
        "a drawing that is read aloud",
        "a foreign tag: <SCRIPT",
        "a foreign attribute onclick",
        "a link to https://e.test/",
    ];
    for complaint in expected {
        assert!(wrong.contains(complaint), "{complaint} is missing in {wrong}");
    }
    assert_eq!((tab.messages.len(), tab.requests.len()), (2, 2), "said, and x.png is not there");
}

#[test]
fn whatever_a_page_tells_of_is_inert_in_it() {
    let Some(browser) = Browser::start() else { return };
    let bench = hostile_run();
    let file = page(&bench);
    assert_readable(&browser, &file);
    let mut tab = browser.open(&file, WIDE);
    assert_ne!(tab.says("() => document.title"), "taken");
    let text = tab.says("() => document.body.textContent");
    let text = text.as_str().expect("a page has a text");
    assert!(
        text.contains("<script>document.title = 'taken'; alert(1)</script>"),
        "it is shown as it is"
    );
    assert!(text.contains(r"\x1b[31mred\x1b[0m") && text.contains(r"user\u{202e}txt.exe"));
    assert_eq!(holdpoint::report::visible_str(text), text, "nothing acts or hides");
}

#[test]
fn a_page_on_paper_has_what_is_folded_on_the_screen_and_is_dark_on_light() {
    let Some(browser) = Browser::start() else { return };
    let bench = hostile_run();
    let file = page(&bench);
    let hidden = "() => [...document.querySelectorAll('details > pre')]\
        .filter(pre => !pre.checkVisibility() || !pre.getBoundingClientRect().height).length";
    let folded = browser.open(&file, WIDE).says(hidden);
    assert!(folded.as_u64() >= Some(1), "{folded} are folded on the screen");
    let mut tab = browser.open(&file, PAPER);
    assert_eq!(tab.says(hidden), 0, "nothing stays folded on paper");
    let ground = tab.says("() => getComputedStyle(document.body).backgroundColor");
    assert_eq!(ground, "rgb(255, 255, 255)");
    let printed = tab.ask("Page.printToPDF", &json!({"printBackground": true}));
    let pdf = printed["data"].as_str().unwrap_or_default();
    assert!(pdf.starts_with("JVBERi0") && pdf.len() > 20_000, "{} letters", pdf.len());
    assert_quiet(&tab, &file);
}

#[test]
fn every_link_of_a_page_leads_to_a_file_of_its_run() {
    let Some(browser) = Browser::start() else { return };
    let bench = hostile_run();
    let file = page(&bench);
    let mut tab = browser.open(&file, WIDE);
    let links = tab.says("() => [...document.links].map(link => link.getAttribute('href'))");
    let links: Vec<&str> =
        links.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    assert_eq!(
        links,
        ["output/print.1.out", "output/print.1.err", "output/ask.1.out", "output/count.1.out"]
    );
    links.iter().for_each(|link| assert!(bench.run_folder().join(link).is_file(), "{link}"));
}
