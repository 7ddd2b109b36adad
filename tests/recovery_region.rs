//! A region that is lost, with its database and its API, and the runbook that leads everybody to the
//! other one, and back, in its own lab: two clusters of PostgreSQL, the second a standby of the first, and
//! a name that BIND or an emulator of Route 53 serves.
//!
//! Where one of them is not installed these tests say so on standard error and prove nothing.

use serde_json::json;

use crate::harness::Bench;
use crate::lab::killed::{Before, Killed, kill};
use crate::lab::needs;
use crate::lab::postgres::Postgres;
use crate::lab::rehearsed::{Rehearsed, rehearse};
use crate::lab::taken_back::{Back, take_back};

const RUNBOOK: &str = "runbooks/ai-workflow-platform/region-failure.yaml";

/// The steps that nobody wants in a region that is well, or towards a standby that is not.
const GOING_OVER: &[&str] = &["fence", "promote", "cut-over"];

fn is_left_out() -> bool {
    let programs = ["named", "nsupdate", "dig", "curl", "moto_server", "aws"];
    needs::are_lacking(&programs) || Postgres::is_left_out()
}

#[track_caller]
fn assert_recovered_in_order(rehearsed: &Rehearsed) {
    let steps = [
        "capture",
        "lower-ttl",
        "replayed",
        "measure",
        "read-all",
        "fence",
        "promote",
        "services",
        "cut-over",
        "notify",
    ];
    assert_eq!(rehearsed.begun_of(&steps), steps);
    // Twenty rows were written after the stream had broken, and nobody will see them again.
    rehearsed.assert_recovered("T1", Some(1));
}

/// Nobody was led anywhere, and the failed region may come back as it was.
#[track_caller]
fn assert_nothing_went_over(rehearsed: &Rehearsed) {
    let begun = rehearsed.begun();
    assert!(!begun.iter().any(|it| GOING_OVER.contains(&it.as_str())), "{begun:?}");
}

#[test]
fn a_region_that_is_lost_is_cut_off_before_the_name_leads_to_the_standby() {
    if !is_left_out() {
        assert_recovered_in_order(&rehearse(RUNBOOK, &[], 0));
    }
}

#[test]
fn a_name_of_route_53_is_led_over_with_the_real_aws_cli() {
    if !is_left_out() {
        assert_recovered_in_order(&rehearse(RUNBOOK, &[("dns: bind\n", "dns: route53\n")], 0));
    }
}

#[test]
fn a_standby_with_a_damaged_page_is_seen_before_anything_is_cut_off() {
    if is_left_out() {
        return;
    }
    let signal = "      as_owner touch \"$LAB_STANDBY_DATA/standby.signal\"\n";
    let damage = format!(
        "{signal}      relation=$(\"$PGBIN/psql\" -X -At -h \"$LAB_PRIMARY_SOCKET\" -p \"$LAB_PRIMARY_PORT\" -c \"SELECT pg_relation_filepath('runs')\")\n      \
         as_owner dd if=/dev/urandom of=\"$LAB_STANDBY_DATA/$relation\" bs=1 seek=$((3 * 8192 + 2048)) count=1024 conv=notrunc status=none\n"
    );
    let rehearsed = rehearse(RUNBOOK, &[(signal, &damage)], 5);
    assert_eq!(rehearsed.begun().last().map(String::as_str), Some("read-all"));
    assert_nothing_went_over(&rehearsed);
}

#[test]
fn where_the_other_region_has_no_standby_nothing_begins() {
    if is_left_out() {
        return;
    }
    let last = "      while \"$LAB_PRIMARY_CTL\" status > status; do sleep 0.1; done\n";
    let promoted = format!(
        "{last}      \"$PGBIN/psql\" -X -At -h \"$LAB_STANDBY_SOCKET\" -p \"$LAB_STANDBY_PORT\" -c 'SELECT pg_promote()'\n"
    );
    let rehearsed = rehearse(RUNBOOK, &[(last, &promoted)], 3);
    assert_eq!(rehearsed.begun(), Vec::<String>::new());
}

#[test]
fn a_wrong_key_for_the_zone_shows_before_anything_is_cut_off() {
    if is_left_out() {
        return;
    }
    let changes = [
        ("dns_key: \"${{ lab.dns.key }}\"", "dns_key: \"${{ lab.work }}/wrong.key\""),
        (
            "      ./region.sh\n      setsid",
            "      sed 's/secret .*/secret \"d3Jvbmc=\";/' \"$LAB_DNS_KEY\" > wrong.key\n      ./region.sh\n      setsid",
        ),
    ];
    let rehearsed = rehearse(RUNBOOK, &changes, 5);
    assert_eq!(rehearsed.begun().last().map(String::as_str), Some("lower-ttl"));
    assert_nothing_went_over(&rehearsed);
}

#[test]
fn a_wrong_word_at_the_gate_leads_nobody_anywhere() {
    if !is_left_out() {
        let wrong = ("{word: api.platform.local, by", "{word: platform.local, by");
        assert_nothing_went_over(&rehearse(RUNBOOK, &[wrong], 5));
    }
}

#[test]
fn a_name_server_that_does_not_start_says_why_and_nothing_is_rehearsed() {
    if is_left_out() {
        return;
    }
    let bench = Bench::new().with_programs().runbook(
        "book.yaml",
        "
        holdpoint: 1
        id: named
        title: A name is needed
        steps: [{id: look, run: 'true'}]
        lab: {components: [dns], inject: ['true'], symptoms: [{run: 'true'}]}
        ",
    );
    bench.program("named", "echo no memory is left; exit 1");
    let args = ["rehearse", "book.yaml", "--lab", "--non-interactive"];
    bench.args(args).stderr_contains("no memory is left").exit(3);
    assert_eq!(bench.left_behind(), Vec::<String>::new());
}

#[test]
fn a_driver_killed_between_the_regions_is_resumed_to_the_same_end() {
    if is_left_out() {
        return;
    }
    let place =
        Before("\"$PGBIN/psql\" -X -At -v ON_ERROR_STOP=1 -c \"SELECT pg_promote(true, 240)\"");
    let journal = kill(RUNBOOK, &[], &place, Killed::Everything(""));
    assert_eq!(journal.count("step_started", "fail-over/promote"), 2);
    assert_eq!(journal.count("step_started", "fail-over/fence"), 1);
}

#[test]
fn a_name_that_has_an_address_of_ipv6_too_is_seen_before_anything_begins() {
    if is_left_out() {
        return;
    }
    let led = "\"update add api.platform.local 600 A 127.0.0.2\" send";
    let both = "\"update add api.platform.local 600 A 127.0.0.2\" \"update add api.platform.local 600 AAAA 2001:db8::2\" send";
    let rehearsed = rehearse(RUNBOOK, &[(led, both)], 3);
    assert_eq!(rehearsed.begun(), [""; 0]);
}

#[test]
fn all_of_it_goes_back_to_the_old_region_with_the_records_that_were_kept() {
    if is_left_out() {
        return;
    }
    let back = Back {
        // What is written to the other region meanwhile is kept, and not lost without a word.
        meanwhile: "\"$PGBIN/psql\" -X -q -h \"$LAB_STANDBY_SOCKET\" -p \"$LAB_STANDBY_PORT\" -c \"INSERT INTO runs VALUES (7000, 'meanwhile')\"\n",
        answers: json!({"fail-over/promote~undo": {"word": "api.platform.local", "by": "incident-commander"}}),
        proofs: &[
            "[ \"$(dig +noall +answer +norecurse -p \"$LAB_DNS_PORT\" @127.0.0.1 api.platform.local A | awk '{ print $2, $5 }')\" = '600 127.0.0.2' ]",
            "curl --fail --silent --max-time 10 \"http://127.0.0.2:$LAB_DNS_PORT/health\"",
            "! curl --fail --silent --max-time 10 \"http://127.0.0.3:$LAB_DNS_PORT/health\"",
            "[ \"$(./fence.sh status)\" = off ]",
            // In the old region nothing is lost, and the other one takes nothing any more.
            "[ \"$(\"$PGBIN/psql\" -X -At -h \"$LAB_PRIMARY_SOCKET\" -p \"$LAB_PRIMARY_PORT\" -c 'SELECT count(*) FROM runs')\" = 5020 ]",
            "! \"$PGBIN/psql\" -X -q -h \"$LAB_STANDBY_SOCKET\" -p \"$LAB_STANDBY_PORT\" -c \"INSERT INTO runs VALUES (7001, 'late')\"",
            "\"$PGBIN/pg_restore\" --data-only --table=runs --file=- evidence/standby-*.dump | grep -q meanwhile",
        ],
    };
    let journal = take_back(RUNBOOK, &[], &back);
    let undone: Vec<&str> =
        journal.steps("step_started").into_iter().filter(|it| it.ends_with("~undo")).collect();
    assert_eq!(undone, ["fail-over/promote~undo", "fail-over/fence~undo", "name/lower-ttl~undo"]);
}
