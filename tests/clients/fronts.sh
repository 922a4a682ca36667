# Contains the functions with which nginx.sh, haproxy.sh and varnish.sh test a proxy in front of the server. The
# configuration of each proxy is a file in scripts/scale.
# shellcheck shell=sh disable=SC2154,SC2034 # `run` and this file use variables of each other.

film=$media/film.mp4
auth=ana:secret
# The proxy runs as another user, and must be able to enter this folder.
chmod 711 "$work"

# Sets `port` to a free port from 20000 to 31999. Other tests let the kernel choose their ports. The kernel chooses
# ports above 32767, so the other tests do not take `port`.
free_port() {
    while :; do
        port=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 12000))
        grep -qs "$(printf ':%04X ' "$port")" /proc/net/tcp /proc/net/tcp6 || return 0
    done
}

# `adapt FILE WORD REPLACEMENT…`: copies a file of scripts/scale to `$configuration`, and replaces each WORD. A WORD
# that the file does not contain is an error.
adapt() {
    configuration=$work/$1
    cp "$here/../../scripts/scale/$1" "$configuration"
    shift
    while [ $# -gt 0 ]; do
        grep -qF -e "$1" "$configuration" || give_up "$(basename "$configuration") does not contain \"$1\""
        sed -i "s|$1|$2|g" "$configuration"
        shift 2
    done
    chmod 644 "$configuration"
}

# `start_helper COMMAND…`: runs the command in the background, and sets `helper` to its process id.
start_helper() {
    "$@" >>"$work/front.log" 2>&1 &
    helper=$!
    helpers="$helpers $helper"
}

# `fetch ARGUMENT…`: runs curl with the host name that the configuration serves.
fetch() {
    curl -sS -H 'Host: videos.example.org' "$@"
}

# `status ARGUMENT…`: prints the status of a request for the film through the proxy.
status() {
    fetch -o /dev/null -w '%{http_code}' "$@" "$front/api/stream/film.mp4"
}

is_whole() {
    fetch -f "$front/api/stream/film.mp4" | cmp -s - "$film"
}

check_command() {
    name=$1
    shift
    code=0
    "$@" || code=$?
    check_text "$name: exit code" 0 "$code"
}

# `mark_log` stores the number of lines in the log of the server. `answers` and `sent` read only the lines that the
# server has written since then. `answers STATUS` prints the number of responses with this status for the film. `sent`
# prints the sum of the bytes of all responses for the film.
mark_log() {
    settle
    marked=$(wc -l <"$work/server-errors")
}
settle() {
    # A client may get its response before the server writes the log line. So wait until the log stops growing.
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

# `clients_read NUMBER`: runs this number of clients at the same time, half of them with ranges. Succeeds if every
# client gets the right bytes.
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

# `check_front NAME`: runs the checks that are the same for every proxy.
check_front() {
    length=$(stat -c %s "$film")
    etag=$(fetch -I "$front/api/stream/film.mp4" | tr -d '\r' | sed -n 's/^etag: //Ip')
    check_text "$1: the ETag is that of the server" "$(curl -sSI "$stream/film.mp4" | tr -d '\r' | sed -n 's/^etag: //Ip')" "$etag"
    check_text "$1: If-None-Match has status" 304 "$(status -H "If-None-Match: $etag")"
    check_text "$1: If-Range with this ETag, and with another" "206 200" \
        "$(status -r 5-9 -H "If-Range: $etag") $(status -r 5-9 -H 'If-Range: "other"')"
    check_text "$1: a range past the end has status" 416 "$(status -r "$length-")"
    check_text "$1: a film in the cache, requested with an unknown host name, has status" 421 \
        "$(curl -sS -o /dev/null -w '%{http_code}' -H 'Host: evil.example' "$front/api/stream/film.mp4")"
    # The client uses the address 127.0.0.9 of this machine, and sends forged addresses.
    mark_log
    for target in /api/stream/who.mp4 /playlist/; do
        fetch --interface 127.0.0.9 -H 'X-Forwarded-For: 127.0.0.8' -H 'Forwarded: for=127.0.0.7;proto=https' \
            -H 'X-Forwarded-Proto: https' -o "$got/forged" "$front$target"
    done
    check_text "$1: the log has the address of the client, not the forged one:" 127.0.0.9 \
        "$(log_since | sed -n 's/.* \([0-9.]*\) "GET \/api\/stream\/who\.mp4".*/\1/p')"
    check_number "$1: the playlist has http, not the forged https" 1 \
        "$(grep -c '^http://videos\.example\.org/' "$got/forged")"
}

# `check_password NAME`: checks that the cache of the proxy does not store responses to requests with a password.
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
    await 10 is_back || give_up "$1 does not reach the server with a password"
    check_text "$1: with a password, without a password, a range without a password:" "200 401 401" \
        "$(private -u "$auth") $(private) $(private -r 0-9)"
    stop_server
    start_server
}

# Starts the server again on a port that does not change. The configuration of the proxy contains this port, and the
# checks start the server several times.
free_port
server_port=$port
stop_server
start_server
