# Tests the OpenAPI description with openapi-spec-validator and schemathesis. schemathesis sends valid and invalid
# requests, and compares every response with the description.
# shellcheck shell=sh disable=SC2154 # `run` sources this file.

tools=$here/../../target/api-tools

fetch_api_tools() {
    if [ -x "$tools/bin/st" ] && cmp -s "$here/openapi.txt" "$tools/openapi.txt"; then
        return
    fi
    rm -rf "$tools"
    # Without `--without-pip`, venv installs pip with the module ensurepip, which is not in Debian's package python3.
    python3 -m venv --without-pip "$tools" &&
        python3 -m pip --disable-pip-version-check --python "$tools/bin/python" install --quiet --no-deps \
            --requirement "$here/openapi.txt" &&
        # This copy is the last step. If an earlier step fails, the copy is missing, and the next call installs again.
        cp "$here/openapi.txt" "$tools/openapi.txt"
}

check_description() {
    curl -fsS -o "$got/openapi.json" "$base/api/openapi.json" || true
    check_text "openapi-spec-validator says" "stdin: OK" \
        "$("$tools/bin/openapi-spec-validator" - <"$got/openapi.json" 2>&1 || true)"

    mkdir "$media/Season 1"
    cp "$media/clip.mp4" "$media/film.mp4"
    printf '0:1 --> 0:2\nHi\n' >"$media/film.srt"
    # A server without --metrics has no path /metrics.
    set --
    [ "$(curl -sS -o /dev/null -w '%{http_code}' "$base/metrics")" != 404 ] || set -- --exclude-path /metrics
    # With --seed, each call sends the same requests. schemathesis writes files to the current folder, so it runs in
    # $got.
    if (cd "$got" && timeout 120 "$tools/bin/st" --config-file "$here/openapi.toml" run "$base/api/openapi.json" \
        --checks all --max-examples 10 --seed 1 --continue-on-failure "$@" >schemathesis.log 2>&1); then
        check_number "schemathesis finds no error, requests:" 200 \
            "$(sed -n 's/^ *\([0-9]*\) generated, .* passed$/\1/p' "$got/schemathesis.log")"
    else
        fail "schemathesis" "$(grep -A 12 '^- ST' "$got/schemathesis.log" | head -n 40)"
    fi
}

if have python3; then
    if fetch_api_tools >"$got/pip.log" 2>&1; then
        check_description
    elif [ "${CI:-}" = true ]; then
        fail "schemathesis" "pip cannot install it: $(tail -n 1 "$got/pip.log")"
    else
        skip "schemathesis" "pip cannot install it: $(tail -n 1 "$got/pip.log")"
    fi
fi
