"""Child processes: started, kept alive and ended in one way, whatever they do.

In: a command, and how long its silence is borne. Out: a socket to a process that lives, or why there is none.

May import: nothing of ours.
"""
