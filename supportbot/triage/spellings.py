"""How German, French, Spanish and Italian words are also written: without accents or apostrophes, and as they are spoken.

Who types without accents writes the same word, so each is read as the word it is; where the bare letters are a word of
their own (Spanish "si", French "a", German "mochte") it stays what it is. What a noun of a title is called besides belongs
here as well.
"""

import unicodedata
from collections.abc import Mapping

_FEWEST_HEAD_LETTERS = 3  # of the last part of a German compound: "lampe" of "Leselampe"
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})

_GERMAN = """
für grüsse grüssen gruss möchte möchten können könnt könnte könnten dürfen dürft würde würden zurück natürlich
selbstverständlich bestätige bestätigen bestätigt bestätigung erklären schön schöne schönen schönes schöner gefällt
größe nächste nächsten nächster müssen müsst rückerstattung rücksendung rückzahlung zurückgeben zurückschicken
zurücksenden zurückgeschickt päckchen über übers übrigens überhaupt übernehme tschüss verständnis missverständnis
verspätung früh früher völlig hätte hätten wäre zunächst frühestens spät späte später gehört ändern mühe bemühungen
rückmeldung für's fürs einwände ermächtige bevollmächtige käufer verkäufer händler lösung grüss frau stühle bücher tür
tasche küche fröhliche schönste wünsche wünschen wünscht beträge geprüft geöffnet öffnen höchstens künftig möglich
unmöglich unverändert zusätzlich gebühr gebühren vollständig ungültig gültig
"""
_GERMAN_SPOKEN = {
    "behalt": "behalte",
    "behalts": "behalte es",
    "behalt's": "behalte es",
    "behalte's": "behalte es",
    "nehm": "nehme",
    "nehms": "nehme es",
    "nehm's": "nehme es",
    "zahl": "zahle",
    "zahl's": "zahle es",
    "zahls": "zahle es",
    "bezahl": "bezahle",
    "akzeptier": "akzeptiere",
    "bestätig": "bestätige",
    "möcht": "möchte",
    "möcht's": "möchte es",
    "würd": "würde",
    "werd": "werde",
    "wär": "wäre",
    "hätt": "hätte",
    "hab": "habe",
    "hab's": "habe es",
    "habs": "habe es",
    "ham": "haben",
    "schick": "schicke",
    "gebs": "gebe es",
    "buchts": "bucht es",
    "buch's": "buche es",
    "könnts": "könnt",
    "dürfts": "dürft",
    "kannste": "kannst du",
    "is": "ist",
    "isses": "ist es",
    "ists": "ist es",
    "ist's": "ist es",
    "nich": "nicht",
    "net": "nicht",
    "ned": "nicht",
    "nid": "nicht",
    "nöd": "nicht",
    "nit": "nicht",
    "nix": "nichts",
    "nüt": "nichts",
    "nochma": "nochmal",
    "nomal": "nochmal",
    "nomol": "nochmal",
    "nochmol": "nochmal",
    "wieda": "wieder",
    "i": "ich",
    "ick": "ich",
    "isch": "ich",
    "dat": "das",
    "wat": "was",
    "jaa": "ja",
    "joa": "ja",
    "jou": "ja",
    "jep": "ja",
    "jepp": "ja",
    "jup": "ja",
    "o.k.": "ok",
    "okey": "ok",
    "oki": "ok",
    "okidoki": "ok",
    "mit'm": "mit dem",
    "für's": "für das",
    "fürs": "für das",
    "um's": "um das",
    "aufs": "auf das",
    "geht's": "geht es",
    "gehts": "geht es",
    "passt's": "passt es",
    "passts": "passt es",
    "freun": "freuen",
    "freu": "freue",
    "dankeee": "danke",
    "thx": "danke",
    "pls": "bitte",
    "bidde": "bitte",
    "hallöle": "hallo",
    "halo": "hallo",
    "artikl": "artikel",
    "arttikel": "artikel",
    "packet": "paket",
    "pakett": "paket",
    "abuchen": "abbuchen",
    "abbuchn": "abbuchen",
    "abbuchng": "abbuchung",
    "abuchung": "abbuchung",
    "einferstanden": "einverstanden",
    "einverstandn": "einverstanden",
    "akzeptire": "akzeptiere",
    "akceptiere": "akzeptiere",
    "behallte": "behalte",
    "behallten": "behalten",
    "ehrneute": "erneute",
    "ehrneut": "erneut",
}
_FRENCH = """
débiter débitez débitée débit débite prélever prélevez prélevée prélève prélèvement prélèvements redébiter redébitez
reprélever reprélevez refacturée facturée règle règlement régler réglerai reçu reçue reçus arrivée livrée expédiée
expédiés envoyée commandée annulée désolé désolée été être même mêmes déjà voilà très après problème problèmes préfère
décidé à première deuxième numéro téléphone enchanté enchantée également évidemment préciser répondre réponse
réception réceptionné réceptionner bientôt plaît journée soirée équipe chère génial crédit précédent précédente
précédemment remboursée légitime honnêteté honnête gré acceptée évident intérêt français française québec cédric
réactivité sincères agréer considération malgré dérangement dérange gêne relève relèverai opérée procédez procéder
procède référence succès célérité nécessaire fidèle fidélité âgée âgé père mère frère grand-mère grand-père étagère
étagères lumière éclairage décoration abîmé espère espérant entière intégralité intégral prévenue prévenu contactée
informée averti avertie noël fête février août décembre installée montée testée déballée utilisée
"""
_FRENCH_SPOKEN = {
    "j": "j'",
    "d": "d'",
    "l": "l'",
    "c": "c'",
    "n": "n'",
    "m": "m'",
    "s": "s'",
    "t": "t'",
    "qu": "qu'",
    "jai": "j' ai",
    "jaccepte": "j' accepte",
    "jautorise": "j' autorise",
    "jaimerais": "j' aimerais",
    "javais": "j' avais",
    "jattends": "j' attends",
    "cest": "c' est",
    "cetait": "c' était",
    "c'etait": "c' était",
    "etait": "était",
    "etais": "étais",
    "etes": "êtes",
    "daccord": "d' accord",
    "dacc": "d' accord",
    "dac": "d' accord",
    "daccor": "d' accord",
    "larticle": "l' article",
    "lobjet": "l' objet",
    "lachat": "l' achat",
    "lannulation": "l' annulation",
    "ca": "ça",
    "voila": "voilà",
    "deja": "déjà",
    "tres": "très",
    "chui": "je suis",
    "chuis": "je suis",
    "jsuis": "je suis",
    "jveux": "je veux",
    "jgarde": "je garde",
    "jprends": "je prends",
    "ouai": "oui",
    "ouais": "oui",
    "ouaip": "oui",
    "ui": "oui",
    "slt": "salut",
    "bjour": "bonjour",
    "bonjours": "bonjour",
    "mrc": "merci",
    "merçi": "merci",
    "pb": "problème",
    "probleme": "problème",
    "bcp": "beaucoup",
    "tjs": "toujours",
    "qd": "quand",
    "pr": "pour",
    "ds": "dans",
    "dc": "donc",
    "ac": "avec",
    "vs": "vous",
    "ns": "nous",
    "nouvel": "nouvelle",
    "accèpte": "accepte",
    "acepte": "accepte",
    "accepe": "accepte",
    "facturasion": "facturation",
    "prélevement": "prélèvement",
    "prelèvement": "prélèvement",
    "reglement": "règlement",
    "réglement": "règlement",
    "colie": "colis",
    "comande": "commande",
}
_SPANISH = """
artículo artículos envío crédito débito también está están mío qué más número teléfono días día adiós así cóbrenme
cóbreme cóbrame cóbrenmelo cóbrenlo cóbrelo cóbralo cóbramelo cóbremelo cóbrennos factúrenme factúreme cárguenme
cárguenlo cárguelo cárgalo quedármelo quedármela quedármelos quedármelas recibí llegó pedí cancelé pagaré quedaré
facturación refacturación autorización confirmación devolución cancelación atención información ningún según razón
perdón lámpara lámparas sillón cajón colchón camión mercancía mercadería electrónico electrónica cordialmente gustaría
podría podrían agradecería según opción decisión equivocación confusión situación también además después órale
únicamente próximo próxima próximos rápido rápida rápidamente fácil débitos automático automática domiciliación método
contesté respondí olvidé equivoqué avisé pensé creí decidí abrí probé pulsé mandé envié estaré avisándome cargármelo
cobrármelo cóbrenla cóbrala guardármelo mándenme mándeme envíenme envíeme háganlo hágalo díganme dígame avísenme
avíseme avísame sería cumpleaños años mamá papá sofá café estéreo música salón habitación jardín balcón cocina
estantería justísimo muchísimas muchísimo buenísimo encantó sirvió funcionó trajeron entregó enviáis pasé devolvió
devolvieron llegará íntegro domicilié líneas línea página vía ahí aquí allí atrás
"""
_SPANISH_SPOKEN = {
    "q": "que",
    "xq": "porque",
    "pq": "porque",
    "porq": "porque",
    "x": "por",
    "tb": "también",
    "tmb": "también",
    "tambn": "también",
    "grax": "gracias",
    "gracia": "gracias",
    "grcias": "gracias",
    "xfa": "porfa",
    "xfavor": "por favor",
    "pls": "por favor",
    "dnd": "donde",
    "bn": "bien",
    "toy": "estoy",
    "pa": "para",
    "pal": "para el",
    "okay": "ok",
    "okis": "ok",
    "oki": "ok",
    "okey": "ok",
    "okei": "ok",
    "sip": "sí",
    "sii": "sí",
    "siii": "sí",
    "sep": "sí",
    "buenass": "buenas",
    "ola": "hola",
    "holaa": "hola",
    "aceto": "acepto",
    "asepto": "acepto",
    "acpeto": "acepto",
    "paquette": "paquete",
    "pedio": "pedido",
    "covren": "cobren",
    "cobrenmelo": "cóbrenmelo",
    "quedarmelo": "quedármelo",
    "quedarmela": "quedármela",
    "ai": "ahí",
}
_ITALIAN = """
perché poiché è già può più così però giù là città qualità novità possibilità felicità verità metà età lunedì
martedì mercoledì giovedì venerdì terrò pagherò prenderò accetterò sarà farò caffè papà università disponibilità
gentilezza
"""
_ITALIAN_SPOKEN = {
    "perchè": "perché",
    "poichè": "poiché",
    "xche": "perché",
    "xché": "perché",
    "xchè": "perché",
    "x": "per",
    "nn": "non",
    "cmq": "comunque",
    "grz": "grazie",
    "grazzie": "grazie",
    "tt": "tutto",
    "qlc": "qualcosa",
    "pò": "po'",
    "po": "po'",
    "sisi": "sì",
    "sii": "sì",
    "sìì": "sì",
    "okey": "ok",
    "okei": "ok",
    "oki": "ok",
    "okay": "ok",
    "vabene": "va bene",
    "vabbene": "va bene",
    "vabbè": "va bene",
    "vabè": "va bene",
    "daccordo": "d' accordo",
    "dacordo": "d' accordo",
    "larticolo": "l' articolo",
    "laddebito": "l' addebito",
    "limporto": "l' importo",
    "lordine": "l' ordine",
    "l": "l'",
    "c": "c'",
    "d": "d'",
    "acetto": "accetto",
    "accieto": "accetto",
    "adebito": "addebito",
    "adebitare": "addebitare",
    "addebbito": "addebito",
    "paco": "pacco",
}
_NOT_BARE = frozenset(
    ("e", "la", "si", "a", "meta", "eta", "papa", "sara", "faro", "pero", "esta", "mas", "que", "te", "el", "mi", "tu")
)


def _bare(word: str) -> str:
    """A word without its accents."""
    return "".join(sign for sign in unicodedata.normalize("NFD", word) if not unicodedata.combining(sign))


def _table(bare: Mapping[str, str], spoken: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    plain = {written: (word,) for written, word in bare.items() if written != word and written not in _NOT_BARE}
    return plain | {written: tuple(words.split()) for written, words in spoken.items() if written != words}


_ACCENTED = {
    bare: word
    for word in ("è", "perché", "poiché", "già", "può", "più", "così", "sì", "però", "città", "terrò", "pagherò", "po'")
    for bare in (_bare(word), word)
}
_SPELLINGS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "de": _table({word.translate(_UMLAUTS): word for word in _GERMAN.split()}, _GERMAN_SPOKEN),
    "fr": _table({_bare(word): word for word in _FRENCH.split()}, _FRENCH_SPOKEN),
    "es": _table({_bare(word): word for word in _SPANISH.split()}, _SPANISH_SPOKEN),
    "it": _table({_bare(word): word for word in _ITALIAN.split()}, _ITALIAN_SPOKEN)
    | {f"{bare}'": (word,) for bare, word in _ACCENTED.items() if bare.isalpha()},
}


def spellings_of(language: str) -> Mapping[str, tuple[str, ...]]:
    """The words that stand for others, each with the words it is read as."""
    return _SPELLINGS.get(language, {})


def accented(word: str, language: str) -> str | None:
    """The Italian word that a bare one with an apostrophe behind it is: "perche'" is "perché"."""
    return _ACCENTED.get(word) if language == "it" else None


def noun_forms(noun: str, language: str) -> tuple[str, ...]:
    """What a noun of a title is called besides: a German compound by its head, and as many."""
    if language == "de":
        heads = [noun[at:] for at in range(2, len(noun) - _FEWEST_HEAD_LETTERS + 1)]
        return tuple(form + ending for form in (noun, *heads) for ending in ("", "n", "en", "e", "er"))
    if language == "it" and len(noun) > _FEWEST_HEAD_LETTERS:
        return tuple(noun[:-1] + ending for ending in "aeio")
    if language == "fr":
        return noun, f"{noun}s", f"{noun}x"
    return (noun,)
