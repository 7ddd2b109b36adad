//! Captures into folders of their own.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use tempfile::TempDir;

use super::excerpt::{HEAD, TAIL};
use super::lines::SHOWN;
use super::*;
use crate::runtime::redact::Redactor;

/// A capture of these chunks: the folder it was made in, what was kept, and the lines shown.
fn capture(secrets: &[(&str, &str)], chunks: &[&[u8]]) -> (TempDir, Captured, Vec<String>) {
    let folder = tempfile::tempdir().expect("a folder");
    let (captured, lines) = capture_into(folder.path().join("out"), secrets, chunks);
    (folder, captured, lines)
}

fn capture_into(
    file: PathBuf,
    secrets: &[(&str, &str)],
    chunks: &[&[u8]],
) -> (Captured, Vec<String>) {
    let stream = Redactor::new(secrets.iter().copied()).stream();
    let mut lines = Vec::new();
    let mut capture = Capture::new(stream, file, |line| lines.push(line.to_owned()));
    for chunk in chunks {
        capture.take(chunk);
    }
    (capture.finish(), lines)
}

fn copy_of(folder: &TempDir, captured: &Captured) -> Vec<u8> {
    let name = captured.file.as_ref().expect("it was made");
    fs::read(folder.path().join(name)).expect("it can be read")
}

fn lines(chunks: &[&[u8]]) -> Vec<String> {
    capture(&[], chunks).2
}

#[test]
fn a_short_output_is_kept_whole() {
    let (folder, captured, lines) = capture(&[], &[b"one\nt", b"wo\n"]);
    assert_eq!(captured.text(), Some(&b"one\ntwo\n"[..]));
    assert_eq!((captured.bytes, captured.cut, &captured.write_error), (8, 0, &None));
    assert_eq!(captured.last(4), b"two\n");
    assert_eq!(captured.last(99), b"one\ntwo\n");
    assert_eq!(copy_of(&folder, &captured), b"one\ntwo\n");
    // From sha256sum.
    let digest = "c3f9c8c283a2b1f2f1896f27a01cbe3cddc0c9d93f752e4639035a0f5b36f6e8";
    assert_eq!(captured.sha256, digest);
    assert_eq!(lines, ["one", "two"]);
}

#[test]
fn nothing_printed_makes_no_file() {
    let (folder, captured, lines) = capture(&[], &[b""]);
    let digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(captured, Captured { sha256: digest.to_owned(), ..Captured::default() });
    assert_eq!(captured.text(), Some(&b""[..]));
    assert_eq!(fs::read_dir(folder).expect("it is there").count(), 0);
    assert!(lines.is_empty());
}

#[test]
fn only_its_owner_may_read_the_copy() {
    let (folder, captured, _) = capture(&[], &[b"x"]);
    let copy = folder.path().join(captured.file.expect("it was made"));
    let copy = fs::metadata(copy).expect("it is there");
    assert_eq!(copy.permissions().mode() & 0o7777, 0o600);
}

#[test]
fn a_secret_reaches_neither_file_nor_memory_nor_screen() {
    let secrets = [("password", "hunter22")];
    let (folder, captured, lines) = capture(&secrets, &[b"is hunt", b"er22\nhun"]);
    assert_eq!(captured.text(), Some(&b"is ***\nhun"[..]));
    assert_eq!((captured.bytes, captured.tail.as_slice()), (10, &b"is ***\nhun"[..]));
    assert_eq!(copy_of(&folder, &captured), b"is ***\nhun");
    assert_eq!(lines, ["is ***", "hun"]);
    let (_other, same, _) = capture(&[], &[b"is ***\nhun"]);
    assert_eq!(captured.sha256, same.sha256);
}

#[test]
fn a_copy_that_would_be_too_long_leaves_out_its_middle_and_says_how_much() {
    let whole: Vec<u8> = (0_u32..).flat_map(u32::to_be_bytes).take(HEAD + TAIL + 123).collect();
    let chunks: Vec<&[u8]> = whole.chunks(60_000).collect();
    let (folder, captured, _) = capture(&[], &chunks);
    assert_eq!((captured.bytes, captured.cut), (whole.len() as u64, 123));
    assert_eq!(captured.text(), None);
    assert!(captured.head == whole[..IN_MEMORY]);
    assert!(captured.tail == whole[whole.len() - IN_MEMORY..]);
    let marker = b"\n[holdpoint: 123 bytes left out here]\n";
    let expected = [&whole[..HEAD], marker, &whole[HEAD + 123..]].concat();
    assert!(copy_of(&folder, &captured) == expected);
}

#[test]
fn a_copy_that_just_fits_leaves_out_nothing() {
    let whole = vec![b'x'; HEAD + TAIL];
    let (folder, captured, _) = capture(&[], &[&whole]);
    assert_eq!(captured.cut, 0);
    assert!(copy_of(&folder, &captured) == whole);
}

#[test]
fn the_whole_is_text_up_to_the_limit_and_not_beyond() {
    let most = vec![b'x'; IN_MEMORY];
    assert_eq!(capture(&[], &[&most]).1.text(), Some(most.as_slice()));
    assert_eq!(capture(&[], &[&most, b"y"]).1.text(), None);
}

#[test]
fn another_file_is_not_written_over_and_the_output_is_not_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("out");
    fs::write(&file, "precious").expect("it can be written");
    let (captured, lines) = capture_into(file.clone(), &[], &[b"one\n", b"two\n"]);
    assert_eq!((captured.text(), captured.file.as_ref()), (Some(&b"one\ntwo\n"[..]), None));
    assert!(captured.write_error.expect("it was refused").contains("out: File exists"));
    assert_eq!(fs::read(&file).expect("it is there"), b"precious");
    assert_eq!(lines, ["one", "two"]);
}

#[test]
fn a_link_is_not_followed() {
    let folder = tempfile::tempdir().expect("a folder");
    let link = folder.path().join("out");
    let target = folder.path().join("elsewhere");
    std::os::unix::fs::symlink(&target, &link).expect("it can be made");
    let (captured, _) = capture_into(link, &[], &[b"one\n"]);
    assert!(captured.write_error.is_some());
    assert!(!target.exists());
}

#[test]
fn lines_are_shown_whole_and_safe_for_a_terminal() {
    assert_eq!(
        lines(&[b"a\r", b"\n\n\x1b[2J b\rc\nla", b"st"]),
        ["a", "", r"\x1b[2J b\x0dc", "last"]
    );
    assert_eq!(lines(&["gr\u{fc}n".as_bytes(), b"\xff\n"]), ["gr\u{fc}n\u{fffd}"]);
    assert_eq!(lines(&[b"\xc3", b"\xbc\n"]), ["\u{fc}"]);
}

#[test]
fn a_long_line_is_cut_for_the_screen_only() {
    let long = "x".repeat(SHOWN);
    assert_eq!(lines(&[long.as_bytes(), b"\n"]), [long.as_str()]);
    assert_eq!(
        lines(&[long.as_bytes(), b"yz", b"\nnext\n"]),
        [format!("{long} … 2 more bytes"), "next".to_owned()]
    );
    let half = format!("{}ü!", "x".repeat(SHOWN - 1));
    assert_eq!(lines(&[half.as_bytes()]), [format!("{} … 3 more bytes", "x".repeat(SHOWN - 1))]);
}
