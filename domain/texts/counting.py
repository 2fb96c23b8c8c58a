"""A number with its noun, in the plural where there is more or less than one."""

from __future__ import annotations


def count(number: int, noun: str, *, form: str = "") -> str:
    """ "1 topic", "3 topics"; ``form`` is a format of the number, "," for thousands apart."""
    return f"{number:{form}} {noun}" if number == 1 else f"{number:{form}} {noun}s"


def verb(number: int, one: str = "is", more: str = "are") -> str:
    """The verb that goes with so many: "is" after 1, "are" after any other number, or others in their place."""
    return one if number == 1 else more
