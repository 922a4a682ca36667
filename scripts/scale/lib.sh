# shellcheck shell=sh
# For the commands of this folder to read in: a folder of their own, a film, origins, checks, and an end that leaves
# nothing behind, whatever happened.

PATH=$PATH:/usr/sbin:/sbin
# Loopback never goes through a proxy of the environment, and numbers have a point.
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
LC_ALL=C
export PATH LC_ALL

failures=0
pids=
work=$(mktemp -d "${TMPDIR:-/tmp}/videoserve-scale.XXXXXX")
# What a front runs as may not be us, and has to pass through.
chmod 711 "$work"
began=$(date +%s)

clean_up() {
    code=$?
    [ -n "${finished:-}" ] || printf '%s: FELL, it did not come to its end (%s)\n' "$(basename "$0")" "$code"
    # A client that runs below one of our loops would outlive it.
    for pid in $pids; do
        pids="$pids $(descendants "$pid")"
    done
    # shellcheck disable=SC2086 # A list of ids. Whoever has ended is waited for, so that no id is another's by now.
    [ -z "$pids" ] || kill -TERM $pids 2>/dev/null || true
    for pid in $pids; do
        patience=60
        while [ "$patience" -gt 0 ] && is_running "$pid"; do
            patience=$((patience - 1))
            sleep 0.05
        done
        ! is_running "$pid" || kill -KILL "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    rm -rf "$work"
}
descendants() {
    # shellcheck disable=SC2013 # They are words of one line.
    for child in $(cat "/proc/$1/task/$1/children" 2>/dev/null); do
        printf '%s ' "$child"
        # In a shell of its own: there are no local variables.
        (descendants "$child")
    done
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# --- Results ---

say() {
    printf '  %-6s%s\n' "$1" "$2"
}

# `check WHAT COMMAND…`: one line, and whether it held.
check() {
    what=$1
    shift
    if "$@"; then
        say ok "$what"
    else
        say FELL "$what"
        failures=$((failures + 1))
    fi
}

# `is_at_most NUMBER LIMIT`, also with decimals.
is_at_most() {
    awk -v number="$1" -v limit="$2" 'BEGIN { exit !(number <= limit) }'
}

is_between() {
    is_at_most "$2" "$1" && is_at_most "$1" "$3"
}

give_up() {
    printf '  %s\n' "$1" >&2
    for log in "$work"/*.log; do
        [ ! -s "$log" ] || { printf '  %s\n' "$(basename "$log"):" && tail -n 20 "$log" | sed 's/^/    /'; } >&2
    done
    exit 2
}

# The last line, and the exit code: the last thing that a command does.
finish() {
    finished=yes
    if [ "$failures" = 0 ]; then
        printf '%s: OK, %s s\n' "$(basename "$0")" "$(($(date +%s) - began))"
    else
        printf '%s: FELL, %s of the above\n' "$(basename "$0")" "$failures"
        return 1
    fi
}

# --- What it takes ---

# `need PROGRAM…`: each of them, from the package of the same name.
need() {
    lacking=
    for program in "$@"; do
        installed "$program" || lacking="$lacking $program"
    done
    # Varnish's program has another name than its package.
    lacking=$(printf '%s' "$lacking" | sed 's/varnishd/varnish/')
    [ -z "$lacking" ] || install_servers "$lacking"
    for program in "$@"; do
        installed "$program" || give_up "there is no $program"
    done
}

# The program under test: `VIDEOSERVE=path`, or the release build of this tree.
set_up_program() {
    case ${VIDEOSERVE:-} in
        '')
            cargo build --release --locked --quiet
            VIDEOSERVE=${CARGO_TARGET_DIR:-target}/release/videoserve
            ;;
        /*) ;;
        # As seen from where the command was given.
        *) VIDEOSERVE=$OLDPWD/$VIDEOSERVE ;;
    esac
    # Only a program that knows the flag tells clients apart behind a proxy.
    trusting=
    if "$VIDEOSERVE" --help | grep -q -e --trusted-proxy; then
        trusting='--trusted-proxy 127.0.0.1'
    fi
}

# `make_film FILE MEBIBYTES`: bytes that say by themselves where they are from.
make_film() {
    mkdir -p "$(dirname "$1")"
    head -c "$(($2 * 1048576))" /dev/urandom >"$1"
}

# A port of loopback that nobody has, below those that the system gives away by itself.
free_port() {
    while :; do
        port=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 12000))
        hex=$(printf ':%04X ' "$port")
        case " ${ports:-} " in *" $port "*) continue ;; esac
        grep -qs "$hex" /proc/net/tcp /proc/net/tcp6 || break
    done
    ports="${ports:-} $port"
}

is_running() {
    # A child that has ended stays a zombie until it is waited for.
    kill -0 "$1" 2>/dev/null && ! grep -qs '^State:[[:space:]]*Z' "/proc/$1/status"
}

# `start NAME COMMAND…`: in the background, its output in NAME.log; `pid` is its id.
start() {
    log=$work/$1.log
    shift
    "$@" >>"$log" 2>&1 &
    pid=$!
    pids="$pids $pid"
}

# `forget PID`: it has ended, and its id may soon be another's.
forget() {
    wait "$1" 2>/dev/null || true
    pids=$(for other in $pids; do [ "$other" = "$1" ] || printf '%s ' "$other"; done)
}

# `await SECONDS COMMAND…`: polls until the command succeeds; fails after that.
await() {
    deadline=$(($(date +%s) + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$(date +%s)" -lt "$deadline" ] || return 1
        sleep 0.05
    done
}

# `start_origin NAME FOLDER PORT`: a videoserve; `pid` is its id, its access log NAME.log.
start_origin() {
    # shellcheck disable=SC2086 # A flag and its value, or nothing.
    start "$1" env RUST_LOG=info "$VIDEOSERVE" --dir "$2" --bind 127.0.0.1 --port "$3" --allow-host videos.example.org $trusting
    await 10 curl -fsS "http://127.0.0.1:$3/healthz" || give_up "the origin does not answer"
}

# `adapt FILE WORD REPLACEMENT…`: the configuration of that name with other ports and folders, in the working folder.
# A word that is not in it is a mistake: the file that is tried would not be the one that is meant.
adapt() {
    adapted=$work/$1
    cp "scripts/scale/$1" "$adapted"
    shift
    while [ $# -gt 0 ]; do
        grep -qF -e "$1" "$adapted" || give_up "there is no \"$1\" in $(basename "$adapted")"
        sed -i "s|$1|$2|g" "$adapted"
        shift 2
    done
}

# --- What the origin saw ---

# `settle LOG`: waits until nothing more comes. The program writes its log beside its work, and a client may have its answer
# first.
settle() {
    log_size=
    until [ "$log_size" = "$(wc -c <"$1")" ]; do
        log_size=$(wc -c <"$1")
        sleep 0.1
    done
}

# `sent_by LOG…`: bytes of content in all answers about the film.
sent_by() {
    for counted in "$@"; do
        settle "$counted"
    done
    sed -n 's/.*"GET \/api\/stream\/film\.mp4[^"]*" [0-9]* \([0-9]*\) B .*/\1/p' "$@" |
        awk '{ sum += $1 } END { printf "%.0f\n", sum }'
}

# `answers_in LOG STATUS`: how often the film was answered so.
answers_in() {
    settle "$1"
    grep -c "\"GET /api/stream/film\.mp4[^\"]*\" $2 " "$1" || true
}

# `check_password ORIGIN-ID FOLDER PORT FRONT`: a cache must not give to all what was asked for with a password. The origin is
# started again with one.
check_password() {
    kill -TERM "$1"
    forget "$1"
    head -c 100000 /dev/urandom >"$2/private.mp4"
    VIDEOSERVE_AUTH=ana:secret
    export VIDEOSERVE_AUTH
    start_origin origin "$2" "$3"
    unset VIDEOSERVE_AUTH
    private() {
        curl -sS -o /dev/null -w '%{http_code} ' -H 'Host: videos.example.org' "$@" "$front/api/stream/private.mp4"
    }
    front=$4
    # Perhaps its probes have not seen it yet.
    check "the origin is back, with a password" await 10 with_password
    check "what was asked for with it is not stored for those without" \
        [ "$(private -u ana:secret)$(private)$(private -r 0-9)" = "200 401 401 " ]
}
with_password() {
    [ "$(private -u ana:secret)" = '200 ' ]
}

# `check_client FRONT LOG…`: whether the client's address is in an origin's log, where the program has the flag for it.
check_client() {
    if [ -z "$trusting" ]; then
        say - "X-Forwarded-For: this program has no --trusted-proxy"
        return
    fi
    # All of 127.0.0.0/8 is this machine: a client that is not the proxy, and says in each way that it is yet another one.
    forged() {
        curl -sS --interface 127.0.0.9 -H 'Host: videos.example.org' -H 'X-Forwarded-For: 127.0.0.8' \
            -H 'Forwarded: for=127.0.0.7;proto=https' -H 'X-Forwarded-Proto: https' "$@"
    }
    forged -o /dev/null "$1/api/stream/who.mp4"
    forged "$1/playlist/" >"$work/forged.m3u"
    check "X-Forwarded-Proto: the playlist says what is so" grep -q '^http://videos\.example\.org/' "$work/forged.m3u"
    shift
    check "X-Forwarded-For: the log has the client, not the proxy" \
        await 2 grep -q '127\.0\.0\.9 "GET /api/stream/who\.mp4"' "$@"
    check "whatever the client says it is" [ -z "$(cat "$@" | grep '127\.0\.0\.[178] "GET /\(api/stream/who\|playlist\)')" ]
}
