"""Who may sign what: persons with their keys and roles, and the policy of each environment. Both are versioned,
and every version is signed by those whom the one before trusted."""
