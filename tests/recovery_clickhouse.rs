//! A real ClickHouse whose file system is full, and the runbook that makes room, in its own lab.
//!
//! Where ClickHouse is not installed, or nobody is root, these tests say so on standard error and prove nothing.

use crate::lab::killed::{Before, Killed, kill};
use crate::lab::needs;
use crate::lab::rehearsed::{Rehearsed, rehearse};

const RUNBOOK: &str = "runbooks/agenttrace/clickhouse-out-of-disk.yaml";

fn is_left_out() -> bool {
    needs::are_lacking(&["clickhouse-server"])
        || needs::is_root_lacking("mount a small file system for ClickHouse")
}

/// The steps of the runbook with an action that have begun.
fn steps(rehearsed: &Rehearsed) -> Vec<String> {
    let begun = rehearsed.begun().into_iter();
    let groups = ["make-room", "drop-old", "drop-them"];
    begun.filter(|it| !groups.contains(&it.as_str())).collect()
}

#[track_caller]
fn assert_nothing_is_dropped(rehearsed: &Rehearsed) {
    let begun = rehearsed.begun();
    assert!(!begun.iter().any(|it| ["stop-writers", "drop"].contains(&it.as_str())), "{begun:?}");
}

#[test]
fn a_full_volume_has_room_again_after_what_is_too_old_is_dropped_and_nothing_else_is() {
    if is_left_out() {
        return;
    }
    let rehearsed = rehearse(RUNBOOK, &[], 0);
    let begun = rehearsed.begun();
    assert!(begun.contains(&"stop-writers".to_owned()), "{begun:?}");
    assert!(!begun.contains(&"expand".to_owned()), "{begun:?}");
    rehearsed.assert_recovered("T1", None);
}

#[test]
fn a_volume_with_nothing_old_enough_grows_and_keeps_every_row() {
    if is_left_out() {
        return;
    }
    let young = [
        ("for days in 99 98 91 89 1; do", "for days in 89 80 70 60 1; do"),
        ("{equals: \"40000\"}", "{equals: \"100000\"}"),
        ("{equals: \"1,40000\"}", "{equals: \"1,100000\"}"),
        ("{equals: \"stop start stop \"}", "{equals: \"stop \"}"),
    ];
    let rehearsed = rehearse(RUNBOOK, &young, 0);
    assert_eq!(steps(&rehearsed), ["assess", "list", "expand", "notify"]);
    assert_nothing_is_dropped(&rehearsed);
}

#[test]
fn an_export_that_is_missing_cut_short_or_damaged_is_seen_before_anything_stops() {
    if is_left_out() {
        return;
    }
    let whole = "gzip -1 > \"exports/$table/$day.tsv.gz\"";
    let bad = [
        "cat > /dev/null",
        "{ head -n 19999; cat > /dev/null; } | gzip -1 > \"exports/$table/$day.tsv.gz\"",
        "gzip -1 > \"exports/$table/$day.tsv.gz\"; truncate --size=-100 \"exports/$table/$day.tsv.gz\"",
    ];
    for bad in bad {
        // Nobody agrees to pay for a larger volume either.
        let changes = [(whole, bad), ("{word: grow, by", "{word: no, by")];
        assert_nothing_is_dropped(&rehearse(RUNBOOK, &changes, 5));
    }
}

#[test]
fn exports_of_as_many_rows_that_are_of_another_partition_are_seen_before_anything_stops() {
    if is_left_out() {
        return;
    }
    let exchanged = "{ case $days in 99) day=$(date -u -d '98 days ago' +%Y%m%d) ;; \
        98) day=$(date -u -d '99 days ago' +%Y%m%d) ;; esac; gzip -1 > \"exports/$table/$day.tsv.gz\"; }";
    let changes = [
        ("gzip -1 > \"exports/$table/$day.tsv.gz\"", exchanged),
        ("{word: grow, by", "{word: no, by"),
    ];
    let rehearsed = rehearse(RUNBOOK, &changes, 5);
    assert_nothing_is_dropped(&rehearsed);
    let printed = rehearsed.printed();
    assert!(printed.contains(".tsv.gz has other rows than the partition"), "{printed}");
}

#[test]
fn a_partition_that_the_server_would_not_drop_is_named_before_anything_stops() {
    if is_left_out() {
        return;
    }
    let changes = [
        ("    batch: 2\n", "    batch: 2\n    max_drop: 1000000\n"),
        ("{word: grow, by", "{word: no, by"),
    ];
    let rehearsed = rehearse(RUNBOOK, &changes, 5);
    assert_nothing_is_dropped(&rehearsed);
    let printed = rehearsed.printed();
    assert!(
        printed.contains("larger than max_partition_size_to_drop (1000000 bytes)"),
        "{printed}"
    );
    assert!(printed.contains(" with 20000 rows, "), "{printed}");
}

#[test]
fn a_row_of_the_future_is_not_taken_for_traces_that_come_in() {
    if is_left_out() {
        return;
    }
    let changes = [
        (
            "echo 1000000000 > next",
            "./query.sh \"INSERT INTO agenttrace.traces SELECT now() + 86400, 5, ''\"\n      echo 1000000000 > next",
        ),
        // The writers do not come back.
        ("setsid ./writer.sh", "[ ! -s pid ] || exit 0\n          setsid ./writer.sh"),
        ("within: 5m", "within: 5s"),
        ("{word: grow, by", "{word: no, by"),
    ];
    let begun = rehearse(RUNBOOK, &changes, 5).begun();
    assert!(begun.iter().any(|it| it == "room"), "{begun:?}");
    assert!(!begun.iter().any(|it| it == "notify"), "{begun:?}");
}

#[test]
fn a_wrong_word_at_the_gate_drops_nothing_and_lets_the_writers_run() {
    if is_left_out() {
        return;
    }
    let rehearsed = rehearse(RUNBOOK, &[("{word: drop, by", "{word: yes, by")], 5);
    assert_nothing_is_dropped(&rehearsed);
}

#[test]
fn a_retention_that_is_shorter_than_was_promised_begins_no_step() {
    if is_left_out() {
        return;
    }
    let rehearsed =
        rehearse(RUNBOOK, &[("    batch: 2\n", "    batch: 2\n    retention: 30\n")], 3);
    assert_eq!(rehearsed.begun(), Vec::<String>::new());
}

/// What the lab takes for its fault where the disk is not what is broken.
const SYMPTOM: &str = "{run: ./fill.sh traces 0 90000000 20000, expect: {exit: 75, stderr: {contains: \"errno: 28\"}}}";

#[test]
fn a_volume_with_room_a_server_that_is_down_and_a_wrong_password_are_another_fault() {
    if is_left_out() {
        return;
    }
    let told = "echo \"$had taken before, $(wc -l < taken) in all\"";
    let filling =
        "while ./fill.sh traces 0 \"$id\" \"$rows\" 2> /dev/null; do id=$((id + rows)); done";
    let refused = "until [ -s refused ]; do sleep 0.05; done";
    let client = "client: \"${{ lab.clickhouse.client }}\"";
    let others: [&[(&str, &str)]; 3] = [
        &[(filling, "true"), (refused, ": > injected")],
        &[(told, "systemctl stop clickhouse; : > injected")],
        &[
            (
                told,
                "sed 's/<password>/<password>not-/' \"$LAB_CLICKHOUSE_CLIENT\" > wrong.xml; : > injected",
            ),
            (client, "client: \"${{ lab.work }}/wrong.xml\""),
        ],
    ];
    for other in others {
        let changes = [other, &[(SYMPTOM, "{file: \"${{ lab.work }}/injected\"}")]].concat();
        let rehearsed = rehearse(RUNBOOK, &changes, 3);
        assert_eq!(rehearsed.begun(), Vec::<String>::new(), "{other:?}");
    }
}

#[test]
fn a_driver_that_is_killed_while_partitions_are_dropped_is_resumed_to_the_same_end() {
    if is_left_out() {
        return;
    }
    let place = Before("clickhouse-client --config-file \"$CLIENT\" --query \"ALTER TABLE");
    let first = "make-room/drop-old/drop-them/drop/1";
    let journal = kill(RUNBOOK, &[], &place, Killed::Driver);
    assert_eq!(journal.count("step_started", first), 1);
    let journal =
        kill(RUNBOOK, &[], &place, Killed::Everything("make-room/drop-old/drop-them/drop/1=rerun"));
    assert_eq!(journal.count("step_started", first), 2);
}
