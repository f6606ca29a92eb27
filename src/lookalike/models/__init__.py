"""How is a model from outside read and run safely? Files held to the sums on their card, an engine held to these."""
