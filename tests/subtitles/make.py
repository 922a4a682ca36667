#!/usr/bin/env python3
"""Writes bytes/LANGUAGE.ENCODING from texts/LANGUAGE.txt, for each language and encoding in encodings.txt.

The script uses the codecs of Python, and not the library that the program uses (encoding_rs). So a fault of encoding_rs
is not in the samples, and src/subtitles/tests/encodings.rs finds it.
"""
import pathlib
import unicodedata

TONES = "\u0300\u0301\u0303\u0309\u0323"


def vietnamese(text):
    """Returns the text with characters that Windows-1258 can encode.

    This encoding has few letters with a tone mark. For all other letters, the tone mark is a separate character after
    the letter.
    """
    out = []
    for letter in text:
        split = unicodedata.normalize("NFD", letter)
        base = "".join(mark for mark in split if mark not in TONES)
        tones = "".join(mark for mark in split if mark in TONES)
        try:
            letter.encode("cp1258")
            out.append(letter)
        except UnicodeEncodeError:
            out.append(unicodedata.normalize("NFC", base) + tones)
    return "".join(out)


here = pathlib.Path(__file__).parent
for line in (here / "encodings.txt").read_text().splitlines():
    language, *encodings = line.split()
    text = (here / "texts" / f"{language}.txt").read_text()
    for encoding in encodings:
        fitting = vietnamese(text) if encoding == "cp1258" else text
        (here / "bytes" / f"{language}.{encoding}").write_bytes(fitting.encode(encoding))
