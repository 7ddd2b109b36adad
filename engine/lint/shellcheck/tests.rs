//! What is handed over, and where an answer belongs.

use super::*;
use crate::lint::testing;
use crate::source::Severity;

fn subjects(source: &Source) -> Vec<Subject> {
    testing::with_scene(source.text(), Subject::all)
}

fn steps(steps: &str) -> Source {
    Source::new("a.yaml", format!("holdpoint: 1\nsteps:\n{steps}"))
}

fn scripts(text: &str) -> Vec<String> {
    subjects(&steps(text)).iter().map(|it| it.script().to_owned()).collect()
}

/// An answer with one comment, and a fix that puts quotes around its place.
fn answer(code: u32, line: usize, columns: Range<usize>) -> Vec<Comment> {
    let Range { start, end } = columns;
    let quote = |column: usize| {
        format!(
            r#"{{"line":{line},"endLine":{line},"column":{column},"endColumn":{column},
                "insertionPoint":"beforeStart","precedence":7,"replacement":"\""}}"#
        )
    };
    let (first, last) = (quote(start), quote(end));
    let text = format!(
        r#"{{"comments":[{{"file":"a","line":{line},"endLine":{line},"column":{start},
            "endColumn":{end},"level":"info","code":{code},"message":"foo is so.",
            "fix":{{"replacements":[{first},{last}]}}}}]}}"#
    );
    read(text.as_bytes()).expect("it is an answer")
}

#[test]
fn the_first_line_names_the_shell_and_whether_it_ends_at_a_failure() {
    for (step, first) in [
        ("run: x", "#!/bin/bash -e"),
        ("run: x\n    shell: sh", "#!/bin/sh"),
        ("run: x\n    shell: /bin/dash -eu", "#!/bin/dash -e"),
        ("run: x\n    target: db", "#!/bin/sh -e"),
        ("run: x\n    target: local", "#!/bin/bash -e"),
        ("probe: {run: x, shell: sh -u}", "#!/bin/sh"),
    ] {
        let found = scripts(&format!("  - id: a\n    {step}\n"));
        assert_eq!(found, [format!("{first}\nx")], "{step}");
    }
}

#[test]
fn what_no_known_shell_reads_is_not_handed_over() {
    assert_eq!(scripts("  - {id: a, run: [echo, x]}\n"), [""; 0]);
    assert_eq!(scripts("  - {id: a, run: print(1), shell: python3}\n"), [""; 0]);
}

#[test]
fn a_template_is_a_variable_in_quotes_that_is_as_long() {
    let found = scripts("  - id: a\n    run: kill -s ${{ \"é\" }} ${{x}}\n");
    assert_eq!(found, ["#!/bin/bash -e\nkill -s \"$VVVVVVV\" \"$VVV\""]);
    assert_eq!(scripts("  - {id: a, run: 'echo ${{ x'}\n"), [""; 0]);
}

#[test]
fn an_answer_is_told_at_its_place_in_the_block() {
    let source = steps("  - id: a\n    run: |\n      é=1\n      rm $foo\n");
    let subjects = subjects(&source);
    let found = subjects[0].findings(&answer(2086, 3, 4..8), &source);
    let finding = found.first().expect("there is a finding");
    assert_eq!(&source.text()[finding.at.start..finding.at.end], "$foo");
    assert_eq!(source.position(finding.at.start).line, 6);
    assert_eq!(finding.code(), "HP401[SC2086]");
    assert_eq!(finding.severity, Severity::Note);
    assert_eq!(finding.message, "foo is so");
    assert_eq!(finding.step.as_deref(), Some("a"));
    let fix = finding.fix.as_ref().expect("there is a fix");
    let places: Vec<(usize, &str)> =
        fix.edits.iter().map(|it| (it.at.start - finding.at.start, it.text.as_str())).collect();
    assert_eq!((fix.safety, places), (Safety::Unsafe, vec![(0, "\""), (4, "\"")]));
}

#[test]
fn a_change_is_offered_only_where_yaml_leaves_it_what_it_is() {
    let has_fix = |run: &str, columns: Range<usize>| {
        let source = steps(&format!("  - id: a\n    run: {run}\n"));
        let found = subjects(&source)[0].findings(&answer(2086, 2, columns), &source);
        found.first().is_some_and(|finding| finding.fix.is_some())
    };
    assert!(has_fix("|\n      rm $foo", 4..8));
    assert!(has_fix("rm $foo", 4..8));
    assert!(!has_fix("$foo x", 1..5));
    assert!(!has_fix("\"rm $foo\"", 4..8));
    assert!(!has_fix("'rm $foo'", 4..8));
    assert!(!has_fix(">\n      rm $foo", 4..8));
    assert!(!has_fix("|\n      rm ${{ inputs.a }}", 4..10));
}

#[test]
fn what_is_only_so_because_it_is_a_part_is_left_out() {
    let source = steps("  - {id: a, run: x y z, env: {foo: 1}}\n");
    let subjects = subjects(&source);
    for code in [1090, 1091, 2148, 1128, 2154] {
        assert!(subjects[0].findings(&answer(code, 2, 1..2), &source).is_empty(), "{code}");
    }
    let later = steps("  - id: a\n    run: |\n      x\n      #!/bin/sh\n");
    let subjects = super::tests::subjects(&later);
    assert_eq!(subjects[0].findings(&answer(1128, 3, 1..2), &later).len(), 1);
    assert_eq!(subjects[0].findings(&answer(2154, 3, 1..2), &later).len(), 1);
}

#[test]
fn that_a_script_cannot_be_read_further_is_told_only_where_nothing_says_why() {
    let source = steps("  - {id: a, run: x y z}\n");
    let subjects = subjects(&source);
    let codes = |comments: &[Comment]| -> Vec<String> {
        subjects[0].findings(comments, &source).iter().map(Finding::code).collect()
    };
    let gave_up = answer(1072, 2, 1..2);
    assert_eq!(codes(&gave_up), ["HP401[SC1072]"]);
    assert_eq!(codes(&[answer(1073, 2, 1..2), gave_up].concat()), ["HP401[SC1073]"]);
}

#[test]
fn an_answer_that_points_nowhere_does_no_harm() {
    let source = steps("  - {id: a, run: x}\n");
    let subjects = subjects(&source);
    for (line, columns) in [(1, 1..2), (0, 0..0), (900, 1..2), (2, 0..1)] {
        let found = subjects[0].findings(&answer(2086, line, columns.clone()), &source);
        assert!(found.iter().all(|it| it.at.end <= source.text().len()), "{line} {columns:?}");
    }
}

#[test]
fn what_is_no_answer_is_refused() {
    assert!(read(b"").is_err());
    assert!(read(b"[]").is_err());
    assert_eq!(read(br#"{"comments":[]}"#).map(|it| it.len()), Ok(0));
}
