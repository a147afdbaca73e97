"""The commonest words, folded, of the languages a feed may hold; words of one language only weigh more."""

import re

_WORDS = {
    "fr": """
        le la les l un une des de du d et a au aux en dans sur pour par avec sans est sont etait ont ete il
        elle ils elles on nous vous je tu ce cet cette ces c qui que qu quoi dont ou ne n pas plus se s sa
        son ses leur leurs mais comme si y tout tous meme aussi bien peut fait etre avoir deux apres avant
        entre chez donc car tres moins encore deja puis selon lui eux notre nos votre vos mon ma mes
    """,
    "en": """
        the a an of to and in on at for from by with without is are was were be been being has have had it
        its he she they we you i this that these those which who what when where how not no or but as if so
        than then there their them his her our your my can could will would should may might one all more
        most some any into over about after before between just also only very much said says
    """,
    "es": """
        el la los las un una unos unas de del y a al en por para con sin es son era fue ha han que quien
        como pero mas no si se su sus lo le les este esta estos estas ese esa eso muy ya tambien entre sobre
        cuando donde hay ser
    """,
    "pt": """
        o a os as um uma de do da dos das e em no na nos nas por para com sem e sao era foi que quem como
        mas mais nao se seu sua ao aos pelo pela este esta isso muito ja tambem entre sobre quando ser tem
        ha
    """,
    "it": """
        il lo la i gli le un uno una di del della dei delle dello e a al alla in nel nella per con senza e
        sono era ha hanno che chi come ma piu non si suo sua questo questa anche tra su quando dove essere
        da dal dalla
    """,
    "de": """
        der die das den dem des ein eine einen einem einer und in im an auf fur von zu zum zur mit ohne ist
        sind war waren hat haben es er sie wir ihr ich dieser diese dieses nicht kein oder aber als wie wenn
        dass auch nur noch bei nach uber aus so sich werden wird
    """,
    "nl": """
        de het een van en in op aan voor met zonder is zijn was waren heeft hebben er hij zij we je ik dit
        dat deze die niet geen of maar als hoe ook nog bij naar over uit zo zich worden wordt om te door
    """,
}


def _weighted() -> dict[str, dict[str, float]]:
    lists = {language: words.split() for language, words in _WORDS.items()}
    shared: dict[str, int] = {}
    for words in lists.values():
        for word in set(words):
            shared[word] = shared.get(word, 0) + 1
    return {language: {word: 1.0 / shared[word] for word in words} for language, words in lists.items()}


STOP_WORDS = _weighted()

LETTERS = {
    language: re.compile(f"[{letters}]", re.IGNORECASE)
    for language, letters in (
        ("fr", "éèêëàâçùûîïôœ’"),
        ("en", "w"),
        ("es", "ñáíóú¿¡é"),
        ("pt", "ãõçáâêóú"),
        ("it", "àèìòù"),
        ("de", "äöüß"),
        ("nl", "ëï"),
    )
}
"""Letters that each language has and most of the others have not."""

GROUPS = {
    language: re.compile(groups)
    for language, groups in (
        ("fr", r"ou|eu|eau|oi|aux?\b|ill|qu|es\b|er\b|ent\b|ines?\b|eurs?\b|ique"),
        ("en", r"th|wh|sh|ck|ing\b|ly\b|ed\b|oo|ee|ow|ght|tion\b"),
        ("es", r"cion|dad\b|os\b|as\b|rr|ie|ue|an\b|ado\b|ada\b|ito\b"),
        ("pt", r"cao|coes|nh|lh|ado\b|ada\b|os\b|as\b|em\b|ei"),
        ("it", r"zz|gli|cch|zion|tto\b|tta\b|are\b|ato\b|ino\b|chi|ell"),
        ("de", r"sch|ch|ei|ung|en\b|er\b|ck|tz|st"),
        ("nl", r"ij|oe|aa|ee|oo|sch|en\b|uu|gh?t\b"),
    )
}
"""Groups of letters, in folded text, that each language is full of."""

SCRIPTS = tuple(
    (language, re.compile(f"[{letters}]"))
    for language, letters in (
        ("ja", "\u3040-\u30ff"),
        ("ko", "\uac00-\ud7af\u1100-\u11ff"),
        ("zh", "\u4e00-\u9fff"),
        ("ru", "\u0400-\u04ff"),
        ("el", "\u0370-\u03ff"),
        ("ar", "\u0600-\u06ff"),
        ("he", "\u0590-\u05ff"),
        ("hi", "\u0900-\u097f"),
        ("th", "\u0e00-\u0e7f"),
        ("iu", "\u1400-\u167f"),
    )
)
"""Languages by script, where one script means one language here; Japanese before Chinese, for it uses both."""
