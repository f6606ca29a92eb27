"""How are the formats called on the web and in file names?"""

MEDIA_TYPE = {
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "gif": "image/gif",
    "bmp": "image/bmp",
    "tiff": "image/tiff",
    "avif": "image/avif",
    "heic": "image/heic",
    "raw": "application/octet-stream",
}
"""Format → media type. Source: https://www.iana.org/assignments/media-types/media-types.xhtml#image"""

EXTENSION = {"jpeg": "jpg", "tiff": "tif"}
"""Format → file name extension, where it is another word."""
