# Chromium and Firefox, through browsers.py, which starts a server of its own. Sourced by `run`.
# shellcheck shell=sh disable=SC2154 # `run` sets the variables.

if have python3 && have ffmpeg; then
    # 50 minutes of the clip: more than a browser reads ahead, so that every seek is a new request.
    ffmpeg -v error -stream_loop 249 -i "$media/clip.mp4" -c copy -movflags +faststart "$media/moov-first.mp4"
    ffmpeg -v error -i "$media/moov-first.mp4" -c copy "$media/moov-last.mp4"
    for browser in chromium firefox; do
        found=
        for name in "$browser" "$browser-browser" "$browser-esr"; do
            [ -n "$found" ] || ! command -v "$name" >/dev/null 2>&1 || found=$name
        done
        if [ -n "$found" ]; then
            code=0
            python3 "$here/browsers.py" "$program" "$media" "$browser" "$found" >"$got/said" 2>&1 || code=$?
            grep -E '^  (ok  |FAIL)  ' "$got/said" || true
            passed=$((passed + $(grep -c '^  ok    ' "$got/said" || true)))
            failures=$(grep -c '^  FAIL  ' "$got/said" || true)
            failed=$((failed + failures))
            [ "$code" = 0 ] || fail "$browser" "browsers.py ended with $code"
            # What else was said, the server's log above all, explains a failure.
            [ "$failures$code" = 00 ] || grep -vE '^  (ok  |FAIL)  ' "$got/said" | sed 's/^/        /' || true
        else
            have "$browser" || true
        fi
    done
fi
