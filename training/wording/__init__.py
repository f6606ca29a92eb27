"""What goes into the recipe of `words.py`: the semantic space of mini, its text tower and its class names."""
