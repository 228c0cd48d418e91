"""Decimal numbers out of text, many at once: positions of cells in a buffer of bytes in, float64 out.

The parsers of numpy take about 200 ns a number, which is minutes for an hour of pressures. Nearly every cell of a
vendor's file is a short decimal ("  12.750"), which eight or sixteen bytes hold; those are read here as whole machine
words by a few dozen array operations (after Lemire, "Quickly parsing eight digits", 2018). The digits become one
whole number, divided once by an exact power of ten, so the result is the double that `float()` gives. Everything else
(exponents, "nan", text) takes the slow way, one by one.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from insole.blocks import BoolArray, FloatArray, IntArray

Words = npt.NDArray[np.uint64]

MISSING = frozenset({b"", b"-", b"--", b"na", b"n/a", b"nan", b"null", b"none", b"inf", b"+inf", b"-inf"})
"""What vendors write where there is no sample; anything not finite counts as missing."""

_PADDING = b" " * 24  # before and behind a text: a word may reach so far beyond a cell
_U = np.uint64
_EACH = 0x0101010101010101  # times a byte: that byte eight times
_ZEROS, _MINUSES, _BLANKS = (_U(ord(character) * _EACH) for character in "0- ")
_BLANK_AS_NIBBLE, _DOT_AS_NIBBLE = _BLANKS ^ _ZEROS, _U(ord(".") ^ ord("0"))
_ONE = _U(1)
_LOW_7, _TOP, _ONES = _U(0x7F * _EACH), _U(0x80 * _EACH), _U(_EACH)
_TO_TOP_FROM_TEN = _U((0x80 - 10) * _EACH)
_CELL = np.array([(0xFFFFFFFFFFFFFFFF << (64 - 8 * n)) & 0xFFFFFFFFFFFFFFFF for n in range(9)], np.uint64)
"""By length n: the bytes of a word in which its last n characters lie."""
_TEN_TO = 10.0 ** np.arange(24)
_BYTE_NUMBERS = _U(0x1020304050607080)
"""Times 1 in byte n of a word: n + 1 in its highest four bits."""

_AFTER_POINT = np.array([0, 7, 6, 5, 4, 3, 2, 1, 0, *[0] * 7])
"""By `_order`: characters after the dot of a word; beyond 8 are words with several, which are no numbers."""

_DIVISOR = _TEN_TO[_AFTER_POINT]

_JOINED = (
    (_U(0x00FF00FF00FF00FF), _U(1 + (100 << 16)), _U(16)),
    (_U(0x0000FFFF0000FFFF), _U(1 + (10000 << 32)), _U(32)),
)
"""Pairs of digits to fours, fours to a number: mask, multiplier, shift."""

_CHUNK = 16_000  # cells at a time: the dozen arrays of one step stay in the cache, and none is given back to the system
_LOOK = 64  # cells that tell whether a table is padded with blanks


class Characters:
    """A text in which one byte is one character, as single bytes and as words.

    Parameters
    ----------
    text : bytes

    Attributes
    ----------
    text : bytes
        With room around it, so that a word may begin before the first cell and end behind the last one.
    bytes : (n,) uint8
        The same.
    first : int
        Where the text begins.
    """

    first = len(_PADDING)

    def __init__(self, text: bytes) -> None:
        self.text = _PADDING + text + _PADDING
        self.bytes = np.frombuffer(self.text, np.uint8)
        self._words: Words = np.frombuffer(self.text, np.dtype("<u8"), len(self.text) // 8)

    def words(self, at: IntArray) -> Words:
        """The eight characters from each place on, put together from the two words in which they lie.

        Views of words that overlap would say the same, but numpy takes four times as long over numbers that do not
        lie at multiples of their size.
        """
        word = at >> 3
        bits = ((at & 7) << 3).view(np.uint64)
        low, high = self._words.take(word), self._words.take(word + 1)
        low >>= bits
        high <<= _U(64) - bits  # by 64: nothing is left
        low |= high
        return low


def parse_decimals(characters: Characters, start: IntArray, end: IntArray) -> tuple[FloatArray, BoolArray]:
    """Numbers of the cells `characters.text[start:end]`.

    Parameters
    ----------
    characters : Characters
    start, end : (...) int64
        Where each cell begins and ends, delimiters excluded; blanks around a number belong to no number.

    Returns
    -------
    values : (...) float64
        NaN where the cell says that there is no sample (`MISSING`), and where it cannot be read.
    unreadable : (...) bool
        Cells that are neither a number nor one of `MISSING`.
    """
    first, last = start.ravel(), end.ravel()
    values, done = np.empty(len(first)), np.empty(len(first), np.bool_)
    unreadable = np.zeros(len(first), np.bool_)
    blank = characters.bytes[first[:_LOOK]] == ord(" ")
    read = _short_after_blanks if np.count_nonzero(blank) > 0.5 * len(blank) else _short
    for low in range(0, len(first), _CHUNK):
        here = slice(low, low + _CHUNK)
        values[here], done[here] = read(characters, first[here], last[here] - first[here])
    if not done.all():
        left = np.flatnonzero(~done)
        length = last[left] - first[left]
        values[left], done = _padded_or_long(characters, first[left], length)
        values[left[length == 0]] = np.nan
        for i in left[~done & (length > 0)].tolist():
            values[i], unreadable[i] = parse_one(characters.text[first[i] : last[i]])
    return values.reshape(start.shape), unreadable.reshape(start.shape)


def parse_one(cell: bytes) -> tuple[float, bool]:
    """The number of one cell (NaN where missing or not finite), and whether the cell is unreadable."""
    text = cell.strip(b' \t"')
    if text.lower() in MISSING:
        return np.nan, False
    if b"_" in text:  # float() takes 1_000
        return np.nan, True
    try:
        value = float(text)
    except ValueError:
        return np.nan, True
    return (value if np.isfinite(value) else np.nan), False


def _short(characters: Characters, start: IntArray, length: IntArray) -> tuple[FloatArray, BoolArray]:
    """Values of the cells of 1 to 8 bytes that are digits with at most one dot, and which those are."""
    nibbles = characters.words(start)
    nibbles ^= _ZEROS
    nibbles <<= ((8 - length) << 3).view(np.uint64)  # what follows the cell goes, zeros come before it
    digits, point, plain = _digits(nibbles)
    plain &= length <= 8
    plain &= length > np.minimum(point, _ONE).view(np.int64)
    return _value(digits, point), plain


def _short_after_blanks(characters: Characters, start: IntArray, length: IntArray) -> tuple[FloatArray, BoolArray]:
    """The same for cells that begin with blanks and end with a digit."""
    nibbles = characters.words(start + length - 8) ^ _ZEROS
    before = (_holds_exactly(nibbles, _BLANK_AS_NIBBLE) >> _U(7)) * _U(255)
    before |= ~_CELL.take(length, mode="clip")
    digits, point, plain = _digits(nibbles & ~before)
    plain &= (before & (before + _U(1))) == 0  # blanks stand nowhere else
    plain &= (nibbles >> _U(56) <= _U(9)) & (length > 0) & (length <= 8)
    return _value(digits, point), plain


def _padded_or_long(characters: Characters, start: IntArray, length: IntArray) -> tuple[FloatArray, BoolArray]:
    """The same for up to 16 bytes that may begin with blanks and a minus, and up to 8 more blanks before them."""
    front, before, last = (characters.words(start + length - back) for back in (24, 16, 8))
    padding = _CELL[np.clip(length - 16, 0, 8)]
    before, before_minus, before_front, tidy = _without_front(_within(before, np.clip(length - 8, 0, 8)))
    last, last_minus, last_front, plain = _without_front(_within(last, np.clip(length, 0, 8)))
    plain &= tidy & (length <= 24) & (front & padding == _BLANKS & padding)
    plain &= (last_front == 0) | ((before_front == _TOP) & ~before_minus)
    more, more_point, tidy = _digits(before ^ _ZEROS)
    digits, point, last_tidy = _digits(last ^ _ZEROS)
    plain &= tidy & last_tidy & ((point == 0) | (more_point == 0))
    plain &= (before_front & last_front | (point << _U(7))) != _TOP  # at least one digit
    digits += more * np.where(point != 0, _U(10**7), _U(10**8))
    decimals = _AFTER_POINT[_order(point)] + np.where(more_point != 0, 8 + _AFTER_POINT[_order(more_point)], 0)
    values = digits / _TEN_TO[decimals]
    return np.where(before_minus | last_minus, -values, values), plain


def _digits(nibbles: Words) -> tuple[Words, Words, BoolArray]:
    """Eight characters as a whole number, the dot left out; 1 in the dot's byte; whether digits and one dot are all.

    `nibbles` are the characters less that of zero: a digit is its own value. They are used up. Where all have their
    dot in the same byte, as in most files, it is given once.
    """
    point = (nibbles >> _U(4)) & _ONES  # of all that belongs here the dot alone has this bit
    if (point == point[:1]).all():
        point = point[:1]  # and what follows from it is computed once
    nibbles ^= point * _DOT_AS_NIBBLE
    below = point - np.minimum(point, _ONE)
    odd = nibbles + (_TO_TOP_FROM_TEN + point * _U(9))  # a digit is at most 9, what was a dot is 0
    odd |= nibbles
    odd &= _TOP
    odd |= point & below  # a second dot
    plain: BoolArray = odd == 0
    nibbles += (nibbles & below) * _U(255)  # what stands before the dot moves up one byte
    nibbles *= _U(1 + (10 << 8))
    nibbles >>= _U(8)
    for mask, tens, bits in _JOINED:
        nibbles &= mask
        nibbles *= tens
        nibbles >>= bits
    return nibbles, point, plain


def _value(digits: Words, point: Words) -> FloatArray:
    """The whole number over the power of ten that its dot says: one exact division."""
    values = digits.view(np.int64).astype(np.float64)
    values /= _DIVISOR.take(_order(point))
    return values


def _within(word: Words, length: IntArray) -> Words:
    """The last `length` characters of a word, blanks for what stands before them."""
    mine = _CELL[length]
    return (word & mine) | (_BLANKS & ~mine)


def _without_front(word: Words) -> tuple[Words, BoolArray, Words, BoolArray]:
    """Zeros for the blanks and the minus in front; minus or not; where they were; whether nothing is odd."""
    blank = _holds_exactly(word, _BLANKS)
    minus = _holds_exactly(word, _MINUSES)
    front = blank | minus
    bits = (front >> _U(7)) * _U(255)
    tidy = (bits & (bits + _U(1))) == 0  # all at the beginning
    tidy &= (minus == 0) | (minus << _U(1) == bits + _U(1))  # one minus, after the blanks
    return (word & ~bits) | (bits & _ZEROS), minus != 0, front, tidy


def _holds_exactly(word: Words, characters: np.uint64) -> Words:
    """0x80 in every byte that is the character, and in no other."""
    other = word ^ characters
    return ~(((other & _LOW_7) + _LOW_7) | other | _LOW_7)


def _order(point: Words) -> IntArray:
    """Which byte a dot stands in, from 1, and 0 for no dot."""
    order: IntArray = ((point * _BYTE_NUMBERS) >> _U(60)).view(np.int64)
    return order
