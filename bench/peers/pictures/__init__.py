"""How do others turn a folder of pictures into vectors or hashes? Each in the way that its documentation shows.

Those with a network are given the bundled encoder's, which takes squares of bytes.
"""

HASHES = "imagededup PHash.encode_images, hashes only"
WAYS = {
    "Pillow and ONNX Runtime, one at a time": "one_at_a_time",
    "Pillow and ONNX Runtime, 32 at a time, as sentence-transformers": "in_batches",
    "DeepSearchLite": "deepsearchlite",
    HASHES: "imagededup_hashes",
}
"""What it is called → its function in `__main__`."""
