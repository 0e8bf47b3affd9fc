"""The compose file run for real, without a Docker engine and without pulling an image."""
