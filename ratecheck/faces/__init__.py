"""How people reach ratecheck: the command line, pytest, a claim template."""
