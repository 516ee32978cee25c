"""What programs and firms add below (or above) a sender's words: mobile footers, disclaimers, relay footers; per language."""

import re
from collections.abc import Sequence

_DEVICES = (
    r"(?:i-?phon\w{1,6}|i-?pad\w{0,4}|ipod|ios|android\w*|smart-?phone\w*|handy\w*|mobile?\w*|móvil|samsung|galaxy|huawei|xiaomi|oneplus|pixel|nokia|"
    r"blackberry|outlook|windows(?: phone| mail)?|mail for windows|yahoo\w*|gmx\w*|web\.de|mail-?app|tablet\w*|téléphone|telefono|"
    r"teléfono|telefoon|telefonu?|telefon|telemóvel|telemovel|celular|cellulare|proton\w*|tutanota|tuta|thunderbird|aol|orange|free|t-mobile|"
    r"verizon|vodafone|o2|at&t|device|gerät|appareil|dispositivo|toestel|urządzenia|komórki|gmail|icloud|fairphone|htc|lg|sony|xperia|motorola|"
    r"bluemail|spark|edison|k-9|fairemail|airmail|mailbird|em client|hotmail|fastmail|zoho\w*|spike|superhuman|mailspring|nine)"
)
_MOBILE_FOOTERS = re.compile(
    r"(?:(?:this (?:e-?mail|message) was )?(?:sent|get|download|typed|written)|gesendet|versendet|verschickt|von meine?[mr]?|von(?= [^.]{3,30} (?:gesendet|geschickt|verschickt)\b)|"
    r"diese (?:nachricht|e-?mail) wurde (?:von|mit|über)|geschrieben|hol(?:en)? (?:sie sich|dir)|(?:ce (?:message|mail) a été )?envoy[ée]e?|"
    r"obten(?:ir|ez)|télécharg\w+|provenance|enviado|enviada|mandado|obtén|obtener|descarga\w*|inviato|inviata|ottieni|scarica\w*|"
    r"verzonden|verstuurd|gestuurd|elküldve|küldve|odesláno|odoslané|poslano|trimis|lähetetty|gönderildi|отправлено|надіслано|download|obter|obtenha|wysłane|wysłano|wysłana|pobierz|uzyskaj|hämta|hent(?:et)?|last ned|stáhnout|stáhněte|lataa|skickat|sendt|outlook (?:für|for|pour|para|per|voor|dla)) "
    rf"(?:.{{0,50}}\b)?{_DEVICES}\b.{{0,80}}|{_DEVICES} (?:für|for|pour|para|per|voor|dla) {_DEVICES}(?: .{{0,30}})?",
    re.IGNORECASE,
)
_MY_DEVICE = re.compile(
    r"(?:sent|gesendet|envoyé|enviado|inviato|verzonden|wysłano|wysłane|skickat|sendt|poslano|odesláno) (?:from|via|with|using|von|mit|über|de|depuis|avec|"
    r"desde|da|dal|do|van|vanaf|met|z|ze|från|fra|iz) (?:my|meine[mr]|mon|ma|mi|mio|mijn|meu|minha|mojego|min|mitt|mého)(?: [\w.+-]{1,20}){1,5}",
    re.IGNORECASE,
)
_APP = re.compile(  # "Sent from TypeApp": a name in mixed case, or of a host
    r"(?i:sent|gesendet|envoyé|enviado|inviato|verzonden|wysłano|wysłane) (?:from|via|with|von|mit|über|depuis|avec|desde|da|van|met|z) "
    r"(?:[A-Z][a-z0-9]+[A-Z]\w*|\w+\.(?:com|de|fr|net|org|io|me)|(?:\w[\w.&-]{0,20} ){1,3}(?:[Mm]ail|[Aa]pp|[Ww]eb-?[Mm]ail|[Pp]oczta|[Pp]oczty|[Ee]-?mail))",
)
_EXCUSE = re.compile(
    r"sent (?:from|with|via|by) (?:front|shift|missive|hey|newton|boxer|polymail|canary)|(?:sent|typed|written|tapped) (?:on|from|with) (?:a |my )?"
    r"(?:tiny|small|little|touch) ?(?:screen|keyboard|phone|device).{0,20}|sent from (?:a|the|my) (?:cell|phone|cellphone)|sent from mailbox|from my (?:i-?phone|i-?pad|android|galaxy|samsung)(?: ?\w{1,8}){0,2}|"
    r"(?:(?:sent|typed|written) .{0,50}\W )?(?:please |kindly )?(?:excuse|forgive|pardon|apologies for|sorry for) (?:any |the |my |all )?"
    r"(?:typos?|brevity|(?:spelling )?(?:errors|mistakes))\b.{0,40}|"
    r"(?:vanaf|vanuit|met) (?:mijn|de) .{3,30} (?:verzonden|verstuurd)|von (?:meinem|unterwegs).{0,30} (?:gesendet|geschrieben)",
    re.IGNORECASE,
)
_LINK_OF_FOOTER = re.compile(r"\s?[<(\[]https?://[^\s<>()\[\]]{1,500}[>)\]]|\s?https?://\S{1,500}$")
_MOBILE_FOOTERS_JA = re.compile(
    r"(?:.{0,20}(?:iphone|ipad|android|galaxy|xperia|pixel|aquos|outlook|gmail|メール|スマートフォン|スマホ|携帯)(?:から|より)送信.{0,10})|[從从]我的.{1,20}(?:傳送|发送|寄出)|(?:发自|來自|发送自|傳送自)我的.{1,20}|.{1,20}에서 보냄",
    re.IGNORECASE,
)
# Legal boilerplate speaks of the message itself and uses several of these words.
_MESSAGE_WORDS = (
    "mail", "e-post", "zpráv", "сообщени", "message", "communication", "nachricht", "courriel", "mensaje", "correo", "messaggio", "comunicazione", "bericht", "mensagem",
    "wiadomo", "korespondencj", "メール", "meddelande", "meddelelse", "viesti", "environment", "umwelt", "environnement", "ambiente",
    "milieu", "środowisk",
)  # fmt: skip
_LEGAL_WORDS = re.compile(
    r"(?P<a>confiden|vertraulich|riservat|vertrouwelijk|poufn|機密|geheim|privileged|konfidentiel|fortrolig|důvěrn|luottamuksel|конфиденциал|bizalmas|privé|privacy|datenschutz|gdpr|rgpd|dsgvo|"
    r"2016/679|rodo)|(?P<b>intended|addressee|bestimmt|destinat|bestemd|geadresseerde|adresat|przeznaczon|受信者|empfänger|recipient|"
    r"avsedd|bestemt for|ment for|určen|adresát|modtager|mottaker|предназначен|solely|exclusively|ausschlie|exclusiv|wyłącznie|uitsluitend)|(?P<c>in error|by mistake|irrtümlich|versehentlich|par erreur|"
    r"por error|per errore|misstag|ved en fejl|ved en feil|omylem|по ошибке|tévedés|abusivamente|por engano|ten onrechte|abusievelijk|omyłkow|pomyłk|誤って|notify|notifi|benachricht|informier|"
    r"avertir|avvis|comunica|verwittig|poinformow)|(?P<d>delete|destroy|radera|slette?\b|smaž|удалит|löschen|vernichten|supprim|détruir|elimin|borr|cancell|apag|"
    r"verwijder|vernietig|usun|削除)|(?P<e>unauthori[sz]ed|disclos|distribut|copying|dissemin|prohibited|verboten|untersagt|interdit|"
    r"prohib|vietat|verboden|zabroni|liabilit|haftung|responsab|aansprakelijk|virus|legally|legal)|(?P<g>ai sensi|informa(?:tion|zion|ci|ç|cj)|pursuant|gemäß|conform|情報)|(?P<f>print|drucken|imprim|stamp|"
    r"afdrukken|druk|environment|umwelt|environnement|ambiente|milieu|środowisk)",
    re.IGNORECASE,
)
_OWN_AFFAIR = re.compile(  # no firm's legal text says "I"
    r"\b(?:I|[Mm]y|[Ii]ch|[Mm]eine?[rnms]?|[Jj]'ai|[Ii]k|[Mm]ijn|[Ee]u|[Mm]eu|[Mm]inha|[Mm]ój|[Mm]oja|[Ii]o|[Mm]i[oa]|[Yy]o)\b"
)
_DISCLAIMER_HEADINGS = re.compile(
    r"\W{0,6}(?:disclaimer|confidentiality (?:notice|note)|legal notice|vertraulichkeitshinweis|avis de confidentialité|"
    r"aviso (?:legal|de confidenci\w+)|avviso di riservatezza|klauzula poufności|please consider the environment|"
    r"bitte (?:denken sie an die umwelt|prüfen sie)|pensez à l['’]environnement|(?:por favor )?antes de imprimir|"
    r"prima di stampare|think before you print|(?:all|our) (?:general |standard )?(?:terms|conditions)\b.{0,30}\b(?:apply|of (?:sale|trade))|"
    r"es gelten (?:unsere|ausschließlich)|unsere (?:agb|allgemeinen geschäfts)|nos conditions générales|(?:onze|op al onze) .{0,40}voorwaarden|"
    r"le nostre condizioni|nuestras condiciones|denk an die umwelt|save (?:paper|a tree))",
    re.IGNORECASE,
)
_RELAY_FOOTERS = (
    "was this email helpful", "yahoo mail: ", "this is a forward of transaction", "sent with ", "this is a copy of ", "copyright ", "important: amazon.com's a-to-z", "to help arbitrate disputes",
    "we want you to buy with confidence", "this email was sent from a notification-only",
    "you received this message because you are subscribed", "you are receiving this", "to unsubscribe",
    "learn more about buying safely", "for your information: to help", "email reference id", "this email is part of our",
    "this email is a service from", "view request · ", "view request | ", "powered by ", "delivered by ", "this is shared with ",
    "répondez directement à cet", "reply directly to this e", "you can reply directly to this", "antworten sie direkt auf diese", "sie können direkt auf diese",
    "responda directamente a este", "rispondi direttamente a quest", "beantwoord deze e-mail rechtstreeks", "responda diretamente a est", "this message was sent ", "this mail was sent ", "this e-mail was sent ", "this email was sent ",
    "quoted text hidden", "message clipped", "zitierter text wurde ausgeblendet", "texte des messages précédents masqué", "texto citado oculto",
    "el texto citado está oculto", "testo tra virgolette nascosto", "tekst uit oorspronkelijke bericht", "texto das mensagens anteriores oculto",
    "ukryto cytowany tekst", "引用テキストを非表示",
    "virus-free", "this email has been checked for viruses", "this email has been scanned", "scanned by",
    "diese e-mail wurde von avast", "diese e-mail wurde von avg", "diese e-mail wurde auf viren", "this email was scanned", "this e-mail was scanned", "virenfrei",
    "diese nachricht wurde über", "garanti sans virus", "sans virus", "ce message a été envoyé via", "cet e-mail a été vérifié",
    "libre de virus", "este mensaje se ha enviado a través",
    "privo di virus", "questo messaggio è stato inviato tramite", "virusvrij",
    "dit bericht is verzonden via", "livre de vírus", "esta mensagem foi enviada através", "wolny od wirusów",
    "ta wiadomość została wysłana przez", "マーケットプレイス経由",
)  # fmt: skip
_SUBSCRIBED = re.compile(  # "You receive this letter because …", "Unsubscribe here"
    r"(?:you (?:are )?(?:receiv|gett?)\w*|sie (?:erhalten|bekommen)|vous recevez|(?:usted )?recibe|ricev[ie]|(?:u|je) ontvangt|"
    r"(?:você )?(?:está )?receb\w+|otrzymuj\w+|otrzymał\w*) .{0,30}(?:this|mail|letter|message|nachricht|brief|lettre|courriel|correo|mensaje|"
    r"boletín|lettera|messaggio|bericht|mensagem|wiadomoś\w*|biuletyn)\b.{0,40} (?:because|as a|weil|da sie|car|parce|porque|perch[eé]|omdat|"
    r"ponieważ|gdyż)\b|"
    r"(?:unsubscribe|abmelden|abbestellen|se désabonner|se désinscrire|darse de baja|cancella(?:re|ti)? l['’]iscrizione|disiscriviti|uitschrijven|"
    r"afmelden|cancelar (?:a )?(?:subscrição|inscrição)|wypisz się|zrezygnuj)\b.{0,20}(?:https?:|here|hier|ici|aquí|qui\b|aqui|tutaj|[:<|])",
    re.IGNORECASE,
)
_AUTOMATIC = (
    "this is an automat", "this e-mail was sent automatically", "this email was sent automatically", "please do not reply",
    "dies ist eine automatisch", "diese e-mail wurde automatisch", "bitte antworten sie nicht auf", "ceci est un message automatique",
    "cet e-mail est envoyé automatiquement", "cet e-mail a été envoyé automatiquement", "merci de ne pas répondre", "este es un mensaje automático",
    "por favor, no responda", "no responda a este", "questo è un messaggio automatico", "non rispondere a quest", "dit is een automatisch",
    "esta é uma mensagem automática", "por favor não responda", "ta wiadomość została wygenerowana", "prosimy nie odpowiadać",
    "このメールは自動", "このメールに返信",
)  # fmt: skip
_END_OF_MESSAGE = re.compile(
    r"[-=_*~]{3,}\s*(?:end (?:of )?message|ende der nachricht|fin du message|fin del mensaje|fine (?:del )?messaggio|"
    r"einde (?:van )?(?:het )?bericht|fim da mensagem|koniec wiadomości|メッセージここまで)\s*[-=_*~:]{3,}",
    re.IGNORECASE,
)
_BEGIN_OF_MESSAGE = re.compile(
    r"[-=_*~]{3,}\s*(?:(?:begin|start)(?: of)?(?: the)? message|(?:beginn|anfang) der nachricht|début du message|(?:inicio|comienzo) del mensaje|"
    r"inizio (?:del )?messaggio|begin (?:van )?(?:het )?bericht|início da mensagem|początek wiadomości|メッセージここから)\s*[-=_*~:]{3,}",
    re.IGNORECASE,
)
_REPLY_ABOVE = re.compile(
    r"[\W_]{0,8}(?:please )?(?:type|write|reply|add|enter) (?:your )?(?:reply|response|answer|message|comments?)?\s?above this line\b[^.!?]{0,40}[\W_]{0,8}|"
    r"[\W_]{0,8}(?:bitte )?(?:antworten sie|schreiben sie|antworte|antwort)? ?(?:ihre )?(?:antwort|nachricht)? ?(?:bitte )?(?:nur )?(?:oberhalb|über) "
    r"(?:von )?(?:dieser|dieser gestrichelten) (?:zeile|linie)[^.]{0,40}|"
    r"[\W_]{0,8}[^.!?]{0,40}(?:au[- ]dessus|ci-dessus) de cette ligne[\W_]{0,8}|[\W_]{0,8}[^.!?]{0,40}(?:encima|arriba) de esta línea[\W_]{0,8}|"
    r"[\W_]{0,8}[^.!?]{0,40}(?:sopra|al di sopra di) questa (?:riga|linea)[\W_]{0,8}|[\W_]{0,8}[^.!?]{0,40}boven deze (?:regel|lijn)[^.]{0,20}|"
    r"[\W_]{0,8}[^.!?]{0,40}acima desta linha[\W_]{0,8}|[\W_]{0,8}[^.!?]{0,40}(?:powyżej|nad) (?:tej|tą) lini[^.]{0,20}|.{0,20}この行より上.{0,20}",
    re.IGNORECASE,
)
_LINE_WORDS = ("line", "linie", "zeile", "ligne", "línea", "linea", "riga", "regel", "lijn", "linha", "lini", "行")
_REFERENCE = re.compile(  # the marks by which desks know their tickets again
    r"\[(?=[^\]]{0,80}\d)[^\]\n]{3,80}\]|\{#HS:[\d-]{3,40}#?\}|thread::[\w-]{3,80}::|ref:\s?msg\w{3,40}|ref:[\w!.]{3,80}:ref|\d{2,8}:\d{3,12}|##?\d{3,12}(?:##?)?|"
    r"(?:ticket|case|request|vorgang|ticketnummer|dossier)[ -]?(?:id|no\.?|nr\.?|number|#)?\s?[:#]\s?#?[\w-]{3,40}",
    re.IGNORECASE,
)


def is_reference(line: str) -> bool:
    """Whether a line is nothing but a desk's mark of its ticket: "[RT ticket #2207, queue general]", "ref:_00D:ref"."""
    return len(line) <= 100 and bool(_REFERENCE.fullmatch(line))


_BANNERS = re.compile(
    r"\W{0,6}(?:\[?(?:caution|warning|attention|achtung|warnung|external|extern\w*|externe|ext|notice|alert|vorsicht|precaución|"
    r"atención|advertencia|attenzione|let op|opgelet|uwaga|cuidado|atenção|avertissement|prudence|security notice|"
    r"outside email|obs|varning|advarsel|varoitus|huomio|upozornění|внимание)\b|(?:注意|警告|社外|外部)|(?:this|the) (?:e-?mail|message|sender) (?:(?:was |is |has )?(?:originate[ds]?|sent|come|came|"
    r"received|from)|is from|originated)|you don'?t often get (?:e-?mail|emails?) from|(?:diese|die) (?:e-?mail|nachricht) (?:"
    r"stammt|kommt|wurde)|sie erhalten nicht (?:oft|häufig)|some people who received this message|ce (?:message|mail|courriel) "
    r"provient|vous n'obtenez pas souvent|este (?:mensaje|correo) (?:proviene|procede|se ha)|no suele recibir|questa (?:e-?mail|mail)"
    r" (?:proviene|è stata)|non si ricevono spesso|deze e-?mail (?:is afkomstig|komt)|ta wiadomość (?:pochodzi|została)|esta mensagem"
    r" (?:veio|foi|é de))",
    re.IGNORECASE,
)
_BANNER_WORDS = re.compile(
    r"outside|external|extern\w*|links?\b|attachments?|sender|unless you|organi[sz]ation|außerhalb|anhänge|absender|fremd|"
    r"extérieur|expéditeur|pièces jointes|fuera de|remitente|enlaces|adjuntos|all'esterno|mittente|allegati|buiten|afzender|bijlagen|"
    r"spoza|nadawc|załącznik|fora da|remetente|anexos|社外|外部|添付|リンク|important|learn why|often get|erfahren sie|härstammar|utanför|avsändare|afsender|avsender|utenfor|udefra|mimo organizaci",
    re.IGNORECASE,
)


_RULES = ("---", "===", "___", "***", "~~~")
_MOST_BANNER, _FULL_LINE = 10, 60  # lines of a banner; characters of a line that was wrapped
_ENDS = ".!?:]】)。"


def holds_one(text: str, stems: Sequence[str]) -> bool:
    """Whether one of the stems stands in a case-folded text: what a pattern over many words costs, for few of it."""
    for stem in stems:  # a plain loop: this is asked of every line  # noqa: SIM110
        if stem in text:
            return True
    return False


def opens_banner(paragraph: str) -> bool:
    """Whether a paragraph above the sender's words is a gateway's warning: "[EXTERNAL]", "CAUTION: this e-mail originated …"."""
    text = paragraph.strip()
    return len(text) <= 700 and bool(_BANNERS.match(text)) and bool(_BANNER_WORDS.search(text))


def end_of_banner(texts: Sequence[str]) -> int:
    """How many of a paragraph's lines are a gateway's warning; the sender's words may follow on the very next line."""
    if not opens_banner(texts[0]) and not opens_banner(" ".join(texts[:_MOST_BANNER])):
        return 0
    for index in range(1, len(texts)):
        above, text = texts[index - 1].rstrip(), texts[index]
        wrapped = above[-1] not in _ENDS and (len(above) >= _FULL_LINE and text[0].islower())
        begun = not opens_banner("\n".join(texts[:index]))
        goes_on = _BANNERS.match(text) is not None or len({word.lower() for word in _BANNER_WORDS.findall(text)}) > 1
        if not (wrapped or begun or goes_on):
            return index
    return len(texts)


def is_mobile_footer(line: str) -> bool:
    """`Sent from my iPhone` and its kin; a sentence that goes on is not one."""
    if len(line) > 400:
        return False
    text = (_LINK_OF_FOOTER.sub("", line) if "http" in line else line).strip(" \t*_<>[]().!|-–—~")
    return 6 <= len(text) <= 120 and any(
        form.fullmatch(text) for form in (_MOBILE_FOOTERS, _MY_DEVICE, _APP, _EXCUSE, _MOBILE_FOOTERS_JA)
    )


def opens_disclaimer(paragraph: str) -> bool:
    """Whether a paragraph is legal boilerplate: it is headed as such, or speaks of the message in several legal terms."""
    text = paragraph[:1500]
    if _DISCLAIMER_HEADINGS.match(text):
        return True
    if len(text) < 40 or not holds_one(text.casefold(), _MESSAGE_WORDS):
        return False
    return len({match.lastgroup for match in _LEGAL_WORDS.finditer(text)}) >= 2 and not _OWN_AFFAIR.search(text)


def opens_relay_footer(line: str) -> bool:
    """Whether a line opens what a marketplace relay, a list or a virus scanner adds below a message."""
    text = line.strip(" \t*_-=[]<>").casefold()
    return (
        text.startswith(_RELAY_FOOTERS)
        or bool(_SUBSCRIBED.match(text) or _ANONYMISED.match(text[:200]))
        or bool(_END_OF_MESSAGE.fullmatch(line))
    )


def opens_frame(line: str) -> bool:
    """Whether a relay begins to frame the sender's words: "------------- Begin message -------------"."""
    return line[:3] in _RULES and bool(_BEGIN_OF_MESSAGE.fullmatch(line))


def closes_frame(line: str) -> bool:
    """Whether a relay's frame ends: below it the relay speaks."""
    return line[:3] in _RULES and bool(_END_OF_MESSAGE.fullmatch(line))


# A marketplace says that it hides who writes to whom.
_ANONYMISED = re.compile(
    r"[^.!?]{2,60} (?:hides|masks|protects|conceals) (?:your|the (?:buyer|seller|customer)'s) (?:real )?e-?mail|.{0,60}\be-?mail-?adresse\b.{0,60}\banonymisiert|"
    r".{0,60}\badresse e-?mail\b.{0,60}\b(?:masquée|anonymisée)|.{0,60}\bcorreo (?:electrónico )?.{0,60}\b(?:oculta|anónim)",
    re.IGNORECASE,
)


def says_automatic(line: str) -> bool:
    """Whether a line says that a machine wrote the mail; at its end that is a footer."""
    return line.strip(" \t*_-=[]<>").casefold().startswith(_AUTOMATIC)


def is_reply_marker(line: str) -> bool:
    """ "##- Please type your reply above this line -##" """
    if len(line) > 120:
        return False
    folded = line.casefold()
    for word in _LINE_WORDS:  # a plain loop: this is asked of every line
        if word in folded:
            return bool(_REPLY_ABOVE.fullmatch(line))
    return False


_INLINE_STEMS = (
    "inline", "in-line", "red", "blue", "green", "bold", "capitals", "between the lines", "text", "rot", "blau", "fett", "rouge", "bleu",
    "rojo", "azul", "testo", "rosso", "blu", "tekst", "rood", "vermelho", "tekście", "czerwono", "ci-dessous en", "赤字", "本文中に",
)  # fmt: skip
_INLINE_ANSWERS = re.compile(
    r"\b(?:(?:see|find|read|answered?|replied|reply|replies|answers?|comments?|responses?)\b.{0,40}\b(?:inline|in-line|"
    r"in red|in blue|in green|in bold|"
    r"in capitals|between the lines)|siehe (?:unten im text|rote?r? text)|(?:antwort\w*|"
    r"kommentare?)\b.{0,30}\b(?:im text|in rot|in blau|inline|in fett)|"
    r"r[ée]ponses?\b.{0,30}\b(?:dans le texte|en rouge|en bleu|ci-dessous en)|respuestas?\b.{0,30}\b(?:en el texto|"
    r"en rojo|en azul)|"
    r"risposte\b.{0,30}\b(?:nel testo|in rosso|in blu)|antwoord\w*\b.{0,30}\b(?:in de tekst|in het rood|in rood)|"
    r"respostas?\b.{0,30}\b(?:no texto|a vermelho|em vermelho)|"
    r"odpowiedzi\b.{0,30}\b(?:w tekście|na czerwono))\b|赤字|本文中に",
    re.IGNORECASE,
)


def points_into_quote(text: str) -> bool:
    """Whether the sender says that answers stand inside the quoted text ("see my answers in red")."""
    said = text[:20_000]
    return holds_one(said.casefold(), _INLINE_STEMS) and bool(_INLINE_ANSWERS.search(said))


_CONSENT_ASKED = re.compile(
    r"\b(?:do|will|would|could|can|are) you\b.{0,60}\b(?:accept|keep|agree|willing|happy|re-?bill|charge)|\bplease (?:confirm|let us know|tell us)\b.{0,60}\b(?:you|whether|if|both)\b|"
    r"\bnehmen sie\b.{0,60}\ban\b|\bsind sie (?:damit )?einverstanden|\b(?:möchten|wollen|würden) sie\b.{0,60}\b(?:behalten|annehmen)|\bbitte (?:teilen|bestätigen|geben) sie\b|"
    r"\b(?:acceptez|souhaitez|voulez|consentez|confirmez)[- ]vous\b|\bêtes[- ]vous d['’]accord|\b(?:merci de|veuillez) (?:nous )?(?:confirmer|indiquer)|"
    r"¿\s?(?:acepta|desea|quiere|está (?:usted )?de acuerdo|autoriza)|\b(?:rogamos|por favor,?) (?:nos )?confirm|"
    r"\b(?:accetta|desidera|è d['’]accordo|acconsente|autorizza)\b.{0,80}\?|\b(?:la preghiamo|vi preghiamo) di conferm|"
    r"\b(?:accepteert|wilt|gaat|bent) u\b.{0,60}\b(?:akkoord|houden|artikel|eens)|\b(?:aceita|concorda|deseja)\b.{0,80}\?|"
    r"\bczy (?:akceptuj|zgadza|chc|wyraża)|受け取\w{0,8}か|同意\w{0,8}か",
    re.IGNORECASE,
)


# Who says that he can bill his reader again is the house: sellers here bill nobody themselves.
_BILLING_STEMS = (
    "bill",
    "charge",
    "berechn",
    "belast",
    "abbuch",
    "factur",
    "débit",
    "prélev",
    "cobrar",
    "addebit",
    "berekenen",
    "afschrijven",
    "obciąż",
    "請求",
)
_WE_BILL = re.compile(
    r"\bwe (?:can|could|may|will|would|shall|might)(?: then| only| also)? (?:re-?)?(?:bill|charge)\b|\b(?:may|can|shall|could) we (?:re-?)?(?:bill|charge)\b|"
    r"\b(?:dürfen|können|würden|werden) wir (?:\S{1,16} ){0,6}?(?:berechnen|belasten|abbuchen)|\bwir (?:dürfen|können|würden|werden) (?:\S{1,16} ){0,6}?(?:berechnen|belasten|abbuchen)|"
    r"\b(?:nous (?:pouvons|pourrions|allons)|pouvons-nous) (?:\S{1,12} ){0,3}?(?:re)?(?:facturer|débiter|prélever)|\b(?:podemos|podríamos|vamos a) (?:\S{1,12} ){0,3}?cobrar|"
    r"\b(?:possiamo|potremmo) (?:\S{1,12} ){0,3}?(?:ri)?addebitare|\b(?:kunnen|mogen|zullen) (?:we|wij) (?:\S{1,14} ){0,6}?(?:berekenen|afschrijven)|"
    r"\b(?:czy )?możemy (?:\S{1,14} ){0,4}?obciążyć|(?:再度|もう一度|改めて)ご?請求(?:いた|させ)",
    re.IGNORECASE,
)
_REQUEST = ("please", "bitte", "merci de", "veuillez", "rogamos", "por favor", "preghiamo")


def asks_for_consent(text: str) -> bool:
    """Whether a text asks its reader for what only we ask for: to accept, to keep, to agree, to be billed again."""
    said = text[:4000]
    if holds_one(said.casefold(), _BILLING_STEMS) and _WE_BILL.search(said) is not None:
        return True
    return ("?" in said or "か" in said or holds_one(said.casefold(), _REQUEST)) and _CONSENT_ASKED.search(said) is not None
