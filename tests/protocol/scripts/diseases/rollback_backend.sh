#!/usr/bin/env bash
# There is no dry run: the flag and its neighbour become cluster and revision of a real update.
set -eu
ENVIRONMENT=${1:?environment}
REVISION=${2:?revision}

cloud update-service --cluster "shop-$ENVIRONMENT" --revision "$REVISION"
echo "Rollback complete"
