"""Which groups were found, and what would be done about them?"""
