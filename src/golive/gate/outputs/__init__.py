"""What a gate decided, in the forms that people and other tools read."""
