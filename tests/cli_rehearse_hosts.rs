//! `rehearse --lab` with hosts: what goes over SSH arrives where it should, and nowhere else; and with
//! an nginx, which is the front of what is served.
//!
//! Where OpenSSH or nginx is not installed these tests say so on standard error and prove nothing.

use std::fs;

use serde_json::Value;

use crate::harness::{Bench, eventually};
use crate::lab::needs;
use crate::lab::sshd::is_left_out;

/// A list that is fetched from one host to another, by the way of a third.
const BOOK: &str = r#"
    holdpoint: 1
    id: three-hosts
    title: The new host has nothing of the old one
    defaults: {shell: sh -eu}
    inputs:
      old: {default: old.example.com}
      new: {default: new.example.com}
    targets: {old: {ssh: "${{ inputs.old }}"}, new: {ssh: "${{ inputs.new }}"}}
    steps:
      - id: fetch
        target: new
        run: |
          old=${{ inputs.old }}
          rsync -a "$old:list" list
          scp -q list db:list
          echo "$LAB_HOST at $PWD" > place
          setsid sleep 600 > /dev/null 2>&1 < /dev/null &
      - {id: start, target: new, run: systemctl start shop}
    exit_criteria:
      - {title: the list is there, probe: {target: new, file: list}}
    lab:
      components: {old: {kind: host}, new: {kind: host}, db: {kind: host}}
      inputs: {old: "${{ lab.old.name }}", new: "${{ lab.new.name }}"}
      seed:
        - ssh old 'seq 3 > list'
        - |
          printf '%s\n' '#!/bin/sh' 'echo "$1" >> ~/told' > "$LAB_NEW_UNITS/shop"
          chmod 755 "$LAB_NEW_UNITS/shop"
      inject: [ssh new 'touch lost']
      symptoms: [{file: "${{ lab.new.home }}/lost"}]
      prove:
        - {run: [ssh, new, cat place], expect: {stdout: {equals: "new at ${{ lab.new.home }}"}}}
        - {run: [ssh, new, cat told], expect: {stdout: {equals: start}}}
        - {run: [ssh, db, cat list], expect: {stdout: {equals: "1\n2\n3"}}}
"#;

/// Rehearses it with some of it changed.
fn rehearse(changes: &[(&str, &str)], exit: i32) -> (Bench, String) {
    let mut text = BOOK.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    let bench = Bench::new().runbook("book.yaml", &text);
    let args = ["rehearse", "book.yaml", "--lab", "--non-interactive"];
    let printed = bench.args(args).stdout_contains("").stderr_contains("LAB: ").exit(exit);
    eventually("nothing of the lab runs", || bench.left_behind().is_empty());
    (bench, printed.stdout)
}

#[test]
fn steps_go_to_the_hosts_of_the_lab_and_what_they_leave_there_is_ended() {
    if is_left_out() {
        return;
    }
    let (bench, _) = rehearse(&[], 0);
    let text = fs::read_to_string(bench.rehearsals()[0].join("report.json"));
    let report: Value = serde_json::from_str(&text.expect("it is kept")).expect("it is JSON");
    assert_eq!((&report["tier"], &report["left"]), (&"T1".into(), &Value::Null));
    let proofs = report["proofs"].as_array().expect("it has proofs");
    assert!(proofs.iter().all(|it| it["holds"] == true) && proofs.len() == 3, "{report}");
}

#[test]
fn no_way_over_ssh_leads_out_of_the_lab() {
    if is_left_out() {
        return;
    }
    let ways = [
        "ssh production.example.com true",
        "ssh -p 1 127.0.0.1 true",
        "ssh -o ProxyCommand=none -p 1 127.0.0.1 true",
        "ssh -o HostName=localhost new true",
        "ssh -o ProxyCommand=none -o HostName=localhost new true",
        "ssh -F /dev/null localhost true",
        "scp -q list production.example.com:",
        "sftp -q -b /dev/null production.example.com",
        "rsync -a list production.example.com:",
        // A connection that somebody else has made, and a client that takes another ssh.
        "ssh -S shared new true",
        "ssh -o ControlPath=shared new true",
        "ssh -o ControlMaster=auto -o ControlPath=shared new true",
        "scp -q -S /usr/bin/ssh list new:",
        "scp -q -S/usr/bin/ssh list new:",
        "sftp -q -b /dev/null -S /usr/bin/ssh new",
    ];
    let tried: String = ways.iter().map(|way| format!("! {way} || exit 9\n          ")).collect();
    let (_, printed) = rehearse(&[("setsid sleep 600 > /dev/null 2>&1 < /dev/null &", &tried)], 0);
    let told = printed.matches("ssh: this is no host of the lab; its hosts: db new old").count();
    assert_eq!(told, ways.len(), "{printed}");
}

#[test]
fn a_host_that_is_not_there_or_has_another_key_is_not_entered() {
    if is_left_out() {
        return;
    }
    let inject = "inject: [ssh new 'touch lost'";
    let gone = format!("{inject}, '\"$LAB_NEW_CTL\" stop'");
    let (_, printed) = rehearse(&[(inject, &gone)], 5);
    assert!(printed.contains("is held: ssh: connect to host 127.0.0.1 port "), "{printed}");
    let other = format!(
        "{inject}, 'rm \"$LAB_NEW_HOST_KEY\"*; \
         ssh-keygen -q -t ed25519 -N \"\" -f \"$LAB_NEW_HOST_KEY\"; \"$LAB_NEW_CTL\" restart'"
    );
    let (_, printed) = rehearse(&[(inject, &other)], 5);
    assert!(printed.contains("is held: Host key verification failed."), "{printed}");
}

#[test]
fn a_unit_that_is_masked_on_one_host_is_started_on_no_way_there() {
    if is_left_out() {
        return;
    }
    let masked = "systemctl mask --now shop; systemctl is-enabled shop || systemctl start shop";
    let start = ("run: systemctl start shop", &*format!("run: '{masked}'"));
    let (_, printed) = rehearse(&[start], 5);
    assert!(printed.contains("> Failed to start shop.service: Unit shop.service is masked."));
    let back = format!("{masked} || systemctl unmask shop; systemctl start shop");
    let told = ("stdout: {equals: start}", "stdout: {equals: \"stop\\nstart\"}");
    rehearse(&[("run: systemctl start shop", &format!("run: '{back}'")), told], 0);
}

#[test]
fn a_container_is_no_host_and_without_a_host_there_is_none() {
    for (from, to) in [
        ("targets: {old: {ssh: \"${{ inputs.old }}\"}", "targets: {old: {docker: old}"),
        ("{old: {kind: host}, new: {kind: host}, db: {kind: host}}", "[folder]"),
    ] {
        let mut text = BOOK.replace(from, to);
        if to.contains("docker") {
            text = text.replace("{id: start, target: new", "{id: start, target: old");
        } else {
            let (before, _) =
                text.split_once("      inputs: {old: \"${{ lab").expect("it has some");
            text =
                format!("{before}      inject: [ls]\n      symptoms: [{{file: /nonexistent}}]\n");
        }
        let bench = Bench::new().runbook("book.yaml", &text);
        let told = "its steps run on other machines, which are none of the lab";
        bench.args(["rehearse", "book.yaml", "--lab"]).stderr_contains(told).exit(2);
    }
}

/// A front before two others, of which one is wrong: what its backend says is what the front says.
const FRONT: &str = r#"
    holdpoint: 1
    id: front-dark
    title: The front reaches nobody
    defaults: {shell: sh -eu}
    inputs:
      url: {type: url}
      backends: {type: path}
      address: {default: 127.0.0.1:8080}
      unit: {default: nginx}
    confirm:
      - {id: dark, title: it says 502, probe: {http: "${{ inputs.url }}", expect: {status: 502}}}
    steps:
      - id: switch
        effect: idempotent
        run: |
          file=${{ inputs.backends }}
          unit=${{ inputs.unit }}
          address=${{ inputs.address }}
          printf 'server %s;\n' "$address" > "$file"
          systemctl reload "$unit"
        verify:
          - {title: it answers, probe: {http: "${{ inputs.url }}", within: 10s, every: 100ms}}
    exit_criteria:
      - {title: it answers, probe: {http: "${{ inputs.url }}", expect: {status: 200}}}
    lab:
      components: {front: {kind: nginx}, shop: {kind: nginx}}
      inputs:
        url: "${{ lab.front.url }}"
        backends: "${{ lab.front.backends }}"
        address: "127.0.0.1:${{ lab.shop.port }}"
        unit: front
      seed:
        # The shop answers by itself.
        - |
          sed -i 's/proxy_pass .*/return 200 "orders\\n";/; /proxy_connect_timeout/d' "$LAB_SHOP_CONFIG"
          systemctl restart shop
          echo "server 127.0.0.1:$LAB_SHOP_PORT;" > "$LAB_FRONT_BACKENDS"
          systemctl restart front
      inject: ['echo "server 127.0.0.1:1;" > "$LAB_FRONT_BACKENDS"; systemctl restart front']
      symptoms: [{http: "${{ lab.front.url }}", expect: {status: 502}}]
      prove:
        - {http: "${{ lab.front.url }}", expect: {body: {contains: orders}}}
        - {run: 'tail -n 1 "$LAB_SHOP_ACCESS"', expect: {stdout: {contains: "200"}}}
        # What is wrong in it is refused, and what was there serves on.
        - {run: 'echo wrong > "$LAB_FRONT_BACKENDS"; ! systemctl reload front'}
        - {http: "${{ lab.front.url }}", expect: {status: 200}}
"#;

#[test]
fn a_front_says_502_while_it_reaches_nobody_and_200_once_it_is_switched() {
    if needs::are_lacking(&["nginx"]) {
        return;
    }
    let bench = Bench::new().runbook("book.yaml", FRONT);
    let args = ["rehearse", "book.yaml", "--lab", "--non-interactive"];
    let printed = bench.args(args).stdout_contains("").stderr_contains("LAB: ").exit(0);
    assert!(printed.stdout.contains("components  front (nginx), shop (nginx); tier T1"));
    eventually("nothing of the lab runs", || bench.left_behind().is_empty());
}
