"""What the command line writes and prints; pipeline/__main__.py holds the commands themselves."""
