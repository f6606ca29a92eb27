"""What is right? Ground truth from the gallery itself, from tables, and from the files of known benchmarks.

naming     a name in a file → a record of the gallery
tables     what a table says of pictures
labels     record → label
captions   record → what people wrote about it
pairs      query → what is relevant to it: CSV, DISC, ROxford
"""
