"""How do programs written for other services ask? With the names and shapes that they know.

asking   what they send
answers  what they get
knn      clip-retrieval's knn-service
"""
