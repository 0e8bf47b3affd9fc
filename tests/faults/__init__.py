"""Break it on purpose: nothing lost, nothing doubled, and the fault must have happened."""
