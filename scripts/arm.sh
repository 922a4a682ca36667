# shellcheck shell=sh disable=SC2154 # `build-static` sets `out`.
# Functions that get the C library for 32-bit ARM. build-static sources this file after rust.sh.
#
# A program needs the C library musl and an unwinder (code that cleans up the stack after a panic). For x86_64 and
# ARM64, both are part of the target that rustup installs. For 32-bit ARM, rustup does not have a target for every
# version of Rust. So the C library and the unwinder come from Debian's packages. The functions unpack these packages
# into target/static, and do not install them.

# `debian_architecture ARCH`: prints the Debian architecture whose C library runs on ARCH. The library of armel runs on
# ARMv5 and newer, the library of armhf only on ARMv7 and newer.
debian_architecture() {
    case $1 in
        armv6) echo armel ;;
        armv7) echo armhf ;;
    esac
}

# `c_library ARCH`: prints the folder with the files of Debian that become part of the program.
c_library() {
    (cd "$out" && printf '%s/%s' "$PWD" "$(debian_architecture "$1")")
}

has_c_library() {
    for file in crt1.o crti.o crtbegin.o crtend.o crtn.o libc.a libunwind.a; do
        [ -f "$(c_library "$1")/$file" ] || return 1
    done
}

set_up_c_library() {
    has_c_library "$1" && return
    packages=$(c_library "$1").packages
    mkdir -p "$packages"
    has_packages "$packages" || fetch "$(debian_architecture "$1")" >"$out/apt.log" 2>&1 || cat "$out/apt.log" >&2
    if has_packages "$packages"; then
        for package in "$packages"/*.deb; do
            dpkg-deb -x "$package" "$packages/unpacked" || return 0
        done
        gather "$1" "$packages/unpacked" || printf 'The packages in %s lack a file.\n' "$packages" >&2
        rm -rf "$packages/unpacked"
    fi
}

has_packages() {
    [ -n "$(find "$1" -name 'musl-dev_*.deb')" ] && [ -n "$(find "$1" -name 'libgcc-*-dev_*.deb')" ]
}

# `fetch DEBIAN_ARCHITECTURE`: downloads the packages. It needs no root, because its package lists are in a separate
# folder. apt checks the lists with Debian's keys.
fetch() (
    installed apt-get || exit 1
    own_apt=$packages/apt
    mkdir -p "$own_apt/lists/partial" "$own_apt/cache/archives/partial"
    trap 'rm -rf "$own_apt"' EXIT
    # If root calls apt, apt downloads as the user _apt, who may not write to this folder. With APT::Sandbox::User=root,
    # apt does not change the user.
    set -- "$1" -o Dir::State::lists="$own_apt/lists" -o Dir::Cache="$own_apt/cache" -o APT::Sandbox::User=root \
        -o APT::Architectures="$(dpkg --print-architecture),$1" \
        -o Acquire::Languages=none -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false
    debian=$1
    shift
    # Continue after an error: if one list cannot be updated, the other lists may still contain the packages.
    apt-get update -qq "$@" || true
    cd "$packages" || exit 1
    apt-get download -qq "$@" "musl-dev:$debian"
    # Some versions of libgcc do not exist for this architecture. Try all versions, the newest first, until a download
    # succeeds.
    for package in $(apt-cache pkgnames "$@" libgcc- | grep -xE 'libgcc-[0-9]+-dev' | sort -rV); do
        ! apt-get download -qq "$@" "$package:$debian" || exit 0
    done
    exit 1
)

c_library_commands() {
    debian=$(debian_architecture "$1")
    printf 'dpkg --add-architecture %s && apt-get update && cd "%s" && apt-get download musl-dev:%s libgcc-12-dev:%s\n' \
        "$debian" "$(c_library "$1").packages" "$debian" "$debian"
}

# `gather ARCH FOLDER`: copies the files that the program needs from the unpacked packages in FOLDER.
gather() {
    mkdir -p "$(c_library "$1")"
    for file in "$2"/usr/lib/arm-linux-musl*/crt*.o "$2"/usr/lib/arm-linux-musl*/libc.a \
        "$2"/usr/lib/gcc/arm-linux-gnu*/*/crtbegin.o "$2"/usr/lib/gcc/arm-linux-gnu*/*/crtend.o; do
        cp "$file" "$(c_library "$1")/" 2>/dev/null || return 1
    done
    # libgcc_eh contains the unwinder that Rust needs.
    cp "$2"/usr/lib/gcc/arm-linux-gnu*/*/libgcc_eh.a "$(c_library "$1")/libunwind.a" 2>/dev/null || return 1
    # A program that contains code for ARMv7 crashes on ARMv6. Each of these files names the processor for which it was
    # compiled. A linked program names only one processor, even if some of its code is for another processor. So check
    # the files before they are linked.
    if [ "$1" = armv6 ] && readelf -A "$(c_library "$1")"/* 2>/dev/null | grep -q 'Tag_CPU_arch: v\(6T2\|6K\|[7-9]\)'; then
        printf 'The packages contain code for a newer processor than ARMv6.\n' >&2
        rm -f "$(c_library "$1")"/*
        return 1
    fi
}
