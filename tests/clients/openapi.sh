# Tests the OpenAPI description with schemathesis. schemathesis validates the description, sends valid and invalid
# requests, and compares every response with the description. Sourced by `run`.
# shellcheck shell=sh disable=SC2154 # `run` sets the variables.

tools=$here/../../target/api-tools

# Installs the tools below target/, if they are not installed.
fetch_api_tools() {
    if [ -x "$tools/bin/st" ] && cmp -s "$here/openapi.txt" "$tools/openapi.txt"; then
        return
    fi
    rm -rf "$tools"
    # --without-pip, because Debian has the module that installs pip (ensurepip) in another package.
    python3 -m venv --without-pip "$tools" &&
        python3 -m pip --disable-pip-version-check --python "$tools/bin/python" install --quiet --no-deps \
            --requirement "$here/openapi.txt" &&
        # This is the last step, so that an interrupted installation begins again.
        cp "$here/openapi.txt" "$tools/openapi.txt"
}

check_description() {
    curl -fsS -o "$got/openapi.json" "$base/api/openapi.json" || true
    check_text "openapi-spec-validator says" "stdin: OK" \
        "$("$tools/bin/openapi-spec-validator" - <"$got/openapi.json" 2>&1 || true)"

    mkdir "$media/Season 1"
    cp "$media/clip.mp4" "$media/film.mp4"
    printf '0:1 --> 0:2\nHi\n' >"$media/film.srt"
    # Without --metrics, the path does not exist, so schemathesis must not test it.
    set --
    [ "$(curl -sS -o /dev/null -w '%{http_code}' "$base/metrics")" != 404 ] || set -- --exclude-path /metrics
    # --seed: the same requests in every run. schemathesis writes files to the current folder.
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
