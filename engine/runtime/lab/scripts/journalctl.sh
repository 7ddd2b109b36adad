#!/bin/sh
# journalctl of a lab: the last lines that a service of a supervisor printed, `-u` and `-n` alone.
set -eu
unit='' lines=1000
while [ $# -gt 0 ]; do
  case $1 in
    -u | --unit) unit=${2%.service}; shift ;;
    --unit=*) unit=${1#*=}; unit=${unit%.service} ;;
    -n | --lines) lines=$2; shift ;;
    --lines=*) lines=${1#*=} ;;
    -o | --output) shift ;;
    --no-pager | --output=*) ;;
    *) echo "journalctl of a lab does not know \`$1\`" >&2; exit 2 ;;
  esac
  shift
done
for folder in "$LAB"/*/services/"$unit"; do
  supervisor=${folder%/services/*}
  [ ! -d "$folder" ] || exec "$LAB/ctl/${supervisor##*/}" logs "$unit" "$lines"
done
echo "journalctl of a lab: $unit is no service of a supervisor" >&2
exit 1
