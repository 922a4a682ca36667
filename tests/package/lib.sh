# shellcheck shell=sh
# Functions for plain.sh and booted.sh. These scripts run as root in a separate root directory. The folder
# /proof in this directory has the package and the scripts.

export DEBIAN_FRONTEND=noninteractive LC_ALL=C
failures=0

# `check NAME COMMAND…`: runs the command, and prints the name with `ok` or `FAILED`. After a failure, also prints the
# output of the command.
check() {
    name=$1
    shift
    if "$@" >/proof/output 2>&1; then
        printf 'ok      %s\n' "$name"
    else
        failures=$((failures + 1))
        printf 'FAILED  %s\n' "$name"
        cat /proof/output
    fi
}

not() {
    ! "$@"
}

equal() {
    [ "$1" = "$2" ] || { printf '%s, not %s\n' "$1" "$2"; return 1; }
}

install() {
    apt-get install -qq -y --reinstall --allow-downgrades "$@" /proof/videoserve_*.deb
}

# Builds the same package with the version 99, and installs it.
upgrade() {
    rm -rf /proof/newer
    dpkg-deb -R /proof/videoserve_*.deb /proof/newer
    sed -i 's/^Version:.*/Version: 99/' /proof/newer/DEBIAN/control
    dpkg-deb -b /proof/newer /proof/newer.deb
    apt-get install -qq -y /proof/newer.deb
    equal "$(dpkg-query -W -f '${Version}' videoserve)" 99
}

# Prints each path with its mode, owner and link target. Omits files that a running system or apt writes.
list() {
    find / -xdev \( -path /proof -o -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp \
        -o -path /var/log -o -path /var/cache -o -path /var/lib/apt -o -path /var/lib/systemd \
        -o -path /var/tmp -o -path /root \) -prune \
        -o -printf '%p %M %u:%g %l\n' | grep -v '^/var/lib/dpkg/\(status\|available\|lock\|diversions\)' | sort
}

# `range URL`: requests the bytes 3 to 5 of a file, and prints them.
range() {
    curl -sS --max-time 10 -r 3-5 "$1"
}

finish() {
    [ "$failures" = 0 ] || exit 1
}
