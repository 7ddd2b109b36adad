#!/usr/bin/env bash
# Makes the pictures of the documentation: the page of a real drill of the quickstart, in which the
# driver leaves at a gate, somebody opens it from elsewhere, and another one drives on.
#
#   tests/pictures.sh    needs Chromium; writes docs/images/timeline-light.png and timeline-dark.png
set -euo pipefail
cd "$(dirname "$0")/.."

for browser in chromium chromium-browser google-chrome none; do
  ! command -v "$browser" > /dev/null || break
done
[ "$browser" != none ] || { echo "tests/pictures.sh: Chromium is not there: tests/all.sh --install" >&2; exit 2; }

cargo build --quiet --locked
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export HOLDPOINT_STATE=$folder/state TZ=Europe/Berlin NO_COLOR=1
holdpoint() { target/debug/holdpoint "$@"; }

started=$(date -u -d '4 minutes ago' +%Y-%m-%dT%H:%M:%SZ)
holdpoint run runbooks/quickstart.yaml --input "folder=$folder/shop" --operator ada --non-interactive \
  --drill --incident INC-4211 --detected-at "$started" > "$folder/run" || [ $? = 5 ]
holdpoint note --kind finding --by ada 'The disk was full, and the orders were cut off.'
sleep 6
holdpoint approve restore-data --by grace --word orders --note 'the backup of this morning will do'
holdpoint resume --operator bob --non-interactive > "$folder/resume"
holdpoint note --kind todo --by bob 'Tell somebody when the disk is nearly full.'
holdpoint timeline --format html > "$folder/timeline.html"

# NAME WIDTH HEIGHT [FLAG…]
picture() {
  "$browser" --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking \
    --disable-component-update --disable-sync --hide-scrollbars --force-device-scale-factor=0.7 --user-data-dir="$folder/profile-$1" \
    --window-size="$2,$3" --screenshot="docs/images/timeline-$1.png" "${@:4}" \
    "file://$folder/timeline.html" > "$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }
}
mkdir -p docs/images
picture light 1100 1900
picture dark 500 2300 --blink-settings=preferredColorScheme=0
ls -l docs/images
