#!/bin/sh
# golive: effect=changes-{env}
# golive: dry-run=simulated
# Take this service to an environment. All it does is to hand exactly these flags to `golive deploy`.
set -eu

usage() {
	cat <<'TEXT'
usage: deploy_backend.sh --env ENVIRONMENT [--if-approved] [--dry-run]

Builds what is in this folder and takes it to ENVIRONMENT, as golive.yaml says: health checks and smoke test
first, then traffic. What is unhealthy is rolled back.

  --env ENVIRONMENT  as named in golive.yaml
  --if-approved      only when enough people have signed for exactly this; else they are asked (exit 3)
  --dry-run          print the steps; they are played in a simulated world, which cannot reach yours
  --help             this text

Exit: 0 live, 1 failed and rolled back, 2 wrong usage, 3 waiting for sign-offs, 4 refused, 7 look at once.
TEXT
}

wrong() {
	printf 'deploy_backend.sh: %s\n\n' "$1" >&2
	usage >&2
	exit 2
}

environment='' approved='' rehearsed=''
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
	--if-approved)
		approved=$1
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
command -v golive >/dev/null || {
	echo 'deploy_backend.sh: golive is not installed here: pip install golive' >&2
	exit 2
}
cd "$(dirname "$0")/.."
exec golive deploy --env "$environment" ${approved:+"$approved"} ${rehearsed:+"$rehearsed"}
