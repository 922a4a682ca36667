# Tests playlists in mpv and VLC. The player must play all items in order.
# shellcheck shell=sh disable=SC2154 # `run` sources this file.

if have ffmpeg; then
    season="$media/Season 1, #1"
    mkdir "$season"
    for name in 'Episode 2' 'Episode 10' '<img src=x> "q" 100% #1' 'äöü 🎬'; do
        ffmpeg -v error -i "$media/clip.mp4" -t 2 -c copy "$season/$name.mp4"
    done
    list=$base/playlist/Season%201%2C%20%231/
    in_order='%3Cimg%20src%3Dx%3E%20%22q%22%20100%25%20%231 Episode%202 Episode%2010 %C3%A4%C3%B6%C3%BC%20%F0%9F%8E%AC'
fi

# `items_since LINE`: prints the requested files from the log after this line, in order. Successive requests for one
# file count once.
items_since() {
    tail -n "+$(($1 + 1))" "$work/server-errors" | sed -n 's/.*"GET \/api\/stream\/.*\/\([^/]*\)\.mp4".*/\1/p' | uniq | xargs
}

log_length() {
    wc -l <"$work/server-errors"
}

if have ffmpeg && have mpv; then
    from=$(log_length)
    timeout 60 mpv --no-config --no-terminal --untimed --vo=null --ao=null --ao-null-untimed "$list" >/dev/null 2>&1 ||
        fail "mpv ends" "exit code $?"
    check_text "mpv plays a folder:" "$in_order" "$(items_since "$from")"
fi

# VLC refuses to run as root, so this function runs it as another user.
vlc() {
    as_user=
    if [ "$(id -u)" = 0 ]; then
        as_user="setpriv --reuid=65534 --regid=65534 --clear-groups"
    fi
    mkdir -p "$work/vlc-home"
    chmod 777 "$work/vlc-home"
    # shellcheck disable=SC2086 # `as_user` is a command with its options.
    HOME="$work/vlc-home" $as_user timeout 60 cvlc -vv --no-color -I dummy --vout dummy --aout dummy --play-and-exit "$1" >"$got/vlc.log" 2>&1 ||
        fail "VLC ends" "exit code $?"
}

if have ffmpeg && have cvlc; then
    # VLC runs as another user, and must be able to enter this folder.
    chmod 711 "$work"
    from=$(log_length)
    vlc "$list"
    check_text "VLC plays a folder:" "$in_order" "$(items_since "$from")"

    # A part is a range of seconds in `ranges`. The film takes eight minutes. If VLC ignores the end of a part, it plays
    # until the timeout (60 s).
    ffmpeg -v error -stream_loop 39 -i "$media/clip.mp4" -c copy -movflags +faststart "$media/film.mp4"
    vlc "$base/playlist/film.mp4?ranges=2-4,308-309.5"
    check_text "VLC plays only the parts, which begin at" "2s 308s" \
        "$(sed -n 's/.*starting at time: //p' "$got/vlc.log" | xargs)"
fi
