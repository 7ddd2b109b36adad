//! HP403: curl takes an error page for success.

use crate::lint::rules::{change, facts};
use crate::lint::scene::{Known, Scene, Script};
use crate::lint::{Check, Confidence, Findings, Profile, Rule, Safety};
use crate::source::Severity;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP403",
    name: "http-check-without-fail",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Standard,
    fix: Some(Safety::Safe),
    about: "`curl` is called without `--fail`, so an answer such as 500 counts as success.",
    why: "`curl` exits with 0 as soon as a server answers anything. A health check that is answered \
          with `503 Service Unavailable` succeeds, and a request that was refused looks as if it had \
          been carried out. With `--fail` a status of 400 or more is a failure. `--max-time` ends a \
          look at a server that accepts the connection and then says nothing.\n\nA probe `http` does \
          all of that by itself.",
    bad: include_str!("../../examples/HP403.bad.yaml"),
    good: include_str!("../../examples/HP403.good.yaml"),
    source: "https://curl.se/docs/manpage.html#-f",
    check: Check::Scene(check),
};

/// What looks at the answer itself.
const READERS: &[&str] = &["grep", "egrep", "fgrep", "rg", "jq", "yq", "test"];
/// How many commands behind one may belong to its pipeline.
const NEAR: usize = 50;
/// Options with which there is more to do than to look at a page.
const WORKING: &[&str] = &[
    "-m",
    "--max-time",
    "-o",
    "--output",
    "-O",
    "--remote-name",
    "-T",
    "--upload-file",
    "-d",
    "--data",
    "--data-binary",
    "--data-raw",
    "--json",
    "-F",
    "--form",
    "-X",
    "--request",
];

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    for script in &scene.scripts {
        for (at, command) in script.commands.iter().enumerate() {
            if command.program() == "curl" && is_blind(command) && !is_read(script, at) {
                let message = "this `curl` succeeds whatever status it is answered";
                let options: &[&str] =
                    if is_look(command) { &["--fail", "--max-time", "10"] } else { &["--fail"] };
                let title = format!("add `{}`", options.join(" "));
                let finding = facts::finding(&RULE, scene, script, &command.range, message);
                let finding = finding.help(format!("{title}, or use a probe `http`"));
                let edits = change::behind(scene, script, &command.words[0], options);
                findings.push(match edits {
                    Some(edits) => finding.fix(Safety::Safe, title, edits),
                    None => finding,
                });
            }
        }
    }
}

fn is_blind(command: &Known<'_>) -> bool {
    let fails = ["-f", "--fail", "--fail-with-body", "--fail-early"];
    let names_status = |words: &(String, std::ops::Range<usize>)| words.0.contains("_code}");
    let is_http = command.arguments().iter().all(|word| {
        let scheme = word.text.split_once("://").map_or("http", |(scheme, _)| scheme);
        !matches!(scheme, "file" | "ftp" | "ftps" | "sftp" | "scp" | "telnet" | "ldap")
    });
    let asks = command.arguments().iter().any(|word| !word.text.starts_with('-'));
    let is_config = command.has_option(&["-K", "--config", "-V", "--version"]).is_some();
    is_http
        && asks
        && !is_config
        && command.has_option(&fails).is_none()
        && !command.option_values(&["-w", "--write-out"]).iter().any(names_status)
}

/// Whether what was answered is looked at: by a later command of its pipeline, or by `expect`.
fn is_read(script: &Script<'_>, at: usize) -> bool {
    let pipe = script.commands[at].pipe;
    let later = script.commands[at..].iter().take(NEAR);
    let mut later = later.filter(|it| it.pipe.number == pipe.number && it.pipe.place > pipe.place);
    let expects = script.key("expect").is_some_and(|it| it.has("stdout") || it.has("json"));
    expects || later.any(|it| READERS.contains(&it.program()))
}

/// Whether it only looks at a page.
fn is_look(command: &Known<'_>) -> bool {
    command.has_option(WORKING).is_none()
        && !command.redirects.iter().any(|it| it.keeps_output() && it.target.text != "/dev/null")
        && command.pipe.length == 1
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::of;

    fn script(script: &str) -> Vec<String> {
        let book = "holdpoint: 1\nid: x\ntitle: X\nsteps:\n  - id: a\n    run: |\n      ";
        of("HP403", &format!("{book}{script}\n"))
    }

    #[test]
    fn an_answer_of_any_status_must_not_be_success() {
        assert_eq!(script("curl http://a/health"), ["7:7 curl http://a/health"]);
        assert_eq!(
            script("sudo curl -sS -XPOST http://a/b"),
            ["7:7 sudo curl -sS -XPOST http://a/b"]
        );
        assert_eq!(script("x=$(curl -so /dev/null a:80)"), ["7:11 curl -so /dev/null a:80"]);
    }

    #[test]
    fn what_looks_at_the_answer_is_silent() {
        for silent in [
            "curl -f http://a",
            "curl -sSf http://a",
            "curl --fail-with-body http://a",
            "curl -so /dev/null -w '%{http_code}' http://a",
            "curl -s http://a | grep -q ok",
            "curl -s http://a | jq -e .ok",
            "curl --version",
            "curl file:///etc/hosts",
            "echo curl http://a",
        ] {
            assert!(script(silent).is_empty(), "{silent}");
        }
        let book = "holdpoint: 1\nid: x\ntitle: X\nsteps:\n  - id: a\n    probe: {run: curl -s h, expect: \
                    {stdout: {contains: ok}}}\n";
        assert!(of("HP403", book).is_empty());
    }

    #[test]
    fn the_options_are_put_in() {
        use crate::lint::testing::fixed;
        let book = |run: &str| {
            format!("holdpoint: 1\nid: x\ntitle: X\nsteps:\n  - id: a\n    run: {run}\n")
        };
        for (before, after) in [
            ("curl http://a", "curl --fail --max-time 10 http://a"),
            ("curl -d x http://a", "curl --fail -d x http://a"),
            ("[curl, http://a]", "[curl, --fail, --max-time, \"10\", http://a]"),
            ("docker exec a sh -c 'curl b'", "docker exec a sh -c 'curl --fail --max-time 10 b'"),
        ] {
            assert_eq!(fixed("HP403", &book(before)), book(after));
        }
        let escaped = book("\"curl \\\"a\\\"\"");
        assert_eq!(fixed("HP403", &escaped), escaped);
    }
}
