"""How the project is run."""
