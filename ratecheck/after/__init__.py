"""What is done with a finished run: replay of a block, audit of results."""
