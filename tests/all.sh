#!/usr/bin/env bash
# Everything that must hold: formatting, lints, documentation and every test.
#
#   tests/all.sh             with what is there; says which tests are left out and how to get them
#   tests/all.sh --install   first installs what the tests need: as root, on Debian
set -euo pipefail
cd "$(dirname "$0")/.."

# With the seconds since the start, so that it is seen what takes the time.
say() { printf '== %s (%d s)\n' "$*" "$SECONDS"; }
fail() {
  printf 'tests/all.sh: %s\n' "$*" >&2
  exit 2
}

# The tests look in the same places.
has_postgresql() {
  command -v initdb > /dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' > /dev/null
}

has_openssh() {
  { command -v sshd || [ -x /usr/sbin/sshd ] || [ -x /usr/local/sbin/sshd ]; } > /dev/null &&
    command -v ssh > /dev/null && command -v ssh-keygen > /dev/null
}
has_dnsmasq() { command -v dnsmasq > /dev/null; }
has_redis() { command -v redis-server > /dev/null && command -v redis-cli > /dev/null; }
has_bind() {
  { command -v named || [ -x /usr/sbin/named ]; } > /dev/null && command -v nsupdate > /dev/null && command -v dig > /dev/null
}
has_nginx() { { command -v nginx || [ -x /usr/sbin/nginx ] || [ -x /usr/local/sbin/nginx ]; } > /dev/null; }
# What the recoveries of its services need too.
has_runit() { command -v runsvdir && command -v sv && command -v curl && command -v python3; } > /dev/null
has_aws() { command -v moto_server > /dev/null && command -v aws > /dev/null; }
has_clickhouse() { command -v clickhouse-server > /dev/null && command -v clickhouse-client > /dev/null; }
has_docker() { command -v dockerd > /dev/null && command -v docker > /dev/null && command -v docker-compose > /dev/null; }
has_rsync() { command -v rsync > /dev/null; }
has_git() { command -v git > /dev/null; }
has_curl() { command -v curl > /dev/null; }
# libFuzzer is built from source.
has_cxx() { command -v c++ > /dev/null; }
has_shellcheck() { command -v shellcheck > /dev/null; }
has_chromium() { command -v chromium || command -v chromium-browser || command -v google-chrome; } > /dev/null
has_strace() { strace -o /dev/null true 2> /dev/null; }

has_component() { cargo "$1" --version > /dev/null 2>&1; }

# The output of a quiet command is shown only when it fails.
quietly() {
  local log
  log=$(mktemp)
  if ! "$@" > "$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    fail "failed: $*"
  fi
  rm -f "$log"
}

install_packages() {
  say "installing $*"
  [ -e /etc/debian_version ] || fail "--install knows Debian only; install these yourself: $*"
  [ "$(id -u)" = 0 ] || fail "--install must be root to install: $*"
  # The tests make clusters of their own. Told so, the package makes none, and so no service is left running.
  local told=/etc/postgresql-common/createcluster.d/holdpoint-tests.conf
  mkdir -p "${told%/*}"
  trap 'rm -f '"$told" EXIT
  echo 'create_main_cluster = false' > "$told"
  # Nor is a server that lets people in started now or with the machine.
  case " $* " in
    *' openssh-server '*)
      mkdir -p /etc/ssh
      echo 'tests/all.sh: the tests start servers of their own' > /etc/ssh/sshd_not_to_be_run
      ;;
  esac
  # Nor any other: the tests start what they need.
  local policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    trap 'rm -f '"$told $policy" EXIT
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod 755 "$policy"
  else
    policy=
  fi
  export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
  quietly apt-get -qq update
  quietly apt-get -qq install --yes --no-install-recommends "$@"
  rm -f "$told" ${policy:+"$policy"}
}

# A folder of its own, so that nothing of the machine's Python is changed.
install_from_pypi() {
  say "installing $(grep -cv '^#' tests/requirements.txt) packages of PyPI"
  local folder=/usr/local/lib/holdpoint-tests program
  quietly python3 -m venv "$folder"
  quietly "$folder/bin/pip" install --quiet --no-deps --requirement tests/requirements.txt
  for program in aws moto_server; do ln -sf "$folder/bin/$program" /usr/local/bin/; done
}

install() {
  local packages=()
  command -v cc > /dev/null || packages+=(gcc libc6-dev)
  has_cxx || packages+=(g++)
  has_postgresql || packages+=(postgresql)
  has_openssh || packages+=(openssh-server openssh-client)
  # Only the program: the package `dnsmasq` would leave a service running.
  has_dnsmasq || packages+=(dnsmasq-base)
  has_redis || packages+=(redis-server)
  has_bind || packages+=(bind9 bind9-dnsutils)
  has_nginx || packages+=(nginx-light)
  has_runit || packages+=(runit curl python3)
  has_clickhouse || packages+=(clickhouse-server clickhouse-client)
  has_docker || packages+=(docker.io docker-compose)
  has_rsync || packages+=(rsync)
  has_aws || command -v python3 > /dev/null || packages+=(python3)
  has_aws || python3 -c 'import ensurepip, venv' 2> /dev/null || packages+=(python3-venv)
  command -v ip > /dev/null || packages+=(iproute2)
  has_git || packages+=(git)
  has_curl || packages+=(curl)
  command -v strace > /dev/null || packages+=(strace)
  has_shellcheck || packages+=(shellcheck)
  has_chromium || packages+=(chromium)
  [ "${#packages[@]}" = 0 ] || install_packages "${packages[@]}"
  has_aws || install_from_pypi
  local component
  for component in fmt clippy; do
    has_component "$component" || quietly rustup component add "${component/fmt/rustfmt}"
  done
}

case "$*" in
  '') ;;
  --install) install ;;
  *) fail "unknown argument: $* (--install is the only one)" ;;
esac

command -v cargo > /dev/null || fail "cargo is not there: install the Rust toolchain"
has_component fmt || fail "rustfmt is not there: rustup component add rustfmt"
has_component clippy || fail "clippy is not there: rustup component add clippy"

say "formatting"
cargo fmt --all --check

say "lints"
cargo clippy --quiet --locked --all-targets -- -D warnings

say "documentation"
RUSTDOCFLAGS='-D warnings' cargo doc --quiet --locked --no-deps --lib
cargo test --quiet --locked --doc

missing=()
has_postgresql || missing+=(PostgreSQL)
has_redis || missing+=(Redis)
has_openssh || missing+=(OpenSSH)
has_dnsmasq || missing+=(dnsmasq)
has_bind || missing+=(BIND)
has_nginx || missing+=(nginx)
has_runit || missing+=(runit)
has_aws || missing+=("moto and the AWS CLI")
has_clickhouse || missing+=(ClickHouse)
has_rsync || missing+=(rsync)
if [ "${#missing[@]}" = 0 ]; then
  say "tests: tiers T0 and T1"
else
  say "tests: tier T1 is left out as far as it needs what is not installed: ${missing[*]}; to have it: tests/all.sh --install (as root, on Debian)"
fi
if has_docker && [ "$(id -u)" = 0 ]; then
  say "tests: tier T2, where an engine starts here"
else
  say "tests: tier T2 is left out: it needs root and Docker; to have it: tests/all.sh --install (as root, on Debian)"
fi
if ! has_strace; then
  say "tests: that a plan runs nothing is not proven, and kills come at random times only, because strace is not installed or may not trace; to have it: tests/all.sh --install (as root, on Debian)"
fi
if ! has_shellcheck; then
  say "tests: what lint makes of the answers of shellcheck is tried with made-up ones only, because it is not installed; to have it: tests/all.sh --install (as root, on Debian)"
fi
if ! has_chromium; then
  say "tests: no browser looks at the pages, because Chromium is not installed; to have it: tests/all.sh --install (as root, on Debian)"
  export HOLDPOINT_NO_BROWSER=1
fi
if has_cxx; then
  say "fuzz targets, 20 seconds each"
  tests/fuzz/run.sh
  say "simulation"
  tests/fuzz/run.sh --simulation
else
  say "tests: the fuzz targets are left out, because there is no C++ compiler to build libFuzzer with; to have it: tests/all.sh --install (as root, on Debian)"
  say "simulation"
  cargo test --quiet --release --locked --test simulation
fi

# Files that live for seconds stay in memory where it has room for them: on ext4, half of the time of a test with a
# PostgreSQL goes by in the search for places that no file had a moment ago.
gigabytes_free() { awk '$1 == "MemAvailable:" { print int($2 / 1048576) }' /proc/meminfo; }
if [ -z "${TMPDIR-}" ] && [ "$(stat -f -c %T /dev/shm 2> /dev/null)" = tmpfs ] && [ -w /dev/shm ] &&
  [ "$(df --output=avail -BG /dev/shm | tr -dc '0-9')" -ge 8 ] && [ "$(gigabytes_free)" -ge 8 ]; then
  TMPDIR=$(mktemp -d /dev/shm/hp.XXXXXX)
  export TMPDIR
  # Servers are other users.
  chmod 1777 "$TMPDIR"
  trap 'rm -rf "$TMPDIR"' EXIT
fi

# Most of what a test does is waiting.
export RUST_TEST_THREADS=${RUST_TEST_THREADS:-$(($(nproc) * 5 / 2))}
say "tests, $RUST_TEST_THREADS at a time, with their files in ${TMPDIR:-/tmp}"
# Its last lines are the runner's own summary.
cargo test --locked --all-targets --no-fail-fast
