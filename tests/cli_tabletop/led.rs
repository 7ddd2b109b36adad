//! An exercise at two terminals: whoever leads it sees what comes and says how things go; the players
//! see what they are told.

use crate::harness::{Bench, Screen, eventually};

use super::{BRIEF, bench, facilitator, goes, page, players, says, says_again, secretive};

/// Both screens, with the exercise begun and its first step waiting.
fn both(bench: &Bench) -> (Screen<'_>, Screen<'_>) {
    let mut table = players(bench, &[]);
    let mut leader = facilitator(bench);
    table.types("\r");
    leader.wait_for("waits for you (o): restart: Restart the shop");
    (table, leader)
}

/// Presses a key of the facilitator's menu.
fn presses(leader: &mut Screen<'_>, key: &str) {
    let is_asked =
        |shown: String| shown.contains("[l]ist") && shown.ends_with("[?] what each means");
    eventually("the facilitator is asked", || is_asked(leader.shown()));
    leader.types(key);
}

#[test]
fn hidden_injects_are_never_on_the_players_screen_before_they_are_told() {
    let bench = bench();
    let (mut table, mut leader) = both(&bench);
    let seen = leader.shown();
    assert!(seen.contains("  1  in 10:00, hidden: A journalist calls."), "{seen}");
    assert!(seen.contains("  2  before load, hidden: The dump is older"), "{seen}");
    for told in ["journalist", "older than you thought", "status page", "nobody guesses"] {
        assert!(!table.written().contains(told), "{told}: {}", table.written());
    }
    presses(&mut leader, "i");
    says(&mut leader, "The number of an inject, or what happens", "1");
    table.wait_for("INJECT 1 (told by grace): A journalist calls.");
    assert!(!table.written().contains("older than you thought"), "{}", table.written());
    presses(&mut leader, "i");
    says_again(&mut leader, "The number of an inject, or what happens", 2, "The phone is dead.");
    table.wait_for("INJECT (told by grace): The phone is dead.");
    table.types("\x03");
    table.exit(130);
    leader.wait_for("EXERCISE: it is over");
    leader.exit(0);
}

#[test]
fn the_facilitator_says_how_things_go_and_what_it_has_shown() {
    let bench = bench();
    let (mut table, mut leader) = both(&bench);
    presses(&mut leader, "o");
    goes(&mut leader, "  nothing is run; would run:", "f");
    says(&mut leader, "What is seen of that?", "the disk is full");
    table.wait_for("restart failed: the disk is full");
    table.wait_for("[r]etry");
    assert!(!table.written().contains("How does it go?"), "{}", table.written());
    presses(&mut leader, "t");
    says(&mut leader, "What is to be done, and by whom", "watch the disk");
    table.wait_for("grace leaves to be done: watch the disk");
    presses(&mut leader, "d");
    says(&mut leader, "What did the team decide, and who", "bob calls the bank");
    table.wait_for("grace decides: bob calls the bank");
    table.wait_for_another("[r]etry", 3);
    table.decides("s", "the disk is full");
    table.wait_for("INJECT 2: The dump is older than you thought.");
    says(&mut table, "What do you answer?", "support");
    says(&mut table, "Who says so?", "bob");
    table.wait_for("Go on?");
    table.types("y\r");
    says(&mut table, "Who approves this?", "owner");
    leader.wait_for("waits for you (o): load: Load the dump");
    presses(&mut leader, "o");
    leader.wait_for_another("nothing is run; would run:", 2);
    leader.wait_for("[u]nseen");
    leader.types("g");
    says_again(&mut table, "What do you answer?", 2, "the owner");
    says_again(&mut table, "Who says so?", 2, "");
    table.wait_for("whoever leads it says now what it has shown");
    // What is told while a question stands there puts it anew.
    leader.wait_for("Who was missing? ann answers: the owner");
    leader.wait_for("[s]core");
    leader.types("s");
    says(&mut leader, "Was it met?", "y");
    says_again(&mut leader, "Was it met?", 2, "y");
    says(&mut leader, "How well did it go", "5");
    let shown = table.exit(0);
    assert!(shown.contains("grace finds 2 of 2 objectives met, and gives it 5 of 5"), "{shown}");
    leader.wait_for("EXERCISE: it is over");
    let seen = leader.exit(0);
    assert!(seen.contains("[EXERCISE] restart: Restart the shop"), "{seen}");
    let debrief = page(&bench, "debrief.md");
    for line in [
        "- Score: 5 of 5, says grace",
        "| somebody leads | yes |",
        "| Who was missing? | ann | the owner |",
        "| watch the disk | grace |",
        "| grace decides: bob calls the bank |",
    ] {
        assert!(debrief.lines().any(|found| found == line), "{line}\n{debrief}");
    }
    assert!(bench.effects().is_empty(), "nothing is run");
}

#[test]
fn when_the_facilitator_is_gone_the_players_are_asked_and_a_new_one_takes_over() {
    let bench = bench();
    let (mut table, mut leader) = both(&bench);
    presses(&mut leader, "q");
    let shown = leader.exit(0);
    assert!(shown.contains("you lead it no more"), "{shown}");
    table.wait_for("nobody leads the exercise any more: say here how it goes");
    table.wait_for("[u]nseen");
    let mut leader = facilitator(&bench);
    presses(&mut leader, "o");
    goes(&mut leader, "nothing is run; would run:", "g");
    leader.wait_for("waits for you (o): restart: verification");
    leader.signal("KILL");
    leader.end();
    table.wait_for("[h]olds");
    table.types("h");
    table.wait_for("Who tells the customers?");
    table.types("\x03");
    table.exit(130);
}

#[test]
fn two_cannot_lead_it_at_a_time_and_nobody_drives_it_from_elsewhere() {
    let bench = bench();
    let (mut table, leader) = both(&bench);
    let second = bench.at_terminal(["tabletop", "--facilitator"]);
    let shown = second.exit(2);
    assert!(shown.contains("this exercise is led already by grace on"), "{shown}");
    assert!(shown.contains("leave it there first, with q"), "{shown}");
    let run = bench.rehearsals().remove(0);
    let run = run.file_name().expect("it has a name").to_string_lossy().into_owned();
    bench
        .args(["resume", run.as_str()])
        .stderr_contains("is an exercise: it is under way, and answered at its own screens only")
        .stderr_contains("lead it: holdpoint tabletop --facilitator [REHEARSAL]")
        .exit(2);
    drop(leader);
    table.wait_for("say here how it goes");
    table.types("\x03");
    table.exit(130);
}

#[test]
fn the_facilitator_may_look_at_what_comes_and_where_the_team_stands() {
    let bench = bench();
    let (mut table, mut leader) = both(&bench);
    presses(&mut leader, "l");
    leader.wait_for_another("before load, hidden: The dump is older", 2);
    presses(&mut leader, "w");
    leader.wait_for("running      restart");
    table.types("\x03");
    table.exit(130);
    leader.wait_for("EXERCISE: it is over");
    leader.exit(0);
}

#[test]
fn when_the_players_terminal_is_closed_the_exercise_is_over_and_its_debrief_is_left() {
    let bench = bench();
    let (table, mut leader) = both(&bench);
    table.signal("HUP");
    assert_eq!(table.end().exit_code(), 4);
    leader.wait_for("EXERCISE: it is over");
    leader.exit(0);
    assert!(page(&bench, "debrief.md").contains("it was broken off before its end"));
}

#[test]
fn where_the_players_screen_is_killed_nobody_is_sent_to_a_debrief_that_is_not_there() {
    let bench = bench();
    let (table, mut leader) = both(&bench);
    table.signal("KILL");
    table.end();
    leader.wait_for("the players' screen was ended from outside, and there is no debrief");
    leader.exit(0);
    assert!(!bench.rehearsals().remove(0).join("debrief.md").exists());
}

/// Both screens of an exercise that waits for its score.
fn to_score(bench: &Bench) -> (Screen<'_>, Screen<'_>) {
    let mut table = players(bench, &[]);
    let mut leader = facilitator(bench);
    table.types("\r");
    leader.wait_for("waits for you (o): a");
    presses(&mut leader, "o");
    goes(&mut leader, "nothing is run; would run:", "g");
    says(&mut table, "What do you answer?", "");
    table.wait_for("whoever leads it says now what it has shown");
    (table, leader)
}

#[test]
fn a_signal_ends_the_wait_for_a_score_that_nobody_gives() {
    for (signal, code) in [("INT", 130), ("TERM", 143), ("HUP", 4)] {
        let bench = Bench::new().env("USER", "ann").runbook("shop.yaml", BRIEF);
        let (table, mut leader) = to_score(&bench);
        table.signal(signal);
        assert_eq!(table.end().exit_code(), code, "{signal}");
        leader.wait_for("EXERCISE: it is over");
        leader.exit(0);
        let debrief = page(&bench, "debrief.md");
        assert!(debrief.contains("| somebody leads | nobody says |"), "{signal}: {debrief}");
    }
}

#[test]
fn whoever_takes_the_seat_while_the_players_score_is_heard() {
    let bench = Bench::new().env("USER", "ann").runbook("shop.yaml", BRIEF);
    let mut table = players(&bench, &[]);
    table.types("\r");
    says(&mut table, "What do you answer?", "");
    table.wait_for("Was it met?");
    let mut leader = facilitator(&bench);
    presses(&mut leader, "t");
    says(&mut leader, "What is to be done, and by whom", "watch the disk");
    table.wait_for("grace leaves to be done: watch the disk");
    presses(&mut leader, "s");
    says(&mut leader, "Was it met?", "y");
    says(&mut leader, "How well did it go", "5");
    let shown = table.exit(0);
    assert!(shown.contains("grace finds 1 of 1 objectives met, and gives it 5 of 5"), "{shown}");
    leader.wait_for("EXERCISE: it is over");
    leader.exit(0);
    let debrief = page(&bench, "debrief.md");
    for line in ["- Score: 5 of 5, says grace", "| watch the disk | grace |"] {
        assert!(debrief.lines().any(|found| found == line), "{line}\n{debrief}");
    }
}

#[test]
fn what_began_while_it_was_led_goes_as_its_runbook_says_once_nobody_leads() {
    let book = "
        holdpoint: 1
        id: shop
        title: The shop is down
        steps: [{id: a, run: echo a, simulate: {exit: 3}, on_failure: continue}]
        ";
    let bench = Bench::new().env("USER", "ann").runbook("shop.yaml", book);
    let mut table = players(&bench, &[]);
    let mut leader = facilitator(&bench);
    table.types("\r");
    leader.wait_for("waits for you (o): a");
    presses(&mut leader, "q");
    leader.exit(0);
    let shown = table.exit(0);
    assert!(shown.contains("a  failed: exit 3, expected 0"), "{shown}");
    for asked in ["How does it go?", "nobody leads the exercise any more"] {
        assert!(!shown.contains(asked), "{asked}: {shown}");
    }
}

#[test]
fn a_secret_that_the_facilitator_says_stands_in_no_record() {
    let bench = secretive();
    let mut table = players(&bench, &[]);
    let mut leader = facilitator(&bench);
    table.types("\r");
    leader.wait_for("waits for you (o): look: Look");
    presses(&mut leader, "o");
    goes(&mut leader, "nothing is run; would run:", "f");
    says(&mut leader, "What is seen of that?", "it is hunter2-hunter2 now");
    table.wait_for("it is *** now");
    table.wait_for("[r]etry");
    table.types("\x03");
    table.exit(130);
    let journal = page(&bench, "journal.jsonl");
    assert!(!journal.contains("hunter2"), "{journal}");
}
