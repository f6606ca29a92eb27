"""What does the reader of an evaluation see? Sections of figures and queries, as a table, as JSON, or as a page.

sections  what is told of each run, and as JSON
curves    precision against recall, confidence against truth: numbers to draw
charts    the drawings, as inline SVG
wording   measures and figures in words
page      one HTML file that asks for nothing else
pictures  the best and the worst queries with their hits, as pictures
"""
