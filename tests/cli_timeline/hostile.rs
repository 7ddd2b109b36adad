//! Text from outside is text in every format, whatever it would be elsewhere.

use holdpoint::report::visible_str;

use super::{ended, entries, told};

/// A text, how it stands in Markdown, and how in a cell of CSV and in plain text.
const HOSTILE: &[(&str, &str, &str)] = &[
    ("=HYPERLINK(\"http://x\")", "=HYPERLINK(\"http&#58;//x\")", "'=HYPERLINK(\"http://x\")"),
    ("+1+cmd|' /C calc'!A0", "+1+cmd\\|' /C calc'\\!A0", "'+1+cmd|' /C calc'!A0"),
    ("-2+3", "-2+3", "'-2+3"),
    ("@SUM(A1)", "@SUM(A1)", "'@SUM(A1)"),
    ("\t=1", "\t=1", "'\t'=1"),
    ("a;=1", "a;=1", "a;'=1"),
    ("＝1", "＝1", "'＝1"),
    (
        "<script>alert(1)</script>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "<script>alert(1)</script>",
    ),
    ("| a | `b` |", "\\| a \\| \\`b\\` \\|", "| a | `b` |"),
    ("[x](javascript:y)", "\\[x\\](javascript:y)", "[x](javascript:y)"),
    ("![x](http://y)", "\\!\\[x\\](http&#58;//y)", "![x](http://y)"),
    ("# a ~~b~~ **c**", "\\# a \\~\\~b\\~\\~ \\*\\*c\\*\\*", "# a ~~b~~ **c**"),
    ("\u{1b}]0;title\u{7}", "\\\\x1b\\]0;title\\\\x07", "\\x1b]0;title\\x07"),
    ("\u{9b}2J", "\\\\u{9b}2J", "\\u{9b}2J"),
    ("\u{202e}gpj.exe", "\\\\u{202e}gpj.exe", "\\u{202e}gpj.exe"),
    ("a\u{200b}b", "a\\\\u{200b}b", "a\\u{200b}b"),
    ("over\rwritten", "over\\\\x0dwritten", "over\\x0dwritten"),
    ("two\nlines", "two<br>lines", "two\nlines"),
];

#[test]
fn no_text_is_more_than_text_in_any_format() {
    let bench = ended();
    for (text, ..) in HOSTILE {
        // The name of whoever says it begins a cell; the text comes after another in its own.
        let by = format!("--by={text}");
        bench.args(["note", &by, "--", text]).stdout("noted\n").exit(0);
    }
    let (page, plain) = (told(&bench, &[]), told(&bench, &["--format", "text"]));
    let (sheet, json) = (told(&bench, &["--format", "csv"]), told(&bench, &["--format", "json"]));
    for printed in [&page, &plain, &sheet, &json] {
        assert_eq!(&visible_str(printed), printed, "nothing acts on a terminal");
    }
    let mut reader = csv::Reader::from_reader(sheet.as_bytes());
    let by = reader.headers().expect("it has a head").iter().position(|name| name == "who");
    let by = by.expect("there is such a column");
    let names: Vec<String> =
        reader.records().map(|row| row.expect("it is whole")[by].to_owned()).collect();
    let read: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
    let said: Vec<&str> = entries(&read).iter().filter_map(|entry| entry["by"].as_str()).collect();
    for (text, in_page, in_text) in HOSTILE {
        assert!(page.contains(&format!(" notes: {in_page} | ")), "{in_page:?} in {page}");
        assert!(names.iter().any(|name| name == in_text), "{in_text:?} in {names:?}");
        assert!(said.contains(text), "JSON means the same: {text:?} in {said:?}");
        let shown = visible_str(text).replace('\n', "\n    ");
        assert!(plain.contains(&format!(" notes: {shown}")), "{shown:?} in {plain}");
    }
}
