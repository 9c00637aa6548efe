#!/bin/sh
# The pipeline in the folder that holds the inputs: what it says goes to the screen and to run.log there. Ends with its exit code.
set -u
if ! (: >>run.log) 2>/dev/null; then
  echo "The user id $(id -u) may not write in the folder data: chown $(id -u) data, or set DISCOGS_USER to the folder's owner (id -u)." >&2
  exit 1
fi
pipe=$(mktemp -u)
mkfifo "$pipe"
tee -a run.log <"$pipe" &
tee=$!
echo "--- $(date -u '+%Y-%m-%d %H:%M:%S') UTC" >>run.log
# In a session of its own, so that Ctrl-C reaches it once, through this script, and not twice.
setsid wxyc-pipeline "$@" >"$pipe" 2>&1 &
run=$!
trap 'kill -TERM "$run"' TERM INT HUP
wait "$run"
code=$?
# A signal ends the wait, not the run.
while kill -0 "$run" 2>/dev/null; do
  wait "$run"
  code=$?
done
wait "$tee"
rm -f "$pipe"
exit "$code"
