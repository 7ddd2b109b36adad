//! The exercises that are ready to be used.

use std::fs;

use crate::docs::root;
use crate::harness::Bench;

use super::says;

fn exercise(name: &str) -> String {
    root().join("runbooks/exercises").join(name).display().to_string()
}

const ALL: [&str; 3] = ["api-key-compromise.yaml", "database-total-loss.yaml", "leadership.yaml"];

#[test]
fn every_exercise_can_be_planned_and_has_all_that_an_exercise_needs() {
    let bench = Bench::new();
    for name in ALL {
        bench.args(["plan", &exercise(name)]).stdout_contains("needs a person").exit(0);
        let text = fs::read_to_string(exercise(name)).expect("it is there");
        for key in
            ["scenario:", "injects:", "hidden: true", "objectives:", "questions:", "discuss:"]
        {
            assert!(text.contains(key), "{name} has no {key}");
        }
    }
}

#[test]
fn the_one_for_those_who_lead_has_no_command_and_asks_only_people() {
    let bench = Bench::new().env("USER", "ann");
    let name = exercise("leadership.yaml");
    let plan = bench.args(["plan", &name, "--format", "json"]).json().to_string();
    for key in ["\"run\"", "\"http\"", "\"probe\""] {
        assert!(!plan.contains(&format!("\"action\":{key}")), "{plan}");
    }
    let text = fs::read_to_string(&name).expect("it is there");
    let acts = text.lines().filter(|line| {
        ["    run:", "    http:", "    probe:", "    wait:"].iter().any(|key| line.starts_with(key))
    });
    assert_eq!(acts.count(), 0, "{text}");
    let mut screen = bench.at_terminal_of((100, 80), ["tabletop", name.as_str()]);
    says(&mut screen, "Press Enter when all are at the table", "");
    screen.wait_for("[EXERCISE] roles: What happens when the one who leads must leave the room?");
    let shown = screen.written();
    assert!(!shown.contains("journalist") && !shown.contains("80000"), "{shown}");
    says(&mut screen, "What do you answer?", "the deputy leads");
    says(&mut screen, "Who says so?", "bob");
    screen.wait_for("Say aloud who leads, who speaks to the outside");
    screen.types("\x03");
    screen.exit(130);
}
