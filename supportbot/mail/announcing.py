"""Lines that announce a copy of an earlier message in words: "Here is a copy of your request:", "Kopfzeilen der Nachricht:".

No list of phrases reaches all reports and receipts, so two tables of words tell: what is copied, and that it is a copy. A line
needs one of each. Right above a header block that is enough; alone it also has to stand apart, as a heading does.
"""

import re

_MOST_CHARACTERS, _MOST_WORDS = 110, 14
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_COPIED = frozenset(
    """
    message messages mail mails email emails e-mail e-mails header headers request enquiry inquiry question query
    correspondence conversation nachricht nachrichten anfrage frage mitteilung kopfzeilen nachrichtenkopf
    nachrichtenkopfzeilen originalnachricht originalmail schriftwechsel courriel demande question en-têtes en-tête entêtes
    mensaje mensajes correo correos consulta solicitud encabezado encabezados cabecera cabeceras messaggio messaggi
    richiesta domanda intestazione intestazioni bericht berichten vraag verzoek kopregels berichtkoppen mensagem mensagens
    solicitação pergunta cabeçalho cabeçalhos wiadomość wiadomości zgłoszenie zgłoszenia zapytanie zapytania pytanie
    nagłówki nagłówek correspondance échange échanges corrispondenza correspondencia
    """.split()  # noqa: SIM905
)
_COPYING = frozenset(
    """
    contents content inhalt contenu contenido contenuto inhoud conteúdo zawartość sent gesendete gesendeten envoyé enviado
    inviato original originals copy follow follows following below returned rejected unsent undelivered undeliverable previous
    earlier your kopie folgt folgende folgenden nachfolgend nachfolgende untenstehend ursprüngliche ursprünglichen
    ursprünglicher originalnachricht originalmail bisherige bisherigen vorherige vorherigen ihre ihrer deine copie
    ci-dessous suit suivant suivants initial initiale d'origine d’origine rappel précédent précédents précédente votre copia
    continuación siguiente originales anterior anteriores su sus originale originali seguito seguente precedente precedenti
    sua suo tua tuo hieronder volgt volgende oorspronkelijk oorspronkelijke vorige eerdere uw cópia abaixo segue seguinte
    originais poniżej oryginalna oryginalne oryginalnej pierwotna pierwotne poprzednie poprzednia kopia treść państwa twoja
    twoje
    """.split()  # noqa: SIM905
)
# Words of somebody who tells or asks: "See the message below", "Your message was not delivered:" are no headings.
_TELLING = frozenset(
    """
    my our i we me us mein meine meiner unser unsere ich wir mir uns mon ma notre je nous mi mis nuestro nuestra mio mia
    nostro io mijn onze ik wij meu minha eu moja moje ja see siehe voir voyez ver vea vedi zie veja zob zobacz please bitte
    find attached attachment forward forwarding forwarded not cannot could failed nicht konnte konnten kein pas n'a n’a no
    non niet kon não nie delivered recipient recipients empfänger destinataire destinataires destinatario destinatarios
    destinatari geadresseerde ontvanger ontvangers adresat need resend queue warning thank thanks danke merci gracias grazie
    bedankt obrigado dziękuję have has haben hat
    """.split()  # noqa: SIM905
)
_HEADING = re.compile(
    r"(?:(?:conversation |message |ticket )?history|(?:gesprächs|nachrichten|ticket)?verlauf|geschiedenis|original|"
    r"attached (?:message|mail)|(?:historique|historial|cronologia|histórico|historia)(?: .{3,30})?)",
    re.IGNORECASE,
)
_REFERRING = frozenset(  # "To answer your question:", "Zu Ihrer Anfrage:" lead to words of the sender
    """
    to on about regarding concerning re answer answering answers reply replying response zu zur zum auf bezüglich betreffend
    betreffs antwort sur suite concernant réponse en sobre respecto respuesta in per riguardo risposta op over betreffende
    antwoord quanto relativamente resposta na w odnośnie odpowiedź
    """.split()  # noqa: SIM905
)
_HEADERS = frozenset(
    (
        "header",
        "headers",
        "entêtes",
        "entête",
        "en-tête",
        "encabezado",
        "intestazione",
        "cabeçalho",
        "kopfzeilen",
        "en-têtes",
        "encabezados",
        "cabeceras",
        "intestazioni",
        "berichtkoppen",
        "cabeçalhos",
        "nagłówki",
    )
)
_JAPANESE = re.compile(r"(?:元の|以下|下記|お客様|お問い合わせ|ご質問|受信).{0,12}(?:メッセージ|メール|内容|本文|ヘッダ)")
_DRAWN = " \t-_=*~#+|<>[]▼■◆●—–:："


_FRAMES = frozenset(("--", "__", "==", "**", "~~", "##", "++", "||", "|-", "<<", ">>", "——", "––", "- ", "= "))
_SENTENCE_ENDS = (".", "。", "ます", "です", "ました", "ください", "さい")
_FOLLOWS = ("follows", "follow", "folgt", "following", "below", "suit", "volgt", "segue", "as follows")


def announces_copy(text: str) -> bool:
    """Whether a line says that a message follows which somebody wrote before; "My message:" is the sender's own."""
    if len(text) > _MOST_CHARACTERS or text.endswith(("?", "!", "？")):
        return False
    words = [word.casefold() for word in _WORD.findall(text)]
    if not words:
        return False
    if not text.isascii() and _JAPANESE.search(text):
        return True
    if _HEADING.fullmatch(text.strip(_DRAWN)):
        return True
    if len(words) > _MOST_WORDS or words[0] in _REFERRING or not _TELLING.isdisjoint(words):
        return False
    copying = _COPYING.intersection(words)
    return bool(copying) and not _COPIED.isdisjoint(words)


def heads_copy(text: str, *, above_header: bool = False) -> bool:
    """Whether such a line stands as a heading does: with a colon, in a frame, or with a verb that says "follows".

    Right above a header block a few words without any stop are a heading too.
    """
    if (
        not above_header
        and text[-1] not in ":："
        and text[0] not in _DRAWN
        and not text.rstrip(" .").casefold().endswith(_FOLLOWS)
    ):
        return False  # nearly every line
    bare = text.strip(_DRAWN)
    ended = bare.endswith(_SENTENCE_ENDS) or ". " in bare
    framed = text[-1] in ":：" or (not ended and (text[0] in "▼■◆●" or text[:2] in _FRAMES or text[:1] == "#"))
    follows = bare.rstrip(".").casefold().endswith(_FOLLOWS)
    names_headers = above_header and framed and not _HEADERS.isdisjoint(word.casefold() for word in _WORD.findall(text))
    return ((framed or follows or (above_header and not ended)) and announces_copy(text)) or names_headers
