"""Who sends: addresses that programs write from, and relays that pass on people."""

import re

from supportbot.mail.message import Mailbox

_DAEMON = re.compile(
    r"(?:mail(?:er)?[._-]?d(?:ae|e|a)mon|postmaster|double-bounce|mdaemon|bounces|bounce(?=[+-])|"
    r".{1,60}-bounces?|mail[._-]delivery[\w.-]*|"
    r"listserv|"
    r"majordomo|mailman|(?:.{1,60}-)?(?:owner|request)(?=@))(?:[+-].*)?",
    re.IGNORECASE,
)
# "No" and "answer" in the languages that shops are run in, in either order.
_NOT = (
    r"(?:no|do[._-]?not|dont|non|nicht|(?:ne[._-]?)?pas[._-]?de|ne[._-]?pas|keine?|bitte[._-]?nicht|geen|niet|"
    r"n[aã]o|nie|inte|"
    r"ej|ikke|"
    r"[aä]l[aä]{1,2}|ne|n[uú])"
)
_ANSWER = (
    r"(?:repl(?:y|ies)(?:[._-]?to)?|respond(?:a|er|e)?|response|respuesta|contestar?|antwort(?:en?)?|reponse|"
    r"repondre|"
    r"rispondere|risposta|responder|"
    r"responda|resposta|odpowiada[cj]|odpowiedz|antwoord(?:en)?|beantwoorden|svara?r?|besvare?|vastaa|"
    r"odpov[ií]d\w{0,8}|"
    r"odpovedat|otve[tc]\w{0,6}|"
    r"v[aá]laszol\w{0,6}|yan[iı]tla\w{0,8})"
)
_NO_REPLY = re.compile(
    rf"(?:.{{0,60}}[._+-])?(?:{_NOT}[._-]?{_ANSWER}|svara?[._-]?(?:ej|inte|ikke)|norisponda|noresponda|"
    rf"yan[iı]tlamay\w{{0,4}})"
    r"(?:[._+-].{0,64}|\d{1,8}.{0,40})?|"
    r"auto-?(?:confirm|reply|notify|mailer|mail|shipment|response|responder|answer|mated)(?:[._+-].{0,64})?|"
    r"(?:e?-?mail-?)?(?:notifications?|notifier|alerts?|newsletters?|news|mailer|mailing|mailings|marketing|"
    r"unattended|"
    r"robot|reply-?bot|benachrichtigung(?:en)?|notificaciones|notificacion|notificacoes|notifiche|notifica|"
    r"powiadomienia|"
    r"meldingen|surveys?|umfragen?|"
    r"enquetes?|encuestas?|feedback|cron|nagios|zabbix|system|wawi|erp|wms|sap|edi|pbx|voicemail|fax|faxserver|"
    r"scanner|sms|"
    r"gateway|batch|jobs?|quarantine|quarantaene|quarantaine|quarantena|"
    r"cuarentena|kwarantanna|anti-?spam|spam-?filter|spam-?digest|rundbrief|infolettre|boletin|aktion(?:en)?|"
    r"werbung|"
    r"promo(?:tions?)?|offers?|"
    r"angebote|offres|ofertas|offerte)(?:[._+-].{0,64})?|"
    r"(?:.{0,60}[._-])?(?:newsletter|notifications?)|nepasrepondre",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"(?:no-? ?reply|do not reply|auto-?(?:matic )?-?(?:reply|responder|response)|mailer-daemon|"
    r"anti-?spam(?: .{0,30})?|"
    r"spam-? ?filter|"
    r"(?:e?-?mail|spam|message) (?:filter|quarantine|gateway)|filtro (?:di )?posta|quarantine|quarantäne)",
    re.IGNORECASE,
)

# What relays of people are called by, in nine languages.
_PARTY = (
    r"(?:members?|buyers?|customers?|users?|guests?|sellers?|käufer(?:in)?|kunden?|kundin|mitglied|acheteu(?:r|"
    r"se)|client|"
    r"cliente|membre|comprador[ae]?|"
    r"acquirente|utente|koper|klant|lid|kupujący|kupująca|klient|購入者|お客様)"
)
_RELAY_NAME = re.compile(
    rf"\bvia\b .|\bthrough\b .|\büber\b .|\([^()]{{2,60}}\)\s*$|^{_PARTY}\b|\b{_PARTY}$| (?:on|at|@|-|\|) \S", re.IGNORECASE
)
_RELAY_LOCAL = re.compile(
    rf"(?:{_PARTY}|m|msg|message|reply|conversation|thread|chat|relay|q|"
    rf"case)[-_+.=]?(?=[a-z-]{{0,40}}\d)[\w.=+-]{{3,80}}|"
    rf"[a-z0-9]{{14,64}}|"
    r"[a-z]{0,20}[-_+.](?=[a-z]{0,20}\d)[0-9a-z]{6,64}",
    re.IGNORECASE,
)
_RELAY_HOST = re.compile(
    r"(?:messages?|msg|reply|replies|members?|marketplace|relay|conversations?|chat|buyers?|users?|customers?|"
    r"mail-?relay|"
    r"contact|messaging|nachrichten|"
    r"mensajes|messaggi|berichten|mensagens|wiadomosci)\d{0,2}\.",
    re.IGNORECASE,
)
_RELAY_SUBJECT = re.compile(
    r"(?:message|question|reply|note|enquiry|inquiry|answer|mail) (?:from|by|about|regarding|to you)|(?:sent|"
    r"wrote|messaged|"
    r"asked) you|"
    r"(?:nachricht|frage|antwort|anfrage) (?:von|zu|eines|des|an sie)|(?:message|question|réponse) (?:de|d'|"
    r"à propos|"
    r"concernant)|"
    r"(?:mensaje|pregunta|respuesta|consulta) (?:de|sobre)|(?:messaggio|domanda|risposta) (?:da|di|su|dal)|"
    r"(?:bericht|vraag|"
    r"antwoord) (?:van|over)|"
    r"(?:mensagem|pergunta|resposta) (?:de|do|da|sobre)|(?:wiadomość|pytanie|odpowiedź) (?:od|o|w sprawie)|"
    r"(?:から|より)の?(?:メッセージ|"
    r"質問|ご連絡|お問い合わせ|連絡)",
    re.IGNORECASE,
)


def sender_reason(sender: Mailbox | None) -> str | None:
    """Why the sender's address or name is a machine's; None where a person may write from it."""
    if sender is None:
        return None
    local = sender.address.rpartition("@")[0]
    if _DAEMON.fullmatch(local):
        return "mailer-daemon"
    if (len(local) <= 100 and _NO_REPLY.fullmatch(local)) or _NAME.fullmatch(sender.name[:100].strip()):
        return "no-reply-sender"
    return None


def is_relay(values: dict[str, list[str]], sender: Mailbox | None, subject: str) -> bool:
    """Whether a marketplace passes on what one of its members wrote: two of the signs that relays give."""
    if sender is None:
        return False
    local, _, domain = sender.address.rpartition("@")
    signs = (
        _RELAY_NAME.search(sender.name[:200]) is not None,
        _RELAY_LOCAL.fullmatch(local[:100]) is not None,
        _RELAY_HOST.match(domain[:100]) is not None,
        _RELAY_SUBJECT.search(subject[:300]) is not None,
        any(":msg" in value or "message" in value or "m2m" in value for value in values.get("feedback-id", ())),
    )
    return sum(signs) >= 2
