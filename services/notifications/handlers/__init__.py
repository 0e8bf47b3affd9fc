"""What notifications does about what it hears, by subject."""
