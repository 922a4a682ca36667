# Tests the plain index of a folder, which is a page of links. Programs that follow the links must find and fetch every
# file.
# shellcheck shell=sh disable=SC2154 # `run` sources this file.

mkdir -p "$media/Season 1/extras" "$media/a&b <c>" "$media/.hidden" "$media/empty"
cp "$media/clip.mp4" "$media/Season 1/1 é #1 100%.mp4"
cp "$media/clip.mp4" "$media/Season 1/extras/a:b?c+d.mkv"
printf 'subtitles' >"$media/a&b <c>/it's \"quoted\".srt"
printf 'hidden' >"$media/.hidden/film.mp4"
printf 'hidden' >"$media/.film.mp4"
(cd "$media" && find . -name '.?*' -prune -o -type f -print | sed 's|^\./||' | sort) >"$got/wanted"

# `same_tree NAME FOLDER`: checks that FOLDER contains the files of $media without the hidden files. wget also saves the
# index pages as index.html, so files of this name do not count.
same_tree() {
    (cd "$2" && find . -type f ! -name 'index.html*' -print | sed 's|^\./||' | sort) >"$got/seen"
    check_text "$1: names" "" "$(diff "$got/wanted" "$got/seen" || true)"
    check_text "$1: content" "" "$(diff -rq -x .hidden -x .film.mp4 -x empty -x 'index.html*' "$media" "$2" 2>&1 || true)"
}

if have rclone; then
    code=0
    rclone --config /dev/null lsf -R --files-only --http-url "$stream/" :http: >"$got/listed" 2>"$got/output" || code=$?
    check_text "rclone lsf -R: exit code" 0 "$code"
    sort "$got/listed" >"$got/seen"
    check_text "rclone lsf -R: names" "" "$(diff "$got/wanted" "$got/seen" || true)"
    check_text "rclone lsf: sizes" "$(stat -c %s "$media/clip.mp4")" \
        "$(rclone --config /dev/null lsf --files-only --format s --include clip.mp4 --http-url "$stream/" :http: 2>&1)"
    rclone --config /dev/null copy --http-url "$stream/" :http: "$got/rclone" >"$got/output" 2>&1 || true
    same_tree "rclone copy" "$got/rclone"
fi

if have wget; then
    # With -nH and --cut-dirs, wget does not create the folders HOST/api/stream.
    wget -q -r -np -nH --cut-dirs=2 -e robots=off --restrict-file-names=nocontrol -P "$got/wget" "$stream/" || true
    same_tree "wget -r -np" "$got/wget"
fi

if have curl; then
    # Kodi reads lines in the format of nginx: a link, a date and a size.
    curl -fsS "$stream/" | sed -n 's|^.*<a href="\([^"]*\)">\([^<]*\)</a>  *[0-9]*-[A-Z][a-z]*-[0-9]* [0-9:]* *\([0-9-]*\)$|\2 \3|p' \
        >"$got/seen" || true
    check_number "lines in the format of nginx" 4 "$(wc -l <"$got/seen")"
fi

# `run` never deletes a file named clip.mp4, so this group deletes these folders.
rm -rf "$got/rclone" "$got/wget"
