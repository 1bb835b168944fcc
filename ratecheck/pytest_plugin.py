"""`pytest claims`: each check of each case is a test, and so is each falsifier."""
