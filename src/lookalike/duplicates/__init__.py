"""Which pictures of a gallery are there more than once, which of each is worth keeping, and what becomes of the rest?

hashes    which perceptual hashes are close to one another
keeping   which of several pictures to keep
linking   why one picture may be the same as another
grouping  groups of identical, edited or similar pictures around the one that is kept
acting    what is done with the others: moved, deleted or linked, with a journal
renaming  how a file gets another name, or goes, and is never lost on the way
undoing   how that is taken back
moved_away     where pictures lie that were moved
putting_back   what was said of a picture whose file is back
stopping       whether to end early
"""

from lookalike.duplicates.acting import Done, Step, carry_out, foresee, plan_steps
from lookalike.duplicates.grouping import Compared, Group, Looking, Verify, find_groups
from lookalike.duplicates.journal import Action, Deed, Journal
from lookalike.duplicates.keeping import KeepRules, Rule
from lookalike.duplicates.putting_back import put_back
from lookalike.duplicates.undoing import Undone, undo
from lookalike.duplicates.verifying import OriginalsVerifier

__all__ = [
    "Action",
    "Compared",
    "Deed",
    "Done",
    "Group",
    "Journal",
    "KeepRules",
    "Looking",
    "OriginalsVerifier",
    "Rule",
    "Step",
    "Undone",
    "Verify",
    "carry_out",
    "find_groups",
    "foresee",
    "plan_steps",
    "put_back",
    "undo",
]
