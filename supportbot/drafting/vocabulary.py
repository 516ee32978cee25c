"""The words that the lints look for: carriers, sentences to answer with, and how each language says what a mail must say."""

from collections.abc import Mapping
from dataclasses import dataclass

ANSWERS: Mapping[str, str] = {
    "en": "I accept the item and the re-billing.",
    "de": "Ich akzeptiere den Artikel und die erneute Abbuchung.",
    "fr": "J'accepte l'article et la nouvelle facturation.",
    "es": "Acepto el artículo y el nuevo cobro.",
    "it": "Accetto l'articolo e il nuovo addebito.",
}
"""The one sentence a buyer can answer a notice with, by language (ISO 639-1)."""

KNOWN_CARRIERS = tuple(
    """
    4PX, A1 Post, ABF Freight, Amazon Logistics, Amazon Shipping, An Post, APC Overnight, Aramex, Asendia, Australia Post,
    Bartolini, Blue Dart, bpost, Bring, BRT, Cainiao, Canada Post, Canpar, China EMS, China Post, Chronopost, Colis Prive,
    Colissimo, Correios, Correos, CTT, DB Schenker, Delhivery, Deutsche Post, DHL, Die Post, DPD, DTDC, EMS, Estafeta,
    Estes, Evri, Federal Express, FedEx, GEODIS, GLS, Hermes, India Post, InPost, Japan Post, JD Logistics, Korea Post, La
    Poste, LaserShip, LSO, Mondial Relay, MRW, Nacex, Nexive, Old Dominion, OnTrac, Osterreichische Post, Österreichische
    Post, Packeta, Parcelforce, Pitney Bowes, Poczta Polska, Post AG, Poste Italiane, Posten, Posti, PostNL, PostNord,
    Purolator, R+L Carriers, Royal Mail, Sagawa, Saia, Schenker, SDA, SEUR, SF Express, SingPost, Spee-Dee, Speedee,
    StarTrack, Swiss Post, TForce, TNT, Toll, Trackon, UDS, UK Mail, United Parcel Service, UPS, US Postal Service, USPS,
    Veho, Whistl, XPO, Yamato, Yanwen, Yodel, YRC, Yun Express, YunExpress, Zeleris
    """.replace("\n    ", " ")
    .strip()
    .split(", ")
)
"""Carriers whose name may stand in a notice; a service may follow ("UPS Ground"). More come from the configuration."""


@dataclass(frozen=True, slots=True)
class Words:
    """How one language says the things the lints look for: patterns over one case-folded sentence."""

    shipped: str
    cancelled: str
    rebilled: str
    item: str  # accepting or keeping the item
    confirm: str  # asking for an answer
    addressed: str  # turning to the reader, as no item's title does
    negation: str
    cancel_request: str  # a wish, put to a buyer, that the buyer cancel
    ask_buyer: str  # advice, put to a seller, to make the buyer cancel


WORDS: Mapping[str, Words] = {
    "en": Words(
        shipped=r"\b(?:shipped|dispatched|despatched)\b",
        cancelled=r"\bcancell?ed\b",
        rebilled=r"\bre-?bill(?:ed|ing)?\b|\b(?:billed|charged?) (?:\w+ ){0,4}again\b",
        item=r"\b(?:accept|keep)\b.*\bitems?\b|\bitems?\b.*\baccept",
        confirm=r"\b(?:please|confirm|reply|do you|can you|would you|will you)\b",
        addressed=r"\b(?:please|kindly) \w+|\b(?:reply|respond) (?:to|with)\b|\bignore this\b"
        r"|\byou (?:will|do|need|must|may|can|are|have|pay)\b",
        negation=r"\b(?:not|never|cannot|no longer|without)\b|n['’]t\b",
        cancel_request=r"\b(?:please|kindly|could you|can you|would you|we (?:ask|need|want) you|ask you"
        r"|you (?:can|may|should|must|need to|have to|could))\b.*\bcancel"
        r"|\b(?:submit|file|send|request|raise|place|make)\b.*\bcancell?ation|^\s*cancel\b",
        ask_buyer=r"\b(?:ask|tell|have|get|let|invite|contact|write to)\b.*\b(?:buyer|customer|member|them)\b.*\bcancel",
    ),
    "de": Words(
        shipped=r"\b(?:versandt|verschickt|versendet)\b",
        cancelled=r"\bstorniert",
        rebilled=r"\berneute?[nr]? (?:\w+ )?(?:abbuch|berechn|belast)"
        r"|\b(?:erneut|noch einmal|wieder) (?:abgebucht|berechnet|belastet|in rechnung)",
        item=r"\b(?:annehmen|akzeptier|behalten|nehme|nehmen)\w*\b.*\bartikel|\bartikel\b.*\b(?:annehmen|akzeptier|behalten)",
        confirm=r"\b(?:bitte|bestätigen|antworten|können sie|nehmen sie|akzeptieren sie)\b",
        addressed=r"\bbitte \w+|\b(?:sie|du) (?:müssen|brauchen|werden|können|sollen|zahlen|musst|zahlst)\b",
        negation=r"\b(?:nicht|nie|niemals|kein\w*|ohne)\b",
        cancel_request=r"\b(?:bitte|können sie|könnten sie|sie (?:können|sollten|müssen))\b.*\bstornier"
        r"|\bstornierung\w*\b.*\b(?:beantrag|einreich|anforder|stellen)",
        ask_buyer=r"\b(?:bitten|fordern|lassen|sagen)\b.*\b(?:käufer|kunde)\w*\b.*\bstornier",
    ),
    "fr": Words(
        shipped=r"\b(?:expédié|envoyé)e?s?\b",
        cancelled=r"\bannulé",
        rebilled=r"\bnouvelle facturation\b|\brefactur"
        r"|\b(?:facturé|débité)e?s? (?:à|de) nouveau\b|\bà nouveau (?:facturé|débité)",
        item=r"\b(?:accept|gard|conserv)\w*\b.*\barticle",
        confirm=r"\b(?:merci de|veuillez|confirm\w*|répond\w*|acceptez-vous|pouvez-vous)\b",
        addressed=r"\b(?:veuillez|merci de)\b|\bvous (?:devez|pouvez|serez|ne|payez)\b",
        negation=r"\b(?:ne|jamais|aucune?|sans)\b|\bn['’]",
        cancel_request=r"\b(?:merci de|veuillez|pouvez-vous|vous (?:pouvez|devez|devriez))\b.*\bannul"
        r"|\bdemande[rz]?\b.*\bannulation",
        ask_buyer=r"\bdemand\w*\b.*\b(?:acheteur|client)\w*\b.*\bannul",
    ),
    "es": Words(
        shipped=r"\b(?:enviad[oa]|expedid[oa]|despachad[oa])s?\b|\bse (?:ha enviado|envió)\b",
        cancelled=r"\bcancelad[oa]",
        rebilled=r"\bnuevo cobro\b|\b(?:cobr|factur|carg)\w*\b.*\bde nuevo\b|\bvolver\w*\b.*\bcobrar",
        item=r"\b(?:acept|qued|conserv)\w*\b.*\bartículo",
        confirm=r"\b(?:por favor|confirm\w*|respond\w*|acepta usted|puede)\b",
        addressed=r"\bpor favor\b|\busted (?:debe|puede|no|paga)\b|\bresponda\b",
        negation=r"\b(?:no|nunca|jamás|sin)\b",
        cancel_request=r"\b(?:por favor|puede|podría|debe|debería|le pedimos)\b.*\bcancel|\bsolicit\w*\b.*\bcancelación",
        ask_buyer=r"\bpid\w*\b.*\b(?:comprador|cliente)\w*\b.*\bcancel",
    ),
    "it": Words(
        shipped=r"\bspedit[oaie]\b",
        cancelled=r"\bannullat[oaie]",
        rebilled=r"\bnuovo addebito\b|\b(?:addebit|fattur)\w*\b.*\b(?:di nuovo|nuovamente)\b"
        r"|\b(?:di nuovo|nuovamente) (?:addebitat|fatturat)",
        item=r"\b(?:accett|ten|conserv)\w*\b.*\barticolo",
        confirm=r"\b(?:per favore|per cortesia|la preghiamo|confermar?\w*|rispond\w*|accetta)\b",
        addressed=r"\b(?:per favore|la preghiamo)\b|\blei (?:deve|può|non|paga)\b|\brisponda\b",
        negation=r"\b(?:non|mai|nessun\w*|senza)\b",
        cancel_request=r"\b(?:per favore|per cortesia|la preghiamo|può|potrebbe|deve|dovrebbe)\b.*\bannull"
        r"|\brichied\w*\b.*\bannullamento",
        ask_buyer=r"\bchied\w*\b.*\b(?:acquirente|cliente)\w*\b.*\bannull",
    ),
}
"""By language (ISO 639-1)."""
