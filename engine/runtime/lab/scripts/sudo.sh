#!/bin/sh
# sudo of a lab: runs the command as who it is already, or, as root, as the user who is named. The real one would
# leave the PATH of the lab, and with it its systemctl. What is in a lab belongs to who started it, so nobody need
# become another user; root may.
set -eu
user=$(id -un)
while [ $# -gt 0 ]; do
  case $1 in
    -u | --user) [ $# -ge 2 ] || break; user=$2; shift 2 ;;
    --user=*) user=${1#*=}; shift ;;
    -n | -E | -H | -S | --non-interactive | --preserve-env | --set-home | --stdin) shift ;;
    --) shift; break ;;
    -*) echo "sudo of a lab does not know \`$1\`" >&2; exit 2 ;;
    *=*) export "$1"; shift ;;
    *) break ;;
  esac
done
[ $# -ge 1 ] || { echo "sudo of a lab: name a command" >&2; exit 2; }
[ "$user" != "$(id -un)" ] || exec "$@"
# Whoever is no root is root as far as the lab goes.
case $(id -u):$user in
  0:*) exec runuser -u "$user" -- "$@" ;;
  *:root) exec "$@" ;;
  *) echo "sudo of a lab: only root becomes $user" >&2; exit 1 ;;
esac
