#!/bin/sh
# golive: effect=changes-{env}
# golive: dry-run=simulated
# Build a revision from this folder and take it to an environment: golive deploy.
set -eu

usage() {
    cat <<'TEXT'
usage: scripts/deploy_backend.sh --env ENVIRONMENT [--if-approved] [--dry-run]

  --env ENVIRONMENT  as named in golive.yaml
  --if-approved      go on only when enough people have signed for exactly this; else ask them, exit 3
  --dry-run          print the steps; build nothing, start nothing, write nothing
  --help             this text

exit: 0 live, 1 failed and traffic is back where it was, 2 wrong usage, 3 waiting for sign-offs, 4 refused,
      7 could not be made safe, 127 golive is not installed
TEXT
}

refuse() {
    printf '%s\n%s\n' "deploy_backend.sh: $1" 'next: scripts/deploy_backend.sh --help' >&2
    exit 2
}

env='' approved='' dry=''
while [ "$#" -gt 0 ]; do
    case $1 in
        --env)
            [ "$#" -ge 2 ] || refuse '--env needs a value'
            [ -z "$env" ] || refuse '--env stands twice'
            case $2 in '' | -*) refuse '--env needs the name of an environment' ;; esac
            env=$2
            shift
            ;;
        --if-approved) approved=1 ;;
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

set -- deploy --env "$env"
if [ -n "$approved" ]; then set -- "$@" --if-approved; fi
if [ -n "$dry" ]; then set -- "$@" --dry-run; fi

if command -v golive >/dev/null 2>&1; then exec golive "$@"; fi
if python3 -c 'import golive' >/dev/null 2>&1; then exec python3 -m golive "$@"; fi
printf '%s\n' 'golive is not installed' 'next: python3 -m pip install golive' >&2
exit 127
