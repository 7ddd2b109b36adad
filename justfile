# What a person types while working on Holdpoint. `just` alone lists it.

_list:
    @just --list --unsorted

# everything that must hold: formatting, lints, documentation and every test
check:
    tests/all.sh

# the tests, or those whose names hold the words given
test *words:
    cargo test --locked --all-targets -- {{ words }}

# accept what the golden files should now hold
bless:
    @echo "There are no golden files yet, so there is nothing to accept."

# drive a runbook with an optimised build: just run runbooks/quickstart.yaml
run *arguments:
    cargo run --release --locked -- run {{ arguments }}

# the documentation of the code
docs:
    cargo doc --locked --no-deps --lib --document-private-items

# measure against the goals for speed
bench:
    @echo "The benchmarks are not built yet." >&2; exit 1

# write schemas/ from the code
schemas:
    cargo run --quiet --locked -- schema --output schemas

# play simulated schedules and random runbooks, with all that goes wrong, for hours
soak schedules="20000000" rounds="30000":
    HOLDPOINT_SCHEDULES={{ schedules }} cargo test --release --locked --test simulation
    HOLDPOINT_ROUNDS={{ rounds }} cargo test --locked --test suite campaign
