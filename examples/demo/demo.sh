#!/bin/sh
# The demo: a synthetic platform with a network in it, through the same commands a user types.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
say() { printf '\n\033[1m$ %s\033[0m\n' "$*"; "$@"; }

say seawall init
cp "$here"/rules/*.toml "$SEAWALL_HOME/rules/"
cp "$here"/lists/*.txt "$SEAWALL_HOME/lists/"
say seawall load x "$here/harbour.jsonl.gz"
say seawall load table "$here/forum.csv" --platform forum --yes
say seawall seeds add "$here/seeds.csv" --source "the demo"
say seawall scan
say seawall findings --limit 8
say seawall lake stats
printf '\nThe demo home is in %s. Try: seawall findings --json --home %s\n' "$SEAWALL_HOME" "$SEAWALL_HOME"
