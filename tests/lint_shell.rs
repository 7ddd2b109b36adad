//! The reader of scripts against a real shell: words without expansions are those that bash makes
//! of them.

use std::process::Command;

use holdpoint::lint::shell::{commands, slots};

/// The arguments that bash hands to a program.
fn by_bash(arguments: &str) -> Vec<String> {
    let output = Command::new("bash")
        .args(["--norc", "-c", &format!("printf '%s\\0' {arguments}")])
        .output()
        .expect("bash is there, as every runbook needs it");
    let text = String::from_utf8(output.stdout).expect("bash prints what it was given");
    text.split_terminator('\0').map(str::to_owned).collect()
}

#[test]
fn literal_words_are_those_of_a_real_shell() {
    for arguments in [
        r"a 'b c' d\ e",
        r#""x \"y\" \$z \n" 'q'"r"s\t"#,
        r"$'a\tb\\c\'d' 'it'\''s'",
        r"a#b 'x'# {} [ ! = -- \; +",
        "a\\\nb c \\\n d",
        "é 'ü \"ö\"' \"ß '\"",
        "a=b 1=2 %x ^y @z , . : /",
        r#""a"'b'c\"d "" '' $"e""#,
        "a >/dev/stdout b 2>/dev/null c # d",
    ] {
        let script = format!("printf '%s\\0' {arguments}");
        let found = commands(&script, &slots(&script));
        let texts: Vec<&str> = found[0].words[2..].iter().map(|word| &*word.text).collect();
        assert_eq!(texts, by_bash(arguments), "{arguments}");
        assert!(found[0].words.iter().all(|word| word.is_literal), "{arguments}");
    }
}

#[test]
fn the_text_of_a_here_document_is_what_a_command_reads() {
    for script in ["cat <<'E'\na $b\n\tc\nE\n", "cat <<E | cat\nx\n\ny\nE\n", "cat <<\\E\n'q'\nE"] {
        let output = Command::new("bash").args(["--norc", "-c", script]).output();
        let output = output.expect("bash is there, as every runbook needs it");
        let found = commands(script, &[]);
        let text = &found[0].redirects[0].target.text;
        assert_eq!(text.as_bytes(), output.stdout, "{script}");
    }
}
