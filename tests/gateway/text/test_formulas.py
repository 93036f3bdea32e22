r"""Formulas are handed on as people type them; prices and names with a dollar stay what they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sayline.gateway.text.formulas import plain
from sayline.gateway.text.speakable import MarkupReader


def said(text: str, size: int | None = None) -> str:
    reader, pieces = MarkupReader(), []
    for at in range(0, len(text), size or len(text)):
        pieces += reader.feed(text[at : at + (size or len(text))])
    return "".join(piece.text for piece in [*pieces, *reader.settle()])


@pytest.mark.parametrize(
    ("latex", "typed"),
    [
        (r"\frac{7}{10}", "7/10"),
        (r"\frac{a+b}{2}", "(a+b)/2"),
        (r"\frac12", "1/2"),
        (r"8\frac{1}{3}", "8 1/3"),
        (r"2\frac{a}{b}", "2a/b"),
        (r"\bar{x} + \hat{p} - \vec v", "x\u0304 + p\u0302 - v\u20d7"),
        (r"\overline{AB}", "AB"),
        (r"\left| x - 3 \right| < 5", "|x - 3| < 5"),
        (r"5 \cdot 3", "5 ⋅ 3"),
        ("x^{2}", "x^2"),
        ("x^{n+1}", "x^(n+1)"),
        ("6{x}_{1}", "6x₁"),
        (r"\sqrt{2}", "√2"),
        (r"\sqrt{x+1}", "√(x+1)"),
        (r"\sqrt[3]{8}", "∛8"),
        (r"\sqrt[n]{x}", "x^(1/n)"),
        (r"a \leq b \times c", "a ≤ b × c"),
        (r"\alpha + \Omega", "α + Ω"),
        (r"90^\circ", "90°"),
        (r"f'(x)", "f'(x)"),
        (r"\text{speed} = \frac{d}{t}", "speed = d/t"),
        (r"\left( \frac{a}{b} \right)", "(a/b)"),
        (r"\log_{10} x", "log₁₀ x"),
        (r"10^{-3}", "10^-3"),
        (r"5\% \$3", "5% $3"),
        (r"\begin{aligned} a &= b \\ c &= d \end{aligned}", "a = b, c = d"),
        (r"\sum_{i=1}^{n} i", "∑_(i=1)^n i"),
    ],
)
def test_a_formula_is_written_as_people_type_it(latex, typed):
    assert plain(latex) == typed


@given(st.text(alphabet="\\{}^_$ab1+ []()fracsqrt\n", max_size=200))
def test_no_text_is_too_broken_to_write(latex):
    assert isinstance(plain(latex), str)


def test_deep_nesting_costs_no_stack():
    assert isinstance(plain("{" * 5000 + r"\frac" * 5000), str)


@pytest.mark.parametrize("size", [None, 1, 2, 3])
@pytest.mark.parametrize(
    ("text", "heard"),
    [
        (r"So \(\frac{7}{10}\) or \[x^2\] it is.", "So 7/10 or x^2 it is."),
        (r"So $6{x}_{1} + 2$ it is, $2x = 4$ and $x$.", "So 6x₁ + 2 it is, 2x = 4 and x."),
        (r"With $x \text{ is the speed of light}$ here", "With x is the speed of light here"),
        (r"So $2 \times 3$, $2 + 3$ and $1. \ are", "So 2 × 3, 2 + 3 and $1. \\ are"),
        ("$$\nE = mc^2\n$$", "E = mc^2"),
        ("It costs $5. Then $6 more, $1.5M or $7, $8 and $9.", "It costs $5. Then $6 more, $1.5M or $7, $8 and $9."),
        ("Set $HOME to $5 or 7$, and US$5.", "Set $HOME to $5 or 7$, and US$5."),
        ("价格是$5，很便宜，只要$6。", "价格是$5，很便宜，只要$6。"),
        (r"Put \(this away and never close it, my dear friend", "Put (this away and never close it, my dear friend"),
        (r"A \[link\] here", "A link here"),
        (r"Half is \frac{1}{2} or 2 \times 3, \sqrt[3]{x^{2}} and x^{2}.", "Half is 1/2 or 2 × 3, ∛(x^2) and x^2."),
        (r"In C:\alpha and a \word and \frac and \frac{never", r"In C:\alpha and a \word and \frac and \frac{never"),
    ],
)
def test_formulas_are_found_and_prices_are_not(text, heard, size):
    assert said(text, size) == heard


def test_a_price_waits_for_nothing_but_the_end_of_its_number():
    reader = MarkupReader()
    assert "".join(piece.text for delta in ("It is $", "25", ". ") for piece in reader.feed(delta)) == "It is $25. "
