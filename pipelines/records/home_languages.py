"""The languages that Clever documents for the home of a student, with the part of ISO 639 that has their code.

Codes and names are the two lists of documented values in Clever's OpenAPI file of API v3.1 (`home_language_code` and
`home_language` of `Student`), 152 of each. The file does not pair them. The pairs here are our judgment: 118 names are those
that pycountry 26.2.16 has for the codes, and the other 34 were paired manually. Three of these do not mean the same in ISO 639:

- `nob`, paired with "Norwegian", is only Bokmål.
- `kur`, paired with "Kurdish (Kurmanji)", is all of Kurdish.
- `cpp`, paired with "Cabo Verdean", is every creole and pidgin based on Portuguese.

Of the 152 codes, 139 are individual languages or macrolanguages of ISO 639-2, always by the terminological code (`deu`, not
`ger`). The other 13 are not:

- `ckb`, `cmn`, `dgo`, `ikt`, `knn`, `kri`, `otq`, `prs`, `yua`, and `yue` are only in ISO 639-3.
- `kar` and `cpp` are groups of languages. ISO 639-2 has them, ISO 639-3 does not.
- `other` is no code of ISO 639.

Parts and scopes were checked against the code tables of ISO 639-3 and ISO 639-5 in pycountry 26.2.16 and python-iso639.
"""

from dataclasses import astuple, dataclass
from typing import Final, Literal

from pipelines.records.declare import Lookup, LookupColumn


@dataclass(frozen=True, slots=True)
class Language:
    """One home language."""

    code: str
    """Clever's code, the value of `home_language_code`."""
    name: str
    """Clever's name, the value of `home_language`."""
    iso_part: Literal["639-2", "639-3", "none"]
    """The first part of ISO 639 that has the code. Every individual language of ISO 639-2 is in ISO 639-3, too."""
    scope: Literal["individual", "macrolanguage", "collective", "none"]
    """Whether ISO 639 counts the code as one language, as several closely related ones, or as a group of languages."""


HOME_LANGUAGES: Final = (
    Language("afr", "Afrikaans", "639-2", "individual"),
    Language("amh", "Amharic", "639-2", "individual"),
    Language("ara", "Arabic", "639-2", "macrolanguage"),
    Language("asm", "Assamese", "639-2", "individual"),
    Language("aym", "Aymara", "639-2", "macrolanguage"),
    Language("aze", "Azerbaijani", "639-2", "macrolanguage"),
    Language("bak", "Bashkir", "639-2", "individual"),
    Language("bam", "Bambara", "639-2", "individual"),
    Language("bel", "Belarusian", "639-2", "individual"),
    Language("ben", "Bengali", "639-2", "individual"),
    Language("bho", "Bhojpuri", "639-2", "individual"),
    Language("bod", "Tibetan", "639-2", "individual"),
    Language("bos", "Bosnian", "639-2", "individual"),
    Language("bul", "Bulgarian", "639-2", "individual"),
    Language("cat", "Catalan", "639-2", "individual"),
    Language("ceb", "Cebuano", "639-2", "individual"),
    Language("ces", "Czech", "639-2", "individual"),
    Language("chk", "Chuukese", "639-2", "individual"),
    Language("ckb", "Kurdish (Sorani)", "639-3", "individual"),
    Language("cmn", "Mandarin", "639-3", "individual"),
    Language("cos", "Corsican", "639-2", "individual"),
    Language("cpp", "Cabo Verdean", "639-2", "collective"),
    Language("cym", "Welsh", "639-2", "individual"),
    Language("dan", "Danish", "639-2", "individual"),
    Language("deu", "German", "639-2", "individual"),
    Language("dgo", "Dogri", "639-3", "individual"),
    Language("div", "Divehi", "639-2", "individual"),
    Language("dsb", "Lower Sorbian", "639-2", "individual"),
    Language("ell", "Greek", "639-2", "individual"),
    Language("eng", "English", "639-2", "individual"),
    Language("est", "Estonian", "639-2", "macrolanguage"),
    Language("eus", "Basque", "639-2", "individual"),
    Language("ewe", "Ewe", "639-2", "individual"),
    Language("fao", "Faroese", "639-2", "individual"),
    Language("fas", "Farsi", "639-2", "macrolanguage"),
    Language("fij", "Fijian", "639-2", "individual"),
    Language("fil", "Filipino", "639-2", "individual"),
    Language("fin", "Finnish", "639-2", "individual"),
    Language("fra", "French", "639-2", "individual"),
    Language("fry", "Frisian", "639-2", "individual"),
    Language("gla", "Scots Gaelic", "639-2", "individual"),
    Language("gle", "Irish", "639-2", "individual"),
    Language("glg", "Galician", "639-2", "individual"),
    Language("grn", "Guarani", "639-2", "macrolanguage"),
    Language("guj", "Gujarati", "639-2", "individual"),
    Language("hat", "Haitian Creole", "639-2", "individual"),
    Language("hau", "Hausa", "639-2", "individual"),
    Language("haw", "Hawaiian", "639-2", "individual"),
    Language("heb", "Hebrew", "639-2", "individual"),
    Language("hin", "Hindi", "639-2", "individual"),
    Language("hmn", "Hmong", "639-2", "macrolanguage"),
    Language("hrv", "Croatian", "639-2", "individual"),
    Language("hsb", "Upper Sorbian", "639-2", "individual"),
    Language("hun", "Hungarian", "639-2", "individual"),
    Language("hye", "Armenian", "639-2", "individual"),
    Language("ibo", "Igbo", "639-2", "individual"),
    Language("ikt", "Inuinnaqtun", "639-3", "individual"),
    Language("iku", "Inuktitut", "639-2", "macrolanguage"),
    Language("ilo", "Ilocano", "639-2", "individual"),
    Language("ind", "Indonesian", "639-2", "individual"),
    Language("isl", "Icelandic", "639-2", "individual"),
    Language("ita", "Italian", "639-2", "individual"),
    Language("jav", "Javanese", "639-2", "individual"),
    Language("jpn", "Japanese", "639-2", "individual"),
    Language("kan", "Kannada", "639-2", "individual"),
    Language("kar", "Karen", "639-2", "collective"),
    Language("kat", "Georgian", "639-2", "individual"),
    Language("kaz", "Kazakh", "639-2", "individual"),
    Language("khm", "Khmer", "639-2", "individual"),
    Language("kin", "Kinyarwanda", "639-2", "individual"),
    Language("kir", "Kyrgyz", "639-2", "individual"),
    Language("knn", "Konkani", "639-3", "individual"),
    Language("kor", "Korean", "639-2", "individual"),
    Language("kri", "Krio", "639-3", "individual"),
    Language("kur", "Kurdish (Kurmanji)", "639-2", "macrolanguage"),
    Language("lao", "Laotian", "639-2", "individual"),
    Language("lav", "Latvian", "639-2", "macrolanguage"),
    Language("lin", "Lingala", "639-2", "individual"),
    Language("lit", "Lithuanian", "639-2", "individual"),
    Language("ltz", "Luxembourgish", "639-2", "individual"),
    Language("lug", "Luganda", "639-2", "individual"),
    Language("lus", "Mizo", "639-2", "individual"),
    Language("mah", "Marshallese", "639-2", "individual"),
    Language("mai", "Maithili", "639-2", "individual"),
    Language("mal", "Malayalam", "639-2", "individual"),
    Language("mar", "Marathi", "639-2", "individual"),
    Language("mkd", "Macedonian", "639-2", "individual"),
    Language("mlg", "Malagasy", "639-2", "macrolanguage"),
    Language("mlt", "Maltese", "639-2", "individual"),
    Language("mni", "Manipuri", "639-2", "individual"),
    Language("mon", "Mongolian", "639-2", "macrolanguage"),
    Language("mri", "Maori", "639-2", "individual"),
    Language("msa", "Malay", "639-2", "macrolanguage"),
    Language("mya", "Burmese", "639-2", "individual"),
    Language("nep", "Nepali", "639-2", "macrolanguage"),
    Language("nld", "Dutch", "639-2", "individual"),
    Language("nob", "Norwegian", "639-2", "individual"),
    Language("nso", "Northern Sotho", "639-2", "individual"),
    Language("nya", "Chichewa", "639-2", "individual"),
    Language("ori", "Odia", "639-2", "macrolanguage"),
    Language("orm", "Oromo", "639-2", "macrolanguage"),
    Language("other", "Other", "none", "none"),
    Language("otq", "Queretaro Otomi", "639-3", "individual"),
    Language("pan", "Punjabi", "639-2", "individual"),
    Language("pol", "Polish", "639-2", "individual"),
    Language("por", "Portuguese", "639-2", "individual"),
    Language("prs", "Dari", "639-3", "individual"),
    Language("pus", "Pashto", "639-2", "macrolanguage"),
    Language("que", "Quechua", "639-2", "macrolanguage"),
    Language("ron", "Romanian", "639-2", "individual"),
    Language("run", "Kirundi", "639-2", "individual"),
    Language("rus", "Russian", "639-2", "individual"),
    Language("sin", "Sinhala", "639-2", "individual"),
    Language("slk", "Slovak", "639-2", "individual"),
    Language("slv", "Slovenian", "639-2", "individual"),
    Language("smo", "Samoan", "639-2", "individual"),
    Language("sna", "Shona", "639-2", "individual"),
    Language("snd", "Sindhi", "639-2", "individual"),
    Language("som", "Somali", "639-2", "individual"),
    Language("sot", "Sesotho", "639-2", "individual"),
    Language("spa", "Spanish", "639-2", "individual"),
    Language("sqi", "Albanian", "639-2", "macrolanguage"),
    Language("srp", "Serbian", "639-2", "individual"),
    Language("sun", "Sundanese", "639-2", "individual"),
    Language("swa", "Swahili", "639-2", "macrolanguage"),
    Language("swe", "Swedish", "639-2", "individual"),
    Language("tah", "Tahitian", "639-2", "individual"),
    Language("tam", "Tamil", "639-2", "individual"),
    Language("tat", "Tatar", "639-2", "individual"),
    Language("tel", "Telugu", "639-2", "individual"),
    Language("tgk", "Tajik", "639-2", "individual"),
    Language("tgl", "Tagalog", "639-2", "individual"),
    Language("tha", "Thai", "639-2", "individual"),
    Language("tir", "Tigrinya", "639-2", "individual"),
    Language("ton", "Tongan", "639-2", "individual"),
    Language("tsn", "Setswana", "639-2", "individual"),
    Language("tso", "Tsonga", "639-2", "individual"),
    Language("tuk", "Turkmen", "639-2", "individual"),
    Language("tur", "Turkish", "639-2", "individual"),
    Language("twi", "Twi", "639-2", "individual"),
    Language("uig", "Uyghur", "639-2", "individual"),
    Language("ukr", "Ukrainian", "639-2", "individual"),
    Language("urd", "Urdu", "639-2", "individual"),
    Language("uzb", "Uzbek", "639-2", "macrolanguage"),
    Language("vie", "Vietnamese", "639-2", "individual"),
    Language("xho", "Xhosa", "639-2", "individual"),
    Language("yid", "Yiddish", "639-2", "macrolanguage"),
    Language("yor", "Yoruba", "639-2", "individual"),
    Language("yua", "Yucatec Maya", "639-3", "individual"),
    Language("yue", "Cantonese", "639-3", "individual"),
    Language("zho", "Chinese", "639-2", "macrolanguage"),
    Language("zul", "Zulu", "639-2", "individual"),
)

HOME_LANGUAGE_LOOKUP: Final = Lookup(
    "home_languages",
    "One row per home language that Clever documents, by code. Clever does not pair codes with names: the pairs are our judgment.",
    columns=(
        LookupColumn("code", "Clever's code, the value of home_language_code in students."),
        LookupColumn("name", "Clever's name, the value of home_language in students."),
        LookupColumn("iso_part", "The first part of ISO 639 that has the code: 639-2 or 639-3; none for other."),
        LookupColumn(
            "scope",
            "What ISO 639 counts the code as: individual (one language), macrolanguage (several closely related ones), collective "
            "(a group of languages), or none.",
        ),
    ),
    rows=tuple(astuple(language) for language in HOME_LANGUAGES),
)
