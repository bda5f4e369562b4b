#!/usr/bin/env bash
# Deploys to whatever the first word says, even when that word is a flag.
set -euo pipefail

ENVIRONMENT="${1:-staging}"
TEMPLATE="deploy/task-$ENVIRONMENT.json"

if [ ! -f "$TEMPLATE" ]; then
  echo "no template, nothing to do"
  exit 0
fi

cloud update-service --cluster "shop-$ENVIRONMENT" --template "$TEMPLATE"
echo "Deployed to $ENVIRONMENT"
