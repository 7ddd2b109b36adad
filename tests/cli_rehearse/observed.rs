//! With `--observe` what only looks is looked at, and what it shows is weighed.

use crate::harness::Bench;

use super::report;

const SEEN: &str = "
    holdpoint: 1
    id: seen
    title: Seen
    defaults: {shell: sh -eu}
    confirm: [{id: down, title: it is down, probe: {run: 'false'}}]
    preconditions: [{id: room, title: there is room, probe: {run: 'true'}}]
    steps:
      - {id: count, effect: read, run: echo 7, outputs: {n: {from: stdout, type: int}}}
      - {id: there, probe: {file: there}}
      - {id: change, run: 'touch CHANGED; echo change >> effects', verify: [{id: changed, title: it is changed, probe: {file: CHANGED, within: 10m}}]}
      - {id: after, effect: read, run: cat CHANGED, outputs: {text: {from: stdout}}}
      - {id: sneaky, effect: read, run: systemctl restart api}
      - {id: told, run: \"echo ${{ steps.count.outputs.n }}\"}
    exit_criteria: [{title: all is well, probe: {file: CHANGED, hold_for: 10m}}]
";

fn bench() -> Bench {
    let bench = Bench::new().env("USER", "ann").runbook("seen.yaml", SEEN);
    bench.write("there", "");
    bench
}

#[test]
fn what_only_looks_is_looked_at_and_nothing_else_is_begun() {
    let bench = bench();
    let printed =
        bench.args(["rehearse", "seen.yaml", "--observe"]).stdout_contains("").exit(0).stdout;
    for said in [
        "run  observed: symptom \"it is down\" does not hold: exit 1, expected 0\n",
        "run  observed: precondition \"there is room\" holds\n",
        "count  observed: started\n          | echo 7\n          > 7\n",
        "count  observed: succeeded after ",
        "there  observed: succeeded after ",
        "change  would run\n",
        "sneaky  would run\n          | systemctl restart api\n",
        "told  would run\n          | echo '7'\n",
    ] {
        assert!(printed.contains(said), "{said}\n{printed}");
    }
    assert!(bench.effects().is_empty() && !bench.path("CHANGED").exists());
    assert!(bench.left_behind().is_empty());
}

#[test]
fn what_can_hold_only_after_a_change_is_told_and_decides_nothing() {
    let bench = bench();
    // It is looked at once, however long a live run would wait for it.
    let printed =
        bench.args(["rehearse", "seen.yaml", "--observe"]).stdout_contains("").exit(0).stdout;
    for said in [
        "change  assumed: verification \"it is changed\" holds, with a warning: looked at without the changes before it, there is no such file\n",
        "after  observed: started\n",
        "          after: looked at without the changes before it, it exited with 1 after ",
        "after  assumed: succeeded",
        "  after: `assumed-text` stands in for its output text\n",
        "  sneaky: it only reads by what it says, and changes something by what lint knows: not looked at\n",
        "as assumed, the run would have succeeded (recovered)\n",
    ] {
        assert!(printed.contains(said), "{said}\n{printed}");
    }
    assert!(report(&bench, "report.md").contains("- observed        count  succeeded after "));
}

#[test]
fn what_is_seen_to_fail_before_any_change_decides() {
    let bench = bench();
    std::fs::remove_file(bench.path("there")).unwrap();
    bench
        .args(["rehearse", "seen.yaml", "--observe"])
        .stdout_contains("there  observed: failed and is held: there is no such file")
        .exit(0);
}

#[test]
fn an_assumption_that_was_seen_to_be_wrong_is_an_error_that_names_it() {
    let bench = bench();
    let help = "\n  help: leave out that --assume, or --observe\n";
    for (assumed, message) in [
        ("count=exit:1", "count was assumed to come to `exit:1`, and it exited with 0"),
        ("there=fails", "there was assumed to come to `fails`, and it looked: "),
        ("room=fails", "precondition \"there is room\" was assumed to fail, and was seen to hold"),
        ("down=holds", "symptom \"it is down\" was assumed to hold, and was seen to fail"),
    ] {
        let args = ["rehearse", "seen.yaml", "--observe", "--assume", assumed];
        let message = format!("error: {message}{help}");
        bench.args(args).stdout_contains("contradictions\n").stderr(&message).exit(2);
    }
    let right = ["rehearse", "seen.yaml", "--observe", "--assume", "count=exit:0"];
    bench.args(right).stdout_contains("").exit(0);
    let of_a_change = ["rehearse", "seen.yaml", "--observe", "--assume", "change=fails"];
    bench.args(of_a_change).stdout_contains("change  assumed: failed").exit(0);
}

#[test]
fn a_look_that_takes_real_time_lets_virtual_time_pass_and_is_not_cut_short_by_it() {
    let text = "
        holdpoint: 1
        id: slow
        title: Slow
        steps:
          - {id: fast, run: 'true', simulate: {takes: 3h}}
          - {id: slow, effect: read, timeout: 1m, run: sleep 1; echo done}
    ";
    let bench = Bench::new().runbook("slow.yaml", text);
    bench
        .args(["rehearse", "slow.yaml", "--observe"])
        .stdout_contains("slow  observed: succeeded after ")
        .stdout_contains("3 h 0 m until the exit criteria\n")
        .exit(0);
}
