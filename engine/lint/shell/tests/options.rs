//! Options, their values, and operands.

use super::read;

fn has(script: &str, names: &[&str]) -> Option<String> {
    read(script)[0].has_option(names).map(|word| word.text.clone())
}

fn value(script: &str, names: &[&str]) -> Option<(String, String)> {
    let found = read(script)[0].option_value(names);
    found.map(|(value, range)| (value, script[range].to_owned()))
}

#[test]
fn an_option_is_found_in_all_of_its_forms() {
    for (script, names, expected) in [
        ("x -t", ["-t", "--tty"], Some("-t")),
        ("x -it a", ["-t", "--tty"], Some("-it")),
        ("x --tty", ["-t", "--tty"], Some("--tty")),
        ("x --tty=true", ["-t", "--tty"], Some("--tty=true")),
        ("x --ttyx", ["-t", "--tty"], None),
        ("x -- -t", ["-t", "--tty"], None),
        ("x - t", ["-t", "--tty"], None),
        ("pg_restore -Fc", ["-c", "--clean"], None),
        ("pg_restore -cFc", ["-c", "--clean"], Some("-cFc")),
        ("terraform apply -auto-approve", ["-t", "-auto-approve"], Some("-auto-approve")),
        ("openssl enc -pass x", ["-p", "-a"], None),
    ] {
        assert_eq!(has(script, &names).as_deref(), expected, "{script}");
    }
}

#[test]
fn a_value_is_the_next_word_or_the_rest_of_this_one() {
    for (script, names, expected) in [
        ("psql -c 'select 1' x", ["-c", "--command"], Some(("select 1", "'select 1'"))),
        ("psql -Atc q", ["-c", "--command"], Some(("q", "q"))),
        ("psql --command=q", ["-c", "--command"], Some(("q", "q"))),
        ("psql --command q", ["-c", "--command"], Some(("q", "q"))),
        ("psql -dcx -q", ["-c", "--command"], None),
        ("psql -dx", ["-d", "--dbname"], Some(("x", "x"))),
        ("psql -c", ["-c", "--command"], None),
        ("psql -c -c", ["-c", "--command"], Some(("-c", "-c"))),
    ] {
        let expected = expected.map(|(text, place)| (text.to_owned(), place.to_owned()));
        assert_eq!(value(script, &names), expected, "{script}");
    }
    let found = read("psql -c a -f x --command=b");
    let texts: Vec<String> =
        found[0].option_values(&["-c", "--command"]).into_iter().map(|(text, _)| text).collect();
    assert_eq!(texts, ["a", "b"]);
}

#[test]
fn operands_are_what_is_left() {
    let operands = |script: &str, with_value: &[&str]| {
        let found = read(script);
        found[0].operands(with_value).iter().map(|word| word.text.clone()).collect::<Vec<_>>()
    };
    assert_eq!(operands("rm -rf a - -- -b", &[]), ["a", "-", "-b"]);
    assert_eq!(operands("psql -h db -Xd x -v=1 y", &["-h", "-d"]), ["y"]);
    assert_eq!(operands("x --opt a --opt=b c", &["--opt"]), ["c"]);
}

#[test]
fn a_wrapper_keeps_its_options() {
    let found = read("sudo -n docker exec -it db psql -t");
    let has = |at: usize, name: &str| found[0].wrappers[at].has_option(&[name]).is_some();
    assert!(has(0, "-n") && has(1, "-t") && has(1, "-i") && !has(0, "-t"));
    assert_eq!(found[0].run_by(&["docker"]).map(|it| it.words.len()), Some(4));
}
