//! The record of a run in one file: the same run gives the same bytes, it is verified anywhere, and
//! whoever made one is not trusted.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use tar::{Archive, Builder, EntryType, Header};

use crate::harness::{Bench, eventually};

const BOOK: &str = "
    holdpoint: 1
    id: book
    title: The shop is down
    inputs: {token: {secret: true}, place: {default: here}}
    steps:
      - {id: check, run: 'echo found $TOKEN; echo oddly >&2', env: {TOKEN: '${{ inputs.token }}'}}
      - {id: part, include: part.yaml}
      - {id: work, run: 'echo worked >> effects'}
";

const PART: &str = "{holdpoint: 1, id: part, title: A part, steps: [{id: in, run: echo inside}]}\n";

/// A run that has ended, with outputs, an included file and a secret.
fn ended() -> Bench {
    let bench = Bench::new().env("USER", "ann").env("TOKEN", "s3cr3t-of-the-shop");
    let book = BOOK.replace("{secret: true}", "{secret: true, env: TOKEN}");
    let bench = bench.file("part.yaml", PART).runbook("book.yaml", &book);
    bench.args(["run", "book.yaml"]).stdout_contains("").exit(0);
    bench
}

const BUNDLE: [&str; 3] = ["timeline", "--bundle", "run.tar.gz"];

/// A bench whose run lies in a bundle.
fn bundled() -> Bench {
    let bench = ended();
    bench.args(BUNDLE).stdout_contains("wrote run.tar.gz: ").exit(0);
    bench
}

/// The files in a bundle, in order: names without the folder of the run, and contents.
fn files(path: &Path) -> Vec<(String, Vec<u8>)> {
    let file = fs::File::open(path).expect("the bundle is there");
    let mut archive = Archive::new(GzDecoder::new(file));
    let entries = archive.entries().expect("it is an archive");
    let entries = entries.map(|entry| {
        let mut entry = entry.expect("it is whole");
        let path = entry.path().expect("it has a name").to_string_lossy().into_owned();
        let (_, name) = path.split_once('/').expect("it is in a folder");
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("it is whole");
        (name.to_owned(), bytes)
    });
    entries.collect()
}

/// Writes an archive that somebody else made.
fn forge(path: &Path, run: &str, files: &[(String, Vec<u8>)]) {
    let file = fs::File::create(path).expect("the bench can be written to");
    let mut archive = Builder::new(GzEncoder::new(file, Compression::fast()));
    for (name, bytes) in files {
        let mut header = Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        let path = format!("{run}/{name}");
        archive.append_data(&mut header, path, &**bytes).expect("the bench can be written to");
    }
    archive.into_inner().and_then(GzEncoder::finish).expect("the bench can be written to");
}

fn run_id(bench: &Bench) -> String {
    let folder = bench.run_folder();
    folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// A bundle of a bench, changed by somebody who made its manifest anew.
fn changed(bench: &Bench, change: impl Fn(&mut Vec<(String, Vec<u8>)>)) {
    let path = bench.path("run.tar.gz");
    let mut files = files(&path);
    files.pop();
    change(&mut files);
    let digest = |bytes: &[u8]| holdpoint::run::digest(bytes);
    let line = |(name, bytes): &(String, Vec<u8>)| format!("{}  {name}\n", digest(bytes));
    let manifest: String = files.iter().map(line).collect();
    files.push(("MANIFEST".to_owned(), manifest.into_bytes()));
    forge(&path, &run_id(bench), &files);
}

#[test]
fn a_bundle_holds_all_that_is_on_record_and_no_secret() {
    let bench = bundled();
    let files = files(&bench.path("run.tar.gz"));
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let expected = [
        "journal.jsonl",
        "inputs.json",
        "output/check.1.err",
        "output/check.1.out",
        "output/part.in.1.out",
        "runbook/included-1.yaml",
        "runbook/includes.json",
        "runbook/runbook.yaml",
        "timeline.md",
        "timeline.html",
        "timeline.json",
        "timeline.csv",
        "timeline.txt",
        "report.md",
        "MANIFEST",
    ];
    assert_eq!(names, expected);
    for (name, bytes) in &files {
        let text = String::from_utf8_lossy(bytes);
        assert!(!text.contains("s3cr3t"), "{name}: {text}");
        let there = bench.run_folder().join(name);
        if there.exists() {
            assert_eq!(fs::read(there).expect("it is there"), *bytes, "{name}");
        }
    }
    let timeline = bench.args(["timeline"]).stdout_contains("").exit(0).stdout;
    let (_, page) = files.iter().find(|(name, _)| name == "timeline.md").expect("it is there");
    let page = String::from_utf8_lossy(page).replace(&run_id(&bench), "[RUN]");
    assert_eq!(page, timeline);
    let mode = fs::metadata(bench.path("run.tar.gz")).expect("it is there").permissions();
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777, 0o600);
}

#[test]
fn the_same_run_gives_the_same_bytes_wherever_and_whenever_it_is_packed() {
    let bench = bundled();
    fs::create_dir(bench.path("elsewhere")).expect("the bench can be written to");
    let elsewhere = "TZ=Asia/Tokyo holdpoint timeline --bundle elsewhere/other.tar.gz";
    bench.shell(elsewhere).stdout_contains("wrote elsewhere/other.tar.gz").exit(0);
    let read = |name| fs::read(bench.path(name)).expect("it was written");
    assert_eq!(read("run.tar.gz"), read("elsewhere/other.tar.gz"));
}

#[test]
fn a_bundle_is_verified_without_a_store_in_the_same_words_as_the_run() {
    let bench = bundled();
    let run = bench.args(["verify"]).stdout_contains("").exit(0).stdout;
    let script = "env -i $(command -v holdpoint) verify ./run.tar.gz";
    let bundle = bench.shell(script).stdout_contains("").exit(0).stdout;
    let pages = "nor that its pages tell what its journal does: unpack it into the folder `runs` \
                 of a\nstore, and have them made anew\n";
    assert_eq!(bundle, run.replace("to this folder", "to this bundle") + pages);
    let piped = "cat run.tar.gz | holdpoint verify /dev/stdin";
    assert_eq!(bench.shell(piped).stdout_contains("").exit(0).stdout, bundle);
}

#[test]
fn a_bundle_can_be_read_by_another_user_who_may_write_nothing() {
    let bench = bundled();
    let as_nobody = match rustix::process::geteuid().is_root() {
        true => "setpriv --reuid 65534 --regid 65534 --clear-groups",
        false => "",
    };
    let script = format!(
        "chmod 755 . && chmod 444 run.tar.gz && file=$PWD/run.tar.gz && cd / && \
         {as_nobody} env -i \"$(command -v holdpoint)\" verify \"$file\""
    );
    bench.shell(&script).stdout_contains("each chained to the one before").exit(0);
}

#[test]
fn any_machine_can_unpack_a_bundle_and_check_its_manifest() {
    let bench = bundled();
    let script = "tar -xzf run.tar.gz && cd */ && ls MANIFEST journal.jsonl && \
                  sha256sum --check --strict --quiet MANIFEST";
    let script = script.replace("cd */", "cd 2*/");
    bench.shell(&script).stdout("MANIFEST\njournal.jsonl\n").exit(0);
}

#[test]
fn what_is_unpacked_into_a_store_is_read_like_any_run() {
    let bench = bundled();
    let script = "mkdir -p other/runs && tar -xzf run.tar.gz -C other/runs";
    bench.shell(script).exit(0);
    let timeline = bench.args(["timeline"]).stdout_contains("").exit(0).stdout;
    let there = ["--state", "other", "timeline"];
    assert_eq!(bench.args(there).stdout_contains("").exit(0).stdout, timeline);
    bench.args(["--state", "other", "verify"]).stdout_contains("match their digests: 3;").exit(0);
    bench.args(["--state", "other", "status"]).stdout_contains("[RUN]  succeeded").exit(0);
}

#[test]
fn nothing_is_written_over_and_nothing_is_left_where_it_cannot_be_written() {
    let bench = bundled();
    let before = fs::read(bench.path("run.tar.gz")).expect("it was written");
    let refused = "error: run.tar.gz is there already\n  \
                   help: a bundle is written over nothing; name another file\n";
    bench.args(BUNDLE).stderr(refused).exit(2);
    assert_eq!(fs::read(bench.path("run.tar.gz")).expect("it is there"), before);
    std::os::unix::fs::symlink("nowhere", bench.path("link.tar.gz")).expect("a link");
    bench
        .args(["timeline", "--bundle", "link.tar.gz"])
        .stderr_contains("link.tar.gz is there already")
        .exit(2);
    bench
        .args(["timeline", "--bundle", "no/such/folder.tar.gz"])
        .stderr_contains("error: cannot write no/such/folder.tar.gz: No such file or directory")
        .exit(2);
    bench.args(["timeline", "--bundle", "/"]).stderr_contains("/ is there already").exit(2);
    assert_eq!(drafts(&bench), [""; 0]);
}

/// What is left of a bundle that did not come to its end.
fn drafts(bench: &Bench) -> Vec<String> {
    let entries = fs::read_dir(bench.path("")).expect("the bench is there").flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| name.contains("draft") || name.contains("full.tar")).collect()
}

#[test]
fn a_full_disk_leaves_no_half_bundle() {
    let bench = ended();
    let full = "ulimit -f 1; holdpoint timeline --bundle full.tar.gz";
    bench.shell(full).stderr_contains("error: cannot write full.tar.gz: File too large").exit(2);
    assert_eq!(drafts(&bench), [""; 0]);
}

#[test]
fn a_run_that_goes_on_is_packed_up_to_its_last_record() {
    let bench = Bench::new().env("USER", "ann").runbook(
        "book.yaml",
        "
        holdpoint: 1
        id: book
        title: Long
        steps:
          - {id: one, run: echo one}
          - {id: two, run: 'echo two; until [ -e go ]; do sleep 0.02; done'}
        ",
    );
    let driver = bench.args(["run", "book.yaml"]).stdout_contains("").start();
    eventually("the second step prints", || {
        let printed = bench.run_folders().pop().map(|run| run.join("output/two.1.out"));
        printed.is_some_and(|path| path.exists())
    });
    let goes_on = "the run goes on: what came after the last of these records is not in it\n";
    let printed = bench.args(BUNDLE).stdout_contains(goes_on).exit(0).stdout;
    assert!(!printed.contains("not in it: "), "{printed}");
    let names: Vec<String> =
        files(&bench.path("run.tar.gz")).into_iter().map(|(name, _)| name).collect();
    assert!(names.contains(&"output/one.1.out".to_owned()), "{names:?}");
    assert!(!names.contains(&"output/two.1.out".to_owned()), "it is not over: {names:?}");
    bench.args(["verify", "./run.tar.gz"]).stdout_contains("the run is open").exit(0);
    bench.write("go", "");
    driver.exit(0);
}

#[test]
fn an_open_run_and_a_drill_say_what_they_are() {
    let bench = Bench::new().env("USER", "ann").runbook(
        "book.yaml",
        "{holdpoint: 1, id: book, title: Gated, steps: [{id: a, gate: true, run: 'true'}]}\n",
    );
    let drill = ["run", "book.yaml", "--drill"];
    bench.args(drill).stdout_contains("").stderr_contains("DRILL").exit(5);
    let printed = bench.args(BUNDLE).stdout_contains("").exit(0).stdout;
    assert!(printed.starts_with("DRILL: wrote run.tar.gz: "), "{printed}");
    let open = "the run is open: what comes after the last of these records is not in it\n";
    assert!(printed.contains(open), "{printed}");
    bench.args(["verify", "./run.tar.gz"]).stdout_contains("DRILL: [RUN]\n").exit(0);
}

#[test]
fn a_torn_tail_goes_into_the_bundle_and_is_named_by_verify() {
    let bench = ended();
    let journal = bench.run_folder().join("journal.jsonl");
    let mut text = fs::read(&journal).expect("it is there");
    text.extend(b"{\"v\":1,\"seq\"");
    fs::write(&journal, text).expect("the bench can be written to");
    bench.args(BUNDLE).stdout_contains("").exit(0);
    let torn = "the last write was cut short: 12 bytes that never took effect\n";
    bench.args(["verify", "./run.tar.gz"]).stdout_contains(torn).exit(0);
}

#[test]
fn a_damaged_run_is_packed_as_it_is_and_its_bundle_says_the_same_of_it() {
    let bench = ended();
    let journal = bench.run_folder().join("journal.jsonl");
    let text = fs::read_to_string(&journal).expect("it is there");
    fs::write(&journal, text.replacen("echo inside", "echo outside", 1)).expect("written");
    fs::remove_file(bench.run_folder().join("output/check.1.err")).expect("it was there");
    let run = bench.args(["verify"]).stdout_contains("").stderr_contains("damaged at").exit(6);
    let missing = "not in it: output/check.1.err: No such file or directory";
    bench.args(BUNDLE).stdout_contains(missing).stderr_contains("damaged at line ").exit(6);
    let bundle = ["verify", "./run.tar.gz"];
    let bundle = bench.args(bundle).stdout_contains("").stderr_contains("damaged at").exit(6);
    assert_eq!(bundle.stderr, run.stderr);
}

#[test]
fn a_run_whose_runbook_is_gone_is_packed_without_a_timeline_and_that_is_said() {
    let bench = ended();
    fs::remove_file(bench.run_folder().join("runbook/runbook.yaml")).expect("it was there");
    let printed = bench.args(BUNDLE).stdout_contains("wrote run.tar.gz: ").exit(0).stdout;
    for part in
        ["not in it: runbook/runbook.yaml: No such", "not in it: its timeline: the journal of"]
    {
        assert!(printed.contains(part), "{printed}");
    }
    let missing = "error: the bundle ./run.tar.gz cannot be used: its frozen \
                   runbook/runbook.yaml is missing\n";
    bench.args(["verify", "./run.tar.gz"]).stdout_contains("").stderr(missing).exit(6);
}

#[test]
fn whoever_changes_a_bundle_and_its_manifest_is_found_out_by_the_journal() {
    let bench = bundled();
    let whole = fs::read(bench.path("run.tar.gz")).expect("it was written");
    let change = |name: &'static str, text: &'static str| {
        fs::write(bench.path("run.tar.gz"), &whole).expect("the bench can be written to");
        changed(&bench, |files| {
            let found = files.iter_mut().find(|(known, _)| known == name);
            found.expect("it is there").1 = text.as_bytes().to_vec();
        });
        let call = bench.args(["verify", "./run.tar.gz"]).stdout_contains("").stderr_contains("");
        call.exit(6).stderr
    };
    let journal = "error: the journal of [RUN] cannot be used: ";
    let bundle = "error: the bundle ./run.tar.gz cannot be used: ";
    assert_eq!(
        change("output/check.1.out", "x"),
        format!("{journal}output/check.1.out was changed\n")
    );
    let runbook = "runbook/runbook.yaml";
    assert_eq!(change(runbook, "x"), format!("{bundle}its frozen {runbook} was changed\n"));
    let included = "runbook/included-1.yaml";
    assert_eq!(change(included, "x"), format!("{bundle}its frozen {included} was changed\n"));
    assert!(change("journal.jsonl", "x\n").starts_with(&format!("{journal}damaged at line 1: ")));
    fs::write(bench.path("run.tar.gz"), &whole).expect("the bench can be written to");
    changed(&bench, |files| files.retain(|(name, _)| name != "output/check.1.out"));
    let missing = format!("{journal}output/check.1.out is missing\n");
    bench.args(["verify", "./run.tar.gz"]).stdout_contains("").stderr(&missing).exit(6);
    changed(&bench, |files| files.retain(|(name, _)| name != "journal.jsonl"));
    let none = format!("{bundle}it holds no journal\n");
    bench.args(["verify", "./run.tar.gz"]).stderr(&none).exit(6);
}

#[test]
fn a_hostile_archive_is_named_and_nothing_of_it_is_ever_written() {
    let bench = bundled();
    let hostile = |entries: &[(&str, EntryType, &str)]| {
        let file = fs::File::create(bench.path("bad.tar.gz")).expect("it can be written");
        let mut archive = Builder::new(GzEncoder::new(file, Compression::fast()));
        for (path, kind, content) in entries {
            let mut header = Header::new_gnu();
            header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
            header.set_entry_type(*kind);
            header.set_size(content.len() as u64);
            header.as_old_mut().linkname[..11].copy_from_slice(b"/etc/passwd");
            header.set_cksum();
            archive.append(&header, content.as_bytes()).expect("it can be written");
        }
        archive.into_inner().and_then(GzEncoder::finish).expect("it can be written");
        let call = bench.args(["verify", "./bad.tar.gz"]).stderr_contains("");
        call.exit(6).stderr
    };
    let bundle = "error: the bundle ./bad.tar.gz cannot be used: ";
    let (file, link) = (EntryType::Regular, EntryType::Symlink);
    for (path, kind, reason) in [
        ("../escaped", file, "../escaped leads out of its folder"),
        ("/escaped", file, "/escaped leads out of its folder"),
        ("run/l", link, "run/l is a symbolic link, and a bundle holds files only"),
        ("run/\x1b[31mx/..", file, "run/\\x1b[31mx/.. has a control character in its name"),
    ] {
        assert_eq!(hostile(&[(path, kind, "")]), format!("{bundle}{reason}\n"));
    }
    for escaped in [bench.path("escaped"), bench.path("../escaped"), "/escaped".into()] {
        assert!(fs::symlink_metadata(escaped).is_err());
    }
}

#[test]
fn what_is_no_bundle_is_said_to_be_none() {
    let bench = bundled();
    let verify = |name: &str| bench.args(["verify".to_owned(), format!("./{name}")]);
    verify("none.tar.gz").stderr("error: there is no bundle ./none.tar.gz\n").exit(2);
    bench.write("text", "no archive\n");
    let none = "error: the bundle ./text cannot be used: it is no archive as a bundle is one: ";
    verify("text").stderr_contains(none).exit(6);
    let whole = fs::read(bench.path("run.tar.gz")).expect("it was written");
    bench.write("empty", "");
    fs::write(bench.path("cut"), &whole[..whole.len() / 2]).expect("it can be written");
    for name in ["empty", "cut"] {
        let call =
            verify(name).stdout_contains("").stderr_contains("cannot be used: it is cut short");
        call.exit(6);
    }
    verify("").stderr_contains("").exit(6);
    bench.args(["timeline", "--bundle", "x", "--format", "md"]).stderr_contains("").exit(2);
}

#[test]
fn a_journal_that_names_a_file_elsewhere_brings_none_into_the_bundle() {
    let bench = ended();
    bench.write("private", "of this machine\n");
    let path = bench.run_folder().join("journal.jsonl");
    let reading = holdpoint::journal::read(&path).expect("it can be read");
    let mut prev = holdpoint::journal::FIRST_PREV.to_owned();
    let mut forged = String::new();
    for record in reading.records {
        let text = serde_json::to_string(&record.event).expect("it was read");
        let text = text.replace("output/check.1.out", "../../../private");
        let event = serde_json::from_str(&text).expect("it is an event");
        let (record, line) =
            holdpoint::journal::Record::write(record.seq, record.epoch, record.at, &prev, event);
        prev = record.hash;
        forged += &line;
    }
    fs::write(&path, forged).expect("the bench can be written to");
    bench.args(BUNDLE).stdout_contains("").exit(0);
    for (name, bytes) in files(&bench.path("run.tar.gz")) {
        assert!(!name.contains("private"), "{name}");
        assert!(!bytes.starts_with(b"of this machine"), "{name}");
    }
    let missing = "../../../private is missing";
    bench.args(["verify", "./run.tar.gz"]).stdout_contains("").stderr_contains(missing).exit(6);
}

#[test]
fn a_run_under_the_name_of_another_is_not_taken_for_that() {
    let bench = bundled();
    let files = files(&bench.path("run.tar.gz"));
    forge(&bench.path("other.tar.gz"), "20260101-other-abc", &files);
    bench
        .args(["verify", "./other.tar.gz"])
        .stdout_contains("records, each chained")
        .stderr_contains("it is the record of ")
        .exit(6);
}
