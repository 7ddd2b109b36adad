//! A bucket of an emulator that is removed with all that is in it, and the runbook that brings it back
//! from another region with the real AWS CLI, in its own lab.
//!
//! Where the emulator or the CLI is not installed these tests say so on standard error and prove nothing.

use crate::harness::{Bench, shipped};
use crate::lab::killed::{Before, Killed, kill};
use crate::lab::needs;
use crate::lab::rehearsed::{Rehearsed, rehearse};

const RUNBOOK: &str = "runbooks/agentverse/bucket-deletion.yaml";

/// The steps that change something, and what stops the application for it. The copying to the other
/// region is stopped before anything is looked at.
const TOUCHING: &[&str] = &["stop-writers", "create-bucket", "protect", "copy"];

/// The line of the seed that copies the bucket to the other region.
const COPIED: &str = "aws s3 sync --only-show-errors copy s3://agentverse-backups-dr --region us-west-2 --exclude 'exports/*'\n";

fn is_left_out() -> bool {
    needs::are_lacking(&["moto_server", "aws"])
}

/// The application was not stopped, and nothing made.
#[track_caller]
fn assert_untouched(rehearsed: &Rehearsed) {
    let begun = rehearsed.begun();
    assert!(!begun.iter().any(|it| TOUCHING.contains(&it.as_str())), "{begun:?}");
}

#[test]
fn a_bucket_that_was_deleted_is_made_anew_closed_filled_compared_and_measured() {
    if is_left_out() {
        return;
    }
    let rehearsed = rehearse(RUNBOOK, &[], 0);
    let steps = [
        "look-sync",
        "stop-sync",
        "survey",
        "read-settings",
        "sample",
        "stop-writers",
        "create-bucket",
        "protect",
        "preview",
        "copy",
        "read-back",
        "put-settings-back",
        "stop-writers~undo",
        "stop-sync~undo",
        "notify",
    ];
    assert_eq!(rehearsed.begun_of(&steps), steps);
    // The newest object of the copy was 860 seconds old.
    rehearsed.assert_recovered("T1", Some(860_000));
}

#[test]
fn without_a_copy_with_a_damaged_one_or_without_its_settings_nothing_is_made() {
    if is_left_out() {
        return;
    }
    let damaged = format!(
        "{COPIED}      head -c 60000 /dev/zero | aws s3 cp --only-show-errors - \
         's3://agentverse-backups-dr/snapshots/7/state of a run.bin' --region us-west-2\n"
    );
    // An earlier incident has left settings behind, which are not those of this one.
    let forgotten = format!(
        "{COPIED}      mkdir -p evidence; cp -r $settings evidence/settings\n      \
         aws s3 rm --only-show-errors s3://agentverse-backups-dr/settings/agentverse-primary/policy.json --region us-west-2\n"
    );
    let bad = [("true\n", "survey"), (&forgotten, "read-settings"), (&damaged, "sample")];
    for (copied, last) in bad {
        let rehearsed = rehearse(RUNBOOK, &[(COPIED, copied)], 5);
        assert_untouched(&rehearsed);
        assert_eq!(rehearsed.begun().last().map(String::as_str), Some(last));
    }
}

#[test]
fn an_object_with_other_content_of_the_same_size_is_seen_in_the_new_bucket() {
    if is_left_out() {
        return;
    }
    // Something else writes the object right after it was copied. What has come in parts has no MD5 for a tag.
    for (size, last) in [("60000", "copy"), ("9000000", "read-back")] {
        let overwritten = format!(
            "{COPIED}      aws=$(command -v aws)\n      cat > \"$LAB/bin/aws\" <<SH\n      #!/bin/sh\n      \
             \"$aws\" \"\\$@\" || exit\n      case \"\\$*\" in *--dryrun*) ;; \
             \"s3 sync s3://agentverse-backups-dr/snapshots/\"*) head -c {size} /dev/zero | \"$aws\" s3 cp \
             --only-show-errors - 's3://agentverse-primary/snapshots/7/state of a run.bin' ;; esac\n      SH\n      \
             chmod 755 \"$LAB/bin/aws\"\n"
        );
        let content = format!("head -c {size} /dev/urandom");
        let changes =
            [(COPIED, overwritten.as_str()), ("head -c 60000 /dev/urandom", content.as_str())];
        let begun = rehearse(RUNBOOK, &changes, 5).begun();
        assert_eq!(begun.last().map(String::as_str), Some(last));
    }
}

#[test]
fn a_bucket_that_is_only_forbidden_is_not_taken_for_one_that_is_gone() {
    if is_left_out() {
        return;
    }
    // From then on the emulator asks for keys that somebody was given, and nobody was.
    let forbidden = "- |\n      python3 -c 'import os, urllib.request as r; \
        r.urlopen(r.Request(os.environ[\"AWS_ENDPOINT_URL\"] + \"/moto-api/reset-auth\", \
        b\"0\", {\"Content-Type\": \"text/plain\"}))'";
    let changes = [
        ("- aws s3 rb --force s3://agentverse-primary > removed", forbidden),
        ("{contains: NoSuchBucket}", "{contains: \"error occurred\"}"),
    ];
    let rehearsed = rehearse(RUNBOOK, &changes, 3);
    assert_eq!(rehearsed.begun(), Vec::<String>::new());
}

#[test]
fn a_wrong_word_at_the_gate_copies_nothing_and_leaves_the_application_off() {
    if is_left_out() {
        return;
    }
    let wrong = ("{word: agentverse-primary, by", "{word: agentverse-backups-dr, by");
    let begun = rehearse(RUNBOOK, &[wrong], 5).begun();
    assert!(begun.iter().any(|it| it == "protect"), "{begun:?}");
    assert!(!begun.iter().any(|it| it == "copy" || it == "stop-writers~undo"), "{begun:?}");
}

#[test]
fn a_driver_killed_while_the_objects_are_copied_is_resumed_to_the_same_bucket_with_versions() {
    if is_left_out() {
        return;
    }
    let place = Before(
        "aws s3 sync \"s3://$BACKUP/$prefix\" \"s3://$BUCKET/$prefix\" --source-region \
         \"$BACKUP_REGION\" --region \"$REGION\" --only-show-errors",
    );
    // This one kept versions, and keeps them again.
    let kept = [
        ("echo None > $settings", "echo Enabled > $settings"),
        ("{equals: None}", "{equals: Enabled}"),
    ];
    let journal = kill(RUNBOOK, &kept, &place, Killed::Everything("restore/copy=rerun"));
    assert_eq!(journal.count("step_started", "restore/copy"), 2);
}

/// What is said of a lab whose programs are these, and that no step began.
#[track_caller]
fn refused(programs: &[(&str, &str)], told: &str) {
    let text = std::fs::read_to_string(shipped(RUNBOOK)).expect("it is shipped");
    let bench = Bench::new().with_programs().runbook("book.yaml", &text);
    for (name, script) in programs {
        bench.program(name, script);
    }
    let args = ["rehearse", "book.yaml", "--lab", "--non-interactive"];
    let printed = bench.args(args).stderr_contains(told).exit(3);
    assert!(printed.stderr.contains("not rehearsed: "), "{}", printed.stderr);
    assert!(bench.rehearsals().is_empty());
    assert_eq!(bench.left_behind(), Vec::<String>::new());
}

#[test]
fn an_emulator_that_does_not_start_says_why_and_nothing_is_rehearsed() {
    let aws = ("aws", "echo aws-cli/2.13.0 Python/3.11");
    refused(&[aws, ("moto_server", "echo no memory is left >&2; exit 7")], "no memory is left");
}

#[test]
fn an_aws_that_would_ask_aws_itself_never_gets_into_a_lab() {
    let programs = [("aws", "echo aws-cli/2.9.19 Python/3.11"), ("moto_server", "sleep 600")];
    refused(
        &programs,
        "aws: this aws is none that AWS_ENDPOINT_URL keeps in a lab: aws-cli/2.9.19 ",
    );
}
