"""What goes into the recipes of the copy engine: `copy_head.py`, `copies_codebook.py` and `copies_verdict.py`."""
