# Tests downloaders that resume, or that fetch one file over several connections.
# shellcheck shell=sh disable=SC2154 # `run` sources this file.

clip=$media/clip.mp4
random_file "$media/film.mkv" 64

if have wget; then
    half_of "$clip" "$got/clip.mp4"
    wget -q -c -O "$got/clip.mp4" "$stream/clip.mp4" || true
    check_file "wget -c on half a file" "$clip" "$got/clip.mp4"
    code=0
    wget -c -O "$got/clip.mp4" "$stream/clip.mp4" 2>"$got/output" || code=$?
    check_text "wget -c on a finished file: exit code" 0 "$code"
    check_number "wget -c says that the file is complete" 1 "$(grep -c 'already fully retrieved' "$got/output")"
    check_file "wget -c does not change a finished file" "$clip" "$got/clip.mp4"
fi

if have aria2c; then
    # Without the limit of 64 MiB/s, the first connections may fetch the whole file before the eighth connection begins.
    aria2c --no-conf -x8 -s8 -k1M --max-overall-download-limit=64M --file-allocation=none \
        --log="$got/aria2.log" --log-level=info --console-log-level=error --summary-interval=0 \
        --download-result=hide -d "$got" -o aria2.mkv "$stream/film.mkv" >/dev/null 2>&1 || true
    check_file "aria2c -x8 -s8" "$media/film.mkv" "$got/aria2.mkv"
    # In the log, each connection has a number, CUID#N.
    check_number "aria2c connections that asked for a piece" 8 \
        "$(sed -n 's/.*CUID#\([0-9]*\) - Requesting:.*/\1/p' "$got/aria2.log" | sort -u | wc -l)"
    check_number "aria2c connections that were made" 8 \
        "$(sed -n 's/.*CUID#\([0-9]*\) - Connecting to .*/\1/p' "$got/aria2.log" | sort -u | wc -l)"
    cut_file "$media/film.mkv" 0 20000000 >"$got/again.mkv"
    aria2c --no-conf -c -x1 --file-allocation=none -q -d "$got" -o again.mkv "$stream/film.mkv" || true
    check_file "aria2c -c on a part" "$media/film.mkv" "$got/again.mkv"
fi

if have axel; then
    axel -q -n 8 -o "$got/axel.mkv" "$stream/film.mkv" >/dev/null 2>&1 || true
    check_file "axel -n 8" "$media/film.mkv" "$got/axel.mkv"
fi
