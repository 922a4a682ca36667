# Tests that a static program needs no library and no interpreter, and that it supports dates after 2038. faketime
# cannot change the clock of a static program. So the program runs in qemu (PROGRAM_EMULATOR), and faketime changes the
# clock of qemu.
# shellcheck shell=sh disable=SC2154 # `run` sources this file.

# `listed OPTION WORD`: prints how many lines of `readelf OPTION` contain the word.
listed() {
    readelf -W "$1" "$program" 2>/dev/null | grep -cF "$2" || true
}
if have readelf; then
    check_text "readelf -h: it is an ELF program:" 1 "$(listed -h 'ELF Header:')"
    check_text "readelf -l: interpreters:" 0 "$(listed -l INTERP)"
    check_text "readelf -d: NEEDED entries:" 0 "$(listed -d '(NEEDED)')"
    check_text "readelf -S: symbol tables and debug sections, stripped:" 0 "$(($(listed -S .symtab) + $(listed -S .debug_)))"
    check_text "readelf -l: stacks that can be executed:" 0 \
        "$(readelf -lW "$program" | grep -c 'GNU_STACK.*RWE' || true)"
fi

cut_file "$media/clip.mp4" 1000 5000 >"$got/wanted"
curl -fsS -r 1000-5999 -o "$got/range" "$stream/clip.mp4" || true
check_file "curl -r 1000-5999" "$got/wanted" "$got/range"

# A signed 32-bit number of seconds overflows in 2038. This file is from 2040.
dated=$media/dated.mp4
seconds=2211854706
printf 'dated 2040' >"$dated"
touch -d "@$seconds" "$dated"
check_text "the file system stores the date" "$seconds" "$(stat -c %Y "$dated")"

# `field URL NAME [OPTION…]`: sends HEAD, and prints the value of a field.
field() {
    url=$1 name=$2
    shift 2
    curl -sSI "$@" "$url" | tr -d '\r' | sed -n "s/^$name: *//Ip"
}
# `status URL [OPTION…]`: prints the status of the response.
status() {
    curl -sS -o /dev/null -w '%{http_code}' "$@"
}
check_text "dated 2040, today: ETag" "\"a-$(printf '%x' "$((seconds * 1000000000))")\"" "$(field "$stream/dated.mp4" ETag)"
check_text "dated 2040, today: modified in the listing" "$seconds" \
    "$(curl -fsS "$base/api/videos" | sed -n 's/.*"dated.mp4".*"modified":\(-\{0,1\}[0-9]*\).*/\1/p')"
# RFC 9110 §8.8.2.1: Last-Modified must not be later than Date.
check_text "dated 2040, today: Last-Modified" "" "$(field "$stream/dated.mp4" Last-Modified)"

check_text "dated 2040, today: If-Modified-Since that date, without a Last-Modified" 200 \
    "$(status "$stream/dated.mp4" -H "If-Modified-Since: Fri, 03 Feb 2040 04:05:06 GMT")"

# Tests the file of 2040 with a clock in 2041.
# shellcheck disable=SC2086 # `emulated` is a command with its options.
in_2041() {
    emulated=${PROGRAM_EMULATOR:-qemu-$(uname -m)}
    have faketime && have "${emulated%% *}" || return 0
    if [ "$(readelf -lW "$(command -v "${emulated%% *}")" | grep -c INTERP)" = 0 ]; then
        skip "a clock in 2041" "faketime cannot change the clock of ${emulated%% *}, which is static"
        return
    fi
    stop_server
    # LD_PRELOAD loads the library of faketime. The command `faketime` does not forward signals to its child, so this
    # test does not use it. With FAKETIME_DONT_FAKE_MONOTONIC, the library does not change the clock for durations.
    # shellcheck disable=SC2016 # The loader replaces $LIB by the name of its library folder.
    start_server env LD_PRELOAD='/usr/$LIB/faketime/libfaketime.so.1' FAKETIME='@2041-01-01 00:00:00' \
        FAKETIME_DONT_FAKE_MONOTONIC=1 $emulated
    date='Fri, 03 Feb 2040 04:05:06 GMT'
    check_text "in 2041: the year of Date" 2041 "$(field "$stream/dated.mp4" Date | cut -d ' ' -f 4)"
    check_text "in 2041: Last-Modified" "$date" "$(field "$stream/dated.mp4" Last-Modified)"
    check_text "in 2041: If-Modified-Since that date" 304 "$(status "$stream/dated.mp4" -H "If-Modified-Since: $date")"
    check_text "in 2041: If-Modified-Since one second before that date" 200 \
        "$(status "$stream/dated.mp4" -H 'If-Modified-Since: Fri, 03 Feb 2040 04:05:05 GMT')"
    check_text "in 2041: If-Range that date" 206 "$(status "$stream/dated.mp4" -r 0-4 -H "If-Range: $date")"
    check_text "in 2041: the year in the log" 2041 "$(tail -n 1 "$work/server-errors" | cut -d ' ' -f 4)"
    stop_server
    start_server
}
in_2041
