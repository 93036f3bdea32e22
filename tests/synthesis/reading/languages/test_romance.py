"""What Spanish, Italian and Portuguese write alike, each kind in one language or more; and what only looks like it."""

import pytest
from readings import folded, say


def reads(text, spoken, language):
    assert folded(say(text, language), language) == folded(spoken, language)


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("es", "Una escala de 2h35min.", "Una escala de dos horas y treinta y cinco minutos."),
        ("it", "Vince in 2h15'.", "Vince in due ore e quindici minuti."),
        ("it", "In 2h01'09\" arriva.", "In due ore, un minuto e nove secondi arriva."),
        ("pt", "A 2min35s do líder.", "A dois minutos e trinta e cinco segundos do líder."),
        ("pt", "O filme dura 1h52.", "O filme dura uma hora e cinquenta e dois minutos."),
        ("pt", "Às 14h20min de hoje.", "Às catorze e vinte de hoje."),
        ("es", "A +2'35\" del líder.", "A más dos minutos y treinta y cinco segundos del líder."),
        ("es", "Ritmo de 5:06 min/km.", "Ritmo de cinco minutos y seis segundos por kilómetro."),
    ],
)
def test_how_long_something_takes_is_no_time_of_the_day(language, text, spoken):
    reads(text, spoken, language)


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("es", "Hasta el vie. 28/02.", "Hasta el viernes veintiocho de febrero."),
        ("es", "Murió el 8-V-1945.", "Murió el ocho de mayo de mil novecientos cuarenta y cinco."),
        ("es", "El próximo 22-12.", "El próximo veintidós de diciembre."),
        ("it", "Dal 1/3 al 15/4.", "Dal primo marzo al quindici aprile."),
        ("it", "È il 1/2 litro che manca.", "È il mezzo litro che manca."),
        ("it", "Vince 3 set a 1 al 5° set.", "Vince tre set a uno al quinto set."),
        ("pt", "De 15/jun. a 30/set.", "De quinze de junho a trinta de setembro."),
        ("pt", "Saem em 1º/02.", "Saem em primeiro de fevereiro."),
        ("pt", "Validade 05/27.", "Validade maio de dois mil e vinte e sete."),
        ("pt", "A pressão, 13/8.", "A pressão, treze por oito."),
        ("es", "Av. 9 de Julio 1234.", "Avenida nueve de Julio mil doscientos treinta y cuatro."),
        ("it", "Via XX Settembre 12.", "Via venti Settembre dodici."),
    ],
)
def test_days_are_told_from_parts_and_from_streets(language, text, spoken):
    reads(text, spoken, language)


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("es", "Abierto L-V y los sáb. y dom.", "Abierto lunes a viernes y los sábados y domingos."),
        ("it", "Aperto da mar. a dom.", "Aperto da martedì a domenica."),
        ("it", "Il mar. e il gio.", "Il martedì e il giovedì."),
        ("pt", "Atende 2as e 4as.", "Atende segundas e quartas."),
        ("es", "El T3 y el 2T.", "El tercer trimestre y el segundo trimestre."),
        ("es", "Viento del NO, al NE de Vigo.", "Viento del noroeste, al noreste de Vigo."),
        ("it", "L'S&P 500 sale.", "L'S e P cinquecento sale."),
    ],
)
def test_weekdays_quarters_and_winds(language, text, spoken):
    reads(text, spoken, language)


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("es", "1 comp. c/8 h.", "un comprimido cada ocho horas."),
        ("pt", "1 comp. de 8/8 h c/ água.", "um comprimido de oito em oito horas com água."),
        ("it", "10 mg/kg/die e 2 gtt.", "dieci milligrammi al chilo al giorno e due gocce."),
        ("es", "Hay 10 bacterias/ml, a 3 €/kg.", "Hay diez bacterias por mililitro, a tres euros por kilogramo."),
        ("it", "Cresce di 100 g/settimana.", "Cresce di cento grammi alla settimana."),
        ("it", "Per 4/6 persone.", "Per quattro sei persone."),
        ("es", "Peso (kg) y 28 cm Ø.", "Peso (kilogramos) y veintiocho centímetros de diámetro."),
        ("pt", "Lave a 40º com água.", "Lave a quarenta graus com água."),
        ("es", "A -3º: 28º/15º.", "A menos tres grados: veintiocho grados, quince grados."),
        ("es", "De 1 a 2 cucharadas.", "De una a dos cucharadas."),
        ("it", "Alle 9 e 1/2, 1 kg e 1/2.", "Alle nove e mezza, un chilo e mezzo."),
    ],
)
def test_doses_kitchens_and_warmth(language, text, spoken):
    reads(text, spoken, language)


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("es", "El error 404 significa algo.", "El error cuatrocientos cuatro significa algo."),
        ("es", "La ley de 1978 dedica un título.", "La ley de mil novecientos setenta y ocho dedica un título."),
        ("es", "1.000.000.000 de dosis a 1.000.000 €.", "mil millones de dosis a un millón de euros."),
        ("es", "La 2da opción y el 1ro.", "La segunda opción y el primero."),
        ("es", "Real Madrid 2 - 1 Barcelona.", "Real Madrid dos a uno Barcelona."),
        ("pt", "São 2 da tarde.", "São duas da tarde."),
        ("it", "All'1, l'1%.", "All'una, l'uno per cento."),
        ("it", "Il suo 15° podio.", "Il suo quindicesimo podio."),
        ("it", "Nel XVI secolo e nel XVII.", "Nel sedicesimo secolo e nel diciassettesimo."),
        ("it", "I secoli XVIII e XIX.", "I secoli diciottesimo e diciannovesimo."),
        ("es", "Tomos I y II, canto XXXIII.", "Tomos uno y dos, canto treinta y tres."),
    ],
)
def test_numbers_agree_with_what_they_count_and_with_nothing_else(language, text, spoken):
    reads(text, spoken, language)


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("es", "La F-2024/0153.", "La F dos cero dos cuatro cero uno cinco tres."),
        ("es", "Ref. 2045-B.", "Referencia dos cero cuatro cinco B."),
        ("es", "Bizum al 612345678.", "Bizum al seis uno dos tres cuatro cinco seis siete ocho."),
        ("es", "Marca *123#.", "Marca asterisco uno dos tres almohadilla."),
        ("pt", "O 99123-4567.", "O nove nove um dois três, quatro cinco seis sete."),
        ("it", "Via Roma, 10 - 20121 Milano.", "Via Roma, dieci, due zero uno due uno Milano."),
        ("pt", "Em 1100-060 Lisboa.", "Em um um zero zero zero seis zero Lisboa."),
        ("pt", "O ônibus 875A.", "O ônibus oitocentos e setenta e cinco A."),
        ("pt", "Art. 5º, LXXVIII, da CF.", "Artigo quinto, setenta e oito, da CF."),
        ("it", "Dir. 95/46/CE, pag. 3/10.", "Direttiva novantacinque quarantasei CE, pagina tre di dieci."),
        ("it", "S. Anna e S. Marco; S. Rossi.", "Sant'Anna e San Marco; S. Rossi."),
        ("es", "Isaías 40:31 y escala 1:50.", "Isaías cuarenta, treinta y uno y escala uno a cincuenta."),
        ("es", "Vale |−7| y el ¹⁴C.", "Vale valor absoluto de menos siete y el catorce C."),
    ],
)
def test_codes_places_and_signs(language, text, spoken):
    reads(text, spoken, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("it", "Premi per l'assistenza e la min di tutti."),
        ("it", "Nel sec. l'uomo."),
        ("es", "Ya ni los dos ni el uno."),
        ("pt", "Vem com a mãe e o pai."),
    ],
)
def test_ordinary_words_stay_as_they_are(language, text):
    said = say(text, language)

    assert "litro" not in said
    assert "cinquanta" not in said


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("es", "Vive en la pl. baja.", "Vive en la planta baja."),
        ("es", "Está en la pl. 3.ª del hotel.", "Está en la planta tercera del hotel."),
        ("es", "Cerca de la pl. Mayor.", "Cerca de la plaza Mayor."),
        ("it", "Aperto lun-ven 9:00-13:00.", "Aperto dal lunedì al venerdì dalle nove alle tredici."),
        ("it", "Chiuso mar-dom.", "Chiuso dal martedì alla domenica."),
        ("it", "Aperto sab-dom.", "Aperto sabato e domenica."),
        ("it", "Aperto da lun-ven.", "Aperto da lunedì a venerdì."),
        ("it", "Fate l'es. 7 a p. 53.", "Fate l'esercizio sette a pagina cinquantatré."),
        ("it", "Es. 7 a p. 53.", "Esercizio sette a pagina cinquantatré."),
        ("it", "Fate gli es. 7 e 8.", "Fate gli esercizi sette e otto."),
        ("it", "Prendi, ad es. 3 mele, es. il pane.", "Prendi, ad esempio tre mele, esempio il pane."),
        ("it", "La guerra del '15-'18 finì.", "La guerra del quindici-diciotto finì."),
        ("it", "Da 15-18 anni.", "Da quindici a diciotto anni."),
    ],
)
def test_floors_weekdays_exercises_and_wars(language, text, spoken):
    reads(text, spoken, language)
