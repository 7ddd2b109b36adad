//! Steps at the same time: only where `needs` allows it, and as many as there is room for.

use crate::harness::{Bench, Call, Journal, eventually};

fn bench(steps: &str) -> Bench {
    let steps: String = steps.trim().lines().map(|line| format!("  {line}\n")).collect();
    let head = "holdpoint: 1\nid: wide\ntitle: Wide\nsteps:\n";
    Bench::new().runbook("book.yaml", &format!("{head}{steps}"))
}

fn run<'b>(bench: &'b Bench, more: &[&str]) -> Call<'b> {
    bench.args(["run", "book.yaml"].iter().chain(more).copied()).stdout_contains("")
}

/// The most steps that were under way at the same time.
fn widest(journal: &Journal) -> usize {
    let mut open: usize = 0;
    let mut widest = 0;
    for record in journal.records() {
        match record["event"]["type"].as_str() {
            Some("step_started") => open += 1,
            Some("step_ended") => open -= 1,
            _ => {}
        }
        widest = widest.max(open);
    }
    widest
}

/// Each step says that it is there, and goes on only once so many are.
fn meeting(ids: &[&str], of: usize) -> String {
    let step = |id: &&str| {
        let meet = format!("until [ $(wc -l < effects) -ge {of} ]; do sleep 0.02; done");
        format!("- {{id: {id}, needs: [], timeout: 50s, run: 'echo {id} >> effects; {meet}'}}\n")
    };
    ids.iter().map(step).collect()
}

#[test]
fn steps_that_need_nothing_meet_each_other() {
    let bench = bench(&meeting(&["a", "b", "c", "d", "e", "f"], 4));
    run(&bench, &[]).exit(0);
    let journal = bench.sound_journal();
    assert_eq!(widest(&journal), 4, "there is room for four");
    assert_eq!(journal.steps("step_started"), ["a", "b", "c", "d", "e", "f"], "in file order");
}

#[test]
fn there_is_room_for_as_many_as_the_operator_says() {
    let six = bench(&meeting(&["a", "b", "c", "d", "e", "f"], 6));
    run(&six, &["--parallel", "6"]).exit(0);
    assert_eq!(widest(&six.sound_journal()), 6);
    let one = bench(&meeting(&["a", "b", "c"], 1));
    run(&one, &["--parallel", "1"]).exit(0);
    assert_eq!(widest(&one.sound_journal()), 1);
    assert_eq!(one.effects(), ["a", "b", "c"]);
}

#[test]
fn without_needs_a_runbook_is_a_checklist_in_order() {
    let bench = bench(
        "- {id: a, run: echo a >> effects}\n- {id: b, run: echo b >> effects}\n- {id: c, run: echo c >> effects}",
    );
    run(&bench, &["--parallel", "9"]).exit(0);
    assert_eq!(widest(&bench.sound_journal()), 1);
    assert_eq!(bench.effects(), ["a", "b", "c"]);
}

#[test]
fn a_step_begins_once_all_that_it_needs_is_done_and_not_before() {
    let bench = bench(
        "
- {id: top, run: echo top >> effects}
- {id: left, needs: [top], run: 'until [ -e right ]; do sleep 0.02; done; echo left >> effects'}
- {id: right, needs: [top], run: 'touch right; until [ -e left.gone ]; do sleep 0.02; done; echo right >> effects'}
- {id: after-left, needs: [left], run: 'echo after-left >> effects; touch left.gone'}
- {id: bottom, run: echo bottom >> effects}
        ",
    );
    run(&bench, &[]).exit(0);
    assert_eq!(bench.effects(), ["top", "left", "after-left", "right", "bottom"]);
    bench.sound_journal();
}

#[test]
fn a_failure_holds_and_lets_the_others_finish() {
    let bench = bench(
        "
- {id: slow, needs: [], run: 'until [ -e go ]; do sleep 0.02; done; echo slow >> effects'}
- {id: bad, needs: [], run: exit 3}
- {id: free, needs: [slow], run: echo free >> effects}
- {id: last, run: echo last >> effects}
        ",
    );
    let mut driver = run(&bench, &[]).start();
    driver.wait_for("step_held", "bad");
    bench.write("go", "");
    driver.exit(5);
    assert_eq!(bench.effects(), ["slow"], "nothing new starts");
    for (step, state) in
        [("slow", "succeeded"), ("bad", "held"), ("free", "ready"), ("last", "pending")]
    {
        assert_eq!(bench.state_of(step), state, "{step}");
    }
    bench.args(["resume", "--resolve", "bad=skip", "--reason", "x"]).stdout_contains("").exit(8);
    assert_eq!(bench.effects(), ["slow", "free", "last"]);
    bench.sound_journal();
}

#[test]
fn a_failure_that_ends_the_run_lets_the_others_finish_first() {
    let bench = bench(
        "
- {id: slow, needs: [], run: 'until [ -e go ]; do sleep 0.02; done; echo slow >> effects'}
- {id: bad, needs: [], on_failure: abort, run: exit 3}
- {id: last, run: echo last >> effects}
        ",
    );
    let mut driver = run(&bench, &[]).start();
    driver.wait_for("step_failed", "bad");
    bench.write("go", "");
    driver.exit(1);
    assert_eq!(bench.effects(), ["slow"]);
    assert_eq!(
        (bench.state_of("slow"), bench.state_of("last")),
        ("succeeded".into(), "not_reached".into())
    );
    bench.sound_journal();
}

#[test]
fn a_gate_that_waits_takes_no_room() {
    let bench = bench(
        "
- {id: drop, needs: [], gate: true, run: echo drop >> effects}
- {id: look, needs: [], run: echo look >> effects}
- {id: more, needs: [look], run: echo more >> effects}
- {id: last, run: echo last >> effects}
        ",
    );
    run(&bench, &["--parallel", "1"]).exit(5);
    assert_eq!(bench.effects(), ["look", "more"]);
    assert_eq!(bench.state_of("drop"), "at_gate");
    bench.write("answers.yaml", "drop: yes");
    bench.args(["resume", "--answers", "answers.yaml"]).stdout_contains("").exit(0);
    assert_eq!(bench.effects(), ["look", "more", "drop", "last"]);
    bench.sound_journal();
}

#[test]
fn inner_steps_of_a_phase_run_at_the_same_time_as_well() {
    let inner: String =
        meeting(&["a", "b"], 2).lines().map(|line| format!("    {line}\n")).collect();
    let bench =
        bench(&format!("- id: phase\n  steps:\n{inner}- {{id: last, run: echo last >> effects}}"));
    run(&bench, &[]).exit(0);
    let journal = bench.sound_journal();
    assert_eq!(widest(&journal), 2);
    assert_eq!(journal.steps("step_started").last(), Some(&"last"));
}

#[test]
fn output_of_steps_at_the_same_time_goes_to_a_file_of_each() {
    let bench = bench(
        "
- {id: a, needs: [], run: 'echo a1; touch a; until [ -e b ]; do sleep 0.02; done; echo a2'}
- {id: b, needs: [], run: 'until [ -e a ]; do sleep 0.02; done; echo b1; touch b; echo b2'}
        ",
    );
    run(&bench, &[]).exit(0);
    let file = |name: &str| {
        let path = bench.run_folder().join("output").join(name);
        std::fs::read_to_string(path).expect("what was printed is kept")
    };
    eventually("both are there", || !file("a.1.out").is_empty());
    assert_eq!((file("a.1.out"), file("b.1.out")), ("a1\na2\n".into(), "b1\nb2\n".into()));
}
