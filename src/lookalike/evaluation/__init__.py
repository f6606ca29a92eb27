"""How good is search on one's own pictures? Measures, ground truth, runs, and reports with pictures.

measures     is an answer good? pure functions by the names of the literature
intervals    how sure is a figure?
truth/       what is right: labels, captions, pairs
edits        what people do to pictures
subject      what is under test
runs/        what is asked
judged       what came of a query
figures      what comes of all queries
plans        which runs does a person ask for?
housing      a gallery for one evaluation
pairing      pairs to learn from
calibrating  when may one say how sure it is?
learning     all spaces of a gallery, and how it is kept
report/      what the reader sees
"""
