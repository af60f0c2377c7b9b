#!/usr/bin/env bash
# Runs the tests in release; ends with one line: how many passed, failed and were skipped.
set -euo pipefail
cd "$(dirname "$0")/.."

# A build folder of its own: -enable-testing in the common one would rebuild everything at each change between the two.
scratch=.build/testing
mkdir -p "$scratch"
log=$scratch/test.log
status=0
swift test -c release --scratch-path "$scratch" -Xswiftc -enable-testing "$@" </dev/null 2>&1 | tee "$log" || status=$?

count() { grep -E "$1" "$log" | grep -cv ' Test run with ' || true; } # that line is the summary, not a test
passed=$(count '^✔ Test .* passed after')
failed=$(count '^✘ Test .* failed after')
skipped=$(count '^➜ Test .* skipped')
[ "$skipped" = 0 ] || grep -E '^➜ Test .* skipped' "$log" | sed 's/^➜ /left out: /'
if [ "$status" != 0 ] || [ "$passed" = 0 ]; then
  grep -E '^✘|error:' "$log" | sort -u | head -n 40 || true
  echo "test: FAILED ($passed passed, $failed failed, $skipped skipped)"
  exit 1
fi
echo "test: $passed passed, 0 failed, $skipped skipped" | tee "$scratch/summary"
