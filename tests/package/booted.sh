#!/bin/sh
# Runs inside a container that systemd has booted: the service and its socket as on a user's machine.
# shellcheck source=tests/package/lib.sh
. /proof/lib.sh

URL=http://localhost:8001/api/stream/film.mp4

process() {
    systemctl show -P MainPID videoserve.service
}

# A restarted server needs a moment.
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
check "and will at the next boot" systemctl is-enabled videoserve.service
check "its socket does not listen" not systemctl is-active videoserve.socket
printf 0123456789 >/srv/videos/film.mp4
check "it answers a range" answers $URL
check "as a user of its own" not equal "$(stat -c %u "/proc/$(process)")" 0
check "confined by Landlock and seccomp" confined
check "systemd knows all of the units" systemd-analyze verify --man=no videoserve.service videoserve.socket
# That of Debian 11 knows neither option.
if systemd-analyze --help | grep -q -e --offline; then
    check "exposure of 1.5 at most" systemd-analyze security --no-pager --threshold=15 videoserve.service
    check "the same, by the file alone" systemd-analyze security --no-pager --offline=true --threshold=15 \
        /usr/lib/systemd/system/videoserve.service
fi

echo 'VIDEOSERVE_PORT=8080' >>/etc/default/videoserve
check "started again with another port" systemctl restart videoserve.service
check "it answers there" answers http://localhost:8080/api/stream/film.mp4
check "and no longer here" not curl -sS --max-time 5 $URL
was=$(process)
check "installed again" install
check "it was started anew" not equal "$(process)" "$was"
was=$(process)
check "upgraded while it serves" upgrade
check "it was started anew" not equal "$(process)" "$was"
check "the settings were kept" answers http://localhost:8080/api/stream/film.mp4
sed -i '$d' /etc/default/videoserve

check "off" systemctl disable --now videoserve.service
check "it has ended well" equal "$(systemctl show -P Result videoserve.service)" success
check "the socket instead" systemctl enable --now videoserve.socket
check "the program does not run" not systemctl is-active videoserve.service
check "until the first client comes" answers $URL
check "now it does" systemctl is-active videoserve.service
check "an upgrade" upgrade
check "the service is still off at the next boot" not systemctl is-enabled videoserve.service
check "and the socket still answers" answers $URL

check "removed" apt-get remove -qq -y videoserve
check "the port is closed" not curl -sS --max-time 5 $URL
check "what was served stays" test -e /srv/videos/film.mp4
check "purged" apt-get purge -qq -y videoserve
rm -r /srv/videos
list >/proof/after
check "nothing is left behind" diff /proof/before /proof/after
check "no unit failed" equal "$(systemctl --failed --plain --no-legend | grep videoserve)" ""
finish
