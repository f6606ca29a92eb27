"""What goes into the recipe of `captioner.py`: the captioner mini."""
