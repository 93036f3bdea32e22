"""Signs that all languages share: units by their names in CLDR, and currencies by their codes in ISO 4217."""

from __future__ import annotations

from typing import Final

UNITS: Final = {
    "g": "gram", "kg": "kilogram", "mg": "milligram", "µg": "microgram", "μg": "microgram", "t": "metric-ton",
    "lb": "pound", "lbs": "pound", "oz": "ounce",
    "m": "meter", "km": "kilometer", "cm": "centimeter", "mm": "millimeter", "µm": "micrometer", "μm": "micrometer",
    "nm": "nanometer", "dm": "decimeter", "mi": "mile", "ft": "foot", "yd": "yard",
    "l": "liter", "L": "liter", "ml": "milliliter", "mL": "milliliter", "cl": "centiliter", "cL": "centiliter",
    "dl": "deciliter", "dL": "deciliter", "gal": "gallon",
    "s": "second", "ms": "millisecond", "µs": "microsecond", "μs": "microsecond", "ns": "nanosecond", "min": "minute",
    "h": "hour", "Hz": "hertz", "kHz": "kilohertz", "MHz": "megahertz", "GHz": "gigahertz",
    "W": "watt", "kW": "kilowatt", "MW": "megawatt", "GW": "gigawatt", "Wh": "watt-hour", "kWh": "kilowatt-hour",
    "kwh": "kilowatt-hour", "KWh": "kilowatt-hour",
    "MWh": "megawatt-hour", "GWh": "gigawatt-hour", "V": "volt", "mV": "millivolt", "kV": "kilovolt", "A": "ampere",
    "mA": "milliampere", "mAh": "milliampere-hour", "Ω": "ohm", "J": "joule", "kJ": "kilojoule", "N": "newton",
    "cal": "calorie", "kcal": "kilocalorie", "Pa": "pascal", "hPa": "hectopascal", "kPa": "kilopascal", "bar": "bar",
    "psi": "pound-force-per-square-inch", "dB": "decibel", "ppm": "part-per-1e6", "mol": "mole", "K": "kelvin",
    "°C": "celsius", "℃": "celsius", "°F": "fahrenheit", "ºC": "celsius", "ºF": "fahrenheit", "℉": "fahrenheit",
    "°": "degree",
    "B": "byte", "kB": "kilobyte", "KB": "kilobyte", "MB": "megabyte", "GB": "gigabyte", "TB": "terabyte",
    "PB": "petabyte", "KiB": "kibibyte", "MiB": "mebibyte", "GiB": "gibibyte", "TiB": "tebibyte",
    "bit": "bit", "kbit": "kilobit", "Mbit": "megabit", "Gbit": "gigabit",
    "bps": "bit-per-second", "kbps": "kilobit-per-second", "Kbps": "kilobit-per-second", "Mbps": "megabit-per-second",
    "Gbps": "gigabit-per-second", "Mbit/s": "megabit-per-second", "Gbit/s": "gigabit-per-second",
    "kB/s": "kilobyte-per-second", "KB/s": "kilobyte-per-second", "MB/s": "megabyte-per-second",
    "GB/s": "gigabyte-per-second", "Mb/s": "megabit-per-second", "Gb/s": "gigabit-per-second",
    "m²": "square-meter", "m2": "square-meter", "km²": "square-kilometer", "km2": "square-kilometer",
    "cm²": "square-centimeter", "cm2": "square-centimeter", "mm²": "square-millimeter", "ft²": "square-foot",
    "mi²": "square-mile", "m³": "cubic-meter", "m3": "cubic-meter", "cm³": "cubic-centimeter",
    "cm3": "cubic-centimeter", "km³": "cubic-kilometer", "㎡": "square-meter", "㎥": "cubic-meter", "㎏": "kilogram",
    "㎞": "kilometer", "㎝": "centimeter", "㎜": "millimeter", "ha": "hectare",
    "km/h": "kilometer-per-hour", "kph": "kilometer-per-hour", "kmh": "kilometer-per-hour",
    "mph": "mile-per-hour", "m/s": "meter-per-second", "m/s²": "meter-per-square-second",
    "km/s": "kilometer-per-second",
    "l/100km": "liter-per-100-kilometer", "L/100km": "liter-per-100-kilometer", "l/100 km": "liter-per-100-kilometer",
    "L/100 km": "liter-per-100-kilometer", "mpg": "mile-per-gallon", "mg/dL": "milligram-per-deciliter",
    "mg/dl": "milligram-per-deciliter", "g/L": "gram-per-liter", "g/l": "gram-per-liter", "mg/l": "milligram-per-liter",
    "mg/L": "milligram-per-liter", "kg/m³": "kilogram-per-cubic-meter", "g/cm³": "gram-per-cubic-centimeter",
    "mol/L": "mole-per-liter", "mol/l": "mole-per-liter",
    "mmol/L": "millimole-per-liter", "mmol/l": "millimole-per-liter",
    "ac": "acre", "in²": "square-inch", "yd²": "square-yard", "in³": "cubic-inch", "ft³": "cubic-foot",
    "yd³": "cubic-yard", "mi³": "cubic-mile", "sq ft": "square-foot", "sq. ft.": "square-foot", "sq mi": "square-mile",
    "sq m": "square-meter", "sq km": "square-kilometer", "cu ft": "cubic-foot", "sqft": "square-foot",
    "sqm": "square-meter", "fl oz": "fluid-ounce", "fl. oz.": "fluid-ounce", "tbsp": "tablespoon", "tsp": "teaspoon",
    "bbl": "barrel", "kb": "kilobit", "Mb": "megabit", "Gb": "gigabit", "Tb": "terabit", "Tbit": "terabit",
    "Tbps": "terabit-per-second", "TB/s": "terabyte-per-second", "Cal": "foodcalorie", "lx": "lux", "lm": "lumen",
    "cd": "candela", "nmi": "nautical-mile", "ly": "light-year", "mW": "milliwatt", "hp": "horsepower",
    "HP": "horsepower", "atm": "atmosphere", "MPa": "megapascal", "mbar": "millibar", "kn": "knot",
    "ppi": "pixel-per-inch", "Mpx": "megapixel", "N⋅m": "newton-meter", "N·m": "newton-meter", "N*m": "newton-meter",
    "mm Hg": "millimeter-ofhg", "mi/h": "mile-per-hour", "ft/s": "foot-per-second", "km/hr": "kilometer-per-hour",
    "m/min": "meter-per-minute", "L/min": "liter-per-minute", "l/min": "liter-per-minute",
    "mi/gal": "mile-per-gallon", "W/m²": "watt-per-square-meter", "g/m²": "gram-per-square-meter",
    "µg/m³": "microgram-per-cubic-meter", "μg/m³": "microgram-per-cubic-meter", "g/kg": "gram-per-kilogram",
    "mg/kg": "milligram-per-kilogram", "kcal/h": "kilocalorie-per-hour", "µL": "microliter", "μL": "microliter",
    "µl": "microliter", "μl": "microliter", "hL": "hectoliter", "hl": "hectoliter", "ng": "nanogram",
    "kWp": "kilowatt-peak", "Ah": "ampere-hour", "µA": "microampere", "μA": "microampere", "kΩ": "kiloohm",
    "MΩ": "megaohm", "MJ": "megajoule", "kN": "kilonewton", "THz": "terahertz", "mSv": "millisievert",
    "rpm": "revolution-per-minute", "fps": "frame-per-second", "dpi": "dot-per-inch", "px": "pixel",
    "MP": "megapixel", "mmHg": "millimeter-ofhg", "mmol": "millimole", "Nm": "newton-meter", "bpm": "beat-per-minute",
}  # fmt: skip

# Units of one letter that may stand behind a blank. The others are too often something else there: "5 A students".
BEHIND_BLANK: Final = frozenset("gmlLshtjVWΩÅгмлчтс")

CURRENCIES: Final = {
    "$": "USD", "US$": "USD", "USD": "USD", "€": "EUR", "EUR": "EUR", "£": "GBP", "GBP": "GBP", "¥": "JPY",
    "JPY": "JPY",
    "￥": "JPY", "CN¥": "CNY", "RMB": "CNY", "CNY": "CNY", "JP¥": "JPY", "₩": "KRW", "KRW": "KRW", "₹": "INR",
    "INR": "INR",
    "₽": "RUB", "RUB": "RUB", "₺": "TRY", "TRY": "TRY", "₴": "UAH", "UAH": "UAH", "₫": "VND", "VND": "VND", "฿": "THB",
    "THB": "THB", "₱": "PHP", "PHP": "PHP", "₪": "ILS", "ILS": "ILS", "₦": "NGN", "NGN": "NGN", "CHF": "CHF",
    "SEK": "SEK", "NOK": "NOK", "DKK": "DKK", "PLN": "PLN", "zł": "PLN", "CZK": "CZK", "Kč": "CZK", "HUF": "HUF",
    "C$": "CAD", "CA$": "CAD", "CAD": "CAD", "A$": "AUD", "AU$": "AUD", "AUD": "AUD", "NZ$": "NZD", "NZD": "NZD",
    "HK$": "HKD", "HKD": "HKD", "S$": "SGD", "SGD": "SGD", "NT$": "TWD", "TWD": "TWD", "R$": "BRL", "BRL": "BRL",
    "MX$": "MXN", "MXN": "MXN", "ZAR": "ZAR", "SAR": "SAR", "AED": "AED", "BTC": "XBT", "₿": "XBT",
    "MOP$": "MOP", "MOP": "MOP", "₸": "KZT", "₾": "GEL", "₲": "PYG", "₡": "CRC", "៛": "KHR", "₮": "MNT", "₼": "AZN",
    # Codes that are no words: ALL, CUP, MAD, PEN, RON, TOP, TRY and COP are.
    **{
        code: code
        for code in (
            "ARS", "AZN", "BDT", "BGN", "BHD", "BRL", "CLP", "CRC", "DZD", "EGP", "ETB", "GEL", "GHS", "IDR", "ISK",
            "JOD", "KES", "KHR", "KWD", "KZT", "LKR", "MNT", "MYR", "NPR", "OMR", "PKR", "PYG", "QAR", "RSD", "TND",
            "TZS", "UGX", "UYU", "UZS",
        )
    },
}  # fmt: skip

# CLDR's kinds of units. babel finds a unit by the end of its name: without its kind, "watt-hour" is a kilowatt-hour.
KINDS: Final = (
    "length", "acceleration", "angle", "area", "concentr", "consumption", "digital", "duration", "electric", "energy",
    "force",
    "frequency", "graphics", "light", "mass", "power", "pressure", "speed", "temperature", "torque", "volume",
)  # fmt: skip
