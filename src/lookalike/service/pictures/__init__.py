"""What becomes of a picture and its record? It comes in, goes out, is described, blocked, forgotten and put back."""
