"""Policy over evidence: may this go ahead? Pure; answers with a decision and its reason."""
