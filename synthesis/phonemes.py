"""How a word sounds, written in three alphabets: the IPA, the phones of the CMU dictionary, and pinyin.

Values are brought into one form, so that engines need not ask how a person wrote them. Sounds of English stand in the
IPA and in CMU phones alike, so they can be taken from one to the other; pinyin stays pinyin.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, get_args

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

Alphabet = Literal["ipa", "cmu", "pinyin"]
ALPHABETS: Final[tuple[Alphabet, ...]] = get_args(Alphabet)

PRIMARY: Final = "ˈ"
SECONDARY: Final = "ˌ"


class BadPhonemes(ValueError):
    """This is not written in its alphabet. The message says what is wrong, and repeats at most one sign of it."""


class Phonemes(NamedTuple):
    """How something sounds.

    Attributes:
        alphabet: in which ``value`` is written.
        value: in the form that ``normal`` gives.
    """

    alphabet: Alphabet
    value: str

    def __str__(self) -> str:
        """Write it as a wish of a segment has it: ``cmu:N UW1``."""
        return f"{self.alphabet}:{self.value}"


def read_phonemes(wish: str) -> Phonemes:
    """Read what ``str`` of phonemes gives, however a person wrote the value.

    Raises:
        BadPhonemes: there is no such alphabet, or the value is not written in it.
    """
    alphabet, mark, value = wish.partition(":")
    for known in ALPHABETS:
        if mark and alphabet == known:
            return Phonemes(known, normal(known, value))
    raise BadPhonemes(f"begins with no alphabet: {', '.join(ALPHABETS)}")


def normal(alphabet: Alphabet, value: str) -> str:
    """Bring a value into the one form of its alphabet.

    Returns:
        IPA decomposed, without slashes and ties; CMU phones in capitals, each vowel with its stress, one blank between
        two; pinyin in small letters with figures for tones (5 is the neutral one), one blank between two syllables.

    Raises:
        BadPhonemes: it is not written in this alphabet.
    """
    if alphabet == "ipa":
        return _normal_ipa(value)
    return _normal_cmu(value) if alphabet == "cmu" else _normal_pinyin(value)


def exactly(phonemes: Phonemes, taken: Collection[Alphabet]) -> Phonemes | None:
    """Write phonemes in an alphabet that a voice takes, without any change of a sound; None if that cannot be."""
    if phonemes.alphabet in taken:
        return phonemes
    if phonemes.alphabet == "cmu" and "ipa" in taken:
        return Phonemes("ipa", ipa_of(phonemes.value))
    if phonemes.alphabet == "ipa" and "cmu" in taken:
        english = english_sounds(phonemes.value)
        if english.is_exact:
            return Phonemes("cmu", cmu_of(english.sounds))
    return None


# -- the IPA -----------------------------------------------------------------------------------------------------------

_VOWELS: Final = frozenset("aeiouyæøœɐɑɒɔɘəɚɛɜɝɞɤɨɪɯɵɶʉʊʌʏᵻ")
_CONSONANTS: Final = frozenset("bcdfhjklmnpqrstvwxzçðħŋƈƙɓɕɖɗɟɠɡɢɣɥɦɧɫɬɭɮɰɱɲɳɴɸɹɺɻɽɾʀʁʂʃʄʈʋʍʎʐʑʒʔʕʙʛʝʟʡʢβθχǀǁǂǃ")
# Diacritics above and below, raised letters, length, stress, tones, and what parts syllables and words.
_MODIFIERS: Final = frozenset("ʰʱʲʷˠˤˑːˈˌ˞ⁿˡ˥˦˧˨˩ꜛꜜ↗↘|‖. ")
_SOUNDS: Final = _VOWELS | _CONSONANTS
_SIGNS: Final = _SOUNDS | _MODIFIERS
_WRITTEN_OTHERWISE: Final = str.maketrans(
    {
        "g": "ɡ",
        "'": PRIMARY,
        "’": PRIMARY,
        "ʼ": None,
        ":": "ː",
        "ʧ": "tʃ",
        "ʤ": "dʒ",
        "ʦ": "ts",
        "ʣ": "dz",
        "ʨ": "tɕ",
        "ʥ": "dʑ",
        "\u0361": None,  # ties: what they tie is said as one, and is listed as one where that matters
        "\u035c": None,
        "‿": None,
        "\u02d0": "ː",
        "\u00a0": " ",
    }
)
_CEDILLA: Final = "c\u0327"  # ç, which is a letter of its own in the IPA


def _normal_ipa(value: str) -> str:
    text = unicodedata.normalize("NFD", value.strip().strip("/[]")).replace(_CEDILLA, "ç").translate(_WRITTEN_OTHERWISE)
    text = " ".join(text.split())
    for character in text:
        if character not in _SIGNS and not unicodedata.combining(character):
            raise BadPhonemes(f"{character!r} is no sign of the IPA")
    if _SOUNDS.isdisjoint(text):
        raise BadPhonemes("holds no sound")
    return text


def is_ipa_vowel(sound: str) -> bool:
    """Tell whether a sound of the IPA begins as a vowel does."""
    return sound[:1] in _VOWELS


# -- English, in the IPA and in CMU phones -----------------------------------------------------------------------------

# The sounds of English, as this module writes them, with their CMU phones. ə is AH without stress, ʌ is AH with it.
_CMU: Final = {
    "ɑ": "AA",
    "æ": "AE",
    "ʌ": "AH",
    "ə": "AH",
    "ɔ": "AO",
    "aʊ": "AW",
    "aɪ": "AY",
    "b": "B",
    "tʃ": "CH",
    "d": "D",
    "ð": "DH",
    "ɛ": "EH",
    "ɝ": "ER",
    "ɚ": "ER",
    "eɪ": "EY",
    "f": "F",
    "ɡ": "G",
    "h": "HH",
    "ɪ": "IH",
    "i": "IY",
    "dʒ": "JH",
    "k": "K",
    "l": "L",
    "m": "M",
    "n": "N",
    "ŋ": "NG",
    "oʊ": "OW",
    "ɔɪ": "OY",
    "p": "P",
    "ɹ": "R",
    "s": "S",
    "ʃ": "SH",
    "t": "T",
    "θ": "TH",
    "ʊ": "UH",
    "u": "UW",
    "v": "V",
    "w": "W",
    "j": "Y",
    "z": "Z",
    "ʒ": "ZH",
}
ENGLISH: Final = frozenset(_CMU)
# The same sounds, written in another way.
_SAME: Final = {
    "ɑː": "ɑ",
    "ɔː": "ɔ",
    "iː": "i",
    "uː": "u",
    "e": "ɛ",
    "əʊ": "oʊ",
    "ɝː": "ɝ",
    "ɜɹ": "ɝ",
    "ɜːɹ": "ɝ",
    "ɜːr": "ɝ",
    "ɜr": "ɝ",
    "əɹ": "ɚ",
    "ər": "ɚ",
    "r": "ɹ",
    "ɫ": "l",
}
# Sounds that English lacks, with the nearest that it has.
_NEAREST: Final = {
    **dict.fromkeys(("a", "aː", "ɒ", "ɒː", "ɶ"), "ɑ"),
    **dict.fromkeys(("ɐ", "ɤ", "ɞ"), "ʌ"),
    **dict.fromkeys(("eː", "ɛː"), "eɪ"),
    **dict.fromkeys(("o", "oː"), "oʊ"),
    **dict.fromkeys(("ɜ", "ɜː", "ø", "øː", "œ", "œː"), "ɝ"),
    **dict.fromkeys(("y", "yː", "ʉ", "ʉː", "ɯ", "ɯː"), "u"),
    **dict.fromkeys(("ʏ", "ɵ", "ɵː"), "ʊ"),
    **dict.fromkeys(("ɨ", "ᵻ"), "ɪ"),
    "ɘ": "ə",
    **dict.fromkeys(("x", "χ", "c", "q", "ƙ", "ƈ"), "k"),
    **dict.fromkeys(("ɣ", "ɟ", "ɢ", "ɠ", "ʛ", "ʄ"), "ɡ"),
    **dict.fromkeys(("ʁ", "ʀ", "ɻ", "ɽ", "ɺ"), "ɹ"),
    **dict.fromkeys(("ɦ", "ħ", "ʕ", "ʢ", "ʡ"), "h"),
    **dict.fromkeys(("ç", "ʂ", "ɕ", "ɧ"), "ʃ"),
    **dict.fromkeys(("ʐ", "ʑ", "ʝ"), "ʒ"),
    **dict.fromkeys(("β", "ʋ"), "v"),
    **dict.fromkeys(("ɭ", "ɬ", "ɮ", "ʟ"), "l"),
    **dict.fromkeys(("ʈ", "ʔ", "ɾ", "ǀ", "ǁ", "ǂ", "ǃ"), "t"),
    **dict.fromkeys(("ɖ", "ɗ"), "d"),
    **dict.fromkeys(("ɓ", "ʙ"), "b"),
    **dict.fromkeys(("ɰ", "ʍ"), "w"),
    "ɸ": "f",
    "ɱ": "m",
    "ɳ": "n",
    "ɴ": "ŋ",
    "ɥ": "j",
}
# Sounds that are two of English.
_TWO: Final = {"ɲ": ("n", "j"), "ʎ": ("l", "j")}
_R_COLOURED: Final = ("əɹ", "ər")
_SYLLABIC: Final = "\u0329"  # of a consonant: there is a short vowel before it
_NASAL: Final = "\u0303"
# What English does not tell words apart by: raised letters, devoicing and the like, glides, tones.
_LONGEST: Final = max(map(len, (*_CMU, *_SAME, *_NEAREST)))
_SILENT: Final = frozenset(". |‖")


class English(NamedTuple):
    """What English makes of a word in the IPA.

    Attributes:
        sounds: those of ``ENGLISH``, and stress before the vowel that has it.
        is_exact: no sound was replaced by one that is only near.
    """

    sounds: tuple[str, ...]
    is_exact: bool


@functools.lru_cache(maxsize=4096)
def english_sounds(ipa: str) -> English:
    """Find the sounds of English that a word in the IPA consists of, or the nearest.

    Args:
        ipa: as ``normal`` gives it.
    """
    sounds: list[str] = []
    stress, is_exact, at = "", True, 0
    while at < len(ipa):
        if ipa[at] in PRIMARY + SECONDARY:
            stress = ipa[at]
            at += 1
            continue
        size, found, is_same = _english_at(ipa, at)
        if not found:  # a diacritic, or what parts syllables
            if ipa[at] == _SYLLABIC and sounds:
                sounds.insert(len(sounds) - 1, "ə")
            elif ipa[at] == _NASAL and sounds and is_ipa_vowel(sounds[-1]):
                sounds.append("n")
                is_exact = False
            elif ipa[at] not in _SILENT:
                is_exact = False
        for sound in found:
            if stress and is_ipa_vowel(sound):
                sounds.append(stress)
                stress = ""
            sounds.append(sound)
        is_exact = is_exact and is_same
        at += size
    return English(tuple(_with_stress(sounds)), is_exact)


def _english_at(ipa: str, at: int) -> tuple[int, tuple[str, ...], bool]:
    """Read the longest sound that stands at a place: its length, what it is in English, and whether it is that."""
    for size in range(_LONGEST, 0, -1):
        written = ipa[at : at + size]
        if written in _R_COLOURED and is_ipa_vowel(ipa[at + size :].lstrip(PRIMARY + SECONDARY)):
            continue  # courageous, not her ageous
        if written in _CMU:
            return size, (written,), True
        if written in _SAME:
            return size, (_SAME[written],), True
        if written in _NEAREST:
            return size, (_NEAREST[written],), False
        if written in _TWO:
            return size, _TWO[written], False
    return 1, (), True


def _with_stress(sounds: list[str]) -> list[str]:
    """Mark the only vowel of a word: dictionaries leave its stress out. ə and ɚ have none."""
    vowels = [place for place, sound in enumerate(sounds) if is_ipa_vowel(sound)]
    if len(vowels) == 1 and PRIMARY not in sounds and SECONDARY not in sounds and sounds[vowels[0]] not in ("ə", "ɚ"):
        return [*sounds[: vowels[0]], PRIMARY, *sounds[vowels[0] :]]
    return sounds


def cmu_of(sounds: tuple[str, ...]) -> str:
    """Write sounds of English as CMU phones."""
    phones: list[str] = []
    stress = 0
    for sound in sounds:
        if sound in (PRIMARY, SECONDARY):
            stress = 1 if sound == PRIMARY else 2
        elif is_ipa_vowel(sound):
            if sound == "ʌ" and not stress:  # AH0 is an ə
                stress = 2
            phones.append(f"{_CMU[sound]}{stress}")
            stress = 0
        else:
            phones.append(_CMU[sound])
    return " ".join(phones)


def ipa_of(cmu: str) -> str:
    """Write CMU phones in the IPA, stress before the vowel."""
    return "".join(_ipa_of_phone(phone) for phone in cmu.split(" "))


def _ipa_of_phone(phone: str) -> str:
    name, stress = phone.rstrip("012"), phone[-1]
    if name == phone:
        return _IPA[name]
    if stress == "0":
        return {"AH": "ə", "ER": "ɚ"}.get(name, _IPA[name])
    return (PRIMARY if stress == "1" else SECONDARY) + _IPA[name]


# ə and ɚ have no stress, and come before those of their phones that have it.
_IPA: Final = {phone: sound for sound, phone in _CMU.items() if sound not in ("ə", "ɚ")}
_CMU_VOWELS: Final = frozenset(phone for sound, phone in _CMU.items() if is_ipa_vowel(sound))


def _normal_cmu(value: str) -> str:
    phones = value.upper().replace("-", " ").split()
    if not phones:
        raise BadPhonemes("holds no phone")
    for place, phone in enumerate(phones):
        name = phone.rstrip("012")
        if name not in _IPA or len(phone) - len(name) > (name in _CMU_VOWELS):
            raise BadPhonemes(f"its phone {place + 1} is none of the CMU dictionary's")
    bare = [place for place, phone in enumerate(phones) if phone in _CMU_VOWELS]
    is_marked = any(phone[-1] in "12" for phone in phones)
    for count, place in enumerate(bare):  # dictionaries with stress are the rule: without any, the first vowel has it
        phones[place] += "1" if not count and not is_marked else "0"
    return " ".join(phones)


# -- pinyin ------------------------------------------------------------------------------------------------------------

INITIALS: Final = ("zh", "ch", "sh", *"bpmfdtnlgkhjqxrzcsyw")
_FINALS: Final = frozenset(
    "a ai an ang ao e ei en eng er i ia ian iang iao ie in ing iong iu o ong ou u ua uai uan uang ue ui un uo ü üe "
    "üan ün".split()
)
# Syllables without a vowel of their own.
_HUMS: Final = frozenset("m n ng hm hng".split())
_TONE_MARKS: Final = {"\u0304": "1", "\u0301": "2", "\u030c": "3", "\u0300": "4"}
NEUTRAL: Final = "5"
_UMLAUT: Final = "u\u0308"
_SYLLABLE_PARTS: Final = re.compile(r"[\s'’·\-]+|(?<=[0-5])(?=[^\s0-5])")


class Syllable(NamedTuple):
    """A syllable of Mandarin: 重 is ``ch``, ``ong``, ``2``."""

    initial: str
    final: str
    tone: str


def syllables(pinyin: str) -> Iterator[Syllable]:
    """Take pinyin apart, as ``normal`` gives it."""
    for syllable in pinyin.split(" "):
        letters, tone = syllable[:-1], syllable[-1]
        initial = "" if letters in _HUMS else next((each for each in INITIALS if letters.startswith(each)), "")
        yield Syllable(initial, letters.removeprefix(initial), tone)


def _normal_pinyin(value: str) -> str:
    parts = [part for part in _SYLLABLE_PARTS.split(value.strip().lower()) if part]
    if not parts:
        raise BadPhonemes("holds no syllable")
    return " ".join(_normal_syllable(part, place) for place, part in enumerate(parts, 1))


def _normal_syllable(written: str, place: int) -> str:
    tone = ""
    letters = ""
    for character in unicodedata.normalize("NFD", written):
        if character in _TONE_MARKS and not tone:
            tone = _TONE_MARKS[character]
        else:
            letters += character
    if letters[-1:] in tuple("012345") and not tone:
        tone = letters[-1].replace("0", NEUTRAL)
        letters = letters[:-1]
    letters = unicodedata.normalize("NFC", letters.replace("u:", _UMLAUT)).replace("v", "ü")
    initial = next((each for each in INITIALS if letters.startswith(each)), "")
    if letters not in _HUMS and letters.removeprefix(initial) not in _FINALS:
        raise BadPhonemes(f"its syllable {place} is no pinyin; blanks stand between syllables")
    return letters + (tone or NEUTRAL)
