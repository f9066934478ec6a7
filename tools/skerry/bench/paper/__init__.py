"""What the paper measured, and how far figures of ours are from it."""
