"""What do requests hold? Bodies within limits, and what they ask for."""
