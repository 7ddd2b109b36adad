#!/bin/sh
# Makes the golden runs of the version of `holdpoint` that is found first, in a folder named after
# that version. They are made once for each release, kept for ever, and never made again.
set -eu
into=$(cd "$(dirname "$0")" && pwd)/$(holdpoint --version | cut -d ' ' -f 2)
[ ! -e "$into" ] || { echo "$into is there already" >&2; exit 1; }
bench=$(mktemp -d)
trap 'rm -rf "$bench"' EXIT
cd "$bench"

# NAME EXIT: drives the runbook on standard input, with the answers in `answers`, and keeps the run.
golden() {
  cat > "$1.yaml"
  [ -e answers ] || echo '{}' > answers
  code=0
  holdpoint --state "$bench/state" run "$1.yaml" --non-interactive --operator ada --incident INC-7 \
    --answers answers > "$1.log" 2>&1 || code=$?
  [ "$code" = "$2" ] || { cat "$1.log" >&2; echo "$1: exit $code, expected $2" >&2; exit 1; }
  keep "$1"
  rm -f answers
}

keep() {
  mkdir -p "$into/$1"
  for part in journal.jsonl keeper.jsonl runbook runbook-2 output; do
    [ ! -e "$bench"/state/runs/*/"$part" ] || cp -r "$bench"/state/runs/*/"$part" "$into/$1/"
  done
  rm -rf "$bench/state"
}

echo 'write: {approve: true, by: bob, note: looked at twice}' > answers
golden succeeded 0 << 'BOOK'
holdpoint: 1
id: succeeded
title: The orders are damaged
inputs: {table: {default: orders}}
confirm: [{title: they are gone, probe: {not: {file: orders}}}]
preconditions: [{id: space, title: there is room, probe: {run: 'true'}}]
steps:
  - {id: count, effect: read, run: echo 7, outputs: {rows: {type: int}}}
  - {id: none, when: steps.count.outputs.rows < 7, run: echo never}
  - id: write
    title: Write the orders
    gate: {ask: 'Write ${{ inputs.table }}?'}
    run: echo writing; touch orders
    verify: [{title: they are there, probe: {file: orders}}]
  - {id: again, done_when: {file: orders}, run: touch orders}
exit_criteria: [{title: the orders are there, probe: {file: orders}}]
finally: [{id: tell, notify: {template: resolved, to: everybody}}]
BOOK

golden ladder 0 << 'BOOK'
holdpoint: 1
id: ladder
title: The service is down
steps:
  - {id: stop, run: echo stopped, undo: {run: echo started, paired: true}}
  - id: bring-back
    ladder:
      - {id: restart, run: echo no such service >&2; exit 3}
      - {id: rebuild, run: touch rebuilt, undo: {run: rm rebuilt}}
exit_criteria: [{probe: {file: rebuilt}}]
BOOK

golden held 5 << 'BOOK'
holdpoint: 1
id: held
title: A step fails
steps:
  - {id: one, run: echo one}
  - {id: two, run: echo broken >&2; exit 2}
BOOK

# The driver and the keeper are killed in the middle of a step.
golden in-doubt 137 << 'BOOK'
holdpoint: 1
id: in-doubt
title: The driver is killed
steps:
  - {id: one, run: echo one}
  - id: two
    run: kill -9 $(sed 's/.*"pid":\([0-9]*\).*/\1/' state/runs/*/lock) $PPID; sleep 0.1
BOOK

# A step whose driver is killed is found again; the one after it is held until the runbook is mended.
book() {
  cat << BOOK
holdpoint: 1
id: adopted
title: A runbook is mended
steps:
  - id: two
    run: kill -9 \$(sed 's/.*"pid":\([0-9]*\).*/\1/' state/runs/*/lock); sleep 0.5; echo two
  - {id: three, run: $1}
BOOK
}
go_on() {
  code=0
  holdpoint --state "$bench/state" "$@" --non-interactive --operator grace > go-on.log 2>&1 || code=$?
}
book 'echo broken >&2; exit 2' > adopted.yaml
go_on run adopted.yaml
go_on resume
[ "$code" = 5 ] || { cat go-on.log >&2; exit 1; }
book 'echo three' > adopted.yaml
go_on adopt --reason 'the option is called otherwise'
go_on resume --resolve three=retry --reason 'it is mended'
[ "$code" = 0 ] || { cat go-on.log >&2; exit 1; }
keep adopted

echo 'drop: {reject: true, by: bob, reason: not today}' > answers
golden aborted 4 << 'BOOK'
holdpoint: 1
id: aborted
title: A gate is refused
steps:
  - {id: look, effect: read, run: echo looking}
  - {id: drop, gate: {ask: 'Drop it?'}, run: echo dropped}
finally: [{id: tidy, run: echo tidy}]
BOOK

golden each 0 << 'BOOK'
holdpoint: 1
id: each
title: For every host
inputs: {hosts: {type: list, default: [db-1, db-2]}}
steps:
  - id: restart
    each: {in: inputs.hosts, as: host, parallel: 1}
    run: 'echo restarting ${{ host }}'
BOOK

cat > inner.yaml << 'BOOK'
holdpoint: 1
id: inner
title: Inner
inputs: {table: {}}
outputs: {rows: steps.count.outputs.rows}
steps:
  - {id: count, run: 'echo counting ${{ inputs.table }} >&2; echo 42', outputs: {rows: {type: int}}}
finally: [{id: tidy, run: echo tidy}]
BOOK
golden include 0 << 'BOOK'
holdpoint: 1
id: include
title: Another runbook as a step
steps:
  - {id: part, include: inner.yaml, inputs: {table: orders}}
  - {id: use, run: 'echo ${{ steps.part.outputs.rows }}'}
BOOK

cat > answers << 'ANSWERS'
tell:
  by: bob
  items:
    the page is updated: {evidence: {link: 'https://status.example/7'}}
    vendors are told: {waived: there are none}
ANSWERS
golden checklist 0 << 'BOOK'
holdpoint: 1
id: checklist
title: Tell everybody
steps:
  - id: tell
    checklist:
      - {item: the page is updated, evidence: [link]}
      - {item: vendors are told, if_applicable: true}
BOOK
