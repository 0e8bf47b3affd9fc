"""Software that was written for Chorus Pro, on the whole stack."""
