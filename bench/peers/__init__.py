"""What do others do with the same input? Programs that run in an environment of their own, apart from Lookalike's."""
