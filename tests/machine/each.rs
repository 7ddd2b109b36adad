//! Fan-outs: one step for every item of a list.

use holdpoint::run::event::{HoldChoice, Outcome};

use crate::harness::machine::{Act, Machine, kind_world};

const THREE: &str = "
    inputs: {hosts: {type: list, default: [a, b, c]}}
    steps:
      - {id: deploy, each: {in: inputs.hosts}, run: 'deploy ${{ item }}'}
      - {id: after, run: 'true'}
    ";

fn with_each(more: &str) -> Machine {
    kind_world(&THREE.replace("{in: inputs.hosts}", &format!("{{in: inputs.hosts, {more}}}")))
}

#[test]
fn a_step_is_done_for_each_item_in_order() {
    let run = kind_world(THREE).play();
    run.started(&["deploy/1", "deploy/2", "deploy/3", "after"]);
    run.states(&[("deploy", "succeeded"), ("deploy/2", "succeeded"), ("after", "succeeded")]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
    assert_eq!(run.replay(), *run.state());
}

#[test]
fn after_a_failure_no_new_item_begins() {
    let run = kind_world(THREE)
        .with(|script| {
            script.fails("deploy/2");
            script.resolves("deploy", &[HoldChoice::Failed]);
        })
        .play();
    run.started(&["deploy/1", "deploy/2"]);
    run.states(&[("deploy/2", "failed{exit}"), ("deploy/3", "not_reached")]);
    run.states(&[("deploy", "failed{inner}"), ("after", "not_reached")]);
    assert_eq!(run.outcome(), Some(Outcome::Failed));
}

#[test]
fn a_retry_does_only_what_is_not_done() {
    let run = kind_world(THREE)
        .with(|script| {
            script.acts("deploy/2", &[Act::Exit(1), Act::Succeed]);
            script.resolves("deploy", &[HoldChoice::Retry]);
        })
        .play();
    run.started(&["deploy/1", "deploy/2", "deploy/2", "deploy/3", "after"]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
    assert_eq!(run.replay(), *run.state());
}

#[test]
fn with_fail_all_one_failure_is_no_obstacle_and_yet_an_exception() {
    let run = with_each("fail: all").with(|script| script.fails("deploy/2")).play();
    run.started(&["deploy/1", "deploy/2", "deploy/3", "after"]);
    run.states(&[("deploy", "succeeded"), ("deploy/2", "failed{exit}")]);
    assert_eq!(run.outcome(), Some(Outcome::SucceededWithExceptions));
}

#[test]
fn with_fail_all_the_step_fails_when_every_item_does() {
    let run = with_each("fail: all")
        .with(|script| {
            ["deploy/1", "deploy/2", "deploy/3"].iter().for_each(|it| script.fails(it));
            script.resolves("deploy", &[HoldChoice::Failed]);
        })
        .play();
    run.started(&["deploy/1", "deploy/2", "deploy/3"]).states(&[("deploy", "failed{inner}")]);
}

#[test]
fn as_many_items_are_under_way_as_is_said() {
    let hung = |more: &str| {
        let all = |script: &mut crate::harness::machine::Script| {
            ["deploy/1", "deploy/2", "deploy/3"]
                .iter()
                .for_each(|it| script.acts(it, &[Act::Hang]));
        };
        with_each(more).with(all).play()
    };
    hung("parallel: 1").started(&["deploy/1"]);
    hung("parallel: 2").started(&["deploy/1", "deploy/2"]);
    hung("parallel: 9").started(&["deploy/1", "deploy/2", "deploy/3"]);
    let run = hung("parallel: 9");
    run.states(&[("deploy", "running"), ("after", "pending")]);
}

const EMPTY: &str = "
    inputs: {hosts: {type: list, default: []}}
    steps:
      - {id: deploy, each: {in: inputs.hosts}, run: 'deploy ${{ item }}'}
      - {id: after, run: 'true'}
    ";

#[test]
fn an_empty_list_fails_the_step_unless_it_may_be_skipped() {
    let run = kind_world(EMPTY).with(|it| it.resolves("deploy", &[HoldChoice::Failed])).play();
    run.started(&[]).states(&[("deploy", "failed{empty}"), ("after", "not_reached")]);
    let run = kind_world(&EMPTY.replace("inputs.hosts}", "inputs.hosts, empty: skip}")).play();
    run.started(&["after"]).states(&[("deploy", "skipped{not_needed}")]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn what_is_no_list_fails_the_step() {
    let run = kind_world(&THREE.replace("in: inputs.hosts", "in: run.id"))
        .with(|it| it.resolves("deploy", &[HoldChoice::Failed]))
        .play();
    run.started(&[]).states(&[("deploy", "failed{template}")]);
}

#[test]
fn a_gate_stands_once_before_the_whole_list_of_commands() {
    let run = kind_world(&THREE.replace("run: 'deploy", "gate: true, run: 'deploy"))
        .with(|script| script.leaves("deploy"))
        .play();
    run.started(&[]);
    assert_eq!(run.gate("deploy").commands, ["deploy 'a'", "deploy 'b'", "deploy 'c'"]);
}

#[test]
fn what_the_items_hand_on_is_a_list() {
    let run = kind_world(
        "
        inputs: {hosts: {type: list, default: [a, b]}}
        steps:
          - id: ask
            each: {in: inputs.hosts, as: host}
            run: ask ${{ host }}
            outputs: {port: {type: int}}
          - {id: use, run: 'echo ${{ steps.ask.outputs.port }}'}
        ",
    )
    .with(|script| {
        script.yields("ask/1", "port", "1");
        script.yields("ask/2", "port", "2");
    })
    .play();
    assert_eq!(run.command("use"), "echo '1' '2'");
}

#[test]
fn a_phase_is_done_for_each_item_with_its_own_names() {
    let run = kind_world(
        "
        inputs: {hosts: {type: list, default: [a, b]}}
        steps:
          - id: roll
            each: {in: inputs.hosts}
            steps:
              - {id: stop, run: 'stop ${{ item }}', outputs: {pid: {}}, undo: {paired: true, run: 'start ${{ item }}'}}
              - {id: mend, run: 'mend ${{ item }} ${{ steps.stop.outputs.pid }}'}
        ",
    )
    .with(|script| {
        script.yields("roll/1/stop", "pid", "11");
        script.yields("roll/2/stop", "pid", "22");
    })
    .play();
    run.started(&[
        "roll/1/stop",
        "roll/1/mend",
        "roll/1/stop~undo",
        "roll/2/stop",
        "roll/2/mend",
        "roll/2/stop~undo",
    ]);
    assert_eq!(run.command("roll/2/mend"), "mend 'b' '22'");
    assert_eq!(run.command("roll/1/stop~undo"), "start 'a'");
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn what_items_took_down_is_put_back_when_the_run_has_done_its_steps() {
    let run = kind_world(
        "
        inputs: {hosts: {type: list, default: [a, b]}}
        steps:
          - id: stop
            each: {in: inputs.hosts}
            run: stop ${{ item }}
            undo: {paired: true, run: 'start ${{ item }}'}
          - {id: work, run: work}
        ",
    )
    .play();
    run.started(&["stop/1", "stop/2", "work", "stop/2~undo", "stop/1~undo"]);
}

#[test]
fn a_fan_out_in_a_fan_out_lists_anew_for_each_item() {
    let run = kind_world(
        "
        inputs: {zones: {type: list, default: [x, y]}, hosts: {type: list, default: [a, b]}}
        steps:
          - id: zone
            each: {in: inputs.zones, as: zone}
            steps:
              - {id: host, each: {in: inputs.hosts, as: host}, run: 'do ${{ zone }} ${{ host }}'}
        ",
    )
    .play();
    run.started(&["zone/1/host/1", "zone/1/host/2", "zone/2/host/1", "zone/2/host/2"]);
    assert_eq!(run.command("zone/2/host/1"), "do 'y' 'a'");
    assert_eq!(run.replay(), *run.state());
}

#[test]
fn a_fan_out_that_is_begun_anew_by_its_phase_lists_anew() {
    let run = kind_world(
        "
        inputs: {hosts: {type: list, default: [a, b]}}
        steps:
          - id: all
            on_failure: hold
            steps:
              - {id: deploy, each: {in: inputs.hosts}, run: 'deploy ${{ item }}'}
            verify: [{probe: {file: /ready}}]
        ",
    )
    .with(|script| {
        script.sees(
            "all verify",
            &[holdpoint::run::event::Sight::Fails, holdpoint::run::event::Sight::Holds],
        );
        script.resolves("all", &[HoldChoice::Retry]);
    })
    .play();
    run.started(&["all/deploy/1", "all/deploy/2", "all/deploy/1", "all/deploy/2"]);
    assert_eq!(run.replay(), *run.state());
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn a_crash_in_the_middle_resumes_with_the_item_in_doubt_and_repeats_no_other() {
    let run = kind_world(THREE).with(|script| script.acts("deploy/2", &[Act::Hang])).play();
    let run = run
        .with(|script| {
            script.acts("deploy/2", &[Act::Succeed]);
            script.settles("deploy/2", &[holdpoint::run::event::DoubtChoice::Rerun]);
        })
        .resume()
        .play();
    run.started(&["deploy/1", "deploy/2", "deploy/2", "deploy/3", "after"]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn in_a_rung_a_failed_item_fails_the_rung() {
    let run = kind_world(
        "
        inputs: {hosts: {type: list, default: [a, b]}}
        steps:
          - id: l
            ladder:
              - {id: one, each: {in: inputs.hosts}, run: 'one ${{ item }}'}
              - {id: two, run: two}
        ",
    )
    .with(|script| script.fails("l/one/1"))
    .play();
    run.started(&["l/one/1", "l/two"]).states(&[("one", "failed{inner}"), ("l", "succeeded")]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}
