"""What is known beyond the moment: stretches of a session held against each other."""
