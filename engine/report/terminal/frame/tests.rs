//! Frames as a person sees them, in windows of every size.

use chrono::TimeDelta;

use super::*;
use crate::report::standing::{Doing, Incident, Rto};
use crate::runbook::estimate::Estimate;

fn at(seconds: i64) -> Moment {
    Moment::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

fn window(columns: usize) -> Window {
    Window { columns, rows: 24, marks: Marks::of(Some("C.UTF-8")), has_colours: false }
}

fn running(title: &str) -> Running {
    Running {
        step: Some(title.to_owned()),
        title: title.to_owned(),
        doing: Doing::Acts { since: at(1_000) },
        attempt: 1,
        estimate: Estimate::parse("2m..5m").ok(),
        timeout: None,
    }
}

fn standing() -> Standing {
    Standing {
        runbook: "pg-restore".into(),
        environment: Some("prod".into()),
        settled: 4,
        begun: 1,
        total: 12,
        part: Some("Restore the data".into()),
        rto: Some(Rto { since: at(0), promise: Duration::from_secs(4 * 3600) }),
        incident: Some(Incident { id: None, since: at(0) }),
        since: Some(at(500)),
        operator: "ann".into(),
        running: vec![running("Load the dump")],
        next: Some("Check the rows".into()),
        ..Standing::default()
    }
}

fn drawn(standing: &Standing, printed: &[&str], window: Window) -> Vec<String> {
    let mut tail = Tail::default();
    tail.push(&printed.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>(), 0);
    rows(&Scene { standing, speaker: Some(("load", &tail)), now: at(1_042) }, window)
}

#[test]
fn at_80_columns_the_header_takes_two_rows() {
    let expected = [
        "pg-restore · [PROD] · step 5 of 12 in Restore the data · RTO 3:42:38 left of 4h",
        "incident 0:17:22 · by ann",
        "⠦ Load the dump  0:42 of 2m..5m",
        "  │ one",
        "  │ two",
        "next: Check the rows",
    ];
    assert_eq!(drawn(&standing(), &["one", "two"], window(80)), expected);
}

#[test]
fn a_stamp_stands_first_and_in_every_window_that_has_room_for_it() {
    let stamped = Standing { stamp: Some("DRILL"), ..standing() };
    let expected = "[DRILL] · pg-restore · [PROD] · step 5 of 12 in Restore the data";
    assert_eq!(drawn(&stamped, &[], window(80))[0], expected);
    for columns in 9..130 {
        let row = &drawn(&stamped, &[], window(columns))[0];
        assert!(row.starts_with("[DRILL]"), "{columns}: {row}");
    }
}

#[test]
fn at_200_columns_it_takes_one() {
    let expected = "pg-restore · [PROD] · step 5 of 12 in Restore the data · RTO 3:42:38 left of 4h \
                    · incident 0:17:22 · by ann";
    assert_eq!(drawn(&standing(), &[], window(200))[0], expected);
}

#[test]
fn at_40_columns_the_phase_gives_way_and_nothing_is_wider() {
    let rows =
        drawn(&standing(), &["a line that is much longer than forty columns are"], window(40));
    let expected = [
        "pg-restore · [PROD] · step 5 of 12",
        "RTO 3:42:38 left of 4h",
        "incident 0:17:22 · by ann",
        "⠦ Load the dump  0:42 of 2m..5m",
        "  │ a line that is much longer than fo…",
        "next: Check the rows",
    ];
    assert_eq!(rows, expected);
}

#[test]
fn no_row_is_wider_than_its_window_and_a_frame_leaves_room_above() {
    let mut crowded = standing();
    crowded.stopping = Some("stopping: nothing new begins");
    crowded.running = (0..9).map(|_| running("漢字 as a title that is long")).collect();
    let printed = ["漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字"; 6];
    for columns in 1..130 {
        for lines in [1, 5, 12, 24, 60] {
            let window = Window { rows: lines, ..window(columns) };
            let rows = drawn(&crowded, &printed, window);
            assert!(rows.len() <= MOST.min(lines / 2).max(1), "{columns}x{lines}: {rows:#?}");
            for row in rows {
                assert!(width(&row) < columns.max(2), "{columns}: {row}");
            }
        }
    }
}

#[test]
fn of_many_steps_four_are_told_and_the_others_counted() {
    let mut standing = standing();
    standing.running = (0..7).map(|number| running(&format!("step {number}"))).collect();
    let rows = drawn(&standing, &["one"], window(80));
    assert_eq!(rows.len(), 8);
    assert_eq!(rows[5], "⠦ step 3  0:42 of 2m..5m");
    assert_eq!(rows[6], "  and 3 more");
}

#[test]
fn with_several_steps_a_line_says_whose_it_is() {
    let mut standing = standing();
    standing.running.push(running("Other"));
    let rows = drawn(&standing, &["one"], window(80));
    assert_eq!(rows[4], "  load │ one");
}

#[test]
fn without_utf_8_only_ascii_is_drawn() {
    let mut standing = standing();
    standing.running[0].title = "Büro … laden".into();
    let window = Window { marks: Marks::of(Some("C")), ..window(80) };
    let rows = drawn(&standing, &["größe"], window);
    assert_eq!(rows[2], "| B?ro ... laden  0:42 of 2m..5m");
    assert_eq!(rows[3], "  | gr??e");
    assert!(rows.iter().all(|row| row.is_ascii()), "{rows:#?}");
}

#[test]
fn colours_add_nothing_to_the_words() {
    let plain = drawn(&standing(), &["one"], window(80));
    let coloured = drawn(&standing(), &["one"], Window { has_colours: true, ..window(80) });
    let without = |row: &String| {
        let mut parts = row.split('\x1b');
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |text, part| text + part.split_once('m').map_or("", |(_, rest)| rest))
    };
    assert_eq!(coloured.iter().map(without).collect::<Vec<_>>(), plain);
    assert!(coloured[0].contains("\x1b[1;7m[PROD]\x1b[0m"), "{}", coloured[0]);
}
