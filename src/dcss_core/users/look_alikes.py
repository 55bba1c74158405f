"""Look-alikes: letters of other scripts, digits and signs, read as the plain letter they look like.

Decides which text a person sees when letters are swapped for others of the same shape. Source: Unicode
Technical Standard 39, confusables.txt, version 13.0.0: the letters of the Greek and the Cyrillic script, and
those of the Latin one that case and accents leave as they are, whose prototype is one letter from A to Z, its
marks aside; besides, the small letters whose prototype is a small capital (`в`, `к`, `м`, `н`, `т`). Where
the standard has `l` for what looks like a capital I, it is read as `i`. Only for judging what is guessed,
never for telling whether two names or two answers are one. Invariant: reading twice changes nothing more.
"""

import unicodedata
from typing import Final

from dcss_core.users.folding import fold

_LOOKING_LIKE: Final = {
    "a": "ɑαΑаА",
    "b": "ƄꞴɓƃƂƀΒЬВБҍҌѣѢв",
    "c": "ᴄȼсСҫҪ",
    "d": "ɗɖƌđĐÐƉԁ",
    "e": "ꬲɇɆΕеҽЕҿ",
    "f": "ꬵꞙẝꞘƒƑᵮϜ",
    "g": "ɡᶃƍɠǥǤԌ",
    "h": "ɦⱧħĦΗһНꚕҢћӉӇн",
    "i": "ıɪɩɨᵻᵼƖƗιΙіꙇӏІӀ",
    "j": "ꞲɉɈϳͿјЈ",
    "k": "ƙⱩꝀΚКҚҞкκ",
    "l": "ǀłŁɭƚɫ",
    "m": "ΜϺМӍм",
    "n": "ɳƞƝᵰΝη",
    "o": "ᴏᴑꬽøꬾØɵꝋƟꝊοσΟθΘоОөѳӨѲ",
    "p": "ƥᵽρΡрР",
    "q": "ʠԛ",
    "r": "ꭇꭈƦɽɼɍᵲᴦгғ",
    "s": "ꜱƽʂᵴѕЅ",
    "t": "ƭȾƮŧŦᵵΤТҬтτ",
    "u": "ꞟᴜꭎꭒʋᵾɄυ",
    "v": "ᴠνѵѴ",
    "w": "ɯᴡꝡѡԝԜѽ",
    "x": "ꞳΧхХҲ",
    "y": "ɣᶌʏỿꭚƴɏɎγΥуүУҮұҰ",
    "z": "ᴢʐƶƵȥȤᵶΖ",
}
_READ_AS: Final = str.maketrans({each: letter for letter, alike in _LOOKING_LIKE.items() for each in alike})

_SIGNS_LIKE: Final = {"0": "o", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "@": "a", "$": "s"}
_SIGNS_READ_AS: Final = tuple(
    str.maketrans(_SIGNS_LIKE | dict.fromkeys("1!|", letter)) for letter in ("i", "l")
)

SIGNS_LIKE_LETTERS: Final = frozenset(map(chr, _SIGNS_READ_AS[0]))
"""The digits and signs that look like letters."""


def fold_look_alikes(text: str) -> str:
    """The text folded, each letter that looks like one from A to Z read as that."""
    if text.isascii():
        return text.lower()
    # as written, where a capital looks like another letter than the small one, and again without case
    written = unicodedata.normalize("NFKD", text).translate(_READ_AS)
    return fold(written).translate(_READ_AS)


def as_letters(text: str) -> tuple[str, ...]:
    """A text as it reads with digits and signs for the letters they look like: `1` as an i, and as an l."""
    return tuple(map(text.translate, _SIGNS_READ_AS))
