"""The two content types that are written and read: JSON, and the form encoding of the URL Standard."""

from typing import Final

JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"
