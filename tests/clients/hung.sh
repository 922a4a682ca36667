# A network share that no longer answers: a stopped FUSE mount below the folder. Only requests that read it may wait. Sourced by `run`.
# shellcheck shell=sh disable=SC2154 # `run` sets the variables.

# `answers NAME TARGET`: within the time that a scan may wait for the places of hung ones, and some more.
answers() {
    check_text "$1" 200 "$(curl -sSL --max-time 8 -o "$got/answer" -w '%{http_code}' "$base$2" 2>&1)"
}

hang_share() {
    mkdir -p "$work/share" "$media/share" "$media/other"
    cp "$media/clip.mp4" "$work/share/clip.mp4"
    cp "$media/clip.mp4" "$media/other/clip.mp4"
    rclone --config /dev/null mount "$work/share" "$media/share" --attr-timeout 0s --dir-cache-time 0s \
        >"$work/rclone" 2>&1 &
    share=$!
    await 10 test -f "$media/share/clip.mp4"
}

try_with_hung_share() {
    kill -STOP "$share"
    readers=
    for _ in 1 2 3; do
        for target in browse/share/ api/videos/share api/stream/share/clip.mp4 watch/share/clip.mp4; do
            curl -s --max-time 60 -o /dev/null "$base/$target" &
            readers="$readers $!"
        done
    done
    sleep 0.5
    answers "a stream of another folder" /api/stream/clip.mp4
    answers "the page of another folder" /browse/other/
    answers "a player page" /watch/clip.mp4
    answers "the listing above the share" /api/videos
    check_text "the share is in it" 1 "$(grep -c '"name":"share"' "$got/answer")"
    answers "the page above the share" '/?list'
    answers "health" /healthz
    kill -CONT "$share"
    # They were answered late, or gave up.
    # shellcheck disable=SC2086 # A list of numbers.
    wait $readers || true
    answers "the share, once it is back" /api/stream/share/clip.mp4
}

release_share() {
    kill -CONT "$share" 2>/dev/null || true
    fusermount3 -u -z "$media/share" 2>/dev/null || true
    kill "$share" 2>/dev/null || true
    wait "$share" 2>/dev/null || true
    rmdir "$media/share" 2>/dev/null || true
    # The clip in it has the name that stays for the next group.
    rm -rf "$media/other"
}

if ! have rclone || ! have fusermount3; then
    :
elif ! hang_share; then
    release_share
    skip "a hung share" "rclone cannot mount here: $(tail -n 1 "$work/rclone")"
else
    try_with_hung_share
    release_share
fi
