#!/bin/sh
# Installs, uses, removes and purges the package in a root directory without systemd. After the purge, no file of the
# package may remain.
# shellcheck source=tests/package/lib.sh
. /proof/lib.sh

list >/proof/before
check "installed" install
check "the service starts at the next boot" test -L /etc/systemd/system/multi-user.target.wants/videoserve.service
check "the socket does not start at the next boot" not test -e /etc/systemd/system/sockets.target.wants/videoserve.socket
check "the folder exists and is empty" equal "$(ls -A /srv/videos 2>&1)" ""
check "a shell can read /etc/default/videoserve" sh -ec '. /etc/default/videoserve'

printf 0123456789 >/srv/videos/film.mp4
videoserve --dir /srv/videos --bind 127.0.0.1 --port 0 --print-url >/proof/out 2>/proof/err &
server=$!
for _ in $(seq 100); do
    ! read -r url </proof/out || break
    sleep 0.1
done
check "the installed program answers a range" equal "$(range "${url}api/stream/film.mp4")" 345
kill "$server"
wait "$server"

list >/proof/installed
check "a second installation changes no file" sh -c '. /proof/lib.sh; install && list | diff /proof/installed -'
check "removed" apt-get remove -qq -y videoserve
check "the films stay after the removal" test -e /srv/videos/film.mp4
check "the settings stay after the removal" test -e /etc/default/videoserve
check "purged" apt-get purge -qq -y videoserve
check "the films stay after the purge" test -e /srv/videos/film.mp4

check "installed when the folder contains files" install
check "the service does not start at the next boot" not test -e /etc/systemd/system/multi-user.target.wants/videoserve.service
check "after an upgrade, the service does not start at the next boot" sh -c '. /proof/lib.sh; upgrade; ! test -e /etc/systemd/system/multi-user.target.wants/videoserve.service'
check "purged" apt-get purge -qq -y videoserve
rm -r /srv/videos

check "installed again without the folder" install
check "purged without a removal first" apt-get purge -qq -y videoserve
list >/proof/after
check "no file is left" diff /proof/before /proof/after
finish
