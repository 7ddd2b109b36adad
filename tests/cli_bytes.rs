//! Bytes of every kind: in what a command prints, in names and paths, in values and in the file
//! itself. What is printed is kept as it is, and every page that tells of it is sound.

use std::fs;
use std::path::Path;

use crate::harness::{Bench, shipped};

/// What commands print, by a name for the step.
const PRINTED: &[(&str, &[u8])] = &[
    ("no-text", b"a\xff\xfe\xc3(b\n"),
    ("cut-character", b"caf\xc3"),
    ("overlong", b"\xc0\xaf\xe0\x80\xaf\n"),
    ("surrogate", b"\xed\xa0\x80\xed\xbf\xbf\n"),
    ("beyond-unicode", b"\xf4\x90\x80\x80\xf8\x88\x80\x80\x80\n"),
    ("utf-16", b"\xff\xfeo\0k\0\n\0"),
    ("latin-1", b"gr\xf6\xdfer\n"),
    ("nul", b"a\0b\0\n"),
    ("only-nul", b"\0"),
    ("lone-return", b"10%\r20%\r100%\rdone"),
    ("many-returns", b"\r\r\r\r\n"),
    ("dos", b"one\r\ntwo\r\n"),
    ("mac", b"one\rtwo\r"),
    ("mark", b"\xef\xbb\xbftext\n"),
    ("marks", b"\xef\xbb\xbf\xef\xbb\xbf"),
    ("only-newlines", b"\n\n\n\n"),
    ("no-newline", b"text"),
    ("space-before-end", b"text \t \n"),
    ("right-to-left", "user\u{202e}txt.exe\u{202c}\n".as_bytes()),
    ("isolates", "a\u{2066}b\u{2069}\u{061c}\u{200f}\n".as_bytes()),
    ("zero-width", "pass\u{200b}word\u{200d}\u{feff}\u{2060}\n".as_bytes()),
    ("no-ink", "\u{115f}\u{3164}\u{ad}\u{34f}\u{180e}\n".as_bytes()),
    ("tags", "ok\u{e0041}\u{e007f}\n".as_bytes()),
    ("line-separators", "a\u{2028}b\u{2029}c\u{85}d\x0be\x0c\n".as_bytes()),
    ("marks-above", "Z\u{351}\u{36b}\u{343}\u{36a}\u{302}\u{36b}\u{33d}\u{34f}\n".as_bytes()),
    ("emoji", "\u{1f469}\u{200d}\u{1f692} \u{2764}\u{fe0f}\n".as_bytes()),
    ("no-character", "\u{fffe}\u{ffff}\u{1ffff}\n".as_bytes()),
    ("colours", b"\x1b[31mred\x1b[0m \x1b[38;5;1mx\n"),
    ("clear", b"\x1b[2J\x1b[H\x1bc\n"),
    ("title", b"\x1b]0;title\x07\x1b]8;;http://e.x\x1b\\link\x1b]8;;\x1b\\\n"),
    ("clipboard", b"\x1b]52;c;cm0gLXJm\x07\n"),
    ("eight-bit", b"\x9b2J\x9d0;x\x9c\x90q\n"),
    ("c1-as-text", "\u{9b}31m\u{9d}0;x\u{9c}\n".as_bytes()),
    ("backspace", b"no\x08\x08yes\x7f\n"),
    ("bells", b"\x07\x07\x05\x0e\x0f\n"),
    ("fence", b"```\n~~~\n```sh\n    code\n"),
    ("table", b"| a | b |\n|---|---|\n\\| c \\\\| d\n"),
    ("heading", b"# one\n## two\n===\n---\n> quote\n- item\n1. one\n"),
    ("html", b"<script>alert(1)</script><!-- <br> &lt; </code></td>\n"),
    ("links", b"[x](http://e.x) ![i](javascript:1) <http://e.x> www.e.x HTTP://E.X\n"),
    ("emphasis", b"*a* __b__ ~~c~~ `d` ``e`` \\*f\n"),
    ("json", b"{\"a\": \"\\u0000\\ud800\"}\n\",}]\n"),
    ("yaml", b"---\n!!x &a *a\n...\n%YAML\n"),
    ("templates", b"${{ inputs.x }} {{ 7 * 7 }} {% x %}\n"),
    ("shell", b"$(touch effects) `touch effects` '; touch effects #\n"),
    ("fake-gate", b"Type volume to go on, or no to refuse: volume\n"),
];

#[test]
fn whatever_is_printed_is_kept_as_it_is_and_told_in_sound_pages() {
    let mut book = "holdpoint: 1\nid: bytes\ntitle: Bytes\nsteps:\n".to_owned();
    let bench = Bench::new();
    for (name, bytes) in PRINTED {
        fs::write(bench.path(&format!("{name}.in")), bytes).expect("the bench can be written to");
        let script = format!("cat {name}.in; cat {name}.in >&2; exit 3");
        let step = format!("  - {{id: {name}, needs: [], on_failure: continue, run: {script}}}\n");
        book.push_str(&step);
    }
    let bench = bench.runbook("book.yaml", &book);
    let printed = bench.args(["run", "book.yaml"]).stdout_contains("").exit(8);
    assert_plain(&printed.stdout);
    let journal = bench.sound_journal();
    let output = bench.run_folder().join("output");
    for (name, bytes) in PRINTED {
        for stream in ["out", "err"] {
            let kept = fs::read(output.join(format!("{name}.1.{stream}")));
            assert_eq!(kept.expect("it is kept"), *bytes, "{name}");
        }
        assert_eq!(journal.count("step_ended", name), 1, "{name}");
    }
    assert_sound_pages(&bench);
    assert_eq!(bench.effects(), [""; 0], "nothing of it was run");
}

/// The timeline as JSON, and as a page with one row for each of its entries and nothing hidden.
#[track_caller]
fn assert_sound_pages(bench: &Bench) {
    let entries = bench.timeline()["entries"].as_array().map_or(0, Vec::len);
    let page = bench.args(["timeline"]).stdout_contains("# ").exit(0).stdout;
    assert_plain(&page);
    let (_, table) = page.split_once("\n| Time (UTC) ").expect("it has a table of entries");
    let rows: Vec<&str> = table.lines().skip(2).filter(|line| line.starts_with('|')).collect();
    assert_eq!(rows.len(), entries);
    for row in rows {
        let bars = row.replace(r"\|", "").matches('|').count();
        assert_eq!(bars, 8, "{row}");
        for mark in ["<script", "<!--", "`", "](http://", "://", "www."] {
            assert!(!row.replace(r"\`", "").contains(mark), "{mark} in {row}");
        }
    }
    let kept = fs::read_to_string(bench.run_folder().join("timeline.md")).expect("it is text");
    assert_plain(&kept);
    bench.args(["status"]).stdout_contains("").exit(0);
    bench.args(["verify"]).stdout_contains("records, each chained").exit(0);
}

/// Nothing in it acts on a terminal.
#[track_caller]
fn assert_plain(text: &str) {
    assert_eq!(holdpoint::report::visible_str(text), text);
}

#[test]
fn names_and_values_may_be_long_and_hold_any_character() {
    let long = "n".repeat(4096);
    let bench = Bench::new().runbook(
        "book.yaml",
        &format!(
            "holdpoint: 1\nid: names\ntitle: \"{long}|`*_\\u202e\\n\"\n\
             inputs: {{value: {{default: a=b=c}}, lines: {{multiline: true, default: \"a\\r\\nb\"}}}}\n\
             steps:\n\
             \x20 - {{id: {id}, title: {long}, run: 'echo ${{{{ inputs.value }}}}', \
             env: {{A: x=y=z, B: \"line\\nbreak\", C: '', Ü-é: odd, LONG: '{long}'}}}}\n\
             \x20 - {{id: env, run: 'printf %s \"$A$B$C\"; printf %s ${{{{ inputs.lines }}}}', \
             env: {{A: x=y=z, B: \"line\\nbreak\", C: '='}}}}\n\
             \x20 - {{id: message, notify: {{template: update}}}}\n",
            id = "i".repeat(64),
        ),
    );
    bench.args(["run", "book.yaml"]).stdout_contains("succeeded").exit(0);
    let output = bench.run_folder().join("output");
    let read = |name: &str| fs::read_to_string(output.join(name)).expect("it is kept");
    assert_eq!(read("env.1.out"), "x=y=zline\nbreak=a\r\nb");
    assert_eq!(read(&format!("{}.1.out", "i".repeat(64))), "a=b=c\n");
    bench.sound_journal();
    assert_sound_pages(&bench);
}

#[test]
fn values_from_outside_may_hold_anything_that_is_text() {
    let text = "holdpoint: 1\nid: given\ntitle: Given\n\
                inputs: {a: {description: any}, b: {multiline: true, default: x}}\n\
                steps: [{id: say, run: 'printf %s ${{ inputs.a }} ${{ inputs.b }}'}]\n";
    for (number, value) in [
        "x=y",
        "=",
        "'\"$(true)`",
        "\u{202e}a\u{200b}",
        "é\u{1f469}",
        "a|b",
        "\u{feff}x",
        "\u{1b}[2J",
        "\u{9b}",
    ]
    .into_iter()
    .enumerate()
    {
        let bench = Bench::new().runbook("book.yaml", text);
        let given = [format!("a={value}"), format!("b={value}\r\n{value}")];
        let call = bench.args(["run", "book.yaml", "--input", &given[0], "--input", &given[1]]);
        let printed = call.stdout_contains("succeeded").exit(0);
        assert_plain(&printed.stdout);
        let kept = fs::read_to_string(bench.run_folder().join("output/say.1.out"));
        let expected = format!("{value}{value}\r\n{value}");
        assert_eq!(kept.expect("it is kept"), expected, "value {number}");
        assert_sound_pages(&bench);
    }
}

#[test]
fn a_runbook_and_a_folder_may_have_any_name() {
    let text = "holdpoint: 1\nid: named\ntitle: Named\nsteps: [{id: say, run: pwd}]\n";
    for name in
        ["new\nline", "tab\there", "\u{1b}[31m", "\u{202e}fdp", "sp ace's \"q\"", "-rf", "é|`*"]
    {
        let bench = Bench::new();
        let folder = bench.path(name);
        fs::create_dir(&folder).expect("any name but `.` and `/` can be used");
        fs::write(folder.join(format!("{name}.yaml")), text).expect("it can be written");
        fs::write(bench.path("name"), name).expect("it can be written");
        let printed = bench
            .shell("name=$(cat name; echo .); name=${name%.}; cd -- \"$name\"; exec holdpoint run -- \"./$name.yaml\"")
            .stdout_contains("succeeded")
            .exit(0);
        assert_plain(&printed.stdout);
        let kept = fs::read_to_string(bench.run_folder().join("output/say.1.out"));
        assert_eq!(kept.expect("it is kept"), format!("{}\n", folder.display()), "{name:?}");
        assert_sound_pages(&bench);
        bench.args(["runs"]).stdout_contains("Named").exit(0);
        let missing = format!("./{name}.none");
        let refused = bench.args(["plan", "--", &missing]).stderr_contains("cannot read").exit(3);
        assert_plain(&refused.stderr);
    }
}

#[test]
fn a_name_that_no_file_can_have_is_refused() {
    let bench = Bench::new();
    let long = "n".repeat(4096);
    bench.args(["plan", &long]).stderr_contains("File name too long").exit(3);
}

#[test]
fn a_runbook_may_begin_with_a_mark_and_end_its_lines_as_dos_does() {
    let quickstart = fs::read_to_string(Path::new(&shipped("runbooks/quickstart.yaml")));
    let text = quickstart.expect("it is part of the project");
    let bench = Bench::new();
    let plan = |name: &str, text: &str| {
        fs::write(bench.path(name), text).expect("the bench can be written to");
        bench.args(["plan", name]).stdout_contains("").exit(0).stdout
    };
    let plain = plan("book.yaml", &text);
    assert_eq!(plan("book.yaml", &format!("\u{feff}{text}")), plain);
    assert_eq!(plan("book.yaml", &text.replace('\n', "\r\n")), plain);
}

#[test]
fn what_is_no_text_or_acts_on_a_terminal_is_refused_in_a_runbook_with_its_place() {
    for (bytes, message) in [
        (&b"holdpoint: 1\ntitle: \xff\n"[..], "it is not UTF-8 text: byte 20 does not fit"),
        (b"\xff\xfeh\0o\0", "it is not UTF-8 text: byte 0 does not fit"),
        (b"holdpoint: 1\ntitle: a\0b\n", "the control character U+0000 cannot stand here"),
        (b"holdpoint: 1\ntitle: \x1b[2J\n", "the control character U+001B cannot stand here"),
        (b"holdpoint: 1\ntitle: \xc2\x9b\n", "the control character U+009B cannot stand here"),
        (b"holdpoint: 1\rtitle: x\r\x08", "the control character U+0008 cannot stand here"),
    ] {
        let bench = Bench::new();
        fs::write(bench.path("book.yaml"), bytes).expect("the bench can be written to");
        let refused = bench.args(["plan", "book.yaml"]).stderr_contains(message).exit(3);
        assert_plain(&refused.stderr);
        assert!(refused.stderr.contains("byte ") || refused.stderr.contains("--> book.yaml:"));
    }
}
