"""Threads do not survive a fork: which process goes on with what a thread did, in a server that forks.

A WSGI server may load the app first and fork the process that serves then. Whoever forks later does it for something
else.
"""

from __future__ import annotations

import os
import weakref
from typing import Protocol


class Follower(Protocol):
    """Something with a thread that can go on in a child."""

    def leave_to_child(self) -> bool:
        """End the thread here if it has done nothing so far; return whether a child is to go on."""
        ...

    def go_on_in_child(self) -> None:
        """Start the thread, in a process that was forked."""
        ...


def follow(follower: Follower) -> None:
    """Let it go on in each child that is forked before its thread has done anything."""
    known = weakref.ref(follower)  # what is registered stays so
    early = False

    def before() -> None:
        nonlocal early
        here = known()
        early = here is not None and here.leave_to_child()

    def in_child() -> None:
        here = known()
        if early and here is not None:
            here.go_on_in_child()

    if hasattr(os, "register_at_fork"):  # else nothing can fork
        os.register_at_fork(before=before, after_in_child=in_child)
