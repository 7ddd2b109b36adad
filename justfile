# What a person types while working on Holdpoint. `just` alone lists it.

_list:
    @just --list --unsorted

# everything that must hold: formatting, lints, documentation and every test
check:
    tests/all.sh

# the tests, or those whose names hold the words given
test *words:
    cargo test --locked --all-targets -- {{ words }}

# accept what the golden runs now print; the runs themselves never change
bless:
    HOLDPOINT_BLESS=1 cargo test --locked --test suite golden
    git status --short tests/data/golden

# drive a runbook with an optimised build: just run runbooks/quickstart.yaml
run *arguments:
    cargo run --release --locked -- run {{ arguments }}

# the documentation of the code
docs:
    cargo doc --locked --no-deps --lib --document-private-items

# what Holdpoint itself costs, beside a bare loop that spawns as many commands
bench rounds="5":
    tests/speed.sh {{ rounds }}

# write schemas/ from the code
schemas:
    cargo run --quiet --locked -- schema --output schemas

# everything that can go wrong, for hours: simulated schedules, random runbooks, real kills, crowds, signals and floods, any bytes
soak schedules="20000000" rounds="30000":
    HOLDPOINT_SCHEDULES={{ schedules }} cargo test --release --locked --test simulation
    HOLDPOINT_ROUNDS={{ rounds }} cargo test --locked --test suite -- campaign journal:: faults::
    HOLDPOINT_KILLS=10000 HOLDPOINT_CROWDS=5000 cargo test --locked --test suite kills::
    HOLDPOINT_SIGNALS=5000 cargo test --locked --test suite signals::random
    HOLDPOINT_VOLUME=10000000000 cargo test --locked --test suite volume::
    HOLDPOINT_STEPS=100000 cargo test --release --locked --test suite -- --nocapture cli_timeline::long
    tests/fuzz/run.sh --seconds 1800

# give any bytes to what reads from outside, for so many seconds each: just fuzz 1800 journal
fuzz seconds="20" *targets:
    tests/fuzz/run.sh --seconds {{ seconds }} {{ targets }}

# write docs/rules/ from the code
rules-docs:
    cargo run --quiet --locked -- explain --output docs/rules

# make the pictures of the documentation anew, from a real run of the quickstart
pictures:
    tests/pictures.sh
