"""Coverage-guided fuzzing of everything that reads or writes what strangers hand in."""
