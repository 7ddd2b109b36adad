//! Scripts that were made to do harm.

use proptest::prelude::*;

use super::super::{MAX_LENGTH, commands, slots};
use super::{read, shown};

/// Every range stands in the script, on whole characters.
fn is_in_place(script: &str) {
    for command in commands(script, &slots(script)) {
        let values = command.assignments.iter().map(|assignment| &assignment.value);
        let targets = command.redirects.iter().map(|redirect| &redirect.target);
        let words = command.words.iter().chain(values).chain(targets);
        for range in words.map(|word| &word.range).chain([&command.range]) {
            assert!(script.get(range.clone()).is_some(), "{range:?} of {script:?}");
        }
    }
}

#[test]
fn what_is_nested_without_end_is_left_unread() {
    for part in [
        "(",
        "$(",
        "{ ",
        "a && ",
        "\"$(",
        "`",
        "<(",
        "${a:-",
        "if ",
        "a|",
        "((",
        "$((",
        "'",
        "\"",
        "<<a ",
        "!",
        "! ",
        "[[ ",
        "case x in ",
        "\\",
        "a=(",
        "[",
        "@(",
        "<",
        "f() ",
        "\n",
        ";",
        ")",
        "} ",
        "sudo ",
        "find -exec ",
        "sh -c ",
        "eval ",
        "env A=1 ",
        "${{",
        "${{}}",
        "<<a\n",
        "$'",
        "find . -exec a \\; ",
        "for x in ",
        "do ",
        "\"${a:-\"",
        "sh -c \"",
        "eval 'a;b' ",
        "x <<<a ",
    ] {
        is_in_place(&part.repeat(MAX_LENGTH / part.len()));
        is_in_place(&format!("x {}", part.repeat(1000)));
    }
}

#[test]
fn a_script_that_is_too_long_has_no_commands() {
    let long = "a\n".repeat(MAX_LENGTH / 2);
    assert_eq!(read(&long).len(), MAX_LENGTH / 2);
    assert_eq!(read(&format!("{long}b")).len(), 0);
}

#[test]
fn a_hundred_levels_are_not_read_and_ten_are() {
    let nested = |levels: usize| format!("{}a{}", "( ".repeat(levels), " )".repeat(levels));
    assert_eq!(shown(&nested(10)), ["a"]);
    assert_eq!(shown(&nested(100)), [""; 0]);
}

proptest! {
    #[test]
    fn every_place_stands_in_the_script(script in "([a-z =é]|[$(){}<>|&;`'\"\\\\#!\\[\\]\n*~-]|if |then |fi|do |done|sh -c |<<E\n|E\n|\\$\\{\\{|\\}\\}|\\$\\(){0,60}") {
        is_in_place(&script);
    }

    #[test]
    fn plain_words_are_what_blanks_split(words in prop::collection::vec("[a-zA-Z0-9_/.,:%@+-]{1,8}", 1..8)) {
        let is_plain = |word: &String| word.parse::<u64>().is_err();
        prop_assume!(words.iter().all(is_plain));
        let script = words.join("  ");
        let found = read(&format!("echo {script}"));
        let texts: Vec<String> = found[0].words[1..].iter().map(|it| it.text.clone()).collect();
        prop_assert_eq!(texts, words);
    }
}
