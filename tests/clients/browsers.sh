# Plays videos in Chromium and Firefox. browsers.py starts its own server.
# shellcheck shell=sh disable=SC2154 # `run` sources this file.

if have python3 && have ffmpeg; then
    # The films repeat the clip for 50 minutes. A browser loads less than 50 minutes in advance, so a seek usually needs
    # a new request.
    ffmpeg -v error -stream_loop 249 -i "$media/clip.mp4" -c copy -movflags +faststart "$media/moov-first.mp4"
    ffmpeg -v error -i "$media/moov-first.mp4" -c copy "$media/moov-last.mp4"
    for browser in chromium firefox; do
        found=
        for name in "$browser" "$browser-browser" "$browser-esr"; do
            [ -n "$found" ] || ! command -v "$name" >/dev/null 2>&1 || found=$name
        done
        if [ -n "$found" ]; then
            code=0
            python3 "$here/browsers.py" "$program" "$media" "$browser" "$found" >"$got/output" 2>&1 || code=$?
            grep -E '^  (ok  |FAIL)  ' "$got/output" || true
            passed=$((passed + $(grep -c '^  ok    ' "$got/output" || true)))
            failures=$(grep -c '^  FAIL  ' "$got/output" || true)
            failed=$((failed + failures))
            [ "$code" = 0 ] || fail "$browser" "browsers.py ended with $code"
            # After a failure, print the other lines, for example the log of the server.
            [ "$failures$code" = 00 ] || grep -vE '^  (ok  |FAIL)  ' "$got/output" | sed 's/^/        /' || true
        else
            have "$browser" || true
        fi
    done
fi
