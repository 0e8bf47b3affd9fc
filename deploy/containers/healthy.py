"""Whether the service in this container is ready: status 0 or 1, for the engine's health check."""

import os
import sys
import urllib.error
import urllib.request


def main() -> int:
    """Ask /readyz."""
    url = f"http://127.0.0.1:{os.environ['CHORALE_PORT']}{(sys.argv[1:] or ['/readyz'])[0]}"
    try:
        with urllib.request.urlopen(url, timeout=4):
            return 0
    except (urllib.error.URLError, OSError) as error:
        sys.stderr.write(f"{url}: {error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
