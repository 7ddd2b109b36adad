//! The chart of a run: pure, from the plan and the records.

use holdpoint::journal::{Ending, Record};
use holdpoint::plan::Plan;
use holdpoint::run::RunState;
use holdpoint::run::event::{DoubtChoice, HoldChoice, NoteKind, Sight};
use holdpoint::run::event::{Event, Exec, Note};
use holdpoint::timeline::gantt::{Bar, Gantt, Lane, Sort, Watch};
use holdpoint::timeline::{View, fold_beside};

use super::adopt::{BOOK, book, left_at, on};
use super::campaign::{campaign_of, machine, told};
use super::sample::Shape;
use crate::harness::machine::{Act, Machine, kind_world};

/// What was written of a run.
pub(super) fn records(run: &Machine) -> Vec<Record> {
    let events = (1..).zip(run.moments()).zip(run.events());
    events.map(|((seq, at), event)| Record::write(seq, 1, *at, "", event.clone()).0).collect()
}

pub(super) fn chart_of(run: &Machine, most: usize) -> Gantt {
    let (mut plans, mut watch) = (run.taken_over(), Watch::default());
    let look = |record: &Record, plan: &Plan, state: &RunState| watch.see(record, plan, state);
    let told = fold_beside(&mut plans, &records(run), &Ending::Whole, View::Curated, look);
    let (_, state) = told.expect("these events were legal");
    watch.drawn(&plans.current, &state, most).expect("something is on record")
}

/// A bar in a few words: its sort, its seconds after the start, who, and how it ended.
fn short(bar: &Bar) -> String {
    let seconds = |ms: i64| ms / 1000;
    let (from, to) = (seconds(bar.from.after_ms), seconds(bar.to.after_ms));
    let open = if bar.is_open { "…" } else { "" };
    let attempt = if bar.attempt > 1 { format!(" #{}", bar.attempt) } else { String::new() };
    let who = bar.who.iter().map(|who| format!(" {who}")).collect::<String>();
    let ended = bar.ended.iter().map(|ended| format!(" ({ended})")).collect::<String>();
    format!("{}{attempt} {from}-{to}{open}{who}{ended}", bar.sort.word())
}

fn bars(bars: &[Bar]) -> String {
    bars.iter().map(short).collect::<Vec<_>>().join(", ")
}

fn lane(lane: &Lane) -> String {
    let name = lane.step.as_deref().or(lane.title.as_deref()).unwrap_or_default();
    let inside = (lane.stands_for > 0).then(|| format!(" [{}]", lane.stands_for));
    let state = if lane.state.is_empty() { "" } else { ": " };
    let depth = "  ".repeat(lane.depth);
    let bars = bars(&lane.bars);
    let line = format!("{depth}{name}{}{state}{}: {bars}", inside.unwrap_or_default(), lane.state);
    line.trim_end_matches([' ', ':']).to_owned()
}

fn lanes(chart: &Gantt) -> Vec<String> {
    chart.lanes.iter().map(lane).collect()
}

#[test]
fn a_step_waits_at_its_gate_and_then_acts() {
    let run = kind_world("steps: [{id: a, gate: true, run: x}, {id: b, run: y}]");
    let chart = chart_of(&run.play(), 10);
    let expected =
        ["a: succeeded: gate 4-5 ada (approved), action 6-8", "b: succeeded: action 10-12"];
    assert_eq!(lanes(&chart), expected);
    assert_eq!(bars(&chart.drivers), "driven 0-16 ada (the run ended)");
}

#[test]
fn a_failed_attempt_a_hold_and_who_decided_are_shown() {
    let run = kind_world("steps: [{id: a, run: x}, {id: b, run: y}]").with(|script| {
        script.acts("a", &[Act::Exit(3), Act::Succeed]);
        script.resolves("a", &[HoldChoice::Retry]);
    });
    let expected = [
        "a: succeeded: failed action 4-6 (exited with 3), held 7-9 ada (to be tried again), \
         action #2 10-12",
        "b: succeeded: action 14-16",
    ];
    assert_eq!(lanes(&chart_of(&run.play(), 10)), expected);
}

#[test]
fn what_is_tried_again_by_itself_waits_in_between() {
    let book = "steps: [{id: a, effect: idempotent, retry: {times: 2, every: 30s}, run: x}]";
    let run = kind_world(book).with(|script| script.acts("a", &[Act::Exit(1), Act::Succeed]));
    let expected = "a: succeeded: failed action 4-6 (exited with 1), waited to try again 7-37, \
                    action #2 37-39";
    assert_eq!(lanes(&chart_of(&run.play(), 10)), [expected]);
}

#[test]
fn a_verification_is_looked_at_after_the_action() {
    let book = "steps: [{id: a, run: x, verify: [{title: up, probe: {file: up}}]}]";
    let run = kind_world(book).with(|script| script.sees("a verify", &[Sight::Holds]));
    let expected = "a: succeeded: action 4-6, looked at 6-9";
    assert_eq!(lanes(&chart_of(&run.play(), 10)), [expected]);
}

#[test]
fn a_person_does_a_step_by_hand() {
    let run = kind_world("steps: [{id: a, manual: 'Pull the plug.'}]").play();
    assert_eq!(lanes(&chart_of(&run, 10)), ["a: succeeded: by a person 4-5 ada (done)"]);
}

#[test]
fn a_driver_that_died_is_away_and_what_ran_is_in_doubt() {
    let run = kind_world("steps: [{id: a, run: x}]").with(|script| {
        script.acts("a", &[Act::Hang]);
        script.settles("a", &[DoubtChoice::Done]);
    });
    let run = run.play().later(120).resume().later(0).play();
    let chart = chart_of(&run, 10);
    let expected =
        "a: succeeded: action 4-4 (its end was not seen), in doubt 4-7209 ada (counted as done)";
    assert_eq!(lanes(&chart), [expected]);
    let expected = "driven 0-4 ada (its end is not on record), nobody drove 4-7205, \
                    driven 7205-7213 grace (the run ended)";
    assert_eq!(bars(&chart.drivers), expected);
    assert_eq!(chart.scale().bands().count(), 1);
}

#[test]
fn a_parked_run_is_driven_by_nobody_until_it_is_resumed() {
    let run = left_at(BOOK, "c");
    let chart = chart_of(&on(run.later(90)), 10);
    let expected = "driven 0-13 ada (parked), nobody drove 13-5414, \
                    driven 5414-5427 grace (the run ended)";
    assert_eq!(bars(&chart.drivers), expected);
    let waits: Vec<String> =
        chart.waits.iter().map(|(step, bar)| format!("{step} {}", short(bar))).collect();
    assert_eq!(waits, ["c gate 12-5416 ada (approved)"]);
}

#[test]
fn what_is_not_over_is_open_until_the_last_record() {
    let run = kind_world("steps: [{id: a, run: x}]").with(|script| script.acts("a", &[Act::Hang]));
    let chart = chart_of(&run.play(), 10);
    assert_eq!(lanes(&chart), ["a: under way: action 4-4…"]);
    assert_eq!(bars(&chart.drivers), "driven 0-4… ada");
}

#[test]
fn a_group_is_a_bar_around_its_steps_and_its_undo_follows_a_step() {
    let book = "
        steps:
          - id: g
            title: All of it
            steps: [{id: a, run: x, undo: {run: back, paired: true}}, {id: b, run: y}]
        finally: [{id: tidy, run: z}]
        ";
    let expected = [
        "g: succeeded: group 4-17",
        "  g/a: succeeded: action 5-7",
        "  g/a~undo: succeeded: action 13-15",
        "  g/b: succeeded: action 9-11",
        "tidy: succeeded: action 21-23",
    ];
    assert_eq!(lanes(&chart_of(&kind_world(book).play(), 10)), expected);
}

#[test]
fn a_step_that_a_changed_runbook_has_no_more_keeps_its_lane() {
    let run =
        left_at(BOOK, "c").adopting(&book(("{id: a, run: make a}", "{id: z, run: make z}")), &[]);
    let chart = chart_of(&on(run), 10);
    let expected = [
        "z: succeeded: action 16-18",
        "b: succeeded: action 8-10",
        "c: succeeded: gate 12-14, gate 20-21 ada (approved), action 22-24",
        "d: succeeded: action 26-28",
        "a: no more in the runbook: action 4-6",
    ];
    assert_eq!(lanes(&chart), expected);
}

#[test]
fn a_command_beside_the_steps_has_a_lane_of_its_own_and_a_remark_after_the_end_has_none() {
    let run = kind_world("steps: [{id: a, run: x}]").play();
    let before = chart_of(&run, 10);
    let run = run.later(600).tell(Event::NoteAdded(Note::new("bob", NoteKind::Todo, "later")));
    assert_eq!(chart_of(&run, 10), before);
    let exec = Exec {
        id: "exec-1".into(),
        by: "bob".into(),
        command: "df -h".into(),
        cwd: "/".into(),
        host: "here".into(),
        is_on_terminal: false,
    };
    let run = left_at(BOOK, "c").later(60).resume().later(0).tell(Event::ExecStarted(exec));
    let beside: Vec<String> = chart_of(&run, 10).beside.iter().map(lane).collect();
    assert_eq!(beside, ["df -h: command beside the steps 3616-3616… bob"]);
}

/// A run of so many groups of so many steps, one of which failed and went on.
fn large(groups: usize, steps: usize) -> Machine {
    let mut text = "steps:\n".to_owned();
    for group in 0..groups {
        text.push_str(&format!("  - id: g{group}\n    steps:\n"));
        for step in 0..steps {
            text.push_str(&format!(
                "      - {{id: g{group}s{step}, on_failure: continue, run: x}}\n"
            ));
        }
    }
    kind_world(&text).with(|script| script.fails("g1/g1s1")).without_laws().play()
}

#[test]
fn a_group_that_is_not_opened_stands_for_its_steps_and_shows_what_failed_in_it() {
    let chart = chart_of(&large(3, 4), 8);
    let expected = [
        "g0: succeeded: group 4-21",
        "  g0/g0s0: succeeded: action 5-7",
        "  g0/g0s1: succeeded: action 9-11",
        "  g0/g0s2: succeeded: action 13-15",
        "  g0/g0s3: succeeded: action 17-19",
        "g1 [4]: succeeded: group 22-39, failed action 27-29 (exited with 1)",
        "g2 [4]: succeeded: group 40-57",
    ];
    assert_eq!(lanes(&chart), expected);
    assert_eq!(chart.left_out, 8);
}

#[test]
fn of_very_many_steps_a_few_are_drawn_and_the_others_are_counted() {
    let mut text = "steps:\n".to_owned();
    (0..5_000).for_each(|at| {
        text.push_str(&format!("  - {{id: s{at}, on_failure: continue, run: x}}\n"))
    });
    let run = kind_world(&text).with(|script| script.fails("s3000")).without_laws().play();
    let chart = chart_of(&run, 150);
    assert_eq!((chart.lanes.len(), chart.left_out), (151, 4_850));
    assert!(chart.lanes.iter().any(|lane| lane.step.as_deref() == Some("s3000")));
    let rest = chart.lanes.last().expect("there is one");
    assert_eq!((rest.step.as_deref(), rest.stands_for), (None, 4_850));
}

/// The bars of one thing follow each other, inside the chart.
fn is_orderly(chart: &Gantt, bars: &[Bar]) -> bool {
    let (from, to) = (chart.from.after_ms, chart.to.after_ms);
    bars.iter().all(|bar| {
        from <= bar.from.after_ms && bar.from.after_ms <= bar.to.after_ms && bar.to.after_ms <= to
    }) && bars.windows(2).all(|two| two[0].to.after_ms <= two[1].from.after_ms && !two[0].is_open)
}

#[test]
fn whatever_happens_a_step_is_at_one_thing_at_a_time() {
    campaign_of(300, "chart", |seed| {
        let (sample, mut run) = machine(seed, Shape { aborts: true, depth: 2 })?;
        run.try_play().map_err(|why| told(&run, &sample, &why))?;
        let chart = chart_of(&run, 1000);
        let settled = |lane: &Lane| lane.bars.iter().all(|bar| !bar.is_open);
        let has_ended = run.outcome().is_some();
        let broken = chart
            .lanes
            .iter()
            .find(|lane| !is_orderly(&chart, &lane.bars) || has_ended && !settled(lane));
        match broken {
            Some(broken) => Err(told(&run, &sample, &format!("{broken:?}"))),
            None if !is_orderly(&chart, &chart.drivers) => Err(told(&run, &sample, "drivers")),
            None => Ok(()),
        }
    });
}

#[test]
fn attempts_in_the_chart_are_those_of_the_records() {
    campaign_of(300, "attempts", |seed| {
        let (sample, mut run) = machine(seed, Shape { aborts: true, depth: 2 })?;
        run.try_play().map_err(|why| told(&run, &sample, &why))?;
        let chart = chart_of(&run, 1000);
        let drawn = chart.lanes.iter().flat_map(|lane| &lane.bars);
        let drawn = drawn.filter(|bar| matches!(bar.sort, Sort::Action | Sort::Failed)).count();
        let begun = run.count(|event| matches!(event, Event::StepStarted { .. }));
        if drawn == begun {
            Ok(())
        } else {
            Err(told(&run, &sample, &format!("{drawn} of {begun}")))
        }
    });
}
