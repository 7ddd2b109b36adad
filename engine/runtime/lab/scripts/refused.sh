#!/bin/sh
# Of a lab: what this does would reach the machine itself.
echo "${0##*/}: this would leave the lab" >&2
exit 1
