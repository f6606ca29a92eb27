"""Which version of the bytes does a record's stamp name?"""


def bytes_version(stamp: str) -> str:
    """Give the part of a stamp that says whether the bytes have changed."""
    return stamp.partition(" ")[0]
