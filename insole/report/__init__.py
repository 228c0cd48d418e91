"""What people and programs read of an analysis: JSON document, terminal summary, contact table on disk."""
