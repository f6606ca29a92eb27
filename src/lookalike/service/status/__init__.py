"""How is the service doing?"""
