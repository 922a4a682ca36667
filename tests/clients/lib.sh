# Starts and stops the server under test, and defines the checks for all groups.
# shellcheck shell=sh disable=SC2154,SC2034 # `run` sources this file and sets program, work, media, got and server.

# --- The server ---

# `start_server [COMMAND…]`: runs COMMAND with the server and its flags as further arguments. COMMAND is, for example,
# `env NAME=value`. Without COMMAND, uses $PROGRAM_RUNNER (qemu for another processor). If `server_port` is not set,
# uses a free port. --allow-host and --trusted-proxy are for the groups with a proxy.
start_server() {
    # shellcheck disable=SC2086 # PROGRAM_RUNNER is a command with its options.
    [ $# -gt 0 ] || set -- ${PROGRAM_RUNNER-}
    # The supervisor (the parent process that restarts the server) executes /proc/self/exe. If qemu runs the server,
    # this link points to qemu. So disable the supervisor.
    [ $# -eq 0 ] || set -- env VIDEOSERVE_NO_SUPERVISOR=1 "$@"
    : >"$work/server-output"
    RUST_LOG=info "$@" "$program" --dir "$media" --port "${server_port:-0}" --bind 127.0.0.1 --metrics --print-url \
        --allow-host videos.example.org --trusted-proxy 127.0.0.1 \
        >"$work/server-output" 2>>"$work/server-errors" &
    server=$!
    await 10 url_printed || give_up "the server printed no URL within 10 s"
    stream=$base/api/stream
    await 10 curl -fsS -o /dev/null "$base/healthz" || give_up "$base/healthz does not answer"
    printf '%s\n' "${*:+$* }$(basename "$program") answers on $base"
}

url_printed() {
    kill -0 "$server" 2>/dev/null || give_up "the server ended before it printed its URL"
    # `read` fails if the line is not complete yet.
    read -r base <"$work/server-output" && base=${base%/}
}

# Stops the server with SIGTERM, and checks that it ends with exit code 0 within 12 s.
stop_server() {
    kill -TERM "$server" 2>/dev/null || true
    if await 12 server_ended; then
        code=0
        wait "$server" || code=$?
        server=
        check_text "SIGTERM ends the server with exit code" 0 "$code"
    else
        fail "SIGTERM ends the server" "it still runs after 12 s"
    fi
}

server_ended() {
    has_ended "$server"
}

# `has_ended PID`: succeeds if the process has ended. A child stays a zombie until the shell calls `wait`, and `kill -0`
# succeeds for a zombie. So this function also reads the state of the process.
has_ended() {
    ! kill -0 "$1" 2>/dev/null || grep -q '^State:[[:space:]]*Z' "/proc/$1/status" 2>/dev/null
}

# The process ids of other programs that a group has started.
helpers=

clean_up() {
    end_helpers
    if [ -n "$server" ]; then
        kill -KILL "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    rm -rf "$work"
}

end_helpers() {
    for helper in $helpers; do
        kill -TERM "$helper" 2>/dev/null || true
        await 3 has_ended "$helper" || kill -KILL "$helper" 2>/dev/null || true
        wait "$helper" 2>/dev/null || true
    done
    helpers=
}

# `await SECONDS COMMAND…`: polls until the command succeeds; fails after the deadline.
await() {
    deadline=$(($(date +%s) + $1))
    shift
    until "$@" 2>/dev/null; do
        [ "$(date +%s)" -lt "$deadline" ] || return 1
        sleep 0.05
    done
}

give_up() {
    fail "start" "$1"
    sed 's/^/        /' "$work/server-output" "$work/server-errors"
    printf '\n%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
    exit 1
}

# --- Results ---

pass() {
    passed=$((passed + 1))
    printf '  ok    %s\n' "$1"
}

fail() {
    failed=$((failed + 1))
    printf '  FAIL  %s: %s\n' "$1" "$2"
}

skip() {
    skipped=$((skipped + 1))
    printf '  skip  %s: %s\n' "$1" "$2"
}

# `have PROGRAM`: succeeds if the program is installed. With CI=true, a missing program is a failure.
have() {
    command -v "$1" >/dev/null 2>&1 && return
    if [ "${CI:-}" = true ]; then
        fail "$1" "not installed, and with CI=true every program is required"
    else
        skip "$1" "not installed"
    fi
    return 1
}

# --- Checks ---

sha() {
    # If the file name contains a backslash or a newline, sha256sum prints a backslash in front of the sum. So use
    # stdin.
    sha256sum <"$1" | cut -d ' ' -f 1
}

# `check_file NAME WANTED SEEN`: checks that two files have the same SHA-256.
check_file() {
    if [ ! -f "$3" ]; then
        fail "$1" "there is no file"
    elif [ "$(sha "$2")" = "$(sha "$3")" ]; then
        pass "$1 ($(stat -c %s "$3") bytes, sha256 $(sha "$3" | cut -c 1-12)…)"
    else
        fail "$1" "$(stat -c %s "$3") bytes with another sha256; wanted $(stat -c %s "$2") bytes"
    fi
}

# `check_text NAME WANTED SEEN`: checks that two texts are equal.
check_text() {
    if [ "$2" = "$3" ]; then
        pass "$1 $3"
    else
        fail "$1" "wanted '$2', saw '$3'"
    fi
}

# `check_number NAME MINIMUM SEEN`: checks that SEEN is at least MINIMUM.
check_number() {
    if [ "${3:-0}" -ge "$2" ]; then
        pass "$1 ($3)"
    else
        fail "$1" "wanted at least $2, saw ${3:-nothing}"
    fi
}

# `cut_file FILE FIRST LENGTH`: prints LENGTH bytes from position FIRST.
cut_file() {
    tail -c "+$(($2 + 1))" "$1" | head -c "$3"
}

# `random_file PATH MEBIBYTES`: creates a file of random bytes.
random_file() {
    head -c "$(($2 * 1048576))" /dev/urandom >"$1"
}

# `half_of FILE COPY`: copies the first half of FILE.
half_of() {
    head -c "$(($(stat -c %s "$1") / 2))" "$1" >"$2"
}
