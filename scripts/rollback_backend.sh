#!/bin/sh
# golive: effect=changes-{env}
# golive: dry-run=simulated
# Take an environment back to an earlier revision. All it does is to hand these flags to `golive rollback`.
set -eu

usage() {
	cat <<'TEXT'
usage: rollback_backend.sh --env ENVIRONMENT [--to REVISION] [--dry-run]

Takes ENVIRONMENT back to the revision before, or to REVISION, through the same planner as a deploy.

  --env ENVIRONMENT  as named in golive.yaml
  --to REVISION      which one; default: the one before
  --dry-run          print the steps; they are played in a simulated world, and the real one is observed before
                     and after: exit 1 when it is not the same
  --help             this text

Exit: 0 done, 1 failed, 2 wrong usage, 4 refused, 7 look at once.
TEXT
}

wrong() {
	printf 'rollback_backend.sh: %s\n\n' "$1" >&2
	usage >&2
	exit 2
}

environment='' revision='' rehearsed=''
while [ $# -gt 0 ]; do
	case "$1" in
	--env)
		[ $# -ge 2 ] || wrong '--env needs the name of an environment'
		environment=$2
		shift 2
		;;
	--env=*)
		environment=${1#--env=}
		shift
		;;
	--to)
		[ $# -ge 2 ] || wrong '--to needs a revision'
		revision=$2
		shift 2
		;;
	--to=*)
		revision=${1#--to=}
		shift
		;;
	--dry-run)
		rehearsed=$1
		shift
		;;
	-h | --help)
		usage
		exit 0
		;;
	*) wrong "$1 is not known here" ;;
	esac
done
case "$environment" in
'' | -*) wrong 'which environment? --env ENVIRONMENT' ;;
esac
case "$revision" in
-*) wrong 'which revision? --to REVISION' ;;
esac
command -v golive >/dev/null || {
	echo 'rollback_backend.sh: golive is not installed here: pip install golive' >&2
	exit 2
}
cd "$(dirname "$0")/.."
exec golive rollback --env "$environment" ${revision:+--to "$revision"} ${rehearsed:+"$rehearsed"}
