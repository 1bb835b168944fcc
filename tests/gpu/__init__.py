"""What `make gpu` runs."""
