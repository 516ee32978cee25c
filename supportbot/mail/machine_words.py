"""The words of machines, and of people who speak of the same things: subjects and phrases in nine languages and some more.

Each table is a pattern over lower-case text with single blanks. What people write too counts only together with what only
an automatic answer says; so a buyer on holiday is no out-of-office reply, and a lost parcel is no failed delivery.
"""

import re

from supportbot.mail.phrases import Phrases, any_of

RECEIPT_SUBJECT = re.compile(
    r"(?:read|gelesen|lue?|leído|letto|gelezen|lida|lido|przeczytano|przeczytane|przeczytana|開封済み|not read|"
    r"ungelesen gelöscht|"
    r"ungelesen|nicht gelesen|non lu|no leído|non letto|niet gelezen|não lida|nie przeczytano|未開封|"
    r"deleted without being read|"
    r"return receipt|read receipt|reading confirmation|message read|read notification|"
    r"lesebestätigung|empfangsbestätigung|gelesen-bestätigung|accusé de lecture|accusé de réception|confirmation de lecture|"
    r"confirmación de lectura|acuse de (?:lectura|recibo)|conferma di lettura|ricevuta di (?:lettura|ritorno)|leesbevestiging|"
    r"ontvangstbevestiging|recibo de leitura|confirmação de leitura|potwierdzenie (?:odczytania|przeczytania|odbioru)|開封確認|"
    r"læst|läst|lest|luettu|opened|displayed|geopend|olvasva|elolvasva|přečteno|prečítané|okundu|прочтено|прочитано|citit|"
    r"διαβάστηκε|"
    r"geöffnet|aperto|abierto|ouvert|wyświetlono|otwarto|ulest|ulæst|oläst|lukukuittaus|läskvitto|kvittering for læsning|"
    r"lesebekreftelse|"
    r"potvrzení o přečtení|okundu bilgisi|уведомление о прочтении|olvasási visszaigazolás)"
    r"\s?(?:\([^)]{0,40}\))?\s?(?:[:：](?=\s|$)|(?<=\) )-)|disposition notification|(?:return|read) receipt\s?$|"
    r"開封(?:確認|通知|済み)"
)
# A receipt says that our mail was read, and when, or where; its reader says no more.
RECEIPT = Phrases(
    (
        "message|e-mail|email|mail",
        r"^(?:this is a (?:return |read )?receipt for|your (?:message|e-?mail|mail)(?: \S{1,40}){0,40}? (?:was|"
        r"has been) (?:read|opened|displayed|"
        r"deleted without being read)\b(?=(?: \S{1,12}){0,2} (?:on|at|\d|without)|\.?$)|"
        r"the message (?:\S{1,40} ){0,30}?was displayed|"
        r"(?:\S{1,30} ){0,4}?(?:has )?(?:read|opened) your (?:message|e-?mail) on )|"
        r"no guarantee that the message has been read|"
        r"no guarantee that (?:it|the contents) ha(?:s|ve) been read",
    ),
    (
        "gelesen|geöffnet|angezeigt|eingangsbestätigung|lesebestätigung",
        r"^(?:dies ist eine (?:eingangs|lese|empfangs)bestätigung|(?:ihre|deine) (?:nachricht|e-?mail|"
        r"mail)(?: \S{1,40}){0,40}? (?:wurde|ist) "
        r"(?:\S{1,16} ){0,6}?(?:gelesen|geöffnet|angezeigt|ungelesen gelöscht))",
    ),
    (
        "a été lu|été ouvert|affiché|accusé de|supprimé sans",
        r"^(?:ceci est un accusé|votre (?:message|courriel|e-?mail|mail)(?: \S{1,40}){0,40}? a été (?:lu|ouvert|affiché|"
        r"supprimé sans))",
    ),
    (
        "leído|abierto|acuse|visualizado|mostrado",
        r"^(?:este es un acuse|(?:su|tu|el) (?:mensaje|correo)(?: \S{1,40}){0,40}? (?:ha sido|fue|se ha|se) (?:leído|leyó|"
        r"abierto|mostrado|visualizado))",
    ),
    (
        "letto|aperto|ricevuta|visualizzato",
        r"^(?:questa è una ricevuta|il (?:suo |tuo |vostro )?messaggio(?: \S{1,40}){0,40}? è stato (?:letto|aperto|"
        r"visualizzato))",
    ),
    (
        "gelezen|geopend|ontvangstbewijs|leesbevestiging|weergegeven",
        r"^(?:dit is een (?:ontvangst|lees)|(?:uw|je) (?:bericht|e-?mail)(?: \S{1,40}){0,40}? (?:is|"
        r"werd) (?:\S{1,16} ){0,6}?(?:gelezen|geopend|weergegeven))",
    ),
    (
        "lida|lido|aberta|recibo|exibida",
        r"^(?:este é um recibo|a (?:sua |tua )?mensagem(?: \S{1,40}){0,40}? foi (?:lida|aberta|exibida)|(?:o seu|"
        r"seu) (?:e-?mail|correio)(?: \S{1,40}){0,40}? foi lido)",
    ),
    (
        "przeczyt|otwart|wyświetlon|potwierdzenie",
        r"^(?:to jest potwierdzenie|(?:twoja |państwa )?wiadomość(?: \S{1,40}){0,40}? została (?:\S{1,16} ){0,6}?(?:przeczyt|"
        r"otwart|wyświetlon))",
    ),
    ("開封|既読|表示されました", r"(?:開封(?:され|しました|確認)|既読になりました|メッセージは.{0,60}表示されました)"),
    (
        "lästes|läst|læst|lest|luettu|přečten|okundu|прочита|прочтен|olvas|megnyit",
        r"^(?:(?:ditt|din) (?:meddelande|melding|besked|e-?post)(?: \S{1,40}){0,40}? (?:lästes|har lästs|ble lest|blev læst|"
        r"er læst|er lest)|"
        r"viesti\w*(?: \S{1,40}){0,30}? (?:on )?luettu|(?:vaše )?zpráva(?: \S{1,40}){0,30}? byla (?:\S{1,16} ){0,3}?přečten|"
        r"ileti\w*(?: \S{1,40}){0,30}? okundu|ваше (?:сообщение|письмо)(?: \S{1,40}){0,30}? (?:было )?(?:прочита|прочтен)|"
        r"(?:az )?üzenet\w*(?: \S{1,40}){0,30}? (?:olvas|elolvas|megnyit))",
    ),
)
DMARC_SUBJECT = re.compile(r"(?:\[\w+\] )?report domain: \S{1,255} submitter: |dmarc (?:aggregate )?report\b")
CALENDAR_SUBJECT = re.compile(
    r"(?:accepted|declined|tentative(?:ly accepted)?|canceled|cancelled|new time proposed|zugesagt|abgelehnt|mit vorbehalt|"
    r"unter vorbehalt|"
    r"accepté|refusé|provisoire|aceptado|aceptada|rechazado|rechazada|provisional|accettato|rifiutato|provvisorio|geaccepteerd|"
    r"geweigerd|afgewezen|voorlopig|aceito|aceite|recusado|provisório|zaakceptowano|odrzucono|wstępnie|承諾|辞退|仮承諾|"
    r"accepterat|afvist|accepteret|akseptert|godkänt|avböjt|avslått|foreløpig|preliminärt|hyväksytty|hylätty|přijato|odmítnuto|"
    r"kabul edildi|"
    r"reddedildi|принято|отклонено|elfogadva|elutasítva|abgesagt|annulé|cancelado|annullato|geannuleerd|anulowano|"
    r"zaakceptowane|odrzucone|"
    r"updated invitation|invitation|einladung|aktualisierte einladung|neuer terminvorschlag|nouvelle date proposée|"
    r"nueva hora propuesta|"
    r"nuovo orario proposto|nieuwe tijd voorgesteld|キャンセル済み|辞退済み|承諾済み)\s?[:：]"
)
CALENDAR_WORDS = re.compile(
    r"\b(?:has |hat |a |ha |heeft )?(?:accepted|declined|tentatively accepted|accepté|refusé|aceptado|rechazado|accettato|"
    r"rifiutato) "
    r"(?:this|your|the|cette|votre|esta|su|questo|il suo)? ?(?:invitation|meeting|event|appointment|invito|invitación)|"
    r"(?:einladung|termin|besprechung\w*) (?:angenommen|zugesagt|abgelehnt|mit vorbehalt)|uitnodiging (?:geaccepteerd|"
    r"geweigerd)|"
    r"zaproszenie|\b(?:has|hat|a|ha|heeft|har) (?:accepted|declined|angenommen|zugesagt|abgelehnt|accepté|refusé|aceptado|"
    r"rechazado|accettato|rifiutato|"
    r"geaccepteerd|geweigerd|aceitou|recusou|accepterat|tackat ja|accepteret|akseptert)\.?$|google (?:calendar|kalender|"
    r"agenda)|\bvcalendar\b|(?:der|die) (?:termin|besprechung|einladung) wurde|"
    r"\b(?:when|wann|quand|cuándo|"
    r"quando|wanneer|kiedy|日時|när|hvornår|termin|où|where|wo|luogo|lugar|dónde|waar|gdzie|場所)[:：] |"
    r"has (?:tentatively )?(?:accepted|declined)|"
    r"proposed a new time|(?:réunion|rendez-vous|reunión|riunione|vergadering|reunião|spotkani\w)(?: \S{1,14}){0,4}? (?:a été|"
    r"ha sido|è stat|is|foi|"
    r"został)"
)
CALENDAR_DATE = re.compile(r" @ \w{2,4}\.? |\d{1,2}[:.h]\d{2}")
# The line of a calendar: the day's name, the day, the year, the hour; nothing that somebody would say.
CALENDAR_LINE = re.compile(
    r"(?:[^\s.?!]{1,30} ){0,14}?\d{1,2}\.?(?: de|,)? [^\s\d]{3,14}\.?,?(?: de)? \d{4},?(?: [^\s\d]{1,8}){0,2} \d{1,2}[:.h]\d{2}"
    r"(?: ?[-–] ?\d{1,2}[:.h]\d{2})?(?: [^\s.?!]{1,14}){0,4}"
)
AUTOMATIC = Phrases(
    (
        "auto-generated|automated|automatic|autogenerated|auto-mated|automation",
        r"\bthis (?:is an?|e-?mail|mail|message|reply|response|notification|note|"
        r"confirmation)(?: [^\s.?!]{1,20}){0,6} (?:auto-?generated|auto-?mated|automat(?:ic|ed|ically))\b",
    ),
    (
        "generated",
        r"\b(?:automatically|auto|system|computer)[- ]generated (?:e-?mail|message|response|reply|notification|"
        r"mail)\b(?! (?:from you|you sent|i (?:got|received)))",
    ),
    (
        "to this |to directly|monitored|not checked|not read|unattended|cannot receive|does not accept|not be read|"
        "not be answered|not be received|autoresponder|notification-only|response to your",
        r"\b(?:e-?mails?|messages?|mails?)(?: sent)? to this (?:address|mailbox|account|inbox) (?:is|are|will) (?:not|no longer) (?:be )?"
        r"(?:forwarded|read|monitored|answered|seen|delivered)|"
        r"\b(?:please )?(?:do not|don't|don’t) (?:reply|respond) (?:directly )?to this (?:e-?mail|message|address|mail|"
        r"notification)|"
        r"\b(?:this|our) (?:mailbox|inbox|e-?mail (?:address|account|box)|address|account) (?:is |are )?(?:not (?:monitored|"
        r"checked|read)|unattended|unmonitored|cannot receive|does not accept)|"
        r"\b(?:replies|responses) (?:to this \S{1,12} )?(?:are|will) not (?:be )?(?:monitored|read|answered|received)|"
        r"\bthis is an autoresponder|notification-only|"
        r"auto(?:mated|matic) response to your",
    ),
    (
        "automatisch|auf diese|wird nicht",
        r"\bdies(?:e|es)? (?:ist eine automatisch|(?:e-?mail|nachricht|mail|antwort) (?:wurde|wird|"
        r"ist) (?:\S{1,20} ){0,3}?automatisch)|automatisch (?:generierte|erzeugte|erstellte|versendete) (?:e-?mail|"
        r"nachricht|antwort)|"
        r"(?:bitte )?(?:nicht|antworten sie nicht) auf diese (?:e-?mail|nachricht|mail)(?: antworten)?|"
        r"automatische eingangsbestätigung|diese(?:s|r)? (?:postfach|e-?mail-?adresse) wird nicht",
    ),
    (
        "automatique|ne pas ",
        r"\b(?:ceci est (?:une réponse|un (?:message|e-?mail|courriel)) automatique|(?:ce|cet) (?:message|e-?mail|courriel|"
        r"mail) (?:est|a été) (?:\S{1,20} ){0,3}?automatiquement|"
        r"(?:merci de )?ne pas (?:y )?répondre (?:à ce|directement)|message automatique[,.])",
    ),
    (
        "automátic|automatic|responda|respond|conteste|generado autom|este buzón",
        r"\b(?:este (?:es un|correo|mensaje|e-?mail)(?: \S{1,20}){0,5} autom[áa]tic\w*|(?:no responda|no respond[ae]s?|"
        r"por favor,? no conteste)\w* a este (?:correo|mensaje|e-?mail)|mensaje generado autom|"
        r"este buzón no (?:se )?(?:atiende|lee|supervisa|está))",
    ),
    (
        "automatic|rispondere|generato autom",
        r"\b(?:questo (?:è un|messaggio|indirizzo)(?: \S{1,20}){0,5} automatic\w*|(?:la presente|questa) (?:e-?mail|mail|"
        r"è una risposta)(?: \S{1,20}){0,4} automatic\w*|(?:si prega di )?non rispondere a quest|messaggio generato autom)",
    ),
    (
        "automatisch|niet op|niet te",
        r"\b(?:dit is een automatisch|dit (?:bericht|e-?mailbericht) (?:is|wordt) automatisch|deze (?:e-?mail|mail) (?:is|"
        r"wordt) automatisch|(?:u kunt |gelieve |kunt u )?niet (?:op|te) (?:deze|dit) (?:e-?mail|mail|bericht)|"
        r"automatisch gegenereerd)",
    ),
    (
        "automátic|automatic|não respond",
        r"\b(?:esta (?:é uma|mensagem|resposta)(?: \S{1,20}){0,5} autom[áa]tic\w*|este (?:é um|"
        r"e-?mail)(?: \S{1,20}){0,5} autom[áa]tic\w*|(?:por favor,? )?não respond\w+ a est)",
    ),
    (
        "automatycz|nie odpowiada",
        r"\b(?:to jest automatyczna|(?:ta |niniejsza )?wiadomość (?:została |jest )?(?:wygenerowana |"
        r"wysłana )?automatycz\w+|(?:prosimy )?nie odpowiada\w* na (?:tę|ten|niniejsz)|wygenerowan\w+ automatycznie)",
    ),
    (
        "address has changed|mailadresse|mail-adresse|nicht mehr ab|adresse mail|adresse e-mail|correo ha cambiado|"
        "indirizzo e-mail|indirizzo email|mailadres",
        r"\be-?mail address has changed|\bnew e-?mail address|mail-?adresse (?:hat sich geändert|lautet)|"
        r"rufe ich nicht mehr ab|(?:nouvelle adresse|adresse) (?:e-?)?mail "
        r"(?:est|a changé)|correo ha cambiado|indirizzo e-?mail è cambiato|mailadres is (?:gewijzigd|veranderd)",
    ),
    (
        "generated|erstellt|généré|generad|generat|gegenereerd|gerad|wygenerowan|unterschrift|自動生成|voice|sprachnachricht|vocal|"
        "mensaje de voz|voicemail|fax|batch",
        r"\bgenerated (?:by|from) (?:the |our |an? )?(?:\S{1,20} ){0,3}?(?:system|batch|server|erp|wms|job|software|program|"
        r"report|service|robot|bot)\b|report is generated|"
        r"computer[- ]generated|(?:maschinell|elektronisch|edv-?technisch|systemseitig) (?:\S{1,12} )?erstellt|"
        r"ohne unterschrift gültig|"
        r"(?:document|message|courriel) généré (?:par|automat)|generado por (?:el|nuestro) sistema|generato dal sistema|"
        r"gegenereerd door (?:het|ons) systeem|"
        r"gerado pelo sistema|wygenerowan\w+ przez system|自動生成|you have (?:a |\d+ )?new (?:voice|fax)|"
        r"new voice(?: ?mail)? (?:message )?(?:from|received)|neue "
        r"(?:sprachnachricht|voicemail)|nouveau message vocal|nuevo mensaje de voz|nuovo messaggio vocale|"
        r"nieuw voicemailbericht|fax (?:message )?received from",
    ),
    # Nobody reads the mailbox.
    (
        "retired|deactivat|discontinued|monitor|no longer|not in use|unattended|not staffed|any more|anymore|outgoing|"
        "send-only|never read|nobody reads|"
        "not receive",
        r"\b(?:this|the|my|our|that) (?:\S{1,20} ){0,2}?(?:mailbox|inbox|e-?mail|address|account)s?(?: \S{1,30})? (?:is|are|"
        r"was|has|has been|isn't) "
        r"(?:\S{1,14} ){0,2}?(?:monitored|in use|unattended|unmonitored|staffed|checked|read|any ?more|closed|deactivated|"
        r"retired|discontinued|switched off|"
        r"outgoing|"
        r"send-only)\b(?<!is checked)(?<!is read)(?<!is monitored)|\b(?:sent|mail) from (?:a|an) (?:unmonitored|unattended|"
        r"send-only|outgoing)|"
        r"(?:this message was sent|was sent) by (?:the|our|an?) (?:\S{1,14} )?system\b",
    ),
    (
        "postfach|mailadresse|mail-adresse|mailkonto|mailbox|adresse wird|adresse ist",
        r"(?:diese[ns]?|dieser|unser|das) (?:\S{1,16} )?(?:postfach|e-?mail-?adresse|mailadresse|e-?mail-?konto|mailbox|"
        r"adresse)(?: \S{1,20}){0,2}? "
        r"(?:wird|ist|werden) (?:\S{1,16} ){0,4}?(?:nicht (?:mehr )?(?:gelesen|überwacht|betreut|abgerufen|bearbeitet|aktiv|"
        r"besetzt|genutzt)|"
        r"deaktiviert|stillgelegt|unbetreut)|von antworten (?:\S{1,12} ){0,4}?abzusehen|antworten auf diese",
    ),
    (
        "boîte|adresse|messagerie",
        r"(?:cette|notre|la présente) (?:\S{1,12} )?(?:boîte|adresse|messagerie)(?: \S{1,16}){0,4}? (?:n'est|ne sera|"
        r"est) (?:\S{1,12} ){0,2}?"
        r"(?:relevée?|consultée?|surveillée?|lue?|utilisée?|active|gérée?|désactivée?)\b",
    ),
    (
        "buzón|dirección|cuenta",
        r"(?:este|esta|nuestro) (?:\S{1,12} )?(?:buzón|dirección|cuenta)(?: \S{1,16}){0,4}? (?:ya )?no (?:se |es |"
        r"está )?(?:siendo )?(?:revisa|lee|atiende|supervisa|consulta|utiliza|usa|admite|recibe|"
        r"monitoriza|atendid|leíd|activ)\w*|dirección (?:\S{1,12} )?(?:de )?solo envío",
    ),
    (
        "casella|indirizzo|account",
        r"(?:questa|questo|la presente) (?:\S{1,12} )?(?:casella|indirizzo|account)(?: \S{1,16}){0,4}? non (?:è |viene |"
        r"sarà )?(?:più )?(?:presidiat|lett|monitorat|controllat|utilizzat|"
        r"attiv|riceve|gestit)\w*",
    ),
    (
        "mailbox|postbus|mailadres|account|e-mailadres",
        r"(?:deze|dit) (?:\S{1,12} )?(?:mailbox|postbus|e-?mailadres|mailadres|account|inbox)(?: \S{1,16}){0,2}? (?:wordt|"
        r"is) (?:\S{1,12} ){0,2}?niet (?:\S{1,12} ){0,2}?"
        r"(?:gelezen|beheerd|gecontroleerd|gebruikt|gemonitord|actief|bemand)",
    ),
    (
        "caixa|endereço|conta",
        r"(?:esta|este) (?:\S{1,12} )?(?:caixa|endereço|conta)(?: \S{1,16}){0,4}? (?:já )?não (?:é |"
        r"está )?(?:mais )?(?:a ser )?(?:monitori[zs]ad|lid|consultad|verificad|recebe|aceita|"
        r"utilizad|ativ)\w*",
    ),
    (
        "skrzynk|adres",
        r"(?:ta|ten|niniejsz\w|nasza) (?:\S{1,12} )?(?:skrzynka|adres)(?: \S{1,16}){0,3}? nie (?:jest |"
        r"będzie )?(?:już )?(?:monitorowan|czytan|sprawdzan|obsługiwan|używan|odczytywan|"
        r"aktywn|służy)\w*",
    ),
    (
        "送信専用|アドレスは|監視",
        r"(?:この|当|本)(?:メール)?(?:アドレス|ボックス)(?:は|では|で)[^。]{0,20}(?:送信専用|確認でき|受信でき|監視|使用(?:されて|して)(?:いま|おりま)せん)",
    ),
    (
        "svar|besvar|vastaa|odpovíd|yanıtla|отвеча|válaszolj",
        r"(?:svara inte|går inte att svara|kan (?:ikke|inte) (?:be)?svar\w*|ikke svar(?:es)? på denne|älä vastaa|neodpovídejte|"
        r"yanıtlamayın\w*|"
        r"не отвечайте на|ne válaszoljon)|automatiskt? (?:genererat|generert|genereret|utskick|meddelande|melding|svar)|"
        r"automaattinen (?:viesti|vastaus)|automaticky (?:generovan|vygenerovan|odeslan)\w+|otomatik (?:olarak|bir)|"
        r"автоматическ\w+ (?:ответ|сообщение|"
        r"уведомление)|automatikus (?:üzenet|válasz)",
    ),
    (
        "自動|送信専用|メールへ|メールに|メールは",
        r"このメールは(?:\S{0,20})自動|(?:本|この)メール(?:は|へ|に).{0,20}(?:自動|返信(?:でき|いただ|なさら|しない))|自動(?:返信|送信|配信|応答)(?:メール|です|されて|により|専用|"
        r"システム)|送信専用",
    ),
)
# How a challenge lets a mail through.
WAYS = (
    "http", "click", "reply", "answer", "link", "klick", "répond", "enlace", "pulsa", "clic", "cliq", "digit", "antwort", "klik",
        "type ",
    "verify", "confirm", "identif", "authentif", "lien", "collegamento", "escrib", "wpis", "odpowied", "tast", "クリック", "返信",
        "länk", "linket", "ссылк",
        "kattint", "tıkla", "odkaz",
)  # fmt: skip
CHALLENGE = Phrases(
    (
        "to have your |to deliver your |deliver your|to complete |to ensure |to release |to confirm|are human|held|until|"
        "awaits|is waiting|on hold|quarantine|protected|guarded|filtered|verif|sender|list|human|click|one-time",
        r"\b(?:to (?:have your (?:address|e-?mail|message)|deliver your (?:e-?mail|message)|complete (?:the )?delivery of|"
        r"ensure (?:the )?delivery of your|release your (?:e-?mail|message)|confirm (?:that )?you are (?:a )?(?:human|real|"
        r"not))|"
        r"(?:your|this) (?:e-?mail|message)(?: \S{1,20}){0,6} (?:is being held|was held|has been held|"
        r"will not be delivered until|awaits? (?:moderator|approval|your)|has not been delivered until|is waiting|"
        r"is (?:currently )?on hold|is quarantined)|"
        r"(?:protected|guarded|filtered|verified) by (?:spam|boxbe|bluebottle|a? ?challenge|mailinblack|anti-?spam)|"
        r"verify (?:that )?(?:you are|yourself|your (?:e-?mail|address|message)\b)|"
        r"added to (?:the |my |our |his |her )?(?:\S{1,20} )?(?:approved|allowed|allow|safe|white|guest)[ -]?(?:senders?|"
        r"list)\b|prove (?:that )?you(?:'re| are) (?:a )?human|reply to this (?:e-?mail|message) to confirm|"
        r"(?:one-time|sender) (?:verification|authentication|confirmation|request)|(?:e-?mails?|messages?) from (?:new|unknown|"
        r"unrecogni[sz]ed|unlisted) senders?|click (?:on )?(?:the |"
        r"this )?(?:following )?link(?: \S{1,14}){0,5} (?:confirm|verify|deliver|release|authori[sz]e))",
    ),
    (
        "zurückgehalten|erst |absender|bestätigen",
        r"\b(?:(?:ihre|deine) (?:nachricht|e-?mail|mail)(?: \S{1,20}){0,6} (?:zurückgehalten|erst zugestellt|wird erst)|"
        r"absender(?:verifi|bestätig)\w*|bestätigen sie (?:\S{1,20} ){0,4}(?:absender|dass sie|ihre e-?mail-?adresse|"
        r"den versand))",
    ),
    (
        "en attente|sera |bloqué|mis en|mailinblack|authentifi|confirmer",
        r"\b(?:votre (?:message|e-?mail|courriel|mail)(?: \S{1,20}){0,6} (?:en attente|sera (?:remis|délivré|distribué)|"
        r"bloqué|mis en)|mailinblack|authentifi\w+ (?:en tant|votre|comme)|confirmer (?:votre|que vous))",
    ),
    (
        "retenido|en espera|confirm|trattenut|in attesa|consegnato solo|vastgehouden|in de wacht|pas afgeleverd|retida|"
        "aguarda|será entregue|antispam|wstrzyman|zatrzyman|oczekuje|será entregado",
        r"\b(?:su (?:mensaje|correo)(?: \S{1,20}){0,6} (?:retenido|en espera|será entregado)|confirm\w+ que (?:es|usted)|"
        r"il (?:suo|tuo) messaggio(?: \S{1,20}){0,6} (?:trattenut|in attesa|consegnato solo)|"
        r"uw (?:bericht|e-?mail)(?: \S{1,20}){0,6} (?:vastgehouden|in de wacht|pas afgeleverd)|"
        r"sua mensagem(?: \S{1,20}){0,9} (?:retida|aguarda|será entregue|não foi entregue)|filtro anti-?spam|antispam uol|"
        r"confirm\w+ que (?:você|voce|é uma? pessoa)|"
        r"wiadomość (?:\S{1,20} ){0,4}(?:wstrzyman|zatrzyman|oczekuje))",
    ),
    (
        "送信者|差出人|ロボット|人間",
        r"(?:送信者|差出人)(?:の|を|で)?[^。]{0,8}(?:確認|認証)|(?:ロボット|人間)(?:では|である)[^。]{0,10}確認",
    ),
    (
        "holding|strangers|zum ersten mal|first time|address book|puzzle|accepted|pending|retenu|débloquer|saisissez|solve|"
        "approved",
        r"\bnot in my (?:address book|contacts)|solve (?:the|this|a) (?:\S{1,12} )?(?:puzzle|captcha|sum)|holding area|"
        r"from strangers|zum ersten mal|first time|(?:list of|my) (?:accepted|approved|known) senders?|"
        r"(?:e-?mail|message)(?: \S{1,40}){0,4}? is (?:pending|on hold|waiting)|(?:message|courriel|e-?mail) est retenu|"
        r"pour le débloquer|saisissez le code",
    ),
    # A filter that does not know us, in words of its own.
    (
        "spam|junk|filter|robot|human|captcha|sender|inbox|queue|first mail|whitelist|unknown sender",
        r"\b(?:my|our|this|the|an?) (?:\S{1,14} )?(?:spam|junk|mail|e-?mail)[- ](?:filter|guard|protection|shield|"
        r"blocker)(?: \S{1,14}){0,3}? (?:does|has|do|could|"
        r"requires|holds|held|is holding|needs)|type the (?:letters|characters|code|word|number)|prove (?:that )?you|"
        r"not a (?:robot|spammer|machine)|"
        r"(?:real|live) (?:\S{1,12} ){0,2}?(?:human|person)|(?:to|will) (?:\S{1,14} ){0,3}?(?:reach|arrive in|land in) (?:me|"
        r"my inbox|the inbox)\b|"
        r"first (?:mail|message|e-?mail) from (?:your|this) address|protect my (?:mailbox|inbox)|(?:unknown|"
        r"unrecogni[sz]ed) sender",
    ),
    (
        "warteschlange|freigeschaltet|spamfilter|spam-filter|absender|roboter|mensch|zustellen|spamschutz|freigabe",
        r"(?:nachricht|e-?mail|mail)(?: \S{1,16}){0,4}? (?:warteschlange|zurückgestellt|quarantäne)|als absender|"
        r"(?:kein roboter|ein mensch)|spam-?(?:schutz|filter)"
        r"(?: \S{1,14}){0,4}? (?:kennt|hat|hält|verlangt)|unbekannte[nr]? absender|(?:damit|um) (?:\S{1,20} ){0,4}?(?:mail|"
        r"nachricht)(?: \S{1,16}){0,3}? "
        r"(?:ankommt|zugestellt|erreicht|zustellen)",
    ),
    (
        "parvien|identifier|robot|antispam|anti-spam|expéditeur|remis|distribu",
        r"(?:afin|pour) que votre (?:message|courriel|e-?mail|mail)(?: \S{1,16}){0,4}? (?:parvienne|soit|arrive)|"
        r"(?:vous )?(?:identifier|authentifier)\b|"
        r"pas un robot|filtre anti-?spam|expéditeur inconnu",
    ),
    (
        "bandeja|robot|llegue|remitente|filtro|entregad",
        r"para que su (?:mensaje|correo)(?: \S{1,16}){0,4}? (?:llegue|sea|pueda)|no es un robot|(?:filtro|sistema) (?:antispam|"
        r"anti-spam)|remitente desconocido|"
        r"confirm\w+ (?:que|su) (?:\S{1,12} ){0,3}?(?:robot|identidad|persona)",
    ),
    (
        "consegn|identità|robot|mittente|filtro",
        r"(?:per|affinché) (?:\S{1,14} ){0,4}?(?:messaggio|e-?mail)(?: \S{1,16}){0,4}? (?:consegn|necessari|arriv|recapit)\w*|"
        r"identità del mittente|non (?:è|essere|sei) un robot|"
        r"filtro anti-?spam|mittente sconosciuto|messaggi (?:\S{1,14} ){0,3}?trattenut",
    ),
    (
        "robot|afzender|spamfilter|aankom|bezorg",
        r"geen robot|(?:om|zodat) (?:\S{1,14} ){0,3}?(?:bericht|e-?mail|mail)(?: \S{1,16}){0,3}? (?:aankom|bezorg|aflever)\w*|"
        r"onbekende afzender|spamfilter",
    ),
    (
        "robô|robot|antispam|anti-spam|pessoa|remetente|caixa de entrada|entregue",
        r"(?:não é um (?:robô|robot)|é uma pessoa|filtro anti-?spam|(?:ainda não|só) (?:foi|será) entregue|para que (?:a|sua|"
        r"o seu|a sua) (?:\S{1,10} )?"
        r"(?:mensagem|e-?mail)|remetente desconhecido)",
    ),
    (
        "robot|nadawc|antyspam|dostarcz",
        r"(?:nie jeste\w+ robotem|filtr antyspam\w*|nieznany nadawca|"
        r"aby (?:\S{1,14} ){0,4}?wiadomość (?:\S{1,14} ){0,3}?dotarła|weryfikacj\w+ nadawcy)",
    ),
    (
        "robot|avsänd|afsender|avsender",
        r"(?:inte en robot|ikke en robot|okänd avsändare|ukendt afsender|ukjent avsender|не робот|robot olmadığ)",
    ),
)
# A filter reports what it holds or refused. It offers nothing to do to the sender but to ask.
FILTERED = Phrases(
    (
        "quarantin|blocked|virus|malware|attachment|spam digest|policy|held|rejected by",
        r"\b(?:in|to) (?:your |the )?quarantine\b|\b(?:was|were|been|is) held (?:as|by (?:the|our|your)) |"
        r"quarantined (?:messages?|e-?mails?)|(?:messages?|e-?mails?|"
        r"mails?)(?: \S{1,20}){0,6}? (?:was|has been|were|have been) "
        r"(?:\S{1,12} )?(?:quarantined|blocked|stripped|removed by)|virus (?:was |has been )?(?:found|detected)|(?:spam|"
        r"quarantine) (?:digest|summary|report)|"
        r"attachment (?:\S{1,14} ){0,3}?(?:was|has been) (?:removed|stripped|blocked)",
    ),
    (
        "quarantäne|virus|blockiert",
        r"quarantäne (?:zurück|verschoben|gestellt|gehalten)|in (?:ihrer|die|der) (?:\S{1,12} )?quarantäne|"
        r"(?:ein )?virus (?:\S{1,12} ){0,4}?(?:gefunden|entdeckt)|"
        r"(?:nachricht|e-?mail|mail)(?: \S{1,16}){0,6}? (?:wurde|ist) (?:\S{1,16} ){0,4}?(?:blockiert|quarantäne)",
    ),
    (
        "quarantaine|bloqué|virus",
        r"en quarantaine|mis\w* en quarantaine|(?:message|courriel)(?: \S{1,16}){0,6}? a été (?:\S{1,12} )?bloqué|"
        r"virus (?:\S{1,12} ){0,3}?détecté|in quarantaine",
    ),
    (
        "cuarentena|bloquead|virus",
        r"en cuarentena|(?:mensaje|correo)(?: \S{1,16}){0,6}? (?:ha sido|fue) (?:\S{1,12} )?bloquead|"
        r"virus (?:\S{1,12} ){0,3}?detectado",
    ),
    (
        "quarantena|bloccat|virus",
        r"(?:in|della) quarantena|messaggi\w(?: \S{1,16}){0,6}? (?:è stato|sono stati) (?:\S{1,12} )?(?:bloccat|trattenut)",
    ),
    (
        "quarentena|bloquead|kwarantann|zablokowan|karantän|karantæn|karantene|karanténa|карантин|karantina|隔離|検疫",
        r"(?:em|de) quarentena|w kwarantannie|do kwarantanny|i karant(?:än|æn|ene)|в карантин|karantin|(?:隔離|検疫)され",
    ),
)
FILTER_SUBJECT = re.compile(
    r"(?:\[?(?:spam|quarantine|quarantäne|quarantaine|quarantena|cuarentena|kwarantanna)\]?[ -]?(?:digest|report|summary|"
    r"bericht|notification|benachrichtigung|resumen|"
    r"raport|overzicht|meldung)\b|(?:end user )?(?:spam|quarantine) (?:digest|notification|report|summary)|"
    r"riepilogo quarantena|rapport de quarantaine|"
    r"(?:e-?mail |message )?quarantine|virus (?:found|alert|warning|detected)|隔離(?:通知|レポート))"
)
CHALLENGE_SUBJECT = re.compile(
    r"(?:re: |aw: )?\[?(?:please |action required:? ?)?(?:(?:verify|confirm|authenticate) (?:that )?your (?:e-?mail|message|"
    r"e-?mail address|identity as|delivery)|"
    r"(?:sender |e-?mail |message )(?:verification|confirmation|authentication)(?: required| needed| request)?|"
    r"your e-?mail requires (?:verification|confirmation)|unverified e-?mail to|(?:your )?message (?:to .{1,60} )?(?:awaits|"
    r"is awaiting|held for|is being held|requires confirmation)|"
    r"votre message .{0,60}(?:en attente|attend)|\*\*message you sent blocked)"
)
# Who sends the same to many says why somebody gets it.
SUBSCRIBED = any_of(
    r"\b(?:you(?:'re| are)?|you have) (?:receiving|getting|get|received|receive) (?:this|our) (?:\S{1,14} ){0,3}?(?:because|as|"
    r"since)|because you (?:\S{1,12} ){0,2}?(?:signed|"
    r"subscribed|opted|registered)|sie (?:erhalten|bekommen) diese[nsr]? (?:\S{1,16} ){0,3}?(?:weil|da)|vous (?:recevez|"
    r"avez reçu) (?:\S{1,14} ){0,4}?(?:car|parce)|"
    r"(?:recibe|recibes|has recibido) (?:\S{1,14} ){0,4}?porque|(?:ricevi|riceve|hai ricevuto) (?:\S{1,14} ){0,4}?(?:perché|"
    r"in quanto)|(?:u|je) ontvangt (?:\S{1,14} ){0,4}?omdat|"
    r"(?:recebe|recebeu|está a receber|está recebendo) (?:\S{1,14} ){0,4}?(?:porque|pois)|"
    r"otrzymuje\w+ (?:\S{1,14} ){0,4}?ponieważ|(?:登録|購読)いただいている|"
    r"du (?:får|modtager|mottar) (?:\S{1,14} ){0,4}?(?:eftersom|fordi)",
)
NEWSLETTER = any_of(
    r"\bunsubscribe|manage (?:your )?(?:e-?mail )?(?:preferences|subscription)|update your preferences|"
    r"view (?:this (?:e-?mail )?|it )?in (?:your |a )?(?:web )?browser|opt[- ]?out|abmelden|newsletter|abbestellen|austragen|"
    r"désabonn|désinscri|se désinscrire|darse de baja|cancelar (?:la )?suscripción|dejar de recibir|disiscri|"
    r"annulla(?:re)? (?:l.)?iscrizione|cancella(?:ti|re|rsi)|afmeld|uitschrijv|cancelar (?:a )?(?:subscrição|inscrição|"
    r"assinatura)|"
    r"descadastr|wypis|rezygn\w+ z (?:subskrypcji|newslettera)|配信(?:停止|解除)|登録解除|メルマガ|購読|avregistrera|avmeld|afmeld|"
    r"peruuta tilaus|odhlásit|abonelikten|отписаться|leiratkoz",
)
