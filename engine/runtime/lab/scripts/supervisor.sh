# What follows the first lines of the `ctl` of a supervisor, which stands in the folder of that: what it does to
# the supervisor, or to the service that is named, as `systemctl` calls that.
verb=${1:-} name=${2:-}
runs() { [ -s pid ] && grep -qF "$PWD/supervised" "/proc/$(cat pid)/cmdline" 2> /dev/null; }
# What the supervisor runs for a service: its program, within its limit, with a log of its own.
adopt() {
  for run in services/*/run; do
    one=${run%/run}
    one=${one##*/}
    if [ ! -x "$run" ] || [ -e "supervised/$one" ]; then continue; fi
    new=supervised/.new-$one
    mkdir -p "$new"
    cat > "$new/run" <<RUN
#!/bin/sh
cd '$PWD/services/$one'
exec >> '$PWD/logs/$one' 2>&1
limit=\$(cat '$PWD/limits/$one' 2> /dev/null) || limit=unlimited
ulimit -v "\$limit"
exec ./run
RUN
    cat > "$new/finish" <<'FINISH'
#!/bin/sh
# What ends unasked is counted.
case $(cat supervise/stat) in *'want down'*) ;; *) echo "$1 $2" >> ends ;; esac
FINISH
    chmod 755 "$new/run" "$new/finish"
    # Nothing begins before it is started.
    : > "$new/down"
    mv "$new" "supervised/$one"
  done
}
# It looks into its folder at once only when it begins.
watch() {
  adopt
  if ! runs; then
    (exec setsid runsvdir -P "$PWD/supervised") >> log 2>&1 < /dev/null &
    echo "$!" > pid
  fi
  for one in supervised/*; do
    for _ in $(seq 600); do
      [ ! -e "$one/run" ] || [ -p "$one/supervise/ok" ] && sv status "./$one" > /dev/null 2>&1 && break
      sleep 0.05
    done
  done
}
state() {
  case $(sv status "./supervised/$name") in
    run:*) echo active ;;
    *'want up'* | finish:*) echo activating ;;
    *) echo inactive ;;
  esac
}
start() {
  [ "$(state)" = active ] || rm -f "supervised/$name/ends"
  sv up "./supervised/$name" > /dev/null
  # One that ends at once was started too.
  for _ in $(seq 200); do
    [ "$(state)" != active ] && [ ! -e "supervised/$name/ends" ] || return 0
    sleep 0.05
  done
  echo "$name does not begin" >&2
  exit 1
}
stop() {
  sv -w 10 force-stop "./supervised/$name" > /dev/null
  # Between two attempts it does not listen.
  for _ in $(seq 200); do
    [ "$(state)" != inactive ] || return 0
    sleep 0.05
  done
  echo "$name does not end" >&2
  exit 1
}
last() { tail -n 1 "supervised/$name/ends" 2> /dev/null || echo "0 0"; }
value() {
  case $1 in
    ActiveState) state ;;
    MainPID) grep . "supervised/$name/supervise/pid" || echo 0 ;;
    NRestarts) if [ -e "supervised/$name/ends" ]; then grep -c . "supervised/$name/ends"; else echo 0; fi ;;
    # An end by a signal has no code of its own.
    ExecMainStatus) last | { read -r code signal; [ "$code" != -1 ] || code=$signal; echo "$code"; } ;;
    Result) last | { read -r code signal; case $code in 0) echo success ;; -1) echo signal ;; *) echo exit-code ;; esac } ;;
    MemoryMax) if [ -e "limits/$name" ]; then echo "$(($(cat "limits/$name") * 1024))"; else echo infinity; fi ;;
  esac
}
show() {
  for one in $(echo "${1:-ActiveState,MainPID,NRestarts,ExecMainStatus,Result,MemoryMax}" | tr , ' '); do
    if [ "$2" = yes ]; then value "$one"; else echo "$one=$(value "$one")"; fi
  done
}
limit() {
  case $1 in
    MemoryMax=infinity) rm -f "limits/$name"; return ;;
    MemoryMax=*[0-9][KMGT] | MemoryMax=*[0-9]) ;;
    *) echo "a supervisor of a lab knows MemoryMax=BYTES, with K, M or G, and no \`$1\`" >&2; exit 2 ;;
  esac
  size=${1#MemoryMax=}
  number=${size%[KMGT]}
  case $size in *K) ;; *M) number=$((number * 1024)) ;; *G) number=$((number * 1048576)) ;; *T) number=$((number * 1073741824)) ;; *) number=$((number / 1024)) ;; esac
  echo "$number" > "limits/$name"
}
if [ -z "$name" ]; then
  case $verb in
    start) watch ;;
    stop)
      for one in supervised/*; do [ ! -p "$one/supervise/ok" ] || sv -w 10 force-shutdown "./$one"; done
      ! runs || kill "$(cat pid)"
      while runs; do sleep 0.05; done ;;
    restart) "$0" stop; "$0" start ;;
    status) if runs; then for one in supervised/*; do sv status "./$one"; done; else echo "it does not run"; exit 3; fi ;;
    *) echo 'ctl: start, stop, restart or status, and a service' >&2; exit 2 ;;
  esac
  exit
fi
watch
[ -p "supervised/$name/supervise/ok" ] || { echo "services/$name/run is no program" >&2; exit 5; }
case $verb in
  start | stop) "$verb" ;;
  restart) stop; start ;;
  is-active) state; [ "$(state)" = active ] || exit 3 ;;
  status)
    sv status "./supervised/$name"
    tail -n 10 "logs/$name" 2> /dev/null || true
    [ "$(state)" = active ] || exit 3 ;;
  show) show "${3:-}" "${4:-}" ;;
  set-property) limit "${3:-}" ;;
  logs) tail -n "${3:-1000}" "logs/$name" 2> /dev/null || true ;;
  *) echo "ctl: \`$verb\` is not known" >&2; exit 2 ;;
esac
