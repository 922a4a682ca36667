# Tests file names with unusual bytes, and the names of saved downloads.
# shellcheck shell=sh disable=SC2154 # `run` sources this file.

# `named NAME TARGET`: checks that $stream/TARGET returns the file NAME. Each TARGET is written by hand, because a
# function that encodes names can have the same bug as the server.
named() {
    mkdir -p "$(dirname "$media/$1")"
    { printf '%s\n' "$1" && head -c 5000 "$media/clip.mp4"; } >"$media/$1"
    rm -f "$got/named"
    curl -fsS --globoff -o "$got/named" "$stream/$2" || true
    check_file "curl /$2" "$media/$1" "$got/named"
}

named 'two words.mp4' 'two%20words.mp4'
named 'a#b.mp4' 'a%23b.mp4'
named '100%.mp4' '100%25.mp4'
named '%41.mp4' '%2541.mp4'
named 'what?.mp4' 'what%3F.mp4'
named 'a+b.mp4' 'a+b.mp4'
named 'a+b c.mp4' 'a%2Bb%20c.mp4'
named "it's.mp4" "it's.mp4"
named 'say "hi".mp4' 'say%20%22hi%22.mp4'
named '<b>&amp;.mp4' '%3Cb%3E&amp;.mp4'
# shellcheck disable=SC1003 # The backslash is a character of the name.
named 'back\slash.mp4' 'back%5Cslash.mp4'
named '[1080p].mp4' '[1080p].mp4'
named '🎬.mp4' '%F0%9F%8E%AC.mp4'
named 'Tschüß.mp4' 'Tsch%c3%bc%C3%9F.mp4'
named 'a folder/b folder/film.mp4' 'a%20folder/b%20folder/film.mp4'
named "$(printf 'latin-\344-\377.mp4')" 'latin-%E4-%FF.mp4'
named "$(printf 'line\nbreak.mp4')" 'line%0Abreak.mp4'

# `saved QUERY NAME PROGRAM…`: checks that PROGRAM saves `clip.mp4?QUERY` as NAME.
saved() {
    query=$1 name=$2
    shift 2
    mkdir "$got/saved"
    (cd "$got/saved" && "$@" "$stream/clip.mp4?$query") >/dev/null 2>&1 || true
    check_text "$1 saves ?$query as" "$name" "$(ls "$got/saved")"
    [ ! -f "$got/saved/$name" ] || check_file "$1 saves the whole file" "$media/clip.mp4" "$got/saved/$name"
    rm -rf "$got/saved"
}

saved 'download' 'clip.mp4' curl -fsSOJ
saved 'download=holiday%20film.mp4' 'holiday film.mp4' curl -fsSOJ
if have wget; then
    saved 'download=holiday%20film.mp4' 'holiday film.mp4' wget -q --content-disposition
    # Only wget can save this name: it supports `filename*` (RFC 8187), and curl supports only `filename`.
    saved 'download=film%20%F0%9F%8E%AC.mp4' 'film 🎬.mp4' wget -q --content-disposition
fi
