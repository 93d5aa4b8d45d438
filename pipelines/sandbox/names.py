"""What fake people are called: names in many scripts, invented at random, of no one.

Every entry is rare enough in plain text that finding one in a log means that a person was logged.
"""

# ruff: noqa: RUF001 - names are meant to be awkward

FIRST_NAMES = (
    "Aoifetta", "Zbigniewa", "Ngozichi", "Øyvindar", "Tamsinelle", "Rafaeletto", "Xochiquel", "Ysoldine",
    "Kwabenor", "Lucíanna", "Joséphinette", "Zoëlynn", "Đặngphúc", "Nguyệtánh", "Þorgerðr", "Łucjanna",
    "Çağlayanur", "Iñakito", "Šarkanka", "Ædelwynne", "D'Quavion", "Mary-Josephina", "O’Sheanna", "Ka‘imiloa",
    "Jo\u0301sefina", "Zoe\u0308linde", "A\u030angstromia", "Анфисушка", "Святозарий", "Ярославушка",
    "Ξενοφωντία", "Αριστόδημος", "فاطمةالزهراء", "عبدالرحمانو", "رنديمونة", "שושנהלה", "יהונתנאל", "अनन्यालता",
    "प्रद्युम्निका", "தமிழ்ச்செல்வி", "ਗੁਰਪ੍ਰੀਤਮ", "สมหญิงศรี", "ศุภลักษณา", "አበበችዬ", "陽翔太郎", "美咲乃里",
    "さくらんこ", "タケシロウ", "子轩明月", "欣怡如画", "민서하늘", "지우별빛", "თამარიკო", "Հայկանուշ",
    "Robert'); --ette", 'Will "Skip" Jr', "Back\\slashia", "Tab\u00a0byth", "Emoj😀line", "Starla🌟",
    "Fam👩‍👧‍👦ilia", "Ze\u200bronica", "Null-Anne", "Truelove-Nan", "Percy%20val", "<b>Boldina",
    "Semi;Colonia", "Comma,Lita",
)  # fmt: skip
"""Given names; some with quotes, emoji, combining marks, markup, an invisible space."""

MIDDLE_NAMES = (
    "Quillonia", "Ravenspur", "Tadeuszek", "Umbertine", "Vasilikos", "de la Estrellita", "van ’t Hoogje",
    "Émiliette", "Петровнушка", "مصطفوية", "小明月光", "하람이슬", "Ng\u0323o\u0302cbi", "🎈Ballonia",
)  # fmt: skip
"""Middle names, whole words (an initial would be found in any text)."""

LAST_NAMES = (
    "Okonkwolade", "O'Shaughnessey-Vale", "Müllerschön", "Gårdstrømsen", "Wojciechówna", "Fernández-Quirogal",
    "Núñezcaballo", "Bjarnadóttirson", "Çelikbaşoğlu", "Nguyễnthịlan", "Trầnvănmộc", "MacGillivrayne",
    "D’Angelettino", "St. Johnsworthy", "Van der Bloomenveld", 'Smythe "Smitty"', "Łąkowiczka", "Ștefănescuța",
    "Dvořákovská", "Gonza\u0301lezito", "Bru\u0308ckenau", "Кузнецовских", "Шевченківна", "Παπαδοπουλάκης",
    "الحسينيالي", "الرشيديات", "בןגוריונה", "כהןצדקיה", "चतुर्वेदीका", "மகாலிங்கமணி", "ਸੰਧੂਵਾਲਾ", "วงศ์สุวรรณา",
    "ገብረማርያምዬ", "藤原之助", "佐々木原", "欧阳清风", "司马长空", "남궁하늘", "독고바람", "ბერიძეშვილი",
    "Տեր-Պետրոսյանց", "Quetzalcóatlan", "Half\\Moonson", "Tabbed\tworth", "Newline\nham", "Rocket🚀field",
    "Rainbow🌈sson", "Undefinedson", "Nil-Hartley", "100%worthy", "Amper&sandley", "Slash/burne",
    "Zalgo\u0338\u0335feld", "Wide\u3000Spacey", "Throckmortonia", "Featherstonehaughley", "Umezurikeze",
    "Baxterwhistle", "Quackenbushel", "Yellowhammerly", "Abdulrahmanov",
)  # fmt: skip
"""Family names."""

HANDLES = (
    "ookonk", "gardstro", "wojciech", "celikbas", "ferquiro", "bjarnado", "macgilli", "quackenb", "yhammer",
    "umezurik", "thrkmort", "bloomenv", "stefanes", "dvorakov", "shevchen", "papadopu", "rashidiy", "chaturve",
    "fujiwara", "namgungh",
)  # fmt: skip
"""Beginnings of e-mail addresses and user names."""

TOWNS = (
    "Maplewood Hollow", "Elk Prairie", "Saint Ormond", "Nuevo Alameda", "Gravel Bend", "Lac du Héron",
    "Tumbleweed Flats", "Otter Crossing", "Kāʻanapa", "North Quillayute", "Marrowbone", "Big Tamarack",
)  # fmt: skip
"""Names of districts and of the towns in them."""

SCHOOL_KINDS = ("Elementary", "Middle", "High", "K-8", "Academy")
"""Ends of school names."""

STREETS = ("Alder Way", "Juniper Ct", "Old Mill Rd", "Calle Ocotillo", "7th St NE", "Rue de l'Église")
"""Street names."""

TITLES = ("Teacher of Record", "Co-Teacher", "Substitute", "Dept. Chair", "Maître de musique", "先生", "")
"""Titles of teachers; an empty one is passed through as the source has it."""

STAFF_TITLES = ("Principal", "Registrar", "Nurse", "Tech Lead", "Counsellor", "")
"""Titles of staff."""
