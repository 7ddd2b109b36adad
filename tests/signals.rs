//! Signals at every phase of a run, at a real terminal: what is on record, what happened, how the
//! terminal is left, and that the run goes on later.
//!
//! No case sleeps and hopes: a signal is sent when the journal or the screen says that its moment
//! has come.

mod phase;
mod pipes;
mod random;

use std::thread;

use crate::harness::{Bench, Screen, eventually};
use phase::{Kind, PHASES, Phase};

/// Plays a case at each phase, all at the same time.
fn at_every_phase(case: impl Fn(&Phase) + Sync) {
    thread::scope(|scope| {
        let cases: Vec<_> =
            PHASES.iter().map(|phase| (phase, scope.spawn(|| case(phase)))).collect();
        for (phase, played) in cases {
            assert!(played.join().is_ok(), "it failed at this phase: {}", phase.name);
        }
    });
}

/// The stops on record: how hard, and what asked for it.
fn stops(bench: &Bench) -> Vec<(String, String)> {
    let journal = bench.journal();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let stops = journal.events("stop_requested").into_iter();
    stops.map(|stop| (text(&stop["level"]), text(&stop["signal"]))).collect()
}

/// The stops that so many signals lead to.
fn harder_each_time(signal: &str, times: usize) -> Vec<(String, String)> {
    let levels = ["drain", "interrupt", "kill"].iter().take(times);
    levels.map(|level| ((*level).to_owned(), signal.to_owned())).collect()
}

/// Sends a signal, and waits until it is on record.
fn send(bench: &Bench, screen: &Screen<'_>, signal: &str, times: usize) {
    screen.signal(signal);
    eventually("the signal is heard", || stops(bench).len() == times);
}

/// What is expected of every run that was left open: its journal is whole, no attempt had more than
/// one effect, and `resume` brings it to its end, or to where it was.
fn goes_on_later(phase: &Phase, bench: &Bench) {
    let before = bench.sound_journal();
    bench.args(["verify"]).stdout_contains("").exit(0);
    if phase.kind == Kind::Wait {
        return;
    }
    phase.mend(bench);
    bench.wait_for_quiet();
    resume(phase, bench);
    let journal = bench.sound_journal();
    assert!(journal.records().len() > before.records().len());
    assert_eq!(journal.events("run_ended").len(), 1, "{}", phase.name);
    at_most_one_effect(phase, bench);
    bench.args(["verify"]).stdout_contains("").exit(0);
}

/// How often a run may be taken over until it has ended: each time something else may be open.
const TAKE_OVERS: usize = 4;

/// Takes the run over until it has ended, and decides about what was broken off.
fn resume(phase: &Phase, bench: &Bench) {
    let typed = [&["resume", "--non-interactive"], phase.prepared()].concat().join(" ");
    let mut decided = String::new();
    let mut shown = String::new();
    for _ in 0..TAKE_OVERS {
        let script = format!("holdpoint {typed}{decided}; echo \"exit $?\"");
        shown = bench.shell(&script).stdout_contains("").exit(0).stdout;
        if shown.ends_with(&format!("exit {}\n", later(phase))) {
            return;
        }
        bench.wait_for_quiet();
        decided = shown.lines().filter_map(decision).collect();
        decided.push_str(" --reason seen");
    }
    panic!("{}: it has not ended: {shown}", phase.name);
}

/// What is decided about a step that a line says is open.
fn decision(line: &str) -> Option<String> {
    let named = |what| line.trim().split_once(what).map(|(step, _)| step);
    let is_about = |what| named(what).filter(|step| !step.contains(' '));
    let (step, choice) = match (is_about(" is held: "), is_about(" is in doubt: ")) {
        (Some("bad"), _) => ("bad", "undo"),
        (Some(step), _) => (step, "retry"),
        (_, Some(step)) => (step, "done"),
        (None, None) => return None,
    };
    Some(format!(" --resolve {step}={choice}"))
}

/// The exit code of the resume that ends the run.
fn later(phase: &Phase) -> i32 {
    if phase.ends == 4 { 4 } else { 0 }
}

/// Each attempt left at most one mark, and heard none of our signals.
fn at_most_one_effect(phase: &Phase, bench: &Bench) {
    let effects = bench.effects();
    let count = |what: &str| effects.iter().filter(|effect| *effect == what).count();
    let begun = bench.journal().count("step_started", phase.step);
    assert!(count("work") <= begun && count("worked") <= begun, "{}: {effects:?}", phase.name);
    assert_eq!(count("heard"), 0, "{}: {effects:?}", phase.name);
    let last = bench.journal().count("step_started", "last");
    assert!(count("last") <= last, "{}: {effects:?}", phase.name);
}

/// A run that is stopped by the first of a signal.
fn is_stopped(signal: &str, said: &str, exit: u32) {
    at_every_phase(|phase| {
        let bench = phase.bench();
        let screen = phase.reach(&bench);
        let begun = bench.journal().events("step_started").len();
        send(&bench, &screen, signal, 1);
        if phase.kind == Kind::Step {
            assert_eq!(bench.effects(), ["work"], "{}: it hears nothing of it", phase.name);
            phase.mend(&bench);
        }
        let shown = screen.exit(exit);
        assert!(shown.contains("stopped: the run is open and can go on"), "{shown}");
        assert_eq!(stops(&bench), harder_each_time(said, 1), "{}", phase.name);
        let journal = bench.journal();
        assert_eq!(journal.events("step_started").len(), begun, "{}: nothing begins", phase.name);
        assert!(journal.events("attendance_lost").is_empty());
        if phase.kind == Kind::Step {
            assert_eq!(bench.effects(), ["work", "worked"], "{}", phase.name);
        }
        goes_on_later(phase, &bench);
    });
}

#[test]
fn the_first_ctrl_c_lets_what_runs_finish() {
    is_stopped("INT", "Ctrl-C", 130);
}

#[test]
fn the_first_sigterm_lets_what_runs_finish() {
    is_stopped("TERM", "SIGTERM", 143);
}

/// Only a command needs more than one.
fn is_put_down(times: usize, effects: &[&str]) {
    at_every_phase(|phase| {
        let bench = phase.bench();
        if times > 2 {
            bench.write("deaf", "");
        }
        let screen = phase.reach(&bench);
        if phase.kind == Kind::Step {
            for time in 1..times {
                send(&bench, &screen, "INT", time);
            }
            if times > 2 {
                eventually("it was asked", || bench.effects().contains(&"asked".to_owned()));
            }
            screen.signal("INT");
        } else {
            (0..times).for_each(|_| screen.signal("INT"));
        }
        screen.exit(130);
        let expected = harder_each_time("Ctrl-C", times);
        match phase.kind {
            Kind::Step => {
                assert_eq!(stops(&bench), expected, "{}", phase.name);
                assert_eq!(bench.effects(), effects, "{}", phase.name);
                assert!(bench.left_behind().is_empty(), "{}", phase.name);
            }
            _ => assert!(expected.starts_with(&stops(&bench)), "{}", phase.name),
        }
        goes_on_later(phase, &bench);
    });
}

#[test]
fn the_second_ctrl_c_asks_what_runs_to_end() {
    is_put_down(2, &["work", "asked"]);
}

#[test]
fn the_third_ctrl_c_kills_what_runs() {
    is_put_down(3, &["work", "asked"]);
}

#[test]
fn many_at_once_leave_at_once_and_lose_nothing() {
    at_every_phase(|phase| {
        let bench = phase.bench();
        bench.write("deaf", "");
        let mut screen = phase.reach(&bench);
        // Two that come before the first is heard are one to the system.
        while !screen.has_ended() {
            screen.signal("INT");
        }
        screen.exit(130);
        let expected = harder_each_time("Ctrl-C", 3);
        assert!(expected.starts_with(&stops(&bench)), "{}", phase.name);
        goes_on_later(phase, &bench);
    });
}

#[test]
fn sigquit_leaves_at_once_and_what_runs_goes_on() {
    at_every_phase(|phase| {
        let bench = phase.bench();
        let screen = phase.reach(&bench);
        let records = bench.journal().records().len();
        screen.signal("QUIT");
        screen.exit(131);
        assert!(stops(&bench).is_empty(), "{}", phase.name);
        assert_eq!(bench.journal().records().len(), records, "{}", phase.name);
        assert!(!bench.path("core").exists());
        goes_on_later(phase, &bench);
    });
}

/// Goes on as somebody who is still there does, to the end of the run.
fn goes_on_now(phase: &Phase, bench: &Bench, mut screen: Screen<'_>, asked: usize) {
    if phase.kind == Kind::Wait {
        send(bench, &screen, "INT", 1);
        screen.exit(130);
        return goes_on_later(phase, bench);
    }
    phase.mend(bench);
    phase.answer(&mut screen, asked);
    phase.open_last_gate(&mut screen, asked);
    screen.exit(phase.ends);
    let journal = bench.sound_journal();
    assert!(journal.events("attendance_lost").is_empty());
    assert!(journal.events("stop_requested").is_empty());
    at_most_one_effect(phase, bench);
    bench.args(["verify"]).stdout_contains("").exit(0);
}

#[test]
fn a_closed_pipe_and_another_size_change_nothing() {
    for signal in ["PIPE", "WINCH"] {
        at_every_phase(|phase| {
            let bench = phase.bench();
            let screen = phase.reach(&bench);
            screen.signal(signal);
            goes_on_now(phase, &bench, screen, 1);
        });
    }
}

/// A run that nobody attends any more, until it needs somebody.
fn is_left_alone(leave: impl Fn(&mut Screen<'_>) + Sync, cause: &str, is_seen: bool) {
    at_every_phase(|phase| {
        let bench = phase.bench();
        let mut screen = phase.reach(&bench);
        let begun = bench.journal().events("step_started").len();
        leave(&mut screen);
        let lost = || bench.journal().events("attendance_lost").len();
        if phase.is_attended {
            eventually("nobody is there", || lost() == 1);
        }
        if phase.kind != Kind::Question {
            phase.mend(&bench);
        }
        let exit = match phase.kind {
            Kind::Wait => {
                screen.signal("INT");
                130
            }
            _ if phase.ends == 4 => 4,
            _ => 5,
        };
        if is_seen {
            drop(screen.exit(exit))
        } else {
            screen.exit_unseen(exit)
        }
        let journal = bench.sound_journal();
        assert_eq!(lost(), usize::from(phase.is_attended), "{}", phase.name);
        if let [event] = journal.events("attendance_lost").as_slice() {
            assert_eq!(event["cause"], cause, "{}", phase.name);
        }
        match phase.kind {
            Kind::Question => {
                assert_eq!(journal.events("step_started").len(), begun, "{}", phase.name);
            }
            Kind::Step => assert_eq!(bench.effects(), ["work", "worked"], "{}", phase.name),
            Kind::Look | Kind::Wait => {}
        }
        if exit != 130 {
            assert!(journal.events("stop_requested").is_empty(), "{}", phase.name);
        }
        assert!(!bench.effects().contains(&"last".to_owned()), "{}", phase.name);
        if exit != 4 {
            goes_on_later(phase, &bench);
        }
    });
}

#[test]
fn after_sighup_a_run_goes_on_until_it_needs_somebody() {
    is_left_alone(|screen| screen.signal("HUP"), "hang_up", true);
}

#[test]
fn a_terminal_that_is_closed_ends_no_run() {
    is_left_alone(|screen| screen.hang_up(), "hang_up", false);
}

#[test]
fn ctrl_z_gives_the_terminal_back_and_what_runs_goes_on() {
    at_every_phase(|phase| {
        let bench = phase.bench();
        let mut screen = phase.reach_as_job(&bench);
        screen.types("\x1a");
        screen.wait_for("left 147");
        screen.assert_as_before();
        if phase.kind == Kind::Step {
            phase.mend(&bench);
            eventually("it goes on", || bench.effects() == ["work", "worked"]);
        }
        assert!(bench.journal().events("run_ended").is_empty());
        if phase.kind == Kind::Wait {
            // It hears that when it goes on.
            bench.signal_driver("INT");
        }
        bench.write("fg", "");
        if phase.kind == Kind::Wait {
            screen.exit(130);
            return goes_on_later(phase, &bench);
        }
        if phase.name == "a gate" {
            // What stands above the question comes with it: the shell has shown something else.
            screen.wait_for_another("May it work?", 2);
        }
        goes_on_now(phase, &bench, screen, 2);
    });
}

#[test]
fn what_was_due_while_the_driver_was_stopped_is_judged_at_once_afterwards() {
    let bench = Bench::new().runbook(
        "book.yaml",
        "
        holdpoint: 1
        id: book
        title: Book
        steps:
          - {id: short, needs: [], wait: 400ms}
          - id: endless
            needs: []
            timeout: 200ms
            run: |
              trap 'echo ended >> effects; exit 1' TERM
              echo begun >> effects
              while :; do sleep 0.02 || :; done
          - {id: slow, needs: [], run: echo slow >> effects; sleep 0.6; echo over >> effects}
        ",
    );
    let mut driver = bench.args(["run", "book.yaml"]).stdout_contains("").start();
    driver.wait_until("all run", |journal| journal.events("step_spawned").len() == 2);
    eventually("both have begun", || bench.effects().len() >= 2);
    driver.signal("STOP");
    eventually("time has passed", || bench.effects().contains(&"over".to_owned()));
    driver.signal("CONT");
    driver.exit(5);
    let journal = bench.sound_journal();
    let how = |step: &str| journal.about("step_ended", step)[0]["end"]["how"].clone();
    assert_eq!(how("short"), "waited");
    assert_eq!((how("endless"), how("slow")), ("timed_out".into(), "exited".into()));
    assert!(bench.effects().contains(&"ended".to_owned()));
    assert!(bench.left_behind().is_empty());
}

#[test]
fn a_run_that_ignores_hang_ups_goes_on_when_its_terminal_is_closed() {
    for phase in PHASES.iter().filter(|phase| phase.kind == Kind::Question) {
        let bench = phase.bench();
        let ignores = format!("trap '' HUP; exec holdpoint {}", phase.typed);
        let mut screen = phase.reach_with(&bench, &ignores);
        screen.hang_up();
        screen.exit_unseen(5);
        let journal = bench.sound_journal();
        let lost = journal.events("attendance_lost");
        assert_eq!(lost.len(), 1, "{}", phase.name);
        assert_eq!(lost[0]["cause"], "terminal_gone", "{}", phase.name);
        goes_on_later(phase, &bench);
    }
}
