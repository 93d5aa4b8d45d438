"""Home languages of students: the 152 names and codes of Clever API v3.1 (spec v3.1.yml: Student).

The spec lists names and codes separately. The pairs here are those of ISO 639-3, as far as the listed codes allow.
"""

LANGUAGES = (
    ("Afrikaans", "afr"), ("Albanian", "sqi"), ("Amharic", "amh"), ("Arabic", "ara"), ("Armenian", "hye"),
    ("Assamese", "asm"), ("Aymara", "aym"), ("Azerbaijani", "aze"), ("Bambara", "bam"), ("Bashkir", "bak"),
    ("Basque", "eus"), ("Belarusian", "bel"), ("Bengali", "ben"), ("Bhojpuri", "bho"), ("Bosnian", "bos"),
    ("Bulgarian", "bul"), ("Burmese", "mya"), ("Cabo Verdean", "cpp"), ("Cantonese", "yue"), ("Catalan", "cat"),
    ("Cebuano", "ceb"), ("Chichewa", "nya"), ("Chinese", "zho"), ("Chuukese", "chk"), ("Corsican", "cos"),
    ("Croatian", "hrv"), ("Czech", "ces"), ("Danish", "dan"), ("Dari", "prs"), ("Divehi", "div"),
    ("Dogri", "dgo"), ("Dutch", "nld"), ("English", "eng"), ("Estonian", "est"), ("Ewe", "ewe"),
    ("Faroese", "fao"), ("Farsi", "fas"), ("Fijian", "fij"), ("Filipino", "fil"), ("Finnish", "fin"),
    ("French", "fra"), ("Frisian", "fry"), ("Galician", "glg"), ("Georgian", "kat"), ("German", "deu"),
    ("Greek", "ell"), ("Guarani", "grn"), ("Gujarati", "guj"), ("Haitian Creole", "hat"), ("Hausa", "hau"),
    ("Hawaiian", "haw"), ("Hebrew", "heb"), ("Hindi", "hin"), ("Hmong", "hmn"), ("Hungarian", "hun"),
    ("Icelandic", "isl"), ("Igbo", "ibo"), ("Ilocano", "ilo"), ("Indonesian", "ind"), ("Inuinnaqtun", "ikt"),
    ("Inuktitut", "iku"), ("Irish", "gle"), ("Italian", "ita"), ("Japanese", "jpn"), ("Javanese", "jav"),
    ("Kannada", "kan"), ("Karen", "kar"), ("Kazakh", "kaz"), ("Khmer", "khm"), ("Kinyarwanda", "kin"),
    ("Kirundi", "run"), ("Konkani", "knn"), ("Korean", "kor"), ("Krio", "kri"), ("Kurdish (Kurmanji)", "kur"),
    ("Kurdish (Sorani)", "ckb"), ("Kyrgyz", "kir"), ("Laotian", "lao"), ("Latvian", "lav"), ("Lingala", "lin"),
    ("Lithuanian", "lit"), ("Lower Sorbian", "dsb"), ("Luganda", "lug"), ("Luxembourgish", "ltz"),
    ("Macedonian", "mkd"), ("Maithili", "mai"), ("Malagasy", "mlg"), ("Malay", "msa"), ("Malayalam", "mal"),
    ("Maltese", "mlt"), ("Mandarin", "cmn"), ("Manipuri", "mni"), ("Maori", "mri"), ("Marathi", "mar"),
    ("Marshallese", "mah"), ("Mizo", "lus"), ("Mongolian", "mon"), ("Nepali", "nep"), ("Northern Sotho", "nso"),
    ("Norwegian", "nob"), ("Odia", "ori"), ("Oromo", "orm"), ("Other", "other"), ("Pashto", "pus"),
    ("Polish", "pol"), ("Portuguese", "por"), ("Punjabi", "pan"), ("Quechua", "que"), ("Queretaro Otomi", "otq"),
    ("Romanian", "ron"), ("Russian", "rus"), ("Samoan", "smo"), ("Scots Gaelic", "gla"), ("Serbian", "srp"),
    ("Sesotho", "sot"), ("Setswana", "tsn"), ("Shona", "sna"), ("Sindhi", "snd"), ("Sinhala", "sin"),
    ("Slovak", "slk"), ("Slovenian", "slv"), ("Somali", "som"), ("Spanish", "spa"), ("Sundanese", "sun"),
    ("Swahili", "swa"), ("Swedish", "swe"), ("Tagalog", "tgl"), ("Tahitian", "tah"), ("Tajik", "tgk"),
    ("Tamil", "tam"), ("Tatar", "tat"), ("Telugu", "tel"), ("Thai", "tha"), ("Tibetan", "bod"),
    ("Tigrinya", "tir"), ("Tongan", "ton"), ("Tsonga", "tso"), ("Turkish", "tur"), ("Turkmen", "tuk"),
    ("Twi", "twi"), ("Ukrainian", "ukr"), ("Upper Sorbian", "hsb"), ("Urdu", "urd"), ("Uyghur", "uig"),
    ("Uzbek", "uzb"), ("Vietnamese", "vie"), ("Welsh", "cym"), ("Xhosa", "xho"), ("Yiddish", "yid"),
    ("Yoruba", "yor"), ("Yucatec Maya", "yua"), ("Zulu", "zul"),
)  # fmt: skip
"""Name and code of each language."""
