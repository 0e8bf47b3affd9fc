"""Pure: who is told what, how a mail is worded and built, what a partner may do."""
