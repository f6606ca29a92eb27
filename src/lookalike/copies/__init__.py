"""Are two pictures the same picture, though one was edited, and where do they agree?

pdq          a hash of the whole picture: finds re-encoded and resized copies
features     points that can be found again after an edit, and what surrounds each
codebook     descriptors → visual words and 64-bit signatures
packing      features ↔ the bytes that a gallery stores
fingerprint  all of these: what the gallery keeps of a picture
segment      some thousand pictures' features, sorted by word
storing      segments as files that are mapped
index        all pictures' features by visual word: which ones may be copies?
voting       which candidates' points agree on one similarity transform?
plane        where a homography moves positions, and polygons cut by others
geometry     matched points → a homography, several where there are several
correlation  do the pixels agree, too?
dense        whole pictures laid over one another, where there are hardly any points
mending      a picture without the flat bars, stripes and specks that lie over it
pages        do two pages of text differ in a word?
jigsaw       do small regions make up both pictures together?
verdict      same picture, a shared region, or neither, and how surely
found        one way in which a picture lies on another
verifier     all of this for one query and candidate after candidate
wording      a homography in words: cropped to 31 %, mirrored, rotated 5°
drawing      both pictures side by side with the region outlined, and one over the other
"""

GREY_PX = 448
"""Longest side of the grey pictures that all this works on; a query and the gallery's pictures are made alike."""
