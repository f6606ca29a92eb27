"""How does an assistant use a gallery? Over the Model Context Protocol: four tools, all of which only look.

answers   what the tools give
tools     what they do
watching  how a long one goes on, and stops
server    how they are offered
"""
