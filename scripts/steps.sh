# shellcheck shell=sh disable=SC2034,SC2154 # `scripts/test` sources this file, and the two files share variables.
# The steps of scripts/test: the programs that each step needs, and its commands.

RUSTDOCFLAGS="-D warnings"
# There are more test threads than processors, because many wire tests (tests over sockets) wait for a slow client or a
# time limit.
RUST_TEST_THREADS=$((2 * $(nproc)))
# The seed of the property tests, which check random inputs. With a fixed seed, every run checks the same inputs, so
# only a change of the code makes a test fail. `scripts/properties` tries new inputs.
PROPTEST_RNG_SEED=${PROPTEST_RNG_SEED:-1}
export RUSTDOCFLAGS RUST_TEST_THREADS PROPTEST_RNG_SEED

# The Rust target of the static program. Its C library is musl. The sandbox allows only known system calls, and musl
# makes other calls than glibc. So the step `musl` runs the sandbox tests again.
MUSL=$(uname -m)-unknown-linux-musl
target=${CARGO_TARGET_DIR:-target}

# `programs_of STEP`: prints the programs that the step runs, each as PROGRAM:PACKAGE with its Debian package. `a/b` as
# PROGRAM: the step needs program a or b. `p+q` as PACKAGE: the program needs both packages. `?` at the end: without the
# program, the step skips some checks.
programs_of() {
    case $1 in
        wire | musl) echo systemd-socket-activate:systemd? ;;
        library) echo curl:curl ;;
        shell) echo shellcheck:shellcheck ;;
        units) echo systemd-analyze:systemd ;;
        dependencies) echo python3:python3 ;;
        packaging) echo mandoc:mandoc python3:python3 zsh:zsh? fish:fish? ;;
        static | others) echo readelf:binutils curl:curl qemu-arm:qemu-user faketime:faketime? ;;
        clients)
            echo curl:curl wget:wget? rclone:rclone? fusermount3:fuse3? aria2c:aria2? axel:axel? mkvmerge:mkvtoolnix? \
                ffmpeg:ffmpeg? ffprobe:ffmpeg? mpv:mpv? cvlc:vlc-bin+vlc-plugin-base? python3:python3? pip3:python3-pip? \
                chromium/chromium-browser:chromium? firefox/firefox-esr:firefox-esr?
            ;;
        fronts) echo curl:curl nginx:nginx? haproxy:haproxy? varnishd:varnish? ;;
        browsers)
            echo ffmpeg:ffmpeg ffprobe:ffmpeg python3:python3? pip3:python3-pip? java:default-jre-headless? \
                chromium/chromium-browser:chromium? chromedriver:chromium-driver? firefox/firefox-esr:firefox-esr?
            ;;
    esac
}

# `obstacle STEP`: prints why the step cannot run. Prints nothing if it can run.
obstacle() {
    case $1 in
        format)
            cargo fmt --version >/dev/null 2>&1 || echo "rustfmt is not installed"
            return
            ;;
        shell | units | packaging | dependencies) return ;;
    esac
    can_link || { echo "no C compiler, or no C library (packages gcc and libc6-dev)" && return; }
    case $1 in
        clippy | browser-lint) cargo clippy --version >/dev/null 2>&1 || echo "clippy is not installed" ;;
        musl)
            set_up_part "$MUSL" >&2
            has_part "$MUSL" || echo "the target $MUSL is not installed"
            ;;
        static) scripts/build-static --set-up >&2 || echo "some of its tools are missing, see above" ;;
        others) scripts/build-static --set-up others >&2 || echo "some of its tools are missing, see above" ;;
    esac
}

# --- Rust ---

step_format() {
    cargo fmt --check && cargo fmt --check --manifest-path tests/browsers/Cargo.toml
}

step_clippy() {
    cargo clippy --quiet --all-targets --locked -- -D warnings &&
        cargo clippy --quiet --all-targets --no-default-features --locked -- -D warnings
}

# Runs the unit tests of the library and the program, and replays the inputs that fuzzing found.
step_unit() {
    cargo test --quiet --locked --lib --bins --test fuzz -- ${with_slow:+--include-ignored}
}

step_wire() {
    cargo test --quiet --locked --test it -- ${with_slow:+--include-ignored}
}

step_sandbox() {
    cargo test --quiet --locked --test sandbox
}

# Tests the library without the program. The server copies files in blocks here, instead of using `sendfile`.
step_library() {
    TEST_COPYING=blocks cargo test --quiet --locked --no-default-features --test it -- range:: change:: large:: stream:: &&
        embed_example_serves
}

embed_example_serves() {
    cargo build --quiet --locked --no-default-features --example embed || return
    folder=$(mktemp -d "${TMPDIR:-/tmp}/videoserve-embed.XXXXXX")
    mkfifo "$folder/url"
    "$target/debug/examples/embed" tests/media >"$folder/url" &
    embed=$!
    read -r url <"$folder/url" && curl -fsS --max-time 10 --output /dev/null "${url}browse/"
    loaded=$?
    kill "$embed"
    rm -r "$folder"
    return "$loaded"
}

# `cargo test --doc` also runs the example of README.md.
step_doc() {
    cargo doc --quiet --no-deps --locked && cargo test --quiet --locked --doc
}

# Only `cargo deny` finds known vulnerabilities. It is optional, because it takes ten minutes to build.
step_dependencies() {
    scripts/dependencies || return
    if cargo deny --version >/dev/null 2>&1; then
        cargo deny --all-features check
    else
        remark=", without the check for known vulnerabilities: cargo-deny is not installed"
    fi
}

# Checks the code with the oldest supported Rust, the `rust-version` of Cargo.toml.
step_msrv() {
    promised=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
    if set_up_version "$promised"; then
        check_with "$promised" && check_with "$promised" --no-default-features
    else
        remark=", not built: rustup cannot install Rust $promised. Only lints and the metadata of the crates were checked"
    fi
}

check_with() {
    in_own_version "$1" cargo check --quiet --locked --target-dir "$target/msrv" ${2:+"$2"}
}

step_musl() {
    with_musl --test sandbox && with_musl --test it -- --include-ignored confined auth password environment managed
}

with_musl() {
    with_part "$MUSL" env RUSTFLAGS="${RUSTFLAGS-} -Clinker=rust-lld" cargo test --quiet --locked --target "$MUSL" "$@"
}

# --- Files beside the program ---

step_shell() {
    # shellcheck disable=SC2046 # The names of our files have no spaces.
    shellcheck -x $(grep -rlE '^#!/bin/(ba)?sh' scripts .ci .githooks tests) scripts/*.sh \
        tests/clients/*.sh tests/package/*.sh scripts/packaging/completions/videoserve.bash
}

# Tests that systemd accepts every line of the two units. Tests that the service has an exposure level of at most 1.5
# (`systemd-analyze security`; its option --threshold counts tenths). `/bin/true` replaces the program, because the
# program may not be installed.
step_units() {
    units=$(mktemp -d "${TMPDIR:-/tmp}/videoserve-units.XXXXXX")
    cp scripts/packaging/videoserve.socket "$units"
    sed 's|^ExecStart=/usr/bin/videoserve|ExecStart=/bin/true|' scripts/packaging/videoserve.service >"$units/videoserve.service"
    output=$(systemd-analyze verify --man=no "$units/videoserve.service" "$units/videoserve.socket" 2>&1) || output="$output, failed"
    systemd-analyze security --no-pager --offline=true --threshold=15 "$units/videoserve.service" >"$units/exposed" ||
        output="$output$(tail -n 1 "$units/exposed")"
    rm -r "$units"
    [ -z "$output" ] || { printf '%s\n' "$output"; return 1; }
}

# Tests files of the packages. `scripts/package --check` tests whole packages.
step_packaging() {
    mandoc -Tlint -W warning scripts/packaging/videoserve.1 &&
        python3 -c 'import sys, xml.dom.minidom as dom; dom.parse(sys.argv[1])' scripts/packaging/videoserve.avahi &&
        tests/package/completions
}

# --- The built program ---

step_static() {
    scripts/build-static
}

# `nice` leaves processor time to the step `browsers`, which often runs at the same time.
step_others() {
    nice scripts/build-static others
}

# Sets `program` to the static program for this machine, because users get this program. If the static program is
# missing or older than the source, builds a program with `cargo build --release`.
find_program() {
    program=$target/static/videoserve-$(uname -m)
    [ -x "$program" ] && [ -z "$(find src Cargo.toml Cargo.lock -newer "$program" -print -quit)" ] && return
    program=$target/release/videoserve
    cargo build --release --locked --quiet
}

step_clients() {
    find_program && tests/clients/run "$program"
}

step_fronts() {
    find_program && tests/clients/run "$program" nginx haproxy varnish
}

# `in_browsers COMMAND ARGUMENTS…`: runs cargo for tests/browsers, which is a separate crate.
in_browsers() {
    command=$1
    shift
    cargo "$command" --quiet --locked --manifest-path tests/browsers/Cargo.toml --target-dir "$target/browsers" "$@"
}

step_browser_lint() {
    in_browsers clippy --all-targets -- -D warnings
}

step_browsers() {
    find_program || return
    # Without a tool, the checks that need it are skipped. With CI=true, they fail.
    tests/browsers/fetch-tools || printf 'axe-core and the HTML checker could not be downloaded.\n'
    in_browsers run -- "$program"
}
