# shellcheck shell=sh
# Sourced by other scripts: installed programs, and installation of Debian packages.

installed() {
    command -v "$1" >/dev/null 2>&1
}

# Succeeds if a C program can be linked: that needs a linker and the start files of the C library, which are in two packages.
links() {
    echo 'int main(void) { return 0; }' | cc -x c -o /dev/null - 2>/dev/null
}

# `install_packages LIST`: installs with apt-get, as root or through sudo without a password, or says why it cannot.
install_packages() {
    as_root=
    if ! installed apt-get; then
        printf 'They cannot be installed here: there is no apt-get.\n'
        return
    elif [ "$(id -u)" != 0 ]; then
        if ! sudo -n true 2>/dev/null; then
            printf 'They cannot be installed here: neither root nor sudo without a password.\n'
            return
        fi
        as_root=sudo
    fi
    $as_root apt-get update -qq || true
    # shellcheck disable=SC2086 # A list of words.
    if ! apt_install $1; then
        # A package that this system lacks must not prevent the others.
        for package in $1; do
            apt_install "$package" || printf 'Not installed: %s\n' "$package"
        done
    fi
}

apt_install() {
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@" >/dev/null
}

# `install_servers LIST`: the same, and stops the services that the packages have started.
install_servers() {
    install_packages "$1"
    for package in $1; do
        if installed systemctl; then
            ${as_root:-} systemctl disable --now --quiet "$package" 2>/dev/null || true
        fi
    done
}
