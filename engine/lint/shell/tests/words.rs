//! Words: quotes, escapes, expansions, templates.

use super::{places, read, shown};

/// The words of the only command, each with `=` where it is literal and `"` where it is quoted.
fn words(script: &str) -> Vec<String> {
    let found = read(script);
    assert_eq!(found.len(), 1, "{script}: {found:?}");
    let word = |word: &super::super::Word| {
        let literal = if word.is_literal { "=" } else { "~" };
        let quoted = if word.is_quoted { "\"" } else { "" };
        format!("{literal}{quoted}{}", word.text)
    };
    found[0].words.iter().map(word).collect()
}

#[test]
fn quotes_are_taken_away_and_escapes_resolved() {
    assert_eq!(
        words(r#"echo 'a b' "c \"d\" \x" e\ f g'h'"i""#),
        ["=echo", "=\"a b", "=\"c \"d\" \\x", "=e f", "=\"ghi"]
    );
    assert_eq!(words(r"echo $'a\tb\'c' 'it'\''s' \$x"), ["=echo", "=\"a\tb'c", "=\"it's", "=$x"]);
    assert_eq!(words("echo a\\\nb \\\n c ''"), ["=echo", "=ab", "=c", "=\""]);
}

#[test]
fn expansions_and_patterns_stand_as_written_and_are_not_literal() {
    assert_eq!(
        words(r#"echo $x "${y:-"a b"}" $((1 + 2)) *.gz a? [ab] {a,b} ~/x"#),
        [
            "=echo",
            "~$x",
            "~\"${y:-\"a b\"}",
            "~$((1 + 2))",
            "~*.gz",
            "~a?",
            "~[ab]",
            "~{a,b}",
            "~~/x"
        ]
    );
    assert_eq!(
        words("find . {} [ x{1..3} $? $@ a$ @(a|b)"),
        ["=find", "=.", "={}", "=[", "~x{1..3}", "~$?", "~$@", "=a$", "~@(a|b)"]
    );
    assert_eq!(words("date '+%H' '*' \"~\""), ["=date", "=\"+%H", "=\"*", "=\"~"]);
}

#[test]
fn a_template_is_a_part_of_a_word_whatever_stands_in_it() {
    assert_eq!(
        words(r#"rm ${{ inputs.file | default("a b") }}.gz x"#),
        ["=rm", r#"~${{ inputs.file | default("a b") }}.gz"#, "=x"]
    );
    assert_eq!(words("sh '${{ inputs.a ~ 'x' }}'"), ["=sh", "~\"${{ inputs.a ~ 'x' }}"]);
    assert_eq!(
        shown("x=${{ inputs.x }} cat > ${{ inputs.f }}"),
        ["x=${{ inputs.x }} cat >[${{ inputs.f }}]"]
    );
}

#[test]
fn variables_that_are_set_are_assignments() {
    assert_eq!(shown("A=1 B=\"x y\" c d=e"), ["A=1 B=x y c d=e"]);
    assert_eq!(
        shown("x=$(date) y+=z a[1]=q l=(a 'b c'\n d)"),
        ["x=$(date) y=z a[1]=q l=(a 'b c'\n d)", "date #substituted"]
    );
    assert_eq!(shown("export A=1 B\nlocal -r c='d e'"), ["A=1 export B", "c=d e local -r"]);
    assert_eq!(shown("1a=b '=c' d-e=f"), ["1a=b =c d-e=f"]);
    let found = read("export TOKEN='abc'");
    assert_eq!(found[0].assignments[0].value.range, 13..18);
}

#[test]
fn redirections_are_told_from_words() {
    assert_eq!(
        shown("a > f 2>&1 b < g >> h 2>/dev/null &> i 3<> j >| k"),
        ["a b >[f] 2>&[1] <[g] >>[h] 2>[/dev/null] &>[i] 3<>[j] >|[k]"]
    );
    assert_eq!(shown("cat 1>x 0<y a2>z"), ["cat a2 >[x] <[y] >[z]"]);
    assert_eq!(shown("> f"), [">[f]"]);
    assert_eq!(shown("cat <<< \"a b\" -n"), ["cat -n <<<[a b]"]);
    assert_eq!(shown("kubectl logs <pod> --previous"), ["kubectl logs <[pod] >[--previous]"]);
}

#[test]
fn a_here_document_is_the_text_that_a_command_reads() {
    assert_eq!(
        shown("psql -d x <<EOF | cat\nselect '1';\n\nEOF\nnext"),
        ["psql -d x <<[select '1';\n\n] #1/2", "cat #2/2", "next"]
    );
    assert_eq!(
        shown("a <<'X' <<-\"Y\"; b\n1 $(no)\nX\n\t2\n\tY\nc"),
        ["a <<[1 $(no)\n] <<-[\t2\n]", "b", "c"]
    );
    assert_eq!(
        shown("a <<X\nt $(inner 1) `other`\nX"),
        ["a <<[t $(inner 1) `other`\n]", "inner 1 #substituted", "other #substituted"]
    );
    assert_eq!(shown("a <<X &\nrm x\nX"), ["a <<[rm x\n] #background"]);
    assert_eq!(shown("a <<X\nnever closed"), ["a <<[never closed]"]);
    let script = "x=$(cat <<E\nin\nE\n)\ny";
    assert_eq!(shown(script), ["x=$(cat <<E\nin\nE\n)", "cat <<[in\n] #substituted", "y"]);
    let found = read("a <<X\nbody\nX\n");
    assert_eq!(found[0].redirects[0].target.range, 6..11);
    assert!(found[0].redirects[0].target.is_literal);
}

#[test]
fn comments_hold_no_commands() {
    assert_eq!(shown("# rm a\necho a#b # rm c\n#\n  # d\n"), ["echo a#b"]);
}

#[test]
fn every_place_is_that_of_the_text() {
    let script = "  sudo rm -rf \"$x\" > f\nfoo $(bar 'é') | \\\n baz;";
    assert_eq!(places(script), ["sudo rm -rf \"$x\" > f", "foo $(bar 'é')", "bar 'é'", "baz"]);
    let found = read(script);
    let third = &found[2].words[1];
    assert_eq!((&*third.text, &script[third.range.clone()]), ("é", "'é'"));
}
