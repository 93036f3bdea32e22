"""Bounds, limits, logarithms, bars, functions and marks of a formula are said in words, in every language."""

import pytest
from readings import folded, say

INTEGRALS = {
    "en": "the integral from zero to one of x squared dx",
    "zh": "从零到一积分x平方dx",
    "ja": "零から一までのインテグラルxの二乗dx",
    "ko": "인테그랄 영부터 일까지 x제곱 dx",
    "de": "Integral von null bis eins von x hoch zwei dx",
    "fr": "intégrale de zéro à un de x au carré dx",
    "es": "integral de cero a uno de x al cuadrado dx",
    "it": "integrale da zero a uno di x al quadrato dx",
    "pt": "integral de zero a um de x ao quadrado dx",
    "ru": "интеграл от ноля до одного от x в квадрате dx",
}


@pytest.mark.parametrize("language", INTEGRALS)
@pytest.mark.parametrize(
    "written", [r"$\int_0^1 x^2\,dx$", r"$\int_{0}^{1}x^2 dx$", r"$\int^1_0 x^2\,dx$", "∫₀¹ x² dx"]
)
def test_an_integral_has_its_bounds_however_they_are_written(language, written):
    assert folded(say(written, language), language) == folded(INTEGRALS[language], language)


@pytest.mark.parametrize(
    ("language", "written", "said"),
    [
        ("en", r"$\sum_{i=1}^n i$", "the sum from i equals one to n of i"),
        ("zh", r"$\sum_{i=1}^n i$", "i从一到n求和 i"),
        ("de", "∑ᵢ₌₁ⁿ i", "Summe von i gleich eins bis n von i"),
        ("ru", r"$\prod_{k=1}^{n} k$", "произведение по k от одного до n k"),
        ("en", r"$\int_C f$", "the integral over C of f"),
        ("fr", r"$\lim_{x \to 0} x$", "limite quand x tend vers zéro de x"),
        ("en", r"$\lim_{x \to 0^+} x$", "the limit as x approaches zero plus of x"),
        ("ru", r"$\lim_{n \to \infty} a_n = 0$", "предел при n стремящемся к бесконечности a n равно ноль"),
        ("it", "lim x→0 x", "limite per x che tende a zero di x"),
        ("en", r"$\log_2 8 = 3$", "log base two of eight equals three"),
        ("es", "log₁₀ 100", "logaritmo en base diez de cien"),
        ("pt", "log_2(8)", "logaritmo na base dois de (oito)"),
        ("en", "So |x - 3| < 5.", "So the absolute value of x minus three is less than five."),
        ("en", "So |a-b| < 2.", "So the absolute value of a minus b is less than two."),
        ("de", "|−3| = 3", "Betrag von minus drei gleich drei"),
        ("fr", "Donc |x| est positif.", "Donc valeur absolue de x est positif."),
        ("en", "sin θ = cos(60°)", "sine theta equals cosine of sixty degrees"),
        ("ja", "sin²θ + tan 45°", "サインの二乗シータプラスタンジェント四十五度"),
        ("es", "sin θ y cos²x", "seno de theta y coseno al cuadrado x"),
        ("en", "f'(x) = 2x", "f prime of x equals two x"),
        ("ru", "f''(x) = 2", "f два штриха от x равно два"),
        ("de", r"$f(x) = x^3$", "f von x gleich x hoch drei"),
        ("es", r"$y' = -\operatorname{sen} x$", "y prima igual a menos seno de x"),
        ("fr", r"$\ln(1) = 0$", "logarithme népérien de un égale zéro"),
        ("fr", r"$\vec{F} = m\vec{a}$", "vecteur F égale m vecteur a"),
        ("pt", r"O vetor $\vec{v}$", "O vetor v"),
        ("it", r"$|-7| = 7$", "valore assoluto di meno sette uguale sette"),
        ("it", r"$A \cup B$", "A unione B"),
        ("en", r"$\frac{d}{dx} x^4$", "d d x of x to the power of four"),
        ("en", r"$\sqrt[4]{81} = 3$", "the fourth root of eighty-one equals three"),
        ("en", r"$\frac{n(n+1)}{2}$", "(n times (n plus one)), all over two"),
        ("de", "Die Kraft ist F = 10 N.", "Die Kraft ist F gleich zehn Newton."),
        ("it", "E = 2,5 J", "E uguale due virgola cinque joule"),
        ("en", r"so $c = 13$ cm long", "so c equals thirteen centimeters long"),
        ("en", r"$2x-7$ and $a^2-b^2$", "two x minus seven and a squared minus b squared"),
        ("de", r"$f(x)=x^3-3x$", "f von x gleich x hoch drei minus drei x"),
        ("zh", r"$\alpha-\beta$", "阿尔法减贝塔"),
        ("en", "dy/dx = 2x", "d y d x equals two x"),
        ("de", "dy/dx = 2", "d y nach d x gleich zwei"),
        ("it", "∠ABC = 90°", "angolo A B C uguale novanta gradi"),
        ("fr", "△ABC", "triangle A B C"),
        ("en", r"$\bar{x} = 5$ and $\vec{v}$", "x bar equals five and vector v"),
        ("ko", r"$8\frac{1}{3}$", "팔과 삼분의 일"),
        ("ru", r"$8\frac{1}{3}$", "восемь и треть"),
        ("en", r"$e^{-x}$ and $2^{n+1}$", "e to the power of minus x and two to the power of n plus one"),
        ("zh", r"$e^{-x}$", "e的负x次方"),
        ("zh", r"$5 \cdot 3$", "五乘以三"),
        ("en", r"$\frac{1}{n!}$", "one over (n factorial)"),
        ("en", r"$\frac{1}{n}$", "one over n"),
        ("de", r"$a \perp b$", "a senkrecht auf b"),
        ("en", "CH4 + 2O2 → CO2 + 2H2O", "CH four plus two O two yields CO two plus two H two O"),
        ("zh", r"$2H_2 + O_2 \to 2H_2O$", "二H二加O二生成二H二O"),
        ("fr", "HCl + NaOH → NaCl + H₂O", "HCl plus NaOH donne NaCl plus H deux O"),
        ("en", r"$\ce{2H2 + O2 -> 2H2O}$", "two H two plus O two yields two H two O"),
        ("en", r"$SO_4^{2-}$", "SO four two minus"),
    ],
)
def test_each_part_of_a_formula_has_words(language, written, said):
    assert folded(say(written, language), language) == folded(said, language)


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("es", "Un café sin leche, sin x y tan frío."),
        ("es", "pan sin (gluten)"),
        ("en", "I got a tan on Monday, cos I sat out."),
        ("pt", "Assinatura do/da responsável."),
        ("fr", "L'(ex-)ministre de/du pays"),
        ("de", "cat datei | grep wort | sort"),
        ("en", "Read the log of the day."),
    ],
)
def test_words_that_look_like_parts_of_a_formula_stay(language, written):
    assert folded(say(written, language), language) == folded(written, language)


@pytest.mark.parametrize(
    ("language", "written", "said"),
    [
        ("en", "NaHCO₃ and Ca(OH)₂", "N A H C O three and C A O H two"),
        ("de", "C₆H₁₂O₆", "C sechs H zwölf O sechs"),
        ("es", "El H₂SO₄", "El H dos S O cuatro"),
        ("ru", "SpO₂ и CO₂", "S P O два и C O два"),
        ("it", "Al₂(SO₄)₃", "A L due S O quattro tre"),
        ("zh", "C₆H₁₂O₆和H₂O", "C六H十二O六和H二O"),
        ("de", "Vitamin B₁₂ und HbA₁c", "Vitamin B zwölf und HbA eins c"),  # no molecules
    ],
)
def test_the_letters_of_a_molecule_are_said_one_by_one(language, written, said):
    assert folded(say(written, language), language) == folded(said, language)


@pytest.mark.parametrize("name", ["log_2024.txt", "log_file", "log_a.csv"])
def test_the_name_of_a_log_is_no_logarithm(name):
    assert "base" not in say(f"Open {name} now.", "en")
