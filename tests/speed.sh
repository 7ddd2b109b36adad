#!/usr/bin/env bash
# A chain of 1,000 steps against a bare loop that spawns as many commands: what Holdpoint itself costs.
#
#   tests/speed.sh [ROUNDS]    prints medians of so many rounds (3), each of them a pair
#
# Nothing is asserted here: other work on the machine changes the figures. The aims are 1.10 of the
# loop's cpu time with durability `process`, and 1.25 of its wall time with `power`.
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-3}
steps=1000

cargo build --quiet --release --locked
holdpoint=$PWD/target/release/holdpoint
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

{
  printf 'holdpoint: 1\nid: chain\ntitle: Chain\ndefaults: {shell: sh}\nsteps:\n'
  for ((i = 0; i < steps; i++)); do echo "  - {id: s$i, run: 'true'}"; done
} > "$folder/chain.yaml"
printf 'holdpoint: 1\nid: one\ntitle: One\nsteps: [{id: a, shell: sh, run: "true"}]\n' > "$folder/one.yaml"
echo "i=0; while [ \$i -lt $steps ]; do sh -c true; i=\$((i + 1)); done" > "$folder/loop.sh"

# The cpu time (user and system, with all that it waited for) and the wall time of a command, in seconds.
timed() {
  local TIMEFORMAT='%U %S %R'
  { time HOLDPOINT_STATE=$folder/state "$@" > "$folder/out" 2>&1; } 2>&1 | awk '{ print $1 + $2, $3 }'
  rm -rf "$folder/state"
}

median() { sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

cd "$folder"
echo 'i=0; while [ $i -lt 20 ]; do sh -c true; i=$((i + 1)); done' > twenty.sh
echo "i=0; while [ \$i -lt 20 ]; do '$holdpoint' run one.yaml --durability process; i=\$((i + 1)); done" > ones.sh
for ((round = 0; round < rounds; round++)); do
  for durability in process power; do
    read -r base_cpu base_wall < <(timed sh loop.sh)
    read -r cpu wall < <(timed "$holdpoint" run chain.yaml --durability "$durability")
    awk -v a="$base_cpu" -v b="$base_wall" -v c="$cpu" -v d="$wall" \
      'BEGIN { print c / a, d / b, c, d }' >> "$durability.ratios"
  done
  read -r base_cpu _ < <(timed sh twenty.sh)
  read -r cpu _ < <(timed sh ones.sh)
  awk -v a="$base_cpu" -v c="$cpu" 'BEGIN { print c / a }' >> one.ratios
done
for durability in process power; do
  printf 'speed: chain of %s steps, durability %s: %.2f of the cpu and %.2f of the wall time of a bare loop\n' \
    "$steps" "$durability" "$(cut -d ' ' -f 1 "$durability.ratios" | median)" \
    "$(cut -d ' ' -f 2 "$durability.ratios" | median)"
done
printf 'speed: a run of one step: %.1f times the cpu time of sh -c true\n' "$(median < one.ratios)"
