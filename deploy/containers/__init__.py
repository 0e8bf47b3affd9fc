"""What the compose file needs beside the image: the origin's configuration, one-shot programs."""
