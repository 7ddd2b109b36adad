#!/usr/bin/env bash
# Plays the fuzz targets under libFuzzer.
#
#   tests/fuzz/run.sh                       every target for 20 seconds, two at a time, from one seed:
#                                           in a fresh clone the same inputs in the same order
#   tests/fuzz/run.sh --seconds N TARGET…   some of them, or all, for so long, each time others
#   tests/fuzz/run.sh --one FILE TARGET     one input, such as one that broke something
#   tests/fuzz/run.sh --shrink FILE TARGET  a smaller input that breaks the same thing
#   tests/fuzz/run.sh --simulation          the simulation, in the same build; HOLDPOINT_SCHEDULES is how much of it
#
# HOLDPOINT_FUZZ_JOBS is how many run at a time. What is found stays in target/fuzz/found/TARGET;
# inputs that reach more than those before are kept in target/fuzz/corpus/TARGET for the next time.
set -euo pipefail
cd "$(dirname "$0")/../.."

fail() {
  printf 'tests/fuzz/run.sh: %s\n' "$*" >&2
  exit 2
}

work=target/fuzz
host=$(rustc --print host-tuple)
program=$work/$host/release/holdpoint-fuzz
all=()
for folder in tests/fuzz/seeds/*/; do
  all+=("$(basename "$folder")")
done

# A command of cargo with the counters that libFuzzer reads, by flags that every toolchain has. No
# sanitizer: the engine has no unsafe code, and what is looked for are panics and broken promises.
built() {
  # The same versions as in Holdpoint itself; cargo adds those that are needed here only.
  cp Cargo.lock tests/fuzz/Cargo.lock
  counted "$@"
}

counted() {
  local flags=(
    -Cpasses=sancov-module
    -Cllvm-args=-sanitizer-coverage-level=4
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters
    -Cllvm-args=-sanitizer-coverage-pc-table
    -Cllvm-args=-sanitizer-coverage-trace-compares
  )
  # Given with a target, the flags are not used for build scripts and macros.
  RUSTFLAGS="${flags[*]}" cargo "$1" --quiet --release --manifest-path tests/fuzz/Cargo.toml \
    --target-dir "$work" --target "$host" "${@:2}"
}

build() { built build; }

# One target for so many seconds; what it prints goes into its log.
play() {
  local target=$1 seconds=$2
  mkdir -p "$work/corpus/$target" "$work/found/$target"
  local dictionary=()
  [ ! -e "tests/fuzz/words/$target" ] || dictionary=("-dict=tests/fuzz/words/$target")
  HOLDPOINT_FUZZ=$target "$program" "$work/corpus/$target" "tests/fuzz/seeds/$target" \
    -seed="$seed" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=16384 -len_control=10 \
    -print_final_stats=1 -verbosity=1 "${dictionary[@]}" \
    -artifact_prefix="$work/found/$target/" > "$work/$target.log" 2>&1
}

# What came of a target: how much was played, or what broke and how to see it again.
tell() {
  local target=$1 status=$2 log=$work/$1.log
  if [ "$status" = 0 ]; then
    local played kept
    played=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    kept=$(find "$work/corpus/$target" -type f | wc -l)
    printf '%-10s %12s inputs played, %s kept\n' "$target" "$played" "$kept"
    return
  fi
  local input
  input=$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)
  sed -n '/panicked at/,/^stack backtrace/p' "$log" | head -n 40 >&2
  printf '%s: broken by %s\n' "$target" "${input:-no input: see $log}" >&2
  [ -z "$input" ] || printf '  to see it again: tests/fuzz/run.sh --one %s %s\n' "$input" "$target" >&2
}

seconds=20
seed=1
case "${1-}" in
  --one | --shrink)
    [ $# = 3 ] || fail "$1 wants a file and a target"
    build
    how=()
    [ "$1" = --one ] || how=(-minimize_crash=1 -runs=100000 "-exact_artifact_path=$2.small")
    HOLDPOINT_FUZZ=$3 exec "$program" "${how[@]}" "$2"
    ;;
  --simulation)
    # Two processes of one thread each: threads of one process wait for each other at the counters.
    export HOLDPOINT_SCHEDULES=$(((${HOLDPOINT_SCHEDULES:-200000} + 1) / 2)) HOLDPOINT_THREADS=1
    simulation() { counted test --test simulation -- --test-threads 1 "$@"; }
    built test --test simulation --no-run
    status=0
    HOLDPOINT_SEEDS=known simulation &
    HOLDPOINT_SEEDS=fresh simulation no_law_is_broken_whatever_goes_wrong || status=$?
    wait $! || status=$?
    exit "$status"
    ;;
  --seconds)
    seconds=${2-}
    seed=0 # libFuzzer takes another one each time
    shift 2 || fail "--seconds wants a number"
    ;;
esac
targets=("$@")
[ $# -gt 0 ] || targets=("${all[@]}")
for target in "${targets[@]}"; do
  [ -d "tests/fuzz/seeds/$target" ] || fail "there is no target $target; there are: ${all[*]}"
done
command -v c++ > /dev/null || fail "libFuzzer needs a C++ compiler: install g++"
build

jobs=${HOLDPOINT_FUZZ_JOBS:-2}
broken=0
# In rounds, so that each status is that of its target.
for ((at = 0; at < ${#targets[@]}; at += jobs)); do
  round=("${targets[@]:at:jobs}")
  pids=()
  for target in "${round[@]}"; do
    play "$target" "$seconds" &
    pids+=($!)
  done
  for number in "${!round[@]}"; do
    status=0
    wait "${pids[number]}" || status=$?
    tell "${round[number]}" "$status"
    [ "$status" = 0 ] || broken=1
  done
done
exit "$broken"
