# Sourced by nginx.sh, haproxy.sh and varnish.sh: runs a real proxy in front of the server, with the configuration of
# scripts/scale.
# shellcheck shell=sh disable=SC2154,SC2034 # `run` sets the variables, and uses ours.

film=$media/film.mp4
auth=ana:secret
# The user of a front has to pass through.
chmod 711 "$work"

# Sets `port` to a free port of loopback, below those that the system gives away by itself.
free_port() {
    while :; do
        port=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 12000))
        grep -qs "$(printf ':%04X ' "$port")" /proc/net/tcp /proc/net/tcp6 || return 0
    done
}

# `adapt FILE WORD REPLACEMENT…`: puts our configuration with other ports and folders into `configuration`. A word that is
# not in the file is a mistake: what is tried would not be what users copy.
adapt() {
    configuration=$work/$1
    cp "$here/../../scripts/scale/$1" "$configuration"
    shift
    while [ $# -gt 0 ]; do
        grep -qF -e "$1" "$configuration" || give_up "there is no \"$1\" in $(basename "$configuration")"
        sed -i "s|$1|$2|g" "$configuration"
        shift 2
    done
    chmod 644 "$configuration"
}

# `start_helper COMMAND…`: in the background, with its output in front.log; `helper` is its id.
start_helper() {
    "$@" >>"$work/front.log" 2>&1 &
    helper=$!
    helpers="$helpers $helper"
}

# `fetch ARGUMENT…`: curl through the front, by the name that the configuration has.
fetch() {
    curl -sS -H 'Host: videos.example.org' "$@"
}

# `status ARGUMENT…`: of the film through the front.
status() {
    fetch -o /dev/null -w '%{http_code}' "$@" "$front/api/stream/film.mp4"
}

is_whole() {
    fetch -f "$front/api/stream/film.mp4" | cmp -s - "$film"
}

# `says NAME COMMAND…`: a check that is the exit code of a command.
says() {
    name=$1
    shift
    code=0
    "$@" || code=$?
    check_text "$name: exit code" 0 "$code"
}

# `mark_log`; then `answers STATUS` counts the answers about the film since, and `sent` their bytes.
mark_log() {
    settle
    marked=$(wc -l <"$work/server-errors")
}
settle() {
    # The server writes its log beside its work, so a client may have its answer first.
    size=
    until [ "$size" = "$(wc -c <"$work/server-errors")" ]; do
        size=$(wc -c <"$work/server-errors")
        sleep 0.1
    done
}
log_since() {
    settle
    tail -n "+$((marked + 1))" "$work/server-errors"
}
answers() {
    log_since | grep -c "\"GET /api/stream/film\.mp4[^\"]*\" $1 " || true
}
sent() {
    log_since | sed -n 's/.*"GET \/api\/stream\/film\.mp4[^"]*" [0-9]* \([0-9]*\) B .*/\1/p' |
        awk '{ sum += $1 } END { printf "%.0f", sum }'
}

# `clients_read CLIENTS`: that many clients read at once: every second one the whole film, the others ranges. Compares every byte.
clients_read() {
    : >"$got/results"
    readers=
    for number in $(seq "$1"); do
        read_as "$number" &
        readers="$readers $!"
    done
    for reader in $readers; do
        wait "$reader" || true
    done
    [ "$(grep -cx right "$got/results")" = "$1" ]
}
read_as() {
    if [ $(($1 % 2)) = 0 ]; then
        is_whole
    else
        for first in $((997000 * $1 % 9000000)) 12000000; do
            [ "$(fetch -r "$first-$((first + 1234567))" -o "$got/part.$1" -w '%{http_code}' "$front/api/stream/film.mp4")" = 206 ] &&
                cmp -s -i "0:$first" -n 1234568 "$got/part.$1" "$film" || return 0
        done
    fi && echo right >>"$got/results"
}

# Checks for every proxy.
check_front() {
    length=$(stat -c %s "$film")
    etag=$(fetch -I "$front/api/stream/film.mp4" | tr -d '\r' | sed -n 's/^etag: //Ip')
    check_text "$1: the ETag is the server's" "$(curl -sSI "$stream/film.mp4" | tr -d '\r' | sed -n 's/^etag: //Ip')" "$etag"
    check_text "$1: If-None-Match has status" 304 "$(status -H "If-None-Match: $etag")"
    check_text "$1: If-Range with this ETag, and with another" "206 200" \
        "$(status -r 5-9 -H "If-Range: $etag") $(status -r 5-9 -H 'If-Range: "other"')"
    check_text "$1: a range past the end has status" 416 "$(status -r "$length-")"
    check_text "$1: another host name, also for what is in the cache, has status" 421 \
        "$(curl -sS -o /dev/null -w '%{http_code}' -H 'Host: evil.example' "$front/api/stream/film.mp4")"
    # All of 127.0.0.0/8 is this machine: a client that is not the proxy, and claims to be yet another one.
    mark_log
    for target in /api/stream/who.mp4 /playlist/; do
        fetch --interface 127.0.0.9 -H 'X-Forwarded-For: 127.0.0.8' -H 'Forwarded: for=127.0.0.7;proto=https' \
            -H 'X-Forwarded-Proto: https' -o "$got/forged" "$front$target"
    done
    check_text "$1: the log has the client, whatever it claims to be" 127.0.0.9 \
        "$(log_since | sed -n 's/.* \([0-9.]*\) "GET \/api\/stream\/who\.mp4".*/\1/p')"
    check_number "$1: the playlist has http, whatever the client claims" 1 \
        "$(grep -c '^http://videos\.example\.org/' "$got/forged")"
}

# A cache must not store responses to requests with a password.
check_password() {
    stop_server
    start_server env VIDEOSERVE_AUTH="$auth"
    random_file "$media/private.mp4" 1
    private() {
        fetch -o /dev/null -w '%{http_code}' "$@" "$front/api/stream/private.mp4"
    }
    # shellcheck disable=SC2317 # `await` calls it.
    is_back() {
        [ "$(private -u "$auth")" = 200 ]
    }
    await 10 is_back || give_up "$1 does not see the server with a password"
    check_text "$1: with a password, without, a range without" "200 401 401" \
        "$(private -u "$auth") $(private) $(private -r 0-9)"
    stop_server
    start_server
}

# The server is started again on the same port, which the configuration has.
free_port
server_port=$port
stop_server
start_server
