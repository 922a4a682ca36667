#!/bin/sh
# Tests videoserve.service and videoserve.socket inside a container with a running systemd.
# shellcheck source=tests/package/lib.sh
. /proof/lib.sh

URL=http://localhost:8001/api/stream/film.mp4

process() {
    systemctl show -P MainPID videoserve.service
}

# `answers URL`: requests the bytes 3 to 5 until the response is 345, at most 50 times. After a restart, the service may
# need some time until it answers.
answers() {
    for _ in $(seq 50); do
        got=$(range "$1" 2>&1)
        [ "$got" != 345 ] || return 0
        sleep 0.1
    done
    printf '%s\n' "$got"
    journalctl --no-pager -u videoserve | tail -n 20
    return 1
}

confined() {
    journalctl --no-pager -u videoserve >/proof/journal
    grep 'Landlock and seccomp' /proof/journal || { cat /proof/journal; return 1; }
}

list >/proof/before
check "installed" install
check "the service runs" systemctl is-active videoserve.service
check "the service starts at the next boot" systemctl is-enabled videoserve.service
check "the socket does not listen" not systemctl is-active videoserve.socket
printf 0123456789 >/srv/videos/film.mp4
check "the service answers a range" answers $URL
check "the service does not run as root" not equal "$(stat -c %u "/proc/$(process)")" 0
check "Landlock and seccomp confine the service" confined
check "systemd accepts every line of the units" systemd-analyze verify --man=no videoserve.service videoserve.socket
# systemd-analyze of Debian 11 has neither --threshold nor --offline.
if systemd-analyze --help | grep -q -e --offline; then
    check "the exposure of the running service is 1.5 or less" systemd-analyze security --no-pager --threshold=15 videoserve.service
    check "the exposure of the unit file is 1.5 or less" systemd-analyze security --no-pager --offline=true --threshold=15 \
        /usr/lib/systemd/system/videoserve.service
fi

echo 'VIDEOSERVE_PORT=8080' >>/etc/default/videoserve
check "restarted with another port" systemctl restart videoserve.service
check "the service answers on the new port" answers http://localhost:8080/api/stream/film.mp4
check "the old port is closed" not curl -sS --max-time 5 $URL
was=$(process)
check "installed again" install
check "the service was restarted" not equal "$(process)" "$was"
was=$(process)
check "upgraded while it serves" upgrade
check "the service was restarted" not equal "$(process)" "$was"
check "the settings were kept" answers http://localhost:8080/api/stream/film.mp4
sed -i '$d' /etc/default/videoserve

check "the service is disabled" systemctl disable --now videoserve.service
check "the service ended without an error" equal "$(systemctl show -P Result videoserve.service)" success
check "the socket is enabled" systemctl enable --now videoserve.socket
check "the program does not run" not systemctl is-active videoserve.service
check "the first client starts the program" answers $URL
check "the program runs" systemctl is-active videoserve.service
check "upgraded while the socket is enabled" upgrade
check "after the upgrade, the service does not start at the next boot" not systemctl is-enabled videoserve.service
check "after the upgrade, the socket answers" answers $URL

check "removed" apt-get remove -qq -y videoserve
check "the port is closed" not curl -sS --max-time 5 $URL
check "the films stay" test -e /srv/videos/film.mp4
check "purged" apt-get purge -qq -y videoserve
rm -r /srv/videos
list >/proof/after
check "no file is left" diff /proof/before /proof/after
check "no unit failed" equal "$(systemctl --failed --plain --no-legend | grep videoserve)" ""
finish
