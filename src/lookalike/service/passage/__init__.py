"""What does each request pass on its way to its route, and each answer on its way back? One module a station."""
