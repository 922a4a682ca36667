# Runs inside.py, which compares the subtitles inside films with the results of mkvextract and ffmpeg.
# shellcheck shell=sh disable=SC2154 # `run` sources this file.

if have mkvmerge && have ffmpeg && have python3; then
    code=0
    python3 "$here/inside.py" "$base" "$media" "$got" >"$got/inside.log" 2>&1 || code=$?
    check_text "films whose subtitles differ" "" "$(grep -v ': ok ' "$got/inside.log" || true)"
    check_number "films whose subtitles are the same" 40 "$(grep -c ': ok ' "$got/inside.log" || true)"
    check_text "inside.py: exit code" 0 "$code"
fi
