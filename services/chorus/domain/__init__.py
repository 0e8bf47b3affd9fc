"""Pure: the words of Chorus Pro and how ours become theirs."""
