"""What is watched in operation, joined: rules and files, drills, golive's own lookout, reports and reviews."""
