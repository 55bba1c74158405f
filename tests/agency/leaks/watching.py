"""Watch: everything that can be seen from outside while calls are made, and the secrets to look for in it.

Seen are results and what they become as text, dict, JSON and pickle; exceptions with arguments, notes,
causes and tracebacks that show local variables.
"""

import base64
import json
import os
import pickle
import re
import sys
import traceback

import attrs

from dcss_core.errors import DcssError

_SECRET_BYTES = 28  # what opens something is made from so many random bytes and more
_LONGEST = 1_000


def spellings(secret):
    """A secret as it may be written, in small letters: as it is, escaped, encoded, without its hyphens."""
    text = secret[:_LONGEST]
    as_bytes = text.encode("utf-8", "surrogatepass")
    written = {text, json.dumps(text)[1:-1], repr(text)[1:-1], as_bytes.hex(), text.replace("-", "")}
    written |= {base64.b64encode(as_bytes[: len(as_bytes) // 3 * 3]).decode()}
    return {each.lower() for each in written if each}


class Randomness:
    """The machine's own; what secrets are made from is told to a watch while a call lasts."""

    def __init__(self, watch):
        self._watch = watch

    def token_bytes(self, count):
        drawn = os.urandom(count)
        # the ids of entries and what they are salted with are no secrets
        if count >= _SECRET_BYTES and "trail" not in sys._getframe(1).f_code.co_filename:
            self._watch.drawn.append(drawn)
        return drawn


class Watch:
    """Collects what is seen, and says which secrets are in it."""

    def __init__(self):
        self.seen = []
        self.variables = []
        self.secrets = []
        self.codes = []
        self.typed = []
        self.drawn = []
        self.leaked = []
        self.last_raised = False

    def keep_secret(self, *secrets):
        self.secrets += [secret.reveal() for secret in secrets if secret.reveal()]

    def keep_code(self, *codes):
        """Secrets of a few digits, which may stand in a longer number by chance."""
        self.codes += [code.reveal() for code in codes]

    def call(self, verb):
        """Make a call and look at all that comes of it; gives the result, or None for an error."""
        self.last_raised = False
        self.drawn.clear()
        before = len(self.variables)
        try:
            result = verb()
        except DcssError as error:
            self.last_raised = True
            self.see_error(error)
            self._look_for_what_was_drawn(self.variables[before:])
            return None
        self.see(result)
        return result

    def _look_for_what_was_drawn(self, variables):
        for drawn in self.drawn:
            for spelling in (repr(drawn)[2:-1], drawn.hex(), base64.b32encode(drawn[:20]).decode()):
                self.leaked += [("what was drawn", text[:2000]) for text in variables if spelling in text]

    def see(self, result):
        self.seen += [repr(result), str(result), f"{result}"]
        if attrs.has(type(result)):
            self.seen += [repr(attrs.asdict(result)), str(getattr(result, "sentence", ""))]
            try:
                self.seen.append(json.dumps(attrs.asdict(result), default=str))
            except TypeError as refusal:  # tables of rules are kept by day
                self.seen.append(repr(refusal))
        try:
            self.seen.append(pickle.dumps(result).decode("latin-1"))
        except (TypeError, AttributeError, pickle.PicklingError) as refusal:
            self.seen.append(repr(refusal))

    def see_error(self, error):
        self.seen += [str(error), repr(error), repr(error.args), repr(vars(error))]
        self.seen += getattr(error, "__notes__", [])
        shown = traceback.TracebackException.from_exception(error, capture_locals=True)
        # the variables of a test do hold the secrets
        own = [frame for frame in shown.stack if "/tests/" not in frame.filename]
        self.variables += [
            "\n".join((frame.name, *(f"{name} = {value}" for name, value in (frame.locals or {}).items())))
            for frame in own
        ]
        for other in (error.__cause__, None if error.__suppress_context__ else error.__context__):
            if other is not None:
                self.see_error(other)

    def leaks(self):
        """The secrets that were seen, with where."""
        seen = [text.lower() for text in dict.fromkeys(self.seen)]
        everywhere = [*seen, *(text.lower() for text in dict.fromkeys(self.variables))]
        found = [*self.leaked]
        for marks, texts in ((self.secrets, everywhere), (self.typed, seen)):
            for mark in dict.fromkeys(marks):
                written = spellings(mark)
                found += [(mark[:40], text[:2000]) for text in texts if any(each in text for each in written)]
        if self.codes:
            words = re.compile(rf"(?<![0-9a-z])(?:{'|'.join(map(re.escape, self.codes))})(?![0-9a-z])")
            found += [(match[0], text[:2000]) for text in everywhere if (match := words.search(text))]
        return found

    def stored(self, content):
        """The secrets that stand in bytes as they lie on a disk."""
        text = content.lower()
        written = {
            mark[:40]: [each.encode("utf-8", "surrogatepass") for each in spellings(mark)]
            for mark in self.secrets
        }
        return [mark for mark, spelt in written.items() if any(each in text for each in spelt)]
