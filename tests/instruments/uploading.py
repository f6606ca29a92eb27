"""How are pictures uploaded in tests, and which files lie where uploads go?"""

from dataclasses import replace


def upload(client, *contents: bytes, names: tuple[str, ...] = ()):
    named = names or tuple(f"picture {n}.jpg" for n in range(len(contents)))
    return client.post("/v1/images", files=[("image", pair) for pair in zip(named, contents, strict=True)])


def kept(parts) -> list[str]:
    """The files that lie in the uploads folder."""
    return sorted(path.name for path in parts.library.uploads.rglob("*") if path.is_file())


def unrelenting(parts):
    """The service as it is an hour later: what is deleted cannot come back."""
    return replace(parts, limits=replace(parts.limits, keep_deleted_s=0))
