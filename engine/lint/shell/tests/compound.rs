//! Lists, pipelines and compound commands.

use super::{read, shown};

#[test]
fn lists_are_split_and_all_but_the_last_are_tested() {
    assert_eq!(
        shown("a; b\nc && d || e\nf &\ng && h & i"),
        [
            "a",
            "b",
            "c #tested",
            "d #tested",
            "e",
            "f #background",
            "g #tested #background",
            "h #background",
            "i"
        ]
    );
    assert_eq!(shown("a &&\n  b ||\n\n c"), ["a #tested", "b #tested", "c"]);
    assert_eq!(shown("! a | b; c"), ["a #1/2 #tested", "b #2/2 #tested", "c"]);
}

#[test]
fn pipelines_count_their_stages() {
    assert_eq!(
        shown("a | b |& c && d"),
        ["a #1/3 #tested", "b #2/3 #tested", "c #3/3 #tested", "d"]
    );
    assert_eq!(shown("a |\n b > f"), ["a #1/2", "b >[f] #2/2"]);
    assert_eq!(
        shown("a | while read x; do b | c; d $x; done | e"),
        [
            "a #1/3",
            "read x #2/3 #tested #repeated",
            "b #1/2 #repeated",
            "c #2/2 #repeated",
            "d $x #2/3 #repeated",
            "e #3/3"
        ]
    );
    assert_eq!(shown("{ a; b; } | c"), ["a #1/2", "b #1/2", "c #2/2"]);
    let numbers = |script| read(script).iter().map(|it| it.pipe.number).collect::<Vec<_>>();
    let found = numbers("a | b; c | { d | e; f; }; g");
    assert_eq!(found[0], found[1]);
    assert_eq!((found[2], found[3] == found[4]), (found[5], true));
    let mut apart = vec![found[0], found[2], found[3], found[6]];
    apart.dedup();
    assert_eq!(apart.len(), 4);
}

#[test]
fn what_is_looked_at_by_a_condition_is_tested() {
    assert_eq!(
        shown("if a; b; then c; elif d | e; then f; else g; fi; h"),
        ["a #tested", "b #tested", "c", "d #1/2 #tested", "e #2/2 #tested", "f", "g", "h"]
    );
    assert_eq!(
        shown("until a x; do sleep 5; done\nwhile b\ndo c\ndone"),
        ["a x #tested #repeated", "sleep 5 #repeated", "b #tested #repeated", "c #repeated"]
    );
    assert_eq!(
        shown("if [ -f x ] && ! [[ a < b ]]; then c; fi"),
        ["[ -f x ] #tested", "[[ a < b ]] #tested", "c"]
    );
}

#[test]
fn loops_repeat_their_bodies() {
    assert_eq!(
        shown("for x in a $(b) c; do d $x; done; e"),
        ["b #substituted", "d $x #repeated", "e"]
    );
    assert_eq!(
        shown("for ((i = 0; i < 3; i++)); do a; done\nfor x\ndo b; done"),
        ["a #repeated", "b #repeated"]
    );
}

#[test]
fn cases_functions_groups_and_subshells_hold_commands() {
    assert_eq!(shown("case $x in a|b) c ;; (d) e; f;; *) g\nesac; h"), ["c", "e", "f", "g", "h"]);
    assert_eq!(
        shown("f() { a; }\nfunction g { b; }\nh () (c)\nf"),
        ["a #in-function", "b #in-function", "c #in-function", "f"]
    );
    assert_eq!(shown("( a; b ) && { c; d\n}"), ["a #tested", "b #tested", "c", "d"]);
    assert_eq!(shown("((x = 1 << 2)); a $((b < c))"), ["a $((b < c))"]);
}

#[test]
fn substitutions_hold_commands() {
    assert_eq!(
        shown("a \"$(b | c \"$(d)\")\" `e f` <(g) ${x:-$(h)}"),
        [
            "a $(b | c \"$(d)\") `e f` <(g) ${x:-$(h)}",
            "b #1/2 #substituted",
            "c $(d) #2/2 #substituted",
            "d #substituted",
            "e f #substituted",
            "g #substituted",
            "h #substituted"
        ]
    );
}

#[test]
fn a_redirection_of_a_compound_command_is_that_of_its_first_or_last_command() {
    assert_eq!(
        shown("while read x; do a; done < f"),
        ["read x <[f] #tested #repeated", "a #repeated"]
    );
    assert_eq!(shown("{ a; b $(c); } > f 2>&1"), ["a", "b $(c) >[f] 2>&[1]", "c #substituted"]);
    assert_eq!(shown("a | b > f < g"), ["a #1/2", "b >[f] <[g] #2/2"]);
}

#[test]
fn what_no_shell_would_read_does_not_hide_what_follows() {
    assert_eq!(shown(") a\n;; b\nfi; c"), ["a", "b", "fi", "c"]);
    assert_eq!(
        shown("0 9 * * * /x\narchive_command = 'cp %p'"),
        ["0 9 * * * /x", "archive_command = cp %p"]
    );
    assert_eq!(shown("if a; then b"), ["a #tested", "b"]);
    assert_eq!(shown("a 'never closed; b"), ["a never closed; b"]);
}
