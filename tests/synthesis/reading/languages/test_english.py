"""Kinds of a chatbot's English that were read otherwise once, one line for one or several of them."""

import pytest
from readings import folded, say

# What has no accepted reading of its own in the inputs, written down when its kind was mended.
LINES = [
    (
        "1428 Elm St. is next to 221B Baker St., Austin, TX 78701.",
        (
            "fourteen twenty-eight Elm Street is next to two twenty-one B Baker Street, Austin, Texas seven eight "
            "seven zero one."
        ),
    ),
    (
        "Take I-405 N to Rte. 66 W, then N Main St.",
        "Take I four zero five North to Route sixty-six West, then North Main Street.",
    ),
    ("A 401(k), a 501(c)(3) and a 1099-NEC", "A four oh one K, a five oh one C three and a ten ninety-nine NEC"),
    (
        "It returns a 404 if it's missing, or 429 Too Many Requests.",
        "It returns a four oh four if it's missing, or four twenty-nine Too Many Requests.",
    ),
    ("John 3:16 and 1 Cor. 13:4-7", "John three sixteen and first Corinthians thirteen four to seven"),
    ("See RFC 2616 and ISO 8601.", "See RFC twenty-six sixteen and ISO eighty-six oh one."),
    ("It held from the 1960s-80s.", "It held from the nineteen sixties to eighties."),
    ("In 1066, 1492, and 1776", "In ten sixty-six, fourteen ninety-two, and seventeen seventy-six"),
    (
        "Her 1985 album and the 2008 crisis",
        "Her nineteen eighty-five album and the two thousand and eight crisis",
    ),
    ("He was CEO (2019–present).", "He was CEO (twenty nineteen to present)."),
    ("The festival is July 18–20, 2025.", "The festival is July eighteenth to twentieth, twenty twenty-five."),
    ("Nov. 28-Dec. 2 or 6/3–6/10", "November twenty-eighth to December second or June third to June tenth"),
    ("Due on 3/4 and 3/11", "Due on March fourth and March eleventh"),
    ("Dec. 24 & 31.", "December twenty-fourth and thirty-first."),
    ("At 0600 hours, or 1700 UTC.", "At oh six hundred hours, or seventeen hundred UTC."),
    (
        "It took 1m 23s, and 2:06.12 before.",
        "It took one minute twenty-three seconds, and two oh six point one two before.",
    ),
    ("Her PB is 2:14:04.", "Her PB is two hours, fourteen minutes and four seconds."),
    ("Your table is booked for 7:30.", "Your table is booked for seven thirty."),
    ("Hold for 90s, rest 30s.", "Hold for ninety seconds, rest thirty seconds."),
    (
        "It costs $1.2–$1.5 billion, or 2/$5.",
        "It costs one point two to one point five billion dollars, or two for five dollars.",
    ),
    (
        "A $7.50 fee, four $20 bills, and 50p.",
        "A seven dollar and fifty cent fee, four twenty dollar bills, and fifty pence.",
    ),
    (
        "Earn 2 pts/$1 at $0.002/1K tokens.",
        "Earn two points per dollar at zero point zero zero two dollars per one thousand tokens.",
    ),
    (
        "The rug is 5' x 8', the shelf 36\"W x 12\"D.",
        "The rug is five feet by eight feet, the shelf thirty-six inches wide by twelve inches deep.",
    ),
    (
        'Two 8" rounds, and rows 18–24" apart.',
        "Two eight inch rounds, and rows eighteen to twenty-four inches apart.",
    ),
    (
        "Use 2x4s, a 9x13-inch pan and 12 fl oz cans.",
        "Use two by fours, a nine by thirteen inch pan and twelve fluid ounce cans.",
    ),
    (
        "It fits 225/45R17 tires and takes 5W-30.",
        "It fits two twenty-five forty-five R seventeen tires and takes five W thirty.",
    ),
    (
        "A 2700K bulb with a 12V, 7Ah battery",
        "A two thousand seven hundred kelvin bulb with a twelve volts, seven amp hour battery",
    ),
    (
        "NW wind at 10 mph; feels like 102F.",
        "northwest wind at ten miles per hour; feels like one hundred and two degrees Fahrenheit.",
    ),
    ("Take 5 mL q4–6h PRN.", "Take five milliliters every four to six hours as needed."),
    ("Mix at a 1:10 ratio; odds of 4:1.", "Mix at a one to ten ratio; odds of four to one."),
    (
        "Done: 3/5 tasks, step 3/7, a solid 8/10.",
        "Done: three out of five tasks, step three of seven, a solid eight out of ten.",
    ),
    (
        "It's a 16:8 fast; he finished in 45:30.",
        "It's a sixteen to eight fast; he finished in forty-five minutes and thirty seconds.",
    ),
    ("The slope is (y2 - y1)/(x2 - x1).", "The slope is (y two minus y one), all over (x two minus x one)."),
    (
        "So (72 − 32) × 5/9 = 22.2.",
        "So (seventy-two minus thirty-two) times five ninths equals twenty-two point two.",
    ),
    ("If x/2 = 4, then |x| = 8.", "If x over two equals four, then the absolute value of x equals eight."),
    ("The angle is 3π/4.", "The angle is three pi over four."),
    ("Speed = distance/time.", "Speed equals distance over time."),
    ("¹⁴C decays.", "fourteen C decays."),
    ("It's in A♭ major, 6/8 time, Op. 9.", "It's in A flat major, six eight time, opus nine."),
    (
        "VO2 max of 52 mL/kg/min; 20 reps/set; 5:30/km.",
        "VO two max of fifty-two milliliters per kilogram per minute; twenty reps per set; five thirty per kilometer.",
    ),
    ("Rule 10b-5, Table 2-1, Room 12B.", "Rule ten b five, Table two one, Room twelve B."),
    ("It starts with 3f2b.", "It starts with three f two b."),
    ("Dial *67, then press 4321#.", "Dial star six seven, then press four three two one pound."),
    ("Your case # is 7.", "Your case number is seven."),
    ("Napoleon I died in 1821.", "Napoleon the first died in eighteen twenty-one."),
    (
        "The store is open Tue–Sun, M–F from 9, closed Mon.",
        "The store is open Tuesday to Sunday, Monday to Friday from nine, closed Monday.",
    ),
    ("He's batting .312 for the 49ers.", "He's batting three twelve for the forty-niners."),
    ("She got a B- in art; her blood type is O−.", "She got a B minus in art; her blood type is O negative."),
    (
        "A 165-lb. man earns $18.50/hr. for 40 hrs./wk.",
        (
            "A one hundred and sixty-five pound man earns eighteen dollars and fifty cents per hour for forty hours "
            "per week."
        ),
    ),
    (
        "Ch. 4–6 (pp. 88–132), min. 9, exp. 4/30",
        (
            "chapters four to six (pages eighty-eight to one hundred and thirty-two), minimum nine, expires April "
            "thirtieth"
        ),
    ),
    (
        "Flight UA 1175 (DFW–SEA), S02E10, 54 y/o",
        "Flight UA one one seven five (DFW to SEA), season two episode ten, fifty-four year old",
    ),
    (
        "256 GB/$999, 230 V/50 Hz, f/2.8",
        (
            "two hundred and fifty-six gigabytes, nine hundred and ninety-nine dollars, two hundred and thirty volts, "
            "fifty hertz, f two point eight"
        ),
    ),
    ("It is 1 in = 2.54 cm.", "It is one inch equals two point five four centimeters."),
    ("go 1.2 mi, or 500+ mi.", "go one point two miles, or five hundred plus miles."),
    ("It hits your account in 3-5 business days.", "It hits your account in three to five business days."),
    (
        "rent of $3/sq. ft. per month, or $3/sq ft",
        "rent of three dollars per square foot per month, or three dollars per square foot",
    ),
    ("Dial 911 in the US or 999 in the UK.", "Dial nine one one in the US or nine nine nine in the UK."),
    ("Ring NHS 111 instead.", "Ring NHS one one one instead."),
    (
        "I paid 999 of it, and my fever is 101.5°F.",
        "I paid nine hundred and ninety-nine of it, and my fever is one hundred and one point five degrees Fahrenheit.",
    ),
    ("They need a GPA ≥ 3.5.", "They need a GPA greater than or equal to three point five."),
    ("If BMI ≥ 30, ask.", "If BMI is greater than or equal to thirty, ask."),
    ("A BMI > 30 is too high.", "A BMI greater than thirty is too high."),
    ("I use a 1:16 coffee-to-water ratio.", "I use a one to sixteen coffee-to-water ratio."),
    ("I ran my last 5K in May.", "I ran my last five K in May."),
    ("A 503 usually means overload.", "A five oh three usually means overload."),
    ("for grades K–2", "for grades K to two"),
    ("before Elizabeth I took the throne", "before Elizabeth the first took the throne"),
    ("It melts above 825 °C drives.", "It melts above eight hundred and twenty-five degrees Celsius drives."),
    (
        "When Elizabeth I took over, I told James I was in.",
        "When Elizabeth the first took over, I told James I was in.",
    ),
    ("Live at 12 PM ET (9 a.m. PT).", "Live at twelve PM Eastern Time (nine a.m. Pacific Time)."),
    ("AT&T sells M&Ms and BB&T does R&D.", "A T and T sells M and Ms and B B and T does R and D."),
    (
        "The apartment is 900 sq. ft. and 1,100 sq ft more.",
        "The apartment is nine hundred square feet and one thousand one hundred square feet more.",
    ),
    (
        "1/4 cup of oil, 1/8 tsp salt and 3/4 cup of rice",
        "one quarter cup of oil, one eighth teaspoon salt and three quarters of a cup of rice",
    ),
    ("Her book hit #1, so hit #2 on the phone.", "Her book hit number one, so hit pound two on the phone."),
    ("Eggs (12 ct) are here.", "Eggs (twelve count) are here."),
    ("It is open Mon.–Thurs. 9–5.", "It is open Monday to Thursday nine to five."),
    (
        "x = 3, as 4 × 3 × 2 is 24, and so is 4 × 3 × 2 cm.",
        "x equals three, as four times three times two is twenty-four, and so is four by three by two centimeters.",
    ),
    (
        'A ⅜" bit, four 2½" screws and a board 1 3/4" wide.',
        "A three eighths inch bit, four two and a half inch screws and a board one and three quarters inches wide.",
    ),
    ("A 2BR/2BA unit beside the 3BR one.", "A two bedroom, two bath unit beside the three bedroom one."),
    ("I get a 503 instead of a 404 page.", "I get a five oh three instead of a four oh four page."),
    (
        "Children ≥ 12 pay if orders > $50.",
        "Children greater than or equal to twelve pay if orders are greater than fifty dollars.",
    ),
    (
        "Zones 5b–9a, 0W-20 oil, any 1099s and a 1095-A.",
        "Zones five b to nine a, zero W twenty oil, any ten ninety-nines and a ten ninety-five A.",
    ),
    (
        "3M™ tape for 3M users, and 10 rows x 5 columns.",
        "three M tape for three million users, and ten rows by five columns.",
    ),
    ("Select C2:C50 now.", "Select C two to C fifty now."),
    ("a 200 °C oven and 5√3", "a two hundred degree Celsius oven and five root three"),
]


@pytest.mark.parametrize(("text", "spoken"), LINES)
def test_a_chatbots_english_is_read_as_a_newsreader_would(text, spoken):
    assert folded(say(text, "en"), "en") == folded(spoken, "en")


@pytest.mark.parametrize(
    "text",
    [
        "Tell John I was late, and press on.",
        "The type is text/html, and the path /opt/ml/model.",
        "A comment begins with # in Python.",
        "OK, me too: hi, or so.",
        "Jane Smith, MD, is in.",
    ],
)
def test_prose_and_paths_stay_as_they_are(text):
    assert not any(
        word in say(text, "en") for word in ("first", "Oregon", "Maine", "number", "Maryland", "per ", "pound")
    )
