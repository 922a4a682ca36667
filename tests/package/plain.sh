#!/bin/sh
# Runs inside a root directory without systemd: installs, uses, removes and purges the package. Nothing may be left.
# shellcheck source=tests/package/lib.sh
. /proof/lib.sh

list >/proof/before
check "installed" install
check "the service is on at the next boot" test -L /etc/systemd/system/multi-user.target.wants/videoserve.service
check "its socket is not" not test -e /etc/systemd/system/sockets.target.wants/videoserve.socket
check "the folder is there, empty" equal "$(ls -A /srv/videos 2>&1)" ""
check "its variables can be read by a shell" sh -ec '. /etc/default/videoserve'

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
check "installed again: nothing else changes" sh -c '. /proof/lib.sh; install && list | diff /proof/installed -'
check "removed" apt-get remove -qq -y videoserve
check "what was served stays" test -e /srv/videos/film.mp4
check "so do the settings" test -e /etc/default/videoserve
check "purged" apt-get purge -qq -y videoserve
check "what was served still stays" test -e /srv/videos/film.mp4

check "installed where there are files already" install
check "then the service is not on" not test -e /etc/systemd/system/multi-user.target.wants/videoserve.service
check "nor after an upgrade" sh -c '. /proof/lib.sh; upgrade; ! test -e /etc/systemd/system/multi-user.target.wants/videoserve.service'
check "purged" apt-get purge -qq -y videoserve
rm -r /srv/videos

check "installed once more" install
check "purged at once" apt-get purge -qq -y videoserve
list >/proof/after
check "nothing is left behind" diff /proof/before /proof/after
finish
