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

PAD_BYTES = 24
"""Bytes that must stand before the first cell of a buffer, so that a word may begin before its cell does."""

MISSING = frozenset({b"", b"-", b"--", b"na", b"n/a", b"nan", b"null", b"none", b"inf", b"+inf", b"-inf"})
"""What vendors write where there is no sample; anything not finite counts as missing."""

_CHUNK = 8192  # cells at a time: the dozen arrays of one step stay in the cache
_U = np.uint64
_EACH = 0x0101010101010101  # times a byte: that byte eight times
_ZEROS, _MINUSES, _BLANKS = (_U(ord(character) * _EACH) for character in "0- ")
_DOT_AS_NIBBLE, _BLANK_AS_NIBBLE = (_U((ord(character) ^ ord("0")) * _EACH) for character in ". ")
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


def parse_decimals(buffer: bytes, start: IntArray, end: IntArray) -> tuple[FloatArray, BoolArray]:
    """Numbers of the cells `buffer[start:end]`.

    Parameters
    ----------
    buffer : bytes
        Text in which one byte is one character; begins with `PAD_BYTES` bytes of anything.
    start, end : (...) int64
        Where each cell begins and ends, delimiters excluded; blanks around a number belong to no number.

    Returns
    -------
    values : (...) float64
        NaN where the cell says that there is no sample (`MISSING`), and where it cannot be read.
    unreadable : (...) bool
        Cells that are neither a number nor one of `MISSING`.
    """
    words: Words = np.ndarray((max(len(buffer) - 7, 0),), np.dtype("<u8"), buffer, strides=(1,))  # overlapping, no copy
    values = np.empty(start.size)
    unreadable = np.zeros(start.size, np.bool_)
    flat_start, flat_end = start.ravel(), end.ravel()
    read = _short
    for low in range(0, start.size, _CHUNK):
        here = slice(low, low + _CHUNK)
        first, stop = flat_start[here], flat_end[here]
        values[here], done = read(words, stop, stop - first)
        if not done.all():
            if read is _short and np.count_nonzero(done) < 0.5 * len(done):  # a table padded with blanks
                read = _short_after_blanks
                values[here], done = read(words, stop, stop - first)
            left = np.flatnonzero(~done)
            values[low + left], done = _padded_or_long(words, stop[left], stop[left] - first[left])
            for i in left[~done].tolist():
                values[low + i], unreadable[low + i] = parse_one(buffer[first[i] : stop[i]])
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


def _short(words: Words, end: IntArray, length: IntArray) -> tuple[FloatArray, BoolArray]:
    """Values of the cells of 1 to 8 bytes that are digits with at most one dot, and which those are."""
    digits, point, plain = _digits((words[end - 8] ^ _ZEROS) & _CELL.take(length, mode="clip"))
    plain &= (length <= 8) & (length > (point != 0))
    return digits.view(np.int64) / _DIVISOR[_order(point)], plain


def _short_after_blanks(words: Words, end: IntArray, length: IntArray) -> tuple[FloatArray, BoolArray]:
    """The same for cells that begin with blanks and end with a digit."""
    nibbles = words[end - 8] ^ _ZEROS
    before = (_holds_exactly(nibbles, _BLANK_AS_NIBBLE) >> _U(7)) * _U(255)
    before |= ~_CELL.take(length, mode="clip")
    digits, point, plain = _digits(nibbles & ~before)
    plain &= (before & (before + _U(1))) == 0  # blanks stand nowhere else
    plain &= (nibbles >> _U(56) <= _U(9)) & (length > 0) & (length <= 8)
    return digits.view(np.int64) / _DIVISOR[_order(point)], plain


def _padded_or_long(words: Words, end: IntArray, length: IntArray) -> tuple[FloatArray, BoolArray]:
    """The same for up to 16 bytes that may begin with blanks and a minus, and up to 8 more blanks before them."""
    padding = _CELL[np.clip(length - 16, 0, 8)]
    before, before_minus, before_front, tidy = _without_front(words[end - 16] & _CELL[np.clip(length - 8, 0, 8)])
    last, last_minus, last_front, plain = _without_front(words[end - 8] & _CELL.take(length, mode="clip"))
    plain &= tidy & (length <= 24) & (words[end - 24] & padding == _BLANKS & padding)
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

    `nibbles` are the characters less that of zero: a digit is its own value.
    """
    point = _holds(nibbles, _DOT_AS_NIBBLE) >> _U(7)
    nibbles = nibbles ^ point * _U(ord(".") ^ ord("0"))
    plain = (((nibbles + _TO_TOP_FROM_TEN) | nibbles) & _TOP) == 0
    below = point - (point != 0)
    plain &= (point & below) == 0
    nibbles += (nibbles & below) * _U(255)  # what stands before the dot moves up one byte
    nibbles = (nibbles * _U(1 + (10 << 8))) >> _U(8)
    nibbles = ((nibbles & _U(0x00FF00FF00FF00FF)) * _U(1 + (100 << 16))) >> _U(16)
    nibbles = ((nibbles & _U(0x0000FFFF0000FFFF)) * _U(1 + (10000 << 32))) >> _U(32)
    return nibbles, point, plain


def _without_front(word: Words) -> tuple[Words, BoolArray, Words, BoolArray]:
    """Zeros for the blanks, empty bytes and minus in front; minus or not; where they were; whether nothing is odd."""
    blank = _holds_exactly(word, _BLANKS) | _holds_exactly(word, _U(0))
    minus = _holds_exactly(word, _MINUSES)
    front = blank | minus
    bits = (front >> _U(7)) * _U(255)
    tidy = (bits & (bits + _U(1))) == 0  # all at the beginning
    tidy &= (minus == 0) | (minus << _U(1) == bits + _U(1))  # one minus, after the blanks
    return (word & ~bits) | (bits & _ZEROS), minus != 0, front, tidy


def _holds(word: Words, characters: np.uint64) -> Words:
    """0x80 in every byte that is the character; perhaps, too, in a byte above one that is (0x01 away from it)."""
    other = word ^ characters
    return (other - _ONES) & ~other & _TOP


def _holds_exactly(word: Words, characters: np.uint64) -> Words:
    """0x80 in every byte that is the character, and in no other."""
    other = word ^ characters
    return ~(((other & _LOW_7) + _LOW_7) | other | _LOW_7)


def _order(point: Words) -> IntArray:
    """Which byte a dot stands in, from 1, and 0 for no dot."""
    order: IntArray = ((point * _BYTE_NUMBERS) >> _U(60)).view(np.int64)
    return order
