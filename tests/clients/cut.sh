# Runs cut.py, which tests cuts of many kinds of films.
# shellcheck shell=sh disable=SC2154 # `run` sources this file.

if have python3 && have ffmpeg; then
    code=0
    python3 "$here/cut.py" "$base" "$media" >"$got/output" 2>&1 || code=$?
    cat "$got/output"
    passed=$((passed + $(grep -c '^  ok    ' "$got/output" || true)))
    failures=$(grep -c '^  FAIL  ' "$got/output" || true)
    failed=$((failed + failures))
    [ "$code$failures" = 00 ] || [ "$failures" -gt 0 ] || fail "cut.py" "exit code $code"
fi
