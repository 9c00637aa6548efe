#!/bin/sh
# Healthy while the run moves: its threads have been given the processor since the last check. A run that waits for the
# server still wakes up for its progress line; one that is frozen, or gone, does not.
set -eu
process=${HEALTH_PROCESS:-1}
last=${HEALTH_FILE:-/tmp/health}

now=$(cat "/proc/$process/task/"*/status | awk '/ctxt_switches/ { sum += $2 } END { print sum }')
before=$(cat "$last" 2>/dev/null || echo none)
echo "$now" >"$last"
if [ "$now" = "$before" ]; then
  echo "process $process has done nothing since the last check"
  exit 1
fi
