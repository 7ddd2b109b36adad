//! A Redis Cluster: three masters with replicas, all on this machine's loopback.
//!
//! No replica becomes a master unless it is told to, so that a rehearsal does it by hand. When it is
//! handed on, every replica holds what its master does: one that took over before that would be empty.

use std::path::Path;

use super::ground::{self, Ground, Learned, facts, quoted, text};
use super::redis::{server, settings};

/// How many nodes have slots.
const MASTERS: usize = 3;

/// The most replicas of a master that a lab starts.
const MOST: usize = 4;

/// Makes and starts it.
pub(super) async fn start(ground: &Ground<'_>) -> Result<Learned, String> {
    let replicas = ground.setting("replicas", "1");
    let count = replicas.parse().ok().filter(|count| (1..=MOST).contains(count));
    let count = count.ok_or_else(|| format!("replicas: {replicas} is not 1 to {MOST}"))?;
    let password = ground::random(12).map_err(|error| error.to_string())?;
    let mut ports = Vec::new();
    for _ in 0..MASTERS * (1 + count) {
        ports.push(ground.on_free_port(async |port| node(ground, port, &password).await).await?);
    }
    let words: Vec<String> = ports.iter().map(u16::to_string).collect();
    let ports = words.join(" ");
    let ctl = ground.program("ctl", &control(&ground.folder(), &ports))?;
    let join = ground.program("join", &joining(&ground.folder()))?;
    let mut command = vec![text(&join)];
    command.extend(words.iter().cloned());
    ground.run(&command.iter().map(String::as_str).collect::<Vec<_>>()).await?;
    let nodes: Vec<String> = words.iter().map(|port| format!("127.0.0.1:{port}")).collect();
    Ok(facts([
        ("folder", text(&ground.folder())),
        ("user", ground.user().await?),
        ("host", "127.0.0.1".to_owned()),
        ("port", words.first().cloned().unwrap_or_default()),
        ("ports", ports),
        ("nodes", format!("[\"{}\"]", nodes.join("\", \""))),
        ("password", password),
        ("ctl", text(&ctl)),
    ]))
}

/// Starts one node, which knows of no other yet.
async fn node(ground: &Ground<'_>, port: u16, password: &str) -> Result<(), String> {
    let name = port.to_string();
    let data = ground.make(&format!("{name}/data"))?;
    let bus = ground::free_port()?;
    let config = ground.write(
        &format!("{name}/redis.conf"),
        &format!(
            "port {port}\ncluster-port {bus}\nbind 127.0.0.1\ndir {}\nrequirepass {password}\n\
             masterauth {password}\nsave 3600 1\nappendonly yes\nappendfsync no\ncluster-enabled yes\n\
             cluster-config-file nodes.conf\ncluster-node-timeout 3000\n\
             cluster-replica-no-failover yes\nrepl-diskless-sync-delay 0\n",
            data.display()
        ),
    )?;
    let settings = settings(&config);
    let script = server(&settings).script(&ground.folder().join(&name));
    let ctl = ground.program(&format!("{name}/ctl"), &script)?;
    ground.run(&[&ctl.to_string_lossy(), "start"]).await?;
    ground.unit(&format!("{}{port}", ground.setting("unit", "redis-server@")), &ctl)
}

/// Makes one cluster of the nodes on these ports, and waits until it is whole.
fn joining(folder: &Path) -> String {
    format!(
        r#"#!/bin/sh
set -eu
cd {folder}
REDISCLI_AUTH=$(sed -n 's/^requirepass //p' "$1/redis.conf")
export REDISCLI_AUTH
at() {{ node=$1; shift; redis-cli -e -h 127.0.0.1 -p "$node" "$@"; }}
wait_for() {{
  for _ in $(seq 600); do
    if at "$1" $2 | grep -q "$3"; then return; fi
    sleep 0.05
  done
  echo "port $1: no $3 in $2" >&2
  exit 1
}}
at "$1" CLUSTER ADDSLOTSRANGE 0 5460
at "$2" CLUSTER ADDSLOTSRANGE 5461 10922
at "$3" CLUSTER ADDSLOTSRANGE 10923 16383
n=0
for port; do
  # Nodes that all begin with the same epoch take their time to agree.
  n=$((n + 1))
  at "$port" CLUSTER SET-CONFIG-EPOCH "$n"
  [ "$n" = 1 ] || at "$1" CLUSTER MEET 127.0.0.1 "$port" "$(sed -n 's/^cluster-port //p' "$port/redis.conf")"
done
for port; do wait_for "$port" 'CLUSTER INFO' "^cluster_known_nodes:$#.\?$"; done
n=0
for port; do
  n=$((n + 1))
  [ "$n" -gt {MASTERS} ] || continue
  eval "master=\${{$(((n - 1) % {MASTERS} + 1))}}"
  id=$(at "$master" CLUSTER MYID)
  # It may have been told of, and not been met yet.
  for _ in $(seq 100); do if at "$port" CLUSTER REPLICATE "$id"; then break; fi; sleep 0.05; done
done
n=0
for port; do
  n=$((n + 1))
  [ "$n" -le {MASTERS} ] || wait_for "$port" 'INFO replication' '^master_link_status:up'
  wait_for "$port" 'CLUSTER INFO' '^cluster_state:ok'
done
# Every node must know every replica as one.
for port; do
  for _ in $(seq 600); do
    [ "$(at "$port" CLUSTER NODES | grep -c ' \(myself,\)\?slave[, ]')" -lt "$(($# - {MASTERS}))" ] || break
    sleep 0.05
  done
done
"#,
        folder = quoted(folder)
    )
}

/// Does the same to every node, or to that on the port that follows.
fn control(folder: &Path, ports: &str) -> String {
    format!(
        r#"#!/bin/sh
set -eu
cd {folder}
verb=${{1:-}}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- {ports}
code=0
for port; do "./$port/ctl" "$verb" || code=$?; done
exit $code
"#,
        folder = quoted(folder)
    )
}
