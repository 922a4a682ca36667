# Tests HAProxy with scripts/scale/haproxy.cfg, in front of three replicas: servers with the same films. The test kills
# one replica while clients stream. It stops and starts another replica while clients send requests.
# shellcheck shell=sh disable=SC2154 # `run` sources this file.

# shellcheck source=tests/clients/fronts.sh
. "$here/fronts.sh"

# `start_replica FOLDER PORT`: starts a replica, and sets `helper` to its process id. All replicas write to one log.
start_replica() {
    RUST_LOG=info "$program" --dir "$1" --bind 127.0.0.1 --port "$2" --allow-host videos.example.org \
        --trusted-proxy 127.0.0.1 >>"$work/front.log" 2>>"$work/server-errors" &
    helper=$!
    helpers="$helpers $helper"
}

# `field FIELD REPLICA`: prints a field of the replica from the statistics of HAProxy.
field() {
    curl -fsS "$statistics/;csv" | awk -F , -v field="$1" -v replica="$2" '
        NR == 1 { sub(/^# /, ""); for (i = 1; i <= NF; i++) if ($i == field) column = i }
        $1 == "replicas" && $2 == replica { print $column }'
}
is_up() {
    [ "$(field status "$1" | cut -c 1-2)" = UP ]
}
is_down() {
    ! is_up "$1"
}

# `download NUMBER`: downloads the film as the client with this number. If the connection ends early, requests the
# missing bytes, as a player does.
download() {
    part=$got/part.$1
    for _ in 1 2 3 4 5; do
        code=0
        fetch -f -C - --limit-rate 4M -H "If-Range: $etag" -o "$part" "$front/api/stream/film.mp4" 2>/dev/null || code=$?
        # curl exits with 18 if the response is too short, 52 if there is no response, 56 if the connection is reset.
        case $code in
            18 | 52 | 56) echo cut >>"$got/results" ;;
            *) break ;;
        esac
    done
    ! cmp -s "$part" "$film" || echo right >>"$got/results"
}

# `ask NUMBER`: requests the same range again and again, until the file `enough` exists.
ask() {
    until [ -e "$got/enough" ]; do
        status -r 1000-1999 && echo
    done >"$got/asked.$1"
}

if have haproxy; then
    # Each client reads 4 MiB per second. After 2 s, a replica has not yet sent the whole film of 32 MiB, because the
    # socket buffers are much smaller. So if the test kills the replica, its clients are interrupted.
    random_file "$film" 32
    for name in b c; do
        cp -a "$media" "$work/$name"
        free_port
        eval "port_$name=$port"
        start_replica "$work/$name" "$port"
        eval "id_$name=$helper"
    done
    free_port
    statistics=http://127.0.0.1:$port
    adapt haproxy.cfg 127.0.0.1:8404 "127.0.0.1:$port" 192.0.2.11:8001 "127.0.0.1:$server_port" \
        192.0.2.12:8001 "127.0.0.1:$port_b" 192.0.2.13:8001 "127.0.0.1:$port_c"
    free_port
    front=http://127.0.0.1:$port
    sed -i "s|bind :80|bind 127.0.0.1:$port|" "$configuration"
    # Only root may use the lines user, group and chroot. For other users, delete these lines.
    [ "$(id -u)" = 0 ] || sed -i '/^    \(user\|group\|chroot\) /d' "$configuration"
    start_helper haproxy -db -f "$configuration"
    haproxy=$helper
    for name in a b c; do
        await 10 is_up "$name" || give_up "HAProxy does not reach replica $name"
    done
    [ "$(id -u)" != 0 ] || check_command "HAProxy is not root" \
        [ "$(awk '/^Uid:/ { print $3 }' "/proc/$haproxy/status")" != 0 ]
    check_front haproxy

    : >"$got/results"
    clients=
    for number in $(seq 9); do
        download "$number" &
        clients="$clients $!"
    done
    sleep 2
    kill -KILL "$id_b"
    for client in $clients; do
        wait "$client" || true
    done
    check_number "haproxy: clients that were interrupted when a replica was killed" 1 "$(grep -cx cut "$got/results")"
    check_text "haproxy: clients with the whole film, of 9" 9 "$(grep -cx right "$got/results")"
    check_command "haproxy marks the dead replica as down" await 5 is_down b
    start_replica "$work/b" "$port_b"
    check_command "haproxy marks the new replica as up" await 5 is_up b

    askers=
    for number in 1 2 3; do
        ask "$number" &
        askers="$askers $!"
    done
    sleep 1
    kill -TERM "$id_c"
    code=0
    wait "$id_c" || code=$?
    check_text "haproxy: the stopped replica ends with exit code" 0 "$code"
    start_replica "$work/c" "$port_c"
    await 10 is_up c || fail "haproxy: the stopped replica" "it does not come up again"
    : >"$got/enough"
    for asker in $askers; do
        wait "$asker" || true
    done
    check_number "haproxy: right answers meanwhile" 50 "$(cat "$got"/asked.* | grep -cx 206)"
    check_text "haproxy: wrong answers meanwhile" 0 "$(cat "$got"/asked.* | grep -cvx 206)"
fi
end_helpers
