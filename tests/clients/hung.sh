# Tests a network share that no longer answers. The share is a FUSE mount of rclone, which is stopped with SIGSTOP.
# Only requests that read the share may wait.
# shellcheck shell=sh disable=SC2154 # `run` sources this file.

# `answers NAME TARGET`: checks that the server answers 200 within a second.
answers() {
    check_text "$1" 200 "$(curl -sSL --max-time 1 -o "$got/answer" -w '%{http_code}' "$base$2" 2>&1)"
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

# `read_share COUNT TARGET`: sends this number of requests at the same time, in the background.
read_share() {
    curl -s --max-time 60 -Z --parallel-immediate --parallel-max "$1" -o /dev/null "$base/$2#[1-$1]" 2>/dev/null &
    readers="$readers $!"
}

others_answer() {
    answers "a stream of another folder" /api/stream/other/clip.mp4
    answers "a stream of the folder above" /api/stream/clip.mp4
    answers "the page of another folder" /browse/other/
    answers "a player page" /watch/other/clip.mp4
    answers "the listing of another folder" /api/videos/other
    answers "the listing above the share" /api/videos
    check_text "the share is in the listing" 1 "$(grep -c '"name":"share"' "$got/answer")"
    answers "the page above the share" '/?list'
    answers "health" /healthz
}

try_with_hung_share() {
    kill -STOP "$share"
    readers=
    for target in browse/share/ api/videos/share api/stream/share/clip.mp4 watch/share/clip.mp4 'browse/?q=clip'; do
        read_share 3 "$target"
    done
    sleep 0.5
    others_answer
    for target in browse/share/ api/videos/share api/stream/share/clip.mp4 watch/share/clip.mp4; do
        read_share 100 "$target"
    done
    sleep 0.5
    others_answer
    # The server limits how many requests list one folder at the same time. The requests above this limit get 503, some
    # of them after a wait of 3 s.
    sleep 3
    others_answer
    # The three requests `browse/?q=clip` wait for the share. During this wait, new searches skip the share.
    answers "a search" '/?q=clip'
    check_text "the search finds a film of another folder" 1 "$(grep -c 'href="/watch/other/clip.mp4"' "$got/answer")"
    check_text "the page says that the result is incomplete" 1 "$(grep -c 'id="incomplete"' "$got/answer")"
    curl -sS -o "$got/answer" "$base/metrics"
    refused=$(sed -n 's/^videoserve_http_responses_total{status="503"} //p' "$got/answer")
    check_number "requests that were refused because other requests hang in the share" 300 "$refused"
    memory=$(sed -n 's/^process_resident_memory_bytes //p' "$got/answer")
    check_text "memory below 64 MiB ($memory bytes)" yes "$([ "$memory" -lt 67108864 ] && echo yes)"
    kill -CONT "$share"
    # shellcheck disable=SC2086 # `readers` is a list of process ids.
    wait $readers || true
    answers "the share, when it works again" /api/stream/share/clip.mp4
}

release_share() {
    kill -CONT "$share" 2>/dev/null || true
    fusermount3 -u -z "$media/share" 2>/dev/null || true
    kill "$share" 2>/dev/null || true
    wait "$share" 2>/dev/null || true
    rmdir "$media/share" 2>/dev/null || true
    # `run` never deletes a file named clip.mp4, so this group deletes its copy.
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
