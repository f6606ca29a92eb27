"""What `copies.py` and its like measure: the pictures, their edits, the peers and the measures."""
