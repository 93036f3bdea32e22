"""Narrates a text file, or every .txt and .md file of a folder, into Ogg Opus files beside them.

A text that has not changed since it was narrated is left out. SAYLINE_URL and SAYLINE_KEY name the gateway.
"""

import argparse
import sys
from pathlib import Path

import sayline


def texts_in(place):
    files = [place] if place.is_file() else sorted(place.iterdir())
    return [file for file in files if file == place or file.suffix in {".txt", ".md"}]


def paragraphs(file):
    """Give a long text piece by piece: a message holds 16 KiB."""
    with file.open(encoding="utf-8") as lines:
        yield from lines


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("place", type=Path, help="a text file, or a folder of them")
    parser.add_argument("--voice", help="one of the gateway's voices")
    parser.add_argument("--language", help="a BCP 47 tag; left out, it is detected")
    options = parser.parse_args()
    for text in texts_in(options.place):
        audio = text.with_suffix(".ogg")
        if audio.exists() and audio.stat().st_mtime >= text.stat().st_mtime:
            print(f"{audio}: is newer than {text.name}")
            continue
        unfinished = audio.with_suffix(".part")
        try:
            sayline.speak(
                paragraphs(text), out=unfinished, format="ogg", voice=options.voice, language=options.language
            )
        except sayline.GatewayError as failure:
            sys.exit(f"{text}: {failure}")
        unfinished.replace(audio)
        print(audio)


if __name__ == "__main__":
    main()
