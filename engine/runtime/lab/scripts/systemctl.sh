#!/bin/sh
# systemctl of a lab, for its components, for the services of its supervisors, and on a host first for the units of
# that: start, stop, restart, reload, is-active, status, mask, unmask and is-enabled; of services also show and
# set-property.
set -eu
verb='' unit='' now='' asked='' bare=no assigned=''
while [ $# -gt 0 ]; do
  case $1 in
    --now) now=yes ;;
    -p | --property) asked=${2:-}; [ $# = 1 ] || shift ;;
    --property=*) asked=${1#*=} ;;
    -P) asked=${2:-} bare=yes; [ $# = 1 ] || shift ;;
    --value) bare=yes ;;
    -n | --lines | -o | --output) [ $# = 1 ] || shift ;;
    -*) ;;
    *)
      if [ -z "$verb" ]; then verb=$1
      elif [ -z "$unit" ]; then unit=${1%.service}
      elif [ "$verb" = set-property ] && [ -z "$assigned" ]; then assigned=$1
      else echo "systemctl of a lab: name one unit at a time" >&2; exit 2; fi ;;
  esac
  shift
done
[ "$verb" != daemon-reload ] || exit 0
[ -n "$unit" ] || { echo "systemctl of a lab: name a verb and a unit" >&2; exit 2; }
units=$LAB/units own=$LAB/${LAB_HOST:-}/units
if [ -n "${LAB_HOST:-}" ] && [ -e "$own/$unit" ]; then units=$own; fi
ctl=$units/$unit mask=$units/$unit.masked service=''
if [ ! -e "$ctl" ]; then
  for folder in "$LAB"/*/services/"$unit"; do
    supervisor=${folder%/services/*}
    if [ -d "$folder" ]; then service=$unit ctl=$LAB/ctl/${supervisor##*/}; fi
  done
fi
[ -e "$ctl" ] || { echo "Unit $unit.service could not be found in this lab." >&2; exit 5; }
case $verb:$service in
  start:* | restart:*)
    [ ! -e "$mask" ] || { echo "Failed to $verb $unit.service: Unit $unit.service is masked." >&2; exit 1; }
    exec "$ctl" "$verb" $service ;;
  stop:* | status:* | is-active:?*) exec "$ctl" "$verb" $service ;;
  reload:) exec "$ctl" reload ;;
  is-active:) if "$ctl" status > /dev/null 2>&1; then echo active; else echo inactive; exit 3; fi ;;
  mask:*) : > "$mask"; [ -z "$now" ] || exec "$ctl" stop $service ;;
  unmask:*) rm -f "$mask" ;;
  is-enabled:*) if [ -e "$mask" ]; then echo masked; exit 1; else echo enabled; fi ;;
  show:?*) exec "$ctl" show "$service" "$asked" "$bare" ;;
  set-property:?*) exec "$ctl" set-property "$service" "$assigned" ;;
  *) echo "systemctl of a lab does not know \`$verb\` of $unit" >&2; exit 2 ;;
esac
