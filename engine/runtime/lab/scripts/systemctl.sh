#!/bin/sh
# systemctl of a lab, for its components and for the services of its supervisors.
set -eu
verb='' asked='' bare=no units=''
while [ $# -gt 0 ]; do
  case $1 in
    -p | --property) asked=$2; shift ;;
    --property=*) asked=${1#*=} ;;
    -p*) asked=${1#-p} ;;
    -P) asked=$2 bare=yes; shift ;;
    --value) bare=yes ;;
    -n | --lines | -o | --output | -t | --type) shift ;;
    -*) ;;
    *) if [ -z "$verb" ]; then verb=$1; else units="$units $1"; fi ;;
  esac
  shift
done
case $verb in daemon-reload) exit 0 ;; esac
[ -n "$units" ] || { echo "systemctl of a lab: name a verb and a unit" >&2; exit 2; }
assigned=''
if [ "$verb" = set-property ]; then
  set -- $units
  units=$1
  shift
  assigned=$*
fi
code=0
for unit in $units; do
  unit=${unit%.service}
  ctl=$LAB/units/$unit service=''
  if [ ! -e "$ctl" ]; then
    for folder in "$LAB"/*/services/"$unit"; do
      [ -d "$folder" ] || continue
      service=$unit ctl=${folder%/services/*}/ctl
    done
  fi
  [ -e "$ctl" ] || { echo "Unit $unit.service could not be found in this lab." >&2; exit 5; }
  case $verb:$service in
    start:* | stop:* | restart:* | status:* | is-active:?*) "$ctl" "$verb" $service || code=$? ;;
    is-active:) if "$ctl" status > /dev/null 2>&1; then echo active; else echo inactive; code=3; fi ;;
    show:?*) "$ctl" show "$service" "$asked" "$bare" ;;
    set-property:?*) "$ctl" set-property "$service" "$assigned" ;;
    *) echo "systemctl of a lab does not know \`$verb\` of $unit" >&2; exit 2 ;;
  esac
done
exit $code
