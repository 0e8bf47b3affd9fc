"""Nothing runs here: the pages, and the program that prints the generated ones."""
