"""Names of files, as they may be shown, packed and sent."""

import re

UNSAFE = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069/\\]")
LONGEST = 200


def clean(name: str) -> str:
    """A file name that is safe to show: no path, no control or direction marks, bounded."""
    return UNSAFE.sub("_", name).strip(" .")[-LONGEST:] or "sans-nom"
