"""What mail servers say in prose about a mail they could not deliver, in nine languages and many habits of writing.

No format is recognised by name. Every address that stands in the report is weighed: where it stands, what stands around
it, whether it is one that we wrote to. So a server nobody here knows is read as well as qmail, Exim, Exchange or Domino.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice

from supportbot.mail.phrases import Phrases
from supportbot.mail.returned import clean_address, copy_start

MAX_TEXT = 12_000  # characters of a report that are read
_MAX_LINES = 500
_MAX_CANDIDATES = 200
_MAX_IN_LINE = 20

# RFC 3463 section 2: class, subject 0 to 7, detail. Not a version of a program ("Exim 4.94.2"), not an IP address.
_STATUS = re.compile(r"(?<![\w.])([45]\.[0-7]\.\d{1,3})(?!\.?\d)")
_REPLY = re.compile(r"(?<![\w.:/-])([45][0-5]\d)(?=[ \t:;#\-]{1,3}\S|$|\))", re.MULTILINE)

_SUBJECT_STEMS = (
    "deliver",
    "mail",
    "message",
    "fail",
    "return",
    "bounced",
    "warning",
    "delay",
    "reject",
    "unknown",
    "mailbox",
    "not found",
    "zustell",
    "zugestellt",
    "rückläufer",
    "fehlgeschlagen",
    "verzögert",
    "opóźni",
    "retras",
    "demora",
    "ritard",
    "retard",
    "vertraag",
    "atras",
    "remis",
    "échec",
    "echec",
    "distribu",
    "être",
    "entreg",
    "devuelto",
    "recapit",
    "consegna",
    "bezorg",
    "aflever",
    "afgelever",
    "onbestel",
    "devolvid",
    "dostarcz",
    "niepowodz",
    "zwrot",
    "配信",
    "送信",
    "返送",
    "配達",
    "届け",
    "退信",
    "投递",
)  # one of them stands in every subject that _SUBJECT finds something in
_SUBJECT = re.compile(
    r"undeliver|un-?deliverable|(?:mail|message|e-?mail)? ?(?:could )?not (?:be )?delivered|delivery (?:status notif|failure|"
    r"failed|has failed|error|delayed|has been delayed|incomplete|notification|report|unsuccessful|problem|warning|issue)|"
    r"(?:mail|message|email)[ -](?:delivery|status|system error|not delivered|delayed)|failure notice|failure delivery|"
    r"returned (?:e?-?mail|message|to sender)|returning (?:e?-?mail|message)|bounced|non[- ]?(?:delivery|remis|recapit|"
    r"deliverable)|"
    r"nondeliver|failed (?:mail|to deliver|delivery)|delayed mail|warning: (?:message|could not send)|message delayed|"
    r"mail (?:failure|system)|delivery to .{1,80} (?:failed|delayed)|rejected (?:mail|message|posting)|"
    r"address not found|recipient (?:not found|unknown)|user unknown|mailbox (?:full|unavailable|does not exist)|"
    r"unzustellbar|nicht zustellbar|nicht zugestellt|zustellung|rückläufer|fehlgeschlagen|verzögert|"
    r"non remis|échec de|echec de|non distribu|n.a pas (?:pu )?être|remise (?:retardée|différée)|état de la distribution|"
    r"no se ha podido entregar|no entregado|no se puede entregar|devuelto|error de entrega|fallo (?:de|en la) entrega|"
    r"mancato recapito|mancata consegna|impossibile recapitare|recapito (?:ritardato|non riuscito)|non recapita|non consegna|"
    r"onbestelbaar|niet bezorgd|niet afgeleverd|aflevering|bezorging|"
    r"não entregue|nao entregue|falha na entrega|não foi possível entregar|devolvid|"
    r"opóźni\w+ (?:w |dostarcz)|(?:retraso|demora) (?:en|de) (?:la )?entrega|entrega (?:retrasada|atrasada|adiada|demorada)|atraso na entrega|"
    r"retard (?:de|dans la) (?:remise|livraison du message)|(?:consegna|recapito) (?:ritardat|in ritardo)|vertraagde? (?:bezorging|aflevering|bericht)|"
    r"niedostarcz|nie dostarczono|niepowodzenie|nie można dostarczyć|zwrot|"
    r"配信(?:不能|エラー|失敗|できません|の遅延|状態)|送信エラー|返送|配達不能|配信されません|届けできません|"
    r"退信|投递失败|无法投递|系统退信",
    re.IGNORECASE,
)
_DELAY_SUBJECT = re.compile(
    r"delay|warning: (?:message|could not|your|e?-?mail)|delivery warning|still (?:trying|undelivered)|\bdeferred|"
    r"verzögert|retard|différé|retras|demora|ritard|vertraag|atras|opóźni|遅延|遅れ",
    re.IGNORECASE,
)

_FAILURE = Phrases(
    (
        "",  # en
        r"(?:could|can|cannot|was|were|has|have|is|are|be|been)(?: not|n't)? (?:be |been |being )?(?:un)?deliver|undeliver|"
        r"not (?:be(?:en)? )?delivered|unable to (?:deliver|send|relay|reach)|(?:wasn't|not) able to (?:deliver|send)|"
        r"deliver(?:y|ing)? (?:to|of|your|the|has|attempt|fail|error|problem|unsuccess|timed|time-?out|delay)|"
        r"fail(?:ed|ure)? (?:to (?:deliver|send|reach)|permanent|recipient|address|deliver)|did not reach|not reach(?:ed)? the|"
        r"permanent(?:ly)? (?:fatal )?(?:error|fail)|fatal errors?|returned to (?:the )?sender|returning (?:your|this|the)|"
        r"(?:user|recipient|address|mailbox|account|host|domain)s?(?: name)? (?:is |was |has been |are )?(?:unknown|not found|"
        r"does(?: not|n't) exist|rejected|unavailable|disabled|invalid|full|over ?quota|not (?:known|listed|valid))|"
        r"no such (?:user|address|mailbox|recipient|domain|person)|not a valid user|unknown (?:user|recipient|address|local|"
        r"host)|"
        r"(?:invalid|bad|unrecogni[sz]ed) (?:recipient|address|destination|mailbox|user)|quota exceeded|over quota|"
        r"mailbox (?:full|is full)|"
        r"message (?:was |has been |is )?(?:rejected|refused|blocked|bounced|undeliver|not)|"
        r"(?:rejected|refused|blocked) (?:your|the|by|this)|couldn.t be (?:delivered|found|sent)|wasn.t delivered|"
        r"no longer (?:valid|in use|exists|available|accept)|address(?:es)? (?:had|failed|could|that)|delivery report|"
        r"not (?:yet )?been delivered|<<< [45]\d\d|\b[45]\d\d[ -][45]\.\d\.\d|remote (?:server|host) (?:said|returned)",
    ),
    (
        "zust|übermittelt|ausgeliefert|unbekannt|postfach|empfänger|adresse|konto|nicht",  # de
        r"(?:nicht|konnte) (?:\w+ ){0,6}(?:zugestellt|zustellbar|übermittelt|ausgeliefert)|unzustellbar|zustell\w* (?:ist |"
        r"war |"
        r"\w+ )?(?:fehlgeschlagen|gescheitert|verzögert|nicht)|unbekannter (?:empfänger|benutzer)|"
        r"(?:postfach|empfänger|adresse|konto)\w*(?: \S+){0,3} (?:voll|unbekannt|nicht|existiert|gesperrt|überschritten|"
        r"deaktiviert)",
    ),
    (
        "être|remis|impossible|échec|boîte|adresse|remise",  # fr
        r"n.a (?:pas )?(?:pu |encore )?(?:pas )?être (?:remis|livr|distribu|achemin)|non remis|impossible de (?:remettre|"
        r"livrer|"
        r"distribuer|transmettre)|échec (?:de|lors)|la remise (?:de|n|a)|boîte (?:aux lettres|de réception) (?:est )?(?:pleine|"
        r"saturée|inexistante)|adresse (?:introuvable|inconnue|inexistante)",
    ),
    (
        "entreg|env|buzón|usuario|destinatario|dirección|cuenta",  # es
        r"no (?:se )?(?:ha |pudo |puede |pudimos |fue )?(?:podido |posible )?(?:ser )?(?:entreg|env)|no se ha entregado|"
        r"error (?:al|en la) (?:entreg|env)|"
        r"buzón (?:\S+ ){0,3}(?:lleno|existe|encontr)|usuario desconocido|(?:usuario|destinatario|dirección|"
        r"cuenta) no (?:existe|se|encontr)",
    ),
    (
        "recapit|consegn|invi|destinatario|indirizzo|casella|utente",  # it
        r"non (?:è stato |è stata |può essere |ha potuto )?(?:possibile |essere )?(?:recapit|consegn|invi)|"
        r"mancat[oa] (?:recapito|"
        r"consegna)|impossibile (?:recapitare|consegnare|inviare)|(?:destinatario|indirizzo|casella|"
        r"utente) (?:\S+ ){0,3}(?:sconosciut|inesistente|piena|non (?:esiste|trovat))",
    ),
    (
        "niet|kon|kan|onbestelbaar|postvak|adres|ontvanger",  # nl
        r"(?:niet|kon|kan) (?:\w+ ){0,4}(?:bezorgd|afgeleverd|worden|bezorgen)|onbestelbaar|(?:postvak|adres|"
        r"ontvanger)\w* (?:\S+ ){0,2}(?:vol|onbekend|niet|bestaat)",
    ),
    (
        "não|falha|caixa|usuário|endereço|destinatário",  # pt
        r"não (?:foi |pôde |pode )?(?:possível |ser )?(?:entreg|envi)|falha (?:na|ao|permanente)|"
        r"(?:caixa (?:de correio|postal)|usuário|endereço|destinatário) (?:\S+ ){0,3}(?:cheia|inexistente|desconhecid|não)",
    ),
    (
        "nie",  # pl
        r"nie (?:mogła|można|udało|został[ao]?|dostarcz)\w*|niedostarcz\w*|skrzynk\w+ (?:\S+ ){0,3}(?:pełn|przepełnion|nie)|"
        r"nieznany (?:adresat|użytkownik)",
    ),
    (
        "配信|届け|送信|宛先|存在|見つかり|エラー",  # ja
        r"配信(?:でき|され|に失敗|不能)|届け(?:でき|られ)|送信(?:でき|に失敗)|宛先(?:が|不明)|存在し(?:ま|な)|見つかりません|エラー",
    ),
    (
        "无法|無法|退信|投递|不存在|未送达",  # zh
        r"无法|無法|退信|投递失败|不存在|未送達",
    ),
)
_DELAY = re.compile(
    r"not yet (?:been )?(?:deliver|able)|has(?: not|n't) been delivered yet|(?:delivery|message)[^\n.]{0,60} (?:is|was|"
    r"has been|been) delayed|"
    r"(?:is|was|has been|been) (?:temporarily )?(?:delayed|deferred)|this is (?:only )?a warning|warning message only|"
    r"(?:no|not) need to (?:resend|re-?send|retry|send)|do not (?:need to )?re-?send|"
    r"will (?:be (?:re)?tr(?:ied|y)|continue|keep|retry|try|be attempted|be re-?attempted)(?: to| again| for| be|ing|"
    r" deliver|\W)|"
    r"(?:attempts|delivery) will (?:continue|be (?:re)?tried)|still (?:trying|being|in the queue|queued)|"
    r"retr(?:y|ied) (?:for|until)|temporar(?:y|ily) (?:problem|fail|error|undeliver|unable)|transient (?:error|fail|non-fatal)|"
    r"noch nicht (?:zugestellt|übermittelt)|verzögert|weiterhin versuch|erneut (?:zu )?versuch|weitere zustellversuche|"
    r"pas encore (?:été|pu)|retardé|différé|nouvelle tentative|continuer\w* (?:à|d)|"
    r"todavía no|aún no|retras|se (?:seguirá|volverá) |seguiremos|"
    r"non è (?:stato )?ancora|ritard|verrà (?:ritentat|effettuat)|ulteriori tentativ|"
    r"nog niet|vertraag|opnieuw (?:geprobeerd|proberen)|blijven proberen|"
    r"ainda não|atras|continuar\w* tent|tentar\w* novamente|"
    r"jeszcze nie|opóźnion|ponown\w+ pr|kolejn\w+ pr|"
    r"まだ配信|遅延|遅れて|再送|再試行|配信を試み|引き続き",
    re.IGNORECASE,
)
_FINAL = re.compile(
    r"permanent(?:ly)? |permanent\b|fatal error|given up|giving up|gave up|no(?:t| further|"
    r" more)[^\n.]{0,30} (?:be )?(?:attempt|retr|tried)|"
    r"will not (?:be )?(?:retr|try|attempt|re-?tr)|retry time(?:out)? (?:exceeded|not reached for any host after)|"
    r"too (?:old|long in)|"
    r"time ?limit exceeded|(?:message|delivery|time)(?: has)? expired|could not be delivered for|couldn.t be delivered|"
    r"not going to try|in the queue too long|maximum delivery attempts|after \d+ (?:attempt|failed|day|hour)|aborted after|"
    r"failed \d+ attempts|"
    r"endgültig|aufgegeben|dauerhaft|définitive|permanente?\b|definitiv|trwał|恒久|永続",
    re.IGNORECASE,
)
_SERVER_WORDS = re.compile(
    r"mail delivery (?:software|system|subsystem)|mail ?server|e-?mail address|smtp|postmaster|mailbox|recipient|"
    r"(?:message|e-?mail|mail) (?:that )?(?:you sent|was not|could not|with subject|has been|you tried|below)|"
    r"(?:your|following) (?:e-?mail|mail|message)|\b5\d\d[ -]5\.\d\.\d|empfänger|mailserver|ihre (?:nachricht|e-?mail)|"
    r"destinatair|votre message|"
    r"su mensaje|destinatario|suo messaggio|uw bericht|ontvanger|sua mensagem|destinatário|wiadomoś|odbiorc|"
    r"adresat|メール|邮件",
    re.IGNORECASE,
)
_ABOUT_ADDRESSES = re.compile(
    r"recipient|address|following|deliver|failed|failure|reach|unknown|rejected|sent to|mail to|message to|"
    r"empfänger|adresse|zugestellt|folgende|destinat|suivant|remis|siguiente|entreg|seguent|recapit|consegn|"
    r"ontvanger|volgende|bezorg|seguinte|odbiorc|następując|dostarcz|adresat|宛先|受信者|アドレス|配信|次の",
    re.IGNORECASE,
)
_FAULT = re.compile(
    r"\b[45]\d\d[ :;-]|[45]\.\d\.\d{1,3}|unknown|no such|not found|reject|refus|disabled|invalid|unavailable|quota|full|"
    r"fail|not recogni|"
    r"does ?n.t exist|does not exist|unroute?able|undeliver|cannot|could ?n.t|could not|timed? ?out|error|unbekannt|inconnu|"
    r"desconocid|"
    r"sconosciut|onbekend|desconhecid|nieznan|存在",
    re.IGNORECASE,
)
_NAMED_RECIPIENT = re.compile(
    r"(?:final-recipient|original-recipient|x-actual-recipient|x-failed-recipients?|failed recipients?|"
    r"recipients?(?: address)?|"
    r"empfänger(?:adresse)?|destinataires?|destinatari[oi]s?|ontvangers?|geadresseerden?|odbiorc\w*|adresat\w*|受信者|宛先|"
    r"rcpt to|envelope-to|user|mailbox|address|addressee)[ \t]{0,3}[:=：]",
    re.IGNORECASE,
)
_TO_LINE = re.compile(r"[ \t>*|]{0,16}(?:to|an|à|a|para|aan|do|宛先|original-?to)[ \t]{0,3}[:：]", re.IGNORECASE)
_NOT_RECIPIENT = re.compile(
    r"[ \t>*|]{0,16}(?:from|sender|return-path|reply-to|message-?id|references|in-reply-to|reporting-mta|mail from|von|de|da|"
    r"van|od|cc|received|x-[a-z-]{1,40}sender|差出人)[ \t]{0,3}[:=：]|mail from:",
    re.IGNORECASE,
)
_HELP = re.compile(
    r"contact|question|assistance|help|support|mailto:|inquir|enquir|problem report|forward|send (?:e?-?mail|a message)|"
    r"please e-?mail|"
    r"wenden|hilfe|kontakt|contacter|aide|contacto|ayuda|contatt|assistenza|hulp|contato|ajuda|pomoc|お問い合わせ",
    re.IGNORECASE,
)
_DAEMON_LOCAL = re.compile(
    r"(?:mailer-?daemon|postmaster|abuse|mail-?daemon|daemon|hostmaster|webmaster|helpdesk|support|no-?reply|root)(?:[+-].*)?",
    re.IGNORECASE,
)
_BEFORE = re.compile(r"[^\s<>()\[\]{},;:\"@|\uFF1A\u3000-\u30FF\uFF08\uFF09]{1,64}\Z")
_QUOTED_BEFORE = re.compile(r'"[^"\n@]{1,62}"\Z')
_AFTER = re.compile(r"(?:[\w-]{1,63}\.){0,10}[\w-]{1,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Report:
    """What a report says in prose. `recipients`: the likeliest failed address first."""

    recipients: tuple[str, ...]
    status: str | None  # RFC 3463
    permanent: bool
    says_failure: bool
    by_server: bool  # in the words of a mail server


def read_report(subject: str, text: str, *, expected: Collection[str], not_recipients: Collection[str]) -> Report:
    """Weighs the words of a report. `expected`: addresses we are known to have written to; `not_recipients`: those of the
    report's own header."""
    text = text[:MAX_TEXT]
    words = text[: copy_start(text)]
    found = _weigh(words, expected, not_recipients)
    if not found and len(words) < len(text):
        found = _weigh(text, expected, not_recipients)
        words = words if words.strip() else text
    recipients = tuple(address for address, _ in found)
    place = words.find(recipients[0].partition("@")[0]) if recipients else -1
    status = _status(words, place)
    return Report(
        recipients,
        status,
        _permanent(subject, words, status, place),
        _FAILURE.found_in(words.lower()),
        bool(_SERVER_WORDS.search(words)),
    )


def is_returned_subject(subject: str) -> bool:
    """Whether a subject is one that mail servers give their reports."""
    subject = subject[:500]
    lower = subject.lower()
    return any(stem in lower for stem in _SUBJECT_STEMS) and _SUBJECT.search(subject) is not None


def find_status(text: str) -> str | None:
    """The first RFC 3463 code of a failure in a text."""
    match = _STATUS.search(text)
    return match.group(1) if match else None


def find_reply(text: str) -> str | None:
    """The first SMTP reply code of a failure in a text."""
    match = _REPLY.search(text)
    return match.group(1) if match else None


def _status(words: str, place: int) -> str | None:
    """The code that stands after the failed address, else the first one."""
    near = find_status(words[place : place + 1500]) if place >= 0 else None
    return near or find_status(words)


def _permanent(subject: str, words: str, status: str | None, place: int) -> bool:
    if _DELAY.search(words) or (_DELAY_SUBJECT.search(subject) and not _FINAL.search(words)):
        return False
    if _FINAL.search(words):
        return True
    code = status or (find_reply(words[place : place + 1500]) if place >= 0 else None) or find_reply(words)
    return not (code and code.startswith("4"))


def _weigh(text: str, expected: Collection[str], not_recipients: Collection[str]) -> list[tuple[str, int]]:
    """The addresses of a text that look like failed ones, best first, with their weight above 0."""
    wanted = {address.lower() for address in expected}
    unwanted = {address.lower() for address in not_recipients} - wanted
    weights: dict[str, int] = {}
    lines = text.split("\n")[:_MAX_LINES]
    before: list[str] = []  # the non-empty lines above
    for number, line in enumerate(lines):
        line = line[:1000]
        if not line.strip():
            continue
        if "@" in line:
            following = next((other for other in lines[number + 1 : number + 4] if other.strip()), "")
            around = _around(line, before, following)
            for address, form in islice(_candidates(line), _MAX_IN_LINE):
                weight = form + around
                weight += 4 * (address.lower() in wanted) - 6 * (address.lower() in unwanted)
                weight -= 5 * bool(_DAEMON_LOCAL.fullmatch(address.rpartition("@")[0]) and address.lower() not in wanted)
                weights[address] = max(weight, weights.get(address, weight))
            if len(weights) > _MAX_CANDIDATES:
                break
        before = [*before[-2:], line]
    return sorted(((a, w) for a, w in weights.items() if w > 0), key=lambda pair: -pair[1])


def _candidates(line: str) -> Iterator[tuple[str, int]]:
    """Every address of a line, with the weight of how it stands there."""
    position = 0
    while (at := line.find("@", position)) >= 0:
        position = at + 1
        head = line[max(0, at - 64) : at]
        start = _QUOTED_BEFORE.search(head) or _BEFORE.search(head)
        end = _AFTER.match(line, at + 1)
        if not start or not end:
            continue
        position = end.end()
        address = clean_address(f"{start.group()}@{end.group()}")
        if address is None:
            continue
        left = line[: at - len(start.group())].strip(" \t<>\"'*-•·[(|=")
        right = line[end.end() :].strip(" \t>\"'])|")
        yield address, 3 if not left and (not right or right[0] in ":;,(.-.[<…") else 2 if not left else 0


def _around(line: str, before: list[str], following: str) -> int:
    weight = 0
    if _NAMED_RECIPIENT.search(line):
        weight += 4
    elif _NOT_RECIPIENT.match(line):
        return -6
    elif _TO_LINE.match(line):
        weight += 2
    if before and before[-1].rstrip().endswith((":", "：")) and _ABOUT_ADDRESSES.search(before[-1]):
        weight += 2  # "did not reach the following recipient(s):"
    weight += 2 if _FAULT.search(line) else int(bool(_FAULT.search(following)))
    weight += 2 if _ABOUT_ADDRESSES.search(line) or any(_ABOUT_ADDRESSES.search(other) for other in before) else 0
    return weight - 4 * bool(_HELP.search(line))
