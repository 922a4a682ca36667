# shellcheck shell=sh
# Functions that install parts of Rust. Other scripts source this file after packages.sh. A part is a target such as
# x86_64-unknown-linux-musl, `rust-src` (the source of the standard library), or `llvm-tools`. In the calls
# below, PART can be several names, separated by spaces.

RUST_VERSION=$(rustc --version | cut -d ' ' -f 2)

# `with_part PART COMMAND…`: runs the command with the current toolchain if it has the part, otherwise with the
# toolchain that `set_up_part` installs below the target directory.
with_part() {
    part=$1
    shift
    if part_is_there "$part"; then
        "$@"
    else
        in_own_toolchain "$@"
    fi
}

in_own_toolchain() {
    in_own_version "$RUST_VERSION" "$@"
}

# `in_own_version VERSION COMMAND…`: runs the command with this version of Rust from the target directory. It runs in a
# subshell, so that the exported variables have no effect on the caller.
in_own_version() (
    RUSTUP_HOME=${CARGO_TARGET_DIR:-target}/rustup
    case $RUSTUP_HOME in
        /*) ;;
        *) RUSTUP_HOME=$PWD/$RUSTUP_HOME ;;
    esac
    RUSTUP_TOOLCHAIN=$1
    export RUSTUP_HOME RUSTUP_TOOLCHAIN
    shift
    "$@"
)

# `set_up_version VERSION`: installs this version of Rust into the target directory. Succeeds if the version is
# installed.
set_up_version() {
    in_own_version "$1" rustc --version >/dev/null 2>&1 && return
    installed rustup && in_own_version "$1" timeout 300 rustup toolchain install "$1" --profile minimal --no-self-update
}

# `part_is_there PART`: succeeds if the current toolchain has the part. The first line fails if rustc prints
# no folder. Without this line, the test for llvm-tools checks the path /../bin/llvm-profdata, which may be a program of
# Debian.
part_is_there() {
    sysroot=$(rustc --print sysroot 2>/dev/null) && [ -n "$sysroot" ] || return
    for name in $1; do
        case $name in
            rust-src) [ -f "$sysroot/lib/rustlib/src/rust/library/Cargo.lock" ] ;;
            llvm-tools) [ -x "$(rustc --print target-libdir)/../bin/llvm-profdata" ] ;;
            *) [ -d "$(rustc --print target-libdir --target "$name" 2>/dev/null)" ] ;;
        esac || return
    done
}

# `has_part PART`: succeeds if the current toolchain or the toolchain below the target directory has the part.
has_part() {
    part_is_there "$1" || in_own_toolchain part_is_there "$1" 2>/dev/null
}

set_up_part() {
    has_part "$1" && return
    installed rustup || return 0
    options=
    for name in $1; do
        kind=target
        case $name in
            rust-src | llvm-tools) kind=component ;;
        esac
        rustup "$kind" add "$name" || true
        options="$options --$kind $name"
    done
    # rustup may have failed: the toolchain may be read-only, or lack files of a part that rustup lists as installed.
    if ! has_part "$1"; then
        # shellcheck disable=SC2086 # Several words.
        in_own_toolchain rustup toolchain install "$RUST_VERSION" --profile minimal --no-self-update $options || true
    fi
}

# Builds the static release program for this machine, and prints its path. Fails if the musl target for this machine
# cannot be installed.
static_program() (
    triple=$(uname -m)-unknown-linux-musl
    set_up_part "$triple" >&2
    with_part "$triple" cargo build --quiet --release --locked --target "$triple" >&2 || exit
    echo "${CARGO_TARGET_DIR:-target}/$triple/release/videoserve"
)
