# shellcheck shell=sh
# Functions that find programs and install Debian packages. Other scripts source this file.

installed() {
    command -v "$1" >/dev/null 2>&1
}

# Succeeds if a C program can be linked. This needs the packages gcc and libc6-dev.
can_link() {
    echo 'int main(void) { return 0; }' | cc -x c -o /dev/null - 2>/dev/null
}

# `install_packages LIST`: runs apt-get as root, or through sudo without a password. If this is impossible, prints why.
install_packages() {
    as_root=
    if ! installed apt-get; then
        printf 'Cannot install them: there is no apt-get.\n'
        return
    elif [ "$(id -u)" != 0 ]; then
        if ! sudo -n true 2>/dev/null; then
            printf 'Cannot install them: this needs root, or sudo without a password.\n'
            return
        fi
        as_root=sudo
    fi
    $as_root apt-get update -qq || true
    # shellcheck disable=SC2086 # A list of words.
    if ! apt_install $1; then
        # If one package is not available, apt-get installs none of them. So install each package alone.
        for package in $1; do
            apt_install "$package" || printf 'Not installed: %s\n' "$package"
        done
    fi
}

apt_install() {
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@" >/dev/null
}

# `install_servers LIST`: installs the packages, then stops and disables their services. Debian starts a service when it
# is installed.
install_servers() {
    install_packages "$1"
    for package in $1; do
        if installed systemctl; then
            ${as_root:-} systemctl disable --now --quiet "$package" 2>/dev/null || true
        fi
    done
}
