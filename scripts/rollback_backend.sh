#!/bin/sh
# golive: effect=changes-{env}
# golive: dry-run=simulated
# Go back to an earlier revision: golive rollback. A dry run plays it in a simulated world and changes nothing.
set -eu

usage() {
    cat <<'TEXT'
usage: scripts/rollback_backend.sh --env ENVIRONMENT [--to REVISION] [--dry-run]

  --env ENVIRONMENT  as named in golive.yaml
  --to REVISION      which one; default: the one before
  --dry-run          print the steps; change nothing
  --help             this text

exit: 0 back there, 1 failed and traffic is where it was, 2 wrong usage, 4 refused, 7 could not be made safe,
      127 golive is not installed
TEXT
}

refuse() {
    printf '%s\n%s\n' "rollback_backend.sh: $1" 'next: scripts/rollback_backend.sh --help' >&2
    exit 2
}

env='' to='' dry=''
while [ "$#" -gt 0 ]; do
    case $1 in
        --env)
            [ "$#" -ge 2 ] || refuse '--env needs a value'
            [ -z "$env" ] || refuse '--env stands twice'
            case $2 in '' | -*) refuse '--env needs the name of an environment' ;; esac
            env=$2
            shift
            ;;
        --to)
            [ "$#" -ge 2 ] || refuse '--to needs a value'
            [ -z "$to" ] || refuse '--to stands twice'
            case $2 in '' | -*) refuse '--to needs a revision' ;; esac
            to=$2
            shift
            ;;
        --dry-run) dry=1 ;;
        -h | --help)
            usage
            exit 0
            ;;
        *) refuse "unknown argument: $1" ;;
    esac
    shift
done
[ -n "$env" ] || refuse 'which environment? --env ENVIRONMENT'

set -- rollback --env "$env"
if [ -n "$to" ]; then set -- "$@" --to "$to"; fi
if [ -n "$dry" ]; then set -- "$@" --dry-run; fi

if command -v golive >/dev/null 2>&1; then exec golive "$@"; fi
if python3 -c 'import golive' >/dev/null 2>&1; then exec python3 -m golive "$@"; fi
printf '%s\n' 'golive is not installed' 'next: python3 -m pip install golive' >&2
exit 127
