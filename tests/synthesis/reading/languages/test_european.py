"""Kin of what blind rounds told to be read otherwise, in the seven languages of Europe: one line for each of them."""

import pytest
from readings import folded, say


def reads(text, spoken, language):
    assert folded(say(text, language), language) == folded(spoken, language)


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("Meet me at 123 Main St, please.", "Meet me at one twenty-three Main Street, please."),
        ("It's 1245 W 5th Ave NE.", "It's twelve forty-five West fifth Avenue Northeast."),
        ("We met at 9 Elm St. NW today.", "We met at nine Elm Street Northwest today."),
        ("Dr Patel works at St Mary's near Mt Hood.", "Doctor Patel works at Saint Mary's near Mount Hood."),
        ("The Main St Cafe is open.", "The Main St Cafe is open."),
        ("He drank 2 Dr Pepper cans.", "He drank two Dr Pepper cans."),
    ],
)
def test_english_ways_and_titles_need_no_full_stop(text, spoken):
    reads(text, spoken, "en")


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("en", "Your order No. B12-77 is ready.", "Your order number B twelve seventy-seven is ready."),
        ("it", "Ordine n. B12-77 pronto.", "Ordine numero B dodici settantasette pronto."),
        ("pt", "O art. A7 vale.", "O artigo A sete vale."),
    ],
)
def test_an_abbreviation_stands_for_its_word_in_front_of_a_code(language, text, spoken):
    reads(text, spoken, language)


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("es", "Abierto de 9-17 horas.", "Abierto de nueve a diecisiete horas."),
        ("pt", "Aberto das 9-17 horas.", "Aberto das nove a dezessete horas."),
        ("fr", "Il faut 7-9 heures.", "Il faut sept à neuf heures."),
    ],
)
def test_the_hours_of_a_range_are_named_once(language, text, spoken):
    reads(text, spoken, language)


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("la 2de guerre", "la seconde guerre"),
        ("le 2d tour", "le second tour"),
        ("un film en 2d", "un film en deux d"),
    ],
)
def test_a_french_second_is_written_in_several_ways(text, spoken):
    reads(text, spoken, "fr")


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("Приезжайте на ул. Пушкина.", "Приезжайте на улицу Пушкина."),
        ("Магазин находится на ул. Пушкина.", "Магазин находится на улице Пушкина."),
        ("Перейдите на стр. 12.", "Перейдите на страницу двенадцать."),
        ("Смотри рисунок на стр. 12.", "Смотри рисунок на странице двенадцать."),
        ("Поезд отходит в 7:45 от платформы.", "Поезд отходит в семь сорок пять от платформы."),
        ("Встреча перенесена на ср, 15 января.", "Встреча перенесена на среду, пятнадцатое января."),
        ("Соотношение воды и муки 3:2.", "Соотношение воды и муки три к двум."),
        ("Матч закончился со счётом 3:2.", "Матч закончился со счётом три — два."),
        ("В XVIII веке, а также в XX.", "В восемнадцатом веке, а также в двадцатом."),
    ],
)
def test_russian_asks_what_stands_around_for_the_case(text, spoken):
    reads(text, spoken, "ru")


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("en", "Open Settings > Privacy > Location.", "Open Settings, Privacy, Location."),
        ("de", "Unter Einstellungen > Konto.", "Unter Einstellungen, Konto."),
        ("ru", "Откройте Файл > Печать.", "Откройте Файл, Печать."),
        ("en", "If A > B, stop.", "If A is greater than B, stop."),
        ("de", "Der Umsatz > Kosten.", "Der Umsatz größer als Kosten."),
    ],
)
def test_a_mark_between_the_steps_of_a_menu_compares_nothing(language, text, spoken):
    reads(text, spoken, language)


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("en", "Glucose is C6H12O6.", "Glucose is C six H twelve O six."),
        ("de", "Traubenzucker ist C6H12O6.", "Traubenzucker ist C sechs H zwölf O sechs."),
        ("en", "The hash is a3f29c1b7d.", "The hash is a three f two nine c one b seven d."),
        ("en", "5! = 120", "five factorial equals one hundred twenty"),
        ("fr", "5! = 120", "cinq factorielle égale cent vingt"),
        ("de", "Ich habe 5!", "Ich habe fünf!"),
    ],
)
def test_formulas_are_no_codes_and_factorials_no_exclamations(language, text, spoken):
    reads(text, spoken, language)


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("en", "I'd rate it 9/10.", "I'd rate it nine out of ten."),
        ("de", "Bewertung: 9/10 Punkte.", "Bewertung: neun von zehn Punkte."),
        ("es", "Lo valoro con 8/10.", "Lo valoro con ocho sobre diez."),
        ("ru", "Оценка 9/10.", "Оценка девять из десяти."),
        ("en", "Use 9/10 of it.", "Use nine tenths of it."),
        ("en", "Her GPA is 3.8/4.0.", "Her GPA is three point eight out of four point zero."),
        ("de", "Die 80/20-Regel", "Die achtzig zwanzig-Regel"),
        ("es", "la regla 80/20", "la regla ochenta veinte"),
    ],
)
def test_a_rating_is_no_fraction_and_shares_of_a_hundred_no_division(language, text, spoken):
    reads(text, spoken, language)


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("en", "He ran it in 42:15.", "He ran it in forty-two minutes and fifteen seconds."),
        ("de", "Er lief in 1:45:30.", "Er lief in einer Stunde fünfundvierzig Minuten dreißig Sekunden."),
        ("it", "in 1:45:30", "in un'ora quarantacinque minuti trenta secondi"),
        ("fr", "en 1 h 45 min 30 s", "en une heure quarante-cinq minutes trente secondes"),
        ("ru", "Это займёт 4–6 ч.", "Это займёт от четырёх до шести часов."),
        ("de", "Puls 72/min", "Puls zweiundsiebzig pro Minute"),
        ("it", "72/min", "settantadue al minuto"),
    ],
)
def test_what_something_takes_is_no_time_of_the_day(language, text, spoken):
    reads(text, spoken, language)


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("de", "Nehmen Sie 1–2 Tabletten.", "Nehmen Sie ein bis zwei Tabletten."),
        ("es", "Tome 1-2 comprimidos.", "Tome uno a dos comprimidos."),
        ("it", "Prenda 1-2 compresse.", "Prenda da una a due compresse."),
        ("ru", "Принимайте по 1–2 таблетки.", "Принимайте по одной — две таблетки."),
    ],
)
def test_the_first_of_a_range_counts_nothing_itself(language, text, spoken):
    reads(text, spoken, language)


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("es", "la Ley 39/2015", "la Ley treinta y nueve de dos mil quince"),
        ("it", "il D.Lgs. 81/2008", "il decreto legislativo ottantuno del duemilaotto"),
        ("pt", "a Lei 8.078/90", "a Lei oito mil e setenta e oito de noventa"),
        ("es", "el art. 15.2", "el artículo quince punto dos"),
        ("fr", "l'art. L. 121-3", "l'article L cent vingt et un tiret trois"),
        ("ru", "согласно п. 2 ст. 15", "согласно пункту два статьи пятнадцать"),
        ("fr", "voir p. 12-15", "voir pages douze à quinze"),
        ("ru", "на с. 12–15", "на страницах двенадцать — пятнадцать"),
    ],
)
def test_laws_and_pages_are_numbered(language, text, spoken):
    reads(text, spoken, language)


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("es", 'un monitor de 27"', "un monitor de veintisiete pulgadas"),
        ("fr", 'un écran de 15,6" mat', "un écran de quinze virgule six pouces mat"),
        ("de", 'Er sagt: "Ich bin 30" und geht.', "Er sagt: Ich bin dreißig und geht."),
        ("es", "un piso con 3 hab. y 2 baños", "un piso con tres habitaciones y dos baños"),
        ("fr", "un appartement de 3 p. à Lyon", "un appartement de trois pièces à Lyon"),
        ("de", "EUR/USD", "EUR USD"),
        ("it", "ticket #88213-B", "ticket numero otto otto due uno tre B"),
    ],
)
def test_signs_and_abbreviations_of_chats(language, text, spoken):
    reads(text, spoken, language)


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("Between 1998 and 2004 he wrote.", "Between nineteen ninety-eight and two thousand four he wrote."),
        ("From 1914 to 1918.", "From nineteen fourteen to nineteen eighteen."),
        ("the 2024 model", "the twenty twenty-four model"),
        ("The village has 1998 people.", "The village has one thousand nine hundred ninety-eight people."),
        ("a 10-ft pole", "a ten foot pole"),
        ("a 2½-lb bag", "a two and a half pound bag"),
        ("in Rm 12", "in Room twelve"),
        ("60 frames/s", "sixty frames per second"),
    ],
)
def test_english_years_in_pairs_and_units_behind_a_dash(text, spoken):
    reads(text, spoken, "en")


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("es", "Máx. 31º y mín. 22º.", "Máximo treinta y un grados y mínimo veintidós grados."),
        ("pt", "Hoje faz 22º e venta.", "Hoje faz vinte e dois graus e venta."),
        ("es", "Quedó en el 22º puesto.", "Quedó en el vigésimo segundo puesto."),
        ("it", "la II guerra mondiale", "la seconda guerra mondiale"),
        ("es", "la XX edición", "la vigésima edición"),
        ("it", "Giri a dx.", "Giri a destra."),
        ("pt", "Vire à esq.", "Vire à esquerda."),
        ("de", "Die Tür re., dann li. abbiegen.", "Die Tür rechts, dann links abbiegen."),
        ("it", "aperto 9-13", "aperto dalle nove alle tredici"),
        ("it", "dopo 2-3 ore", "dopo da due a tre ore"),
        ("ru", "60 кадр/с", "шестьдесят кадров в секунду"),
        ("ru", "с 2010 по 2020 г.", "с две тысячи десятого по две тысячи двадцатый год"),
    ],
)
def test_degrees_ranks_sides_and_hours(language, text, spoken):
    reads(text, spoken, language)


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("en", "See Fig. 3b.", "See figure three b."),
        ("en", "It costs $3b.", "It costs three billion dollars."),
        ("ru", "См. рис. 3б.", "Смотри рисунок три б."),
        ("de", "siehe Tab. 2.1", "siehe Tabelle zwei Punkt eins"),
        ("es", "un cable HDMI 2.1.", "un cable HDMI dos punto uno."),
        ("de", "eine Boeing 737-800", "eine Boeing sieben drei sieben acht null null"),
        ("fr", "échelle 1:50 000", "échelle un à cinquante mille"),
        ("ru", "масштаб 1:50 000", "масштаб один к пятидесяти тысячам"),
        ("it", "1 ora e 1/2.", "un'ora e mezza."),
        ("pt", "Tome 3x/dia.", "Tome três vezes por dia."),
        ("es", "a las 12 p. m.", "a las doce de la tarde."),
        ("de", "bis 05.11., 24 Uhr", "bis fünften November, vierundzwanzig Uhr"),
        ("de", "Tel.: 0176 / 123 456", "Telefon: null eins sieben sechs, eins zwei drei, vier fünf sechs"),
        ("de", "eine 30-minütige Pause", "eine dreißigminütige Pause"),
        ("de", "47/50 Punkten", "siebenundvierzig von fünfzig Punkten"),
    ],
)
def test_values_that_a_second_look_found_to_be_said_wrong(language, text, spoken):
    reads(text, spoken, language)


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("en", "48°51'24\"N", "forty-eight degrees fifty-one minutes twenty-four seconds North"),
        ("es", "3,7° O", "tres coma siete grados oeste"),
        ("ru", "55,5° с. ш.", "пятьдесят пять целых пять десятых градуса северной широты"),
        ("en", "Vitamin K is 3.", "Vitamin K is three."),
    ],
)
def test_coordinates_point_somewhere(language, text, spoken):
    reads(text, spoken, language)


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("в 4-м кв. 2024 г.", "в четвёртом квартале две тысячи двадцать четвёртого года"),
        ("за 9,58 с и всё", "за девять целых пятьдесят восемь сотых секунды и всё"),
        ("На 21 странице и в 3 томе.", "На двадцать первой странице и в третьем томе."),
        ("На 21 странице.", "На двадцать первой странице."),
        ("1/2 ст. сахара", "половина стакана сахара"),
    ],
)
def test_russian_ranks_and_parts(text, spoken):
    reads(text, spoken, "ru")


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("en", "Gas is $3.459.", "Gas is three point four five nine dollars."),
        ("en", "It costs $1,000.", "It costs one thousand dollars."),
        ("de", "1,759 € pro Liter", "eins Komma sieben fünf neun Euro pro Liter"),
        ("de", "Er zahlt $1,250 an Miete.", "Er zahlt eintausendzweihundertfünfzig Dollar an Miete."),
        ("ru", "300 ₽/кг", "триста рублей за килограмм"),
        ("ru", "300 ₽/мес", "триста рублей в месяц"),
        ("en", "every 15 min between stops", "every fifteen minutes between stops"),
        ("en", "a 15 min break", "a fifteen minute break"),
        ("en", "It takes 1h20.", "It takes one hour twenty minutes."),
        ("en", "2h 15m later", "two hours fifteen minutes later"),
        ("en", "Press ⌘+C.", "Press Command plus C."),
        ("it", "Premi ⌘+C.", "Premi Command più C."),
        ("en", "a (14-oz.) can", "a (fourteen ounce) can"),
        ("de", "n! = 6", "n Fakultät gleich sechs"),
        ("en", "Wow n! Yes.", "Wow n! Yes."),
        ("de", "am 1., 2. und 11. Mai", "am ersten, zweiten und elften Mai"),
        ("de", "den 101. Geburtstag", "den einhundertersten Geburtstag"),
        ("es", "C/ Mayor, 23, 41001 Sevilla", "calle Mayor, veintitrés, cuatro uno cero cero uno Sevilla"),
        ("fr", "3/4 de kg de viande", "trois quarts de kilo de viande"),
        ("it", "1½ cucchiaini", "uno e mezzo cucchiaini"),
    ],
)
def test_prices_times_keys_and_lists_of_a_third_round(language, text, spoken):
    reads(text, spoken, language)


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("en", "UTC-5", "UTC minus five"),
        ("de", "UTC-5", "U T C minus fünf"),
        ("en", "on Windows 10/11", "on Windows ten or eleven"),
        ("es", "en Windows 10/11", "en Windows diez u once"),
        ("de", "iOS 16/17", "iOS sechzehn oder siebzehn"),
        ("en", "10/11 of it", "ten over eleven of it"),
        ("it", "a 180 ºC", "a centottanta gradi Celsius"),
        ("fr", "le 7 déc. à 21h", "le sept décembre à vingt et une heures"),
        ("pt", "O voo dura 2h45.", "O voo dura duas horas e quarenta e cinco minutos."),
        ("pt", "O voo sai às 2h45.", "O voo sai às duas e quarenta e cinco."),
        ("es", "un 20 % dto. hoy", "un veinte por ciento de descuento hoy"),
        ("ru", "в 44 г. до н. э.", "в сорок четвёртом году до нашей эры"),
        ("ru", "взять 44 г муки", "взять сорок четыре грамма муки"),
        ("en", "Fri 8:30–4", "Friday eight thirty to four"),
        ("en", "in Q2'23", "in the second quarter of twenty twenty-three"),
        ("en", "1-888-FLY-BOAT", "one eight eight eight FLY BOAT"),
        ("en", "W 42nd St is closed", "West forty-second Street is closed"),
        ("en", "est. 1985", "established nineteen eighty-five"),
        ("en", '1.5" × 3.5"', "one point five inches by three point five inches"),
    ],
)
def test_zones_releases_and_what_else_a_third_look_found(language, text, spoken):
    reads(text, spoken, language)


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("en", "6/1/2025-5/31/2026", "June first twenty twenty-five to May thirty-first twenty twenty-six"),
        (
            "de",
            "01.06.2025–31.05.2026",
            "erster Juni zweitausendfünfundzwanzig bis einunddreißigster Mai zweitausendsechsundzwanzig",
        ),
        (
            "ru",
            "01.06.2025–31.05.2026",
            "с первого июня две тысячи двадцать пятого года по тридцать первое мая две тысячи двадцать шестого года",
        ),
        ("en", "Henry V and Malcolm X", "Henry the fifth and Malcolm X"),
        ("fr", "le pape Léon X", "le pape Léon dix"),
        ("de", "Senden Sie STOP an 88022.", "Senden Sie STOP an acht acht null zwei zwei."),
        ("de", "Senden Sie es an 1000 Leute.", "Senden Sie es an eintausend Leute."),
        ("es", "cerca de la est. de tren", "cerca de la estación de tren"),
        ("it", "ha perso 3-4 ai rigori", "ha perso tre a quattro ai rigori"),
        ("it", "ha perso 3-4 kg", "ha perso tre a quattro chili"),
        ("ru", "320 л/год", "триста двадцать литров в год"),
        ("ru", "до ж/д вокзала.", "до железнодорожного вокзала."),
        ("ru", "прим. в 2 км от дома", "примерно в двух километрах от дома"),
    ],
)
def test_dates_rulers_and_numbers_of_a_fourth_round(language, text, spoken):
    reads(text, spoken, language)


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("en", '12" x 8"', "twelve inches by eight inches"),
        ("en", "7 x 8 = 56", "seven times eight equals fifty-six"),
        ("en", "tracking #1Z999AA101", "tracking one Z nine nine nine AA one zero one"),
        ("en", "BMI in kg/m² is", "BMI in kilograms per square meter is"),
        ("en", "the 3rd ed. of it", "the third edition of it"),
        ("en", "My flight, UA 1175, is late.", "My flight, UA one one seven five, is late."),
        ("de", "im 2. OG", "im zweiten Obergeschoss"),
        ("de", "3. OG, links", "drittes Obergeschoss, links"),
        ("de", "gest. 1955", "gestorben neunzehnhundertfünfundfünfzig"),
        ("de", "am 24. u. 31.12. zu", "am vierundzwanzigsten und einunddreißigsten Dezember zu"),
        ("de", "Sendungsnr. 0034", "Sendungsnummer null null drei vier"),
    ],
)
def test_crosses_numbers_and_floors(language, text, spoken):
    reads(text, spoken, language)


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("en", "Keep the room at 65-70°F.", "Keep the room at sixty-five to seventy degrees Fahrenheit."),
        ("en", "Room 204 is free.", "Room two zero four is free."),
        ("de", "Der Kenncode lautet 731902.", "Der Kenncode lautet sieben drei eins neun null zwei."),
        ("es", "el código de acceso, 731902", "el código de acceso, siete tres uno nueve cero dos"),
        ("fr", "au r.-d.-c. à droite", "au rez-de-chaussée à droite"),
        ("ru", "акад. Чернов", "академик Чернов"),
        ("ru", "на 2-м эт.", "на втором этаже"),
    ],
)
def test_codes_and_floors_of_a_fifth_round(language, text, spoken):
    reads(text, spoken, language)


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("de", "Er wurde 1871 Kaiser.", "Er wurde achtzehnhunderteinundsiebzig Kaiser."),
        ("de", "Er sah 1871 Euro.", "Er sah eintausendachthunderteinundsiebzig Euro."),
        ("es", "los caps. 4-6", "los capítulos cuatro a seis"),
        ("it", "i capp. 4-6", "i capitoli quattro a sei"),
        ("fr", "à 60 i/s", "à soixante images par seconde"),
        ("ru", "гл. 4–6", "главы четыре — шесть"),
        ("ru", "около 3/5 избирателей", "около трёх пятых избирателей"),
    ],
)
def test_years_chapters_and_parts_of_a_sixth_round(language, text, spoken):
    reads(text, spoken, language)


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("de", "Dauer: 3 h", "Dauer: drei Stunden"),
        ("de", "Mo–Fr 8–17 h", "Montag bis Freitag acht bis siebzehn Uhr"),
        ("de", "um 15 h", "um fünfzehn Uhr"),
        ("de", "Stand: 03/2025", "Stand: März zweitausendfünfundzwanzig"),
        ("fr", "expire fin 12/27", "expire fin décembre deux mille vingt-sept"),
        ("de", "ein Zimmer, 4,20 m x 3,50 m", "ein Zimmer, vier Komma zwei null Meter mal drei Komma fünf null Meter"),
        ("de", "3 × 5 = 15", "drei mal fünf gleich fünfzehn"),
        ("de", "das 1990 beschlossene Gesetz", "das neunzehnhundertneunzig beschlossene Gesetz"),
        ("de", "Wir haben 1990 Betten.", "Wir haben eintausendneunhundertneunzig Betten."),
        ("de", "die durchschn. Dauer", "die durchschnittliche Dauer"),
        ("de", "im rechtl. Sinn", "im rechtlichen Sinn"),
        ("de", "Die Anfragen schlugen fehl.", "Die Anfragen schlugen fehl."),
        ("de", "im Q3/2024", "im dritten Quartal zweitausendvierundzwanzig"),
        ("de", "Der Audi Q3 fährt.", "Der Audi Q drei fährt."),
        ("de", "ein 10-km-Lauf", "ein zehn-Kilometer-Lauf"),
        ("de", "Schritt 1/5", "Schritt eins von fünf"),
        ("de", "Mo, Di, Do 8–12 Uhr", "Montag, Dienstag, Donnerstag acht bis zwölf Uhr"),
        ("de", "So: Wir fangen an.", "So: Wir fangen an."),
        ("de", "34:28 (17:15)", "vierunddreißig zu achtundzwanzig (siebzehn zu fünfzehn)"),
        ("de", "20:00 Uhr (17:15)", "zwanzig Uhr (siebzehn Uhr fünfzehn)"),
        ("fr", "Mᵐᵉ Petit, 1ᵉʳ étage", "Madame Petit, premier étage"),
        ("fr", "J-3, les - de 18 ans", "J moins trois, les moins de dix-huit ans"),
        ("fr", "le match de la mer. Et puis", "le match de la mer. Et puis"),
        ("fr", "siège 14A, fusible 16A", "siège quatorze A, fusible seize ampères"),
        ("ru", "вырос на 1,4 %", "вырос на одну целую четыре десятых процента"),
        ("ru", "Добавьте 1 ст. л. соли.", "Добавьте одну столовую ложку соли."),
        ("ru", "по 1 таб. в день", "по одной таблетке в день"),
        ("ru", "основан в 1998.", "основан в тысяча девятьсот девяносто восьмом году."),
        ("ru", "до 2000 человек", "до двух тысяч человек"),
        ("ru", "3 этаж, 3 этажа", "третий этаж, три этажа"),
        ("ru", "2 ст. ложки и 2 ст. муки", "две столовые ложки и два стакана муки"),
        ("ru", "между 5 и 10 %", "между пятью и десятью процентами"),
        ("ru", "3 р./день, 3 р. за штуку", "три раза в день, три рубля за штуку"),
        ("ru", "Встреча 5.05 в 9:00.", "Встреча пятого мая в девять часов."),
        ("de", "Zahlen: 1,2,3 und 1,5", "Zahlen: eins, zwei, drei und eins Komma fünf"),
        ("fr", "4,5 %/an", "quatre virgule cinq pour cent par an"),
    ],
)
def test_what_a_chatbot_writes_of_every_day(language, text, spoken):
    reads(text, spoken, language)


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("de", "Der Winkel α und Δt.", "Der Winkel Alpha und Delta t."),
        ("en", "The angle α and Δt, 5 Ω.", "The angle alpha and delta t, five ohms."),
        ("es", "El número π y 5 Ω.", "El número pi y cinco ohmios."),
        ("fr", "L'angle β.", "L'angle bêta."),
        ("it", "La formula πr².", "La formula pi greco r al quadrato."),
        ("pt", "As partículas α.", "As partículas alfa."),
        ("ru", "Число π.", "Число пи."),
        ("es", "La palabra λόγος es griega.", "La palabra λόγος es griega."),
    ],
)
def test_a_greek_letter_that_stands_alone_is_named_and_a_word_of_them_is_left(language, text, spoken):
    assert folded(say(text, language), language) == folded(spoken, language)


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("en", "Use #MondayMotivation.", "Use hashtag Monday Motivation."),
        ("en", "Use #iPhone15 and #NASA.", "Use hashtag iPhone fifteen and hashtag NASA."),
        ("pt", "Use #PartiuPraia.", "Use hashtag Partiu Praia."),
        ("ru", "Тег #МойГород.", "Тег хештег Мой Город."),
        (
            "pt",
            "O CNPJ 12.345.678/0001-90.",
            "O CNPJ um dois, três quatro cinco, seis sete oito, zero zero zero um, nove zero.",
        ),
        ("pt", "Na proporção de 1:2.", "Na proporção de um para dois."),
        ("ru", "Около 1/3 студентов.", "Около одной третьей студентов."),
        ("it", "Dopo, per 8-10 minuti.", "Dopo, per otto-dieci minuti."),
        (
            "en",
            "It is 4x faster, and x² − 4x is g(2).",
            "It is four times faster, and x squared minus four x is g of two.",
        ),
    ],
)
def test_tags_documents_proportions_and_functions(language, text, spoken):
    assert folded(say(text, language), language) == folded(spoken, language)


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("Unter Ludwig XIV. war es so.", "Unter Ludwig dem Vierzehnten war es so."),
        ("Von Karl V. weiß man.", "Von Karl dem Fünften weiß man."),
        ("Seit Papst Johannes Paul II. gilt das.", "Seit Papst Johannes Paul dem Zweiten gilt das."),
        ("Zu Wilhelm II. passt es.", "Zu Wilhelm dem Zweiten passt es."),
        ("unter dem jungen König Ludwig XIV. und", "unter dem jungen König Ludwig dem Vierzehnten und"),
        ("Er war gegen Friedrich II. und mehr.", "Er war gegen Friedrich den Zweiten und mehr."),
        ("unter Elisabeth II. und danach", "unter Elisabeth der Zweiten und danach"),
        ("Die Krönung Elisabeths II. und mehr.", "Die Krönung Elisabeths der Zweiten und mehr."),
        ("Bei Tisch sprach Ludwig XIV. lange.", "Bei Tisch sprach Ludwig der Vierzehnte lange."),
        ("Nach Paris, Ludwig XIV. kam an.", "Nach Paris, Ludwig der Vierzehnte kam an."),
        ("Ludwig XIV. regierte.", "Ludwig der Vierzehnte regierte."),
    ],
)
def test_a_german_ruler_stands_in_the_case_of_what_is_in_front_of_the_whole_name(text, spoken):
    reads(text, spoken, "de")


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("Es sind 3,2 Mrd. US-$ und mehr.", "Es sind drei Komma zwei Milliarden US-Dollar und mehr."),
        ("Es kostet 2,50 US-$.", "Es kostet zwei US-Dollar und fünfzig Cent."),
        ("Es kostet 5 US$ oder 5 USD.", "Es kostet fünf US-Dollar oder fünf US-Dollar."),
        ("Es kostet 5 $.", "Es kostet fünf Dollar."),
    ],
)
def test_a_german_dollar_of_the_united_states_is_told_from_a_dollar(text, spoken):
    reads(text, spoken, "de")


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("La guerre de 14-18 est finie.", "La guerre de quatorze dix-huit est finie."),
        ("En 39–45, il vivait.", "En trente-neuf quarante-cinq, il vivait."),
        ("De 14-18 ans, entre 14-18 ans.", "De quatorze à dix-huit ans, entre quatorze et dix-huit ans."),
        ("Les 14-18 ans sont là.", "Les quatorze à dix-huit ans sont là."),
    ],
)
def test_a_french_war_is_named_by_its_years_and_ages_are_a_range(text, spoken):
    reads(text, spoken, "fr")


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("pt", "O voo G3 1452 sai.", "O voo G três um quatro cinco dois sai."),
        ("de", "Der Flug U2 8321 geht.", "Der Flug U zwei acht drei zwei eins geht."),
        ("en", "Take flight 4U 9525.", "Take flight four U nine five two five."),
        ("fr", "Le vol AF 1234 part.", "Le vol A F un deux trois quatre part."),
    ],
)
def test_every_digit_of_a_flight_is_a_word(language, text, spoken):
    reads(text, spoken, language)
