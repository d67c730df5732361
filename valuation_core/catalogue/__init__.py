"""What is published: one line a worksheet function, its card, and the steps behind its result."""
