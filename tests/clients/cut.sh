# Cuts of films of many kinds, through cut.py. Sourced by `run`.
# shellcheck shell=sh disable=SC2154 # `run` sets the variables.

if have python3 && have ffmpeg; then
    code=0
    python3 "$here/cut.py" "$base" "$media" >"$got/said" 2>&1 || code=$?
    cat "$got/said"
    passed=$((passed + $(grep -c '^  ok    ' "$got/said" || true)))
    failures=$(grep -c '^  FAIL  ' "$got/said" || true)
    failed=$((failed + failures))
    [ "$code$failures" = 00 ] || [ "$failures" -gt 0 ] || fail "cut.py" "it ended with $code"
fi
