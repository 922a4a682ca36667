# shellcheck shell=bash
# Completion of videoserve for bash. Add each new flag to `flags`. If the flag takes a value, add the flag to the
# `case` too.
_videoserve() {
    local flags='--dir --port --bind --mount --base-path --cors-origin --allow-host --trusted-proxy --auth
        --max-streams --stall-timeout --metrics --log-format --print-url --no-sendfile --no-sandbox --no-supervisor
        --help --version'
    local word=${COMP_WORDS[COMP_CWORD]} flag=${COMP_WORDS[COMP_CWORD - 1]}
    # Bash splits `--dir=final` into three words: `--dir`, `=` and `final`.
    if [[ $word == = ]]; then
        word=
    elif [[ $flag == = && $COMP_CWORD -gt 1 ]]; then
        flag=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    COMPREPLY=()
    case $flag in
        --dir)
            compopt -o filenames
            mapfile -t COMPREPLY < <(compgen -d -- "$word")
            ;;
        --bind) mapfile -t COMPREPLY < <(compgen -W '127.0.0.1 0.0.0.0' -- "$word") ;;
        --log-format) mapfile -t COMPREPLY < <(compgen -W 'text json' -- "$word") ;;
        # These flags have no proposals.
        --port | --mount | --base-path | --cors-origin | --allow-host | --trusted-proxy | --auth) ;;
        --max-streams | --stall-timeout) ;;
        *) mapfile -t COMPREPLY < <(compgen -W "$flags" -- "$word") ;;
    esac
}
complete -F _videoserve videoserve
