//! Clocks that are set, and machines that sleep, under a live run: nothing that waits ends sooner or
//! later for it, and the record says what happened.

mod bench;

use holdpoint::drive::Finish;
use holdpoint::run::event::{Event, Reminder, TimerKind};

use bench::Run;

const HOUR: i64 = 3_600;
const TEN_YEARS: i64 = 10 * 365 * 24 * HOUR;

/// How a clock is set, in seconds, and whether that is worth a word: an hour as a summer time set by
/// hand does, ten years as a battery that is empty does, a second as a leap second does.
const SET_BY: [(i64, bool); 7] = [
    (HOUR, true),
    (-HOUR, true),
    (TEN_YEARS, true),
    (-TEN_YEARS, true),
    (1, false),
    (-1, false),
    (3, true),
];

const WAIT: &str = "steps: [{id: a, wait: 1h}, {id: b, wait: 1s}]";
const WATCH: &str = "
    steps:
      - {id: a, watch: {for: 1h, every: 50m, probe: {not: {file: /nowhere}}}}
    ";
const RETRY: &str = "
    steps:
      - {id: a, run: '[ $HOLDPOINT_ATTEMPT != 1 ]', retry: {times: 1, every: 1h, on_exit: [1]}}
    ";

fn set_by(seconds: i64) -> Event {
    Event::ClockSet { by_ms: seconds * 1_000 }
}

fn has_begun(event: &Event) -> bool {
    matches!(event, Event::StepStarted { .. })
}

fn waits_to_try_again(event: &Event) -> bool {
    matches!(event, Event::TimerSet { .. })
}

fn is_over(event: &Event) -> bool {
    matches!(event, Event::StepEnded(_) | Event::TimerDue { .. })
}

/// Something that takes an hour takes an hour, however the clock is set meanwhile.
async fn takes_an_hour(steps: &str, is_there: fn(&Event) -> bool, ends: usize) {
    for (seconds, is_news) in SET_BY {
        let run = Run::begin(steps);
        run.until("it waits", 1, is_there).await;
        run.clock.passes(60);
        run.clock.is_set_by(seconds);
        run.clock.passes(HOUR - 61);
        let before = run.comes_to_rest().await;
        let over = |run: &Run| run.events().into_iter().filter(is_over).count();
        assert_eq!(over(&run), ends, "set by {seconds} s: {:#?}", run.events());
        run.clock.passes(1);
        run.until("it is over", ends + 1, is_over).await;
        let news = if is_news { vec![set_by(seconds)] } else { Vec::new() };
        assert_eq!(run.of_clocks(), news);
        let place = run.events().iter().position(|event| *event == set_by(seconds));
        assert!(place.is_none_or(|place| place == before), "it comes before what follows from it");
    }
}

#[tokio::test]
async fn a_wait_takes_as_long_as_it_says_however_the_clock_is_set() {
    takes_an_hour(WAIT, has_begun, 0).await;
}

#[tokio::test]
async fn a_watch_takes_as_long_as_it_says_however_the_clock_is_set() {
    takes_an_hour(WATCH, has_begun, 0).await;
}

#[tokio::test]
async fn the_pause_before_a_retry_is_as_long_as_it_says_however_the_clock_is_set() {
    takes_an_hour(RETRY, waits_to_try_again, 1).await;
}

#[tokio::test]
async fn an_undisturbed_clock_is_no_news() {
    let mut run = Run::begin(WAIT);
    run.until("it waits", 1, has_begun).await;
    run.clock.passes(HOUR);
    run.until("the next one waits", 2, has_begun).await;
    run.clock.passes(1);
    assert_eq!(run.finish().await, Finish::Ended);
    assert_eq!(run.of_clocks(), []);
}

#[tokio::test]
async fn a_clock_that_goes_wrong_slowly_is_noticed_once_it_matters() {
    let steps: Vec<String> = (0..4).map(|n| format!("{{id: s{n}, wait: 1m}}")).collect();
    let mut run = Run::begin(&format!("steps: [{}]", steps.join(", ")));
    for begun in 1..=4 {
        run.until("it waits", begun, has_begun).await;
        run.clock.is_set_by(1);
        run.clock.passes(60);
    }
    assert_eq!(run.finish().await, Finish::Ended);
    assert_eq!(run.of_clocks(), [set_by(3)]);
}

#[tokio::test]
async fn a_machine_that_slept_is_found_out_and_what_was_due_meanwhile_comes_at_once() {
    let mut run = Run::begin(WAIT);
    run.until("it waits", 1, has_begun).await;
    run.clock.sleeps(5 * HOUR);
    run.until("the next one waits", 2, has_begun).await;
    run.clock.passes(1);
    assert_eq!(run.finish().await, Finish::Ended);
    assert_eq!(run.of_clocks(), [Event::Slept { ms: 5 * 3_600_000 }]);
    let timeline = run.timeline();
    let said = timeline.entries.iter().map(|entry| entry.text.as_str());
    assert_eq!(said.filter(|text| *text == "the machine slept for 5 h 0 m").count(), 1);
}

#[tokio::test]
async fn what_was_due_while_we_did_not_run_comes_in_its_order() {
    let step = |id: &str, budget: &str| {
        format!(
            "  - {{id: {id}, needs: [], budget: {budget}, steps: [{{id: in-{id}, wait: 9h}}]}}\n"
        )
    };
    let steps = [step("c", "30m"), step("a", "10m"), step("d", "40m"), step("b", "20m")].concat();
    let run = Run::begin(&format!("steps:\n{steps}"));
    run.until("they wait", 4, has_begun).await;
    run.clock.passes(HOUR);
    let is_due = |event: &Event| matches!(event, Event::TimerDue { .. });
    run.until("all are over", 4, is_due).await;
    let due = run.events().into_iter().filter_map(|event| match event {
        Event::TimerDue { timer, .. } if timer.kind == TimerKind::Budget => Some(timer.step),
        _ => None,
    });
    assert_eq!(due.collect::<Vec<_>>(), ["a", "b", "c", "d"]);
}

/// The moments that a retry was to be made at, as each driver put them on record.
fn due(run: &Run) -> Vec<chrono::DateTime<chrono::Utc>> {
    let due = run.events().into_iter().filter_map(|event| match event {
        Event::TimerSet { due, .. } => Some(due),
        _ => None,
    });
    due.collect()
}

/// A run that is taken over ten minutes after its driver was killed; what is left of the hour.
async fn taken_over(steps: &str, is_there: fn(&Event) -> bool, meanwhile: impl Fn(&Run)) -> Run {
    let mut run = Run::begin(steps);
    run.until("it waits", 1, is_there).await;
    run.clock.passes(20 * 60);
    run.is_killed();
    run.comes_to_rest().await;
    run.clock.passes(10 * 60);
    meanwhile(&run);
    run.resume();
    run.until("it waits again", 2, is_there).await;
    run
}

/// What was left of the hour has passed, and no more.
async fn takes_the_rest(run: &Run, ends: usize) {
    run.clock.passes(30 * 60 - 1);
    run.comes_to_rest().await;
    assert_eq!(run.events().into_iter().filter(is_over).count(), ends, "{:#?}", run.events());
    run.clock.passes(1);
    run.until("it is over", ends + 1, is_over).await;
}

#[tokio::test]
async fn the_next_driver_on_the_same_boot_waits_for_what_is_left() {
    for (seconds, is_news) in SET_BY {
        let meanwhile = |run: &Run| run.clock.is_set_by(seconds);
        let run = taken_over(RETRY, waits_to_try_again, meanwhile).await;
        let news = if is_news { vec![set_by(seconds)] } else { Vec::new() };
        assert_eq!(run.of_clocks(), news);
        let due = due(&run);
        let moved = if is_news { seconds } else { 0 };
        assert_eq!(due[1] - due[0], chrono::TimeDelta::seconds(moved));
        if is_news {
            takes_the_rest(&run, 1).await;
        }
        if seconds.abs() >= HOUR {
            takes_the_rest(&taken_over(WAIT, has_begun, meanwhile).await, 0).await;
        }
    }
}

#[tokio::test]
async fn after_a_reboot_the_clock_on_the_wall_is_believed() {
    let run = taken_over(RETRY, waits_to_try_again, |run| run.clock.boots()).await;
    assert_eq!(run.of_clocks(), []);
    assert_eq!(due(&run)[0], due(&run)[1]);
    takes_the_rest(&run, 1).await;

    let set_meanwhile = |run: &Run| {
        run.clock.is_set_by(10 * 60);
        run.clock.boots();
    };
    let run = taken_over(RETRY, waits_to_try_again, set_meanwhile).await;
    assert_eq!(run.of_clocks(), [], "there is nothing to compare with");
    run.clock.passes(20 * 60);
    run.until("it is over", 2, is_over).await;
}

#[tokio::test]
async fn no_duration_on_the_timeline_is_negative_or_absurd() {
    for seconds in [HOUR, -HOUR, TEN_YEARS, -TEN_YEARS] {
        let mut run = Run::begin(WAIT);
        run.until("it waits", 1, has_begun).await;
        run.clock.passes(60);
        run.clock.is_set_by(seconds);
        run.clock.passes(HOUR - 60);
        run.until("the next one waits", 2, has_begun).await;
        run.clock.passes(1);
        assert_eq!(run.finish().await, Finish::Ended);
        let entries = run.timeline().entries;
        let elapsed: Vec<i64> = entries.iter().map(|entry| entry.elapsed_ms).collect();
        assert!(elapsed.is_sorted(), "{elapsed:?}");
        assert_eq!(elapsed.last(), Some(&(1_000 * (HOUR + 1))));
        let said: Vec<&str> = entries.iter().map(|entry| entry.text.as_str()).collect();
        assert!(said.contains(&"succeeded after 1 h 0 m"), "{said:#?}");
        let set = said.iter().find(|text| text.starts_with("the clock was set "));
        let way = if seconds < 0 { "back by" } else { "forward by" };
        assert!(set.is_some_and(|text| text.contains(way)), "{said:#?}");
    }
}

const PROMISED: &str = "
    objectives: {rto: 100m}
    escalation: {to: a, after: 80m}
    steps: [{id: a, wait: 9h}]
    ";

fn reminders(run: &Run) -> Vec<Reminder> {
    let reminders = run.events().into_iter().filter_map(|event| match event {
        Event::Reminded { reminder } => Some(reminder),
        _ => None,
    });
    reminders.collect()
}

fn is_reminder(event: &Event) -> bool {
    matches!(event, Event::Reminded { .. })
}

#[tokio::test]
async fn a_share_of_the_rto_takes_as_long_as_it_says_however_the_clock_is_set() {
    for (seconds, _) in SET_BY {
        let run = Run::begin(PROMISED);
        run.until("it waits", 1, has_begun).await;
        run.clock.passes(60);
        run.clock.is_set_by(seconds);
        run.clock.passes(75 * 60 - 61);
        run.comes_to_rest().await;
        assert_eq!(reminders(&run), [], "set by {seconds} s: {:#?}", run.events());
        run.clock.passes(1);
        run.until("the first is said", 1, is_reminder).await;
        run.clock.passes(5 * 60);
        run.until("the second is said", 2, is_reminder).await;
        // What lies further ahead was set by the clock as it went wrong by less than is noticed.
        run.clock.passes(10 * 60 + 1);
        run.until("the third is said", 3, is_reminder).await;
        run.clock.passes(10 * 60 + 1);
        run.until("the last is said", 4, is_reminder).await;
        let to = "a".to_owned();
        let expected = [
            Reminder::Rto { spent: 75 },
            Reminder::Escalation { place: 0, to },
            Reminder::Rto { spent: 90 },
            Reminder::Rto { spent: 100 },
        ];
        assert_eq!(reminders(&run), expected, "set by {seconds} s");
    }
}

#[tokio::test]
async fn what_fell_due_while_the_machine_slept_is_said_once() {
    let run = Run::begin(PROMISED);
    run.until("it waits", 1, has_begun).await;
    run.clock.sleeps(3 * HOUR);
    run.until("it is said", 2, is_reminder).await;
    run.comes_to_rest().await;
    let to = "a".to_owned();
    let mut found = reminders(&run);
    found.sort();
    assert_eq!(found, [Reminder::Rto { spent: 100 }, Reminder::Escalation { place: 0, to }]);
}

#[tokio::test]
async fn moments_that_are_waited_for_keep_no_run_from_being_left() {
    let mut run = Run::begin("objectives: {rto: 100m}\nsteps: [{id: a, gate: true, run: 'true'}]");
    assert_eq!(run.finish().await, Finish::Parked);
    assert_eq!(reminders(&run), []);
    run.clock.passes(95 * 60);
    run.resume();
    assert_eq!(run.finish().await, Finish::Parked);
    assert_eq!(reminders(&run), [Reminder::Rto { spent: 90 }]);
}
