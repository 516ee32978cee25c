"""The words of mail servers about mail that they could not deliver, in nine languages and some more: subjects and text."""

import re

from supportbot.mail.phrases import Phrases

SUBJECT_STEMS = (
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
    "dostar",
    "lever",
    "toimit",
    "teslim",
    "iletil",
    "достав",
    "вручен",
    "doruč",
    "kézbesít",
    "blocked",
    "blockiert",
    "geblokkeerd",
    "absent",
    "misluk",
    "virus",
    "nieodebr",
    "devol",
    "bloque",
    "respint",
    "avvis",
)  # one of them stands in every subject that SUBJECT finds something in
_SUBJECT_FORMS = re.compile(
    r"undeliver|un-?deliverable|not (?:be )?delivered|delivery (?:status notif|failure|"
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
    r"opóźni\w+ (?:w |dostarcz)|(?:retraso|demora) (?:en|de) (?:la )?entrega|entrega (?:retrasada|atrasada|adiada|demorada)|"
    r"atraso na entrega|"
    r"retard (?:de|dans la) (?:remise|livraison du message)|(?:consegna|recapito) (?:ritardat|in ritardo)|"
    r"vertraagde? (?:bezorging|aflevering|bericht)|"
    r"niedostarcz|nie dostarczono|niepowodzenie|nie można dostarczyć|zwrot|"
    r"配信(?:不能|エラー|失敗|できません|の遅延|状態)|送信エラー|返送|配達不能|配信されません|届けできません",
    re.IGNORECASE,
)
_MORE_SUBJECTS = re.compile(
    r"nie (?:została?|udało się|można) (?:\w{1,20} ){0,2}?(?:dostarcz|doręcz)|wiadomość zwrócona|messaggio non (?:consegnat|"
    r"recapitat|inviat)|"
    r"(?:consegna|recapito|invio) (?:non riuscit|fallit|impossibile)|correo (?:devuelto|rechazado|no entregado)|mensaje (?:no|"
    r"devuelto)|"
    r"(?:mensagem|e-?mail) (?:não|devolvid|rejeitad)|entrega (?:falhou|fallida)|falha d[ea] entrega|message non (?:délivré|"
    r"livré|transmis)|"
    r"(?:retour|renvoi) (?:de|du|à l.expéditeur)|courriel non|bericht (?:niet|kon niet)|kon niet worden|aflevering mislukt|"
    r"niet bezorgbaar|"
    r"nicht (?:ausgeliefert|übermittelt|zustellbar)|e-?mail (?:abgewiesen|abgelehnt|zurückgewiesen)|unable to deliver|"
    r"could ?n.t be delivered|"
    r"message (?:you sent )?(?:was |has been )?(?:blocked|rejected|refused|bounced|undeliver\w+)|\bbounce\b|not delivered|"
    r"kunde inte lever|kunne ikke lever|(?:leverans|levering|leveranse)\w*(?: \S{1,14}){0,2}? (?:misslyck|mislyk|feil|fejl|"
    r"försen|forsink)|"
    r"olever|kan inte levereras|kan ikke leveres|ikke leveret|ikke levert|ej levererat|"
    r"toimit\w*(?: \S{1,14}){0,2}? (?:epäonnist|viiväst|ei)|"
    r"ei voitu toimittaa|teslim edile|iletileme|не доставлен|недоставлен|невозможно доставить|ошибка доставки|"
    r"не может быть доставлен|"
    r"nedoručiteln|nedoručen|doručení (?:se nezdařilo|selhalo|zprávy)|nebyla doručena|kézbesí(?:tetlen|thetetlen|tési hiba|"
    r"tés sikertelen)|"
    r"nem kézbesít|退信|投递失败|无法投递|系统退信",
    re.IGNORECASE,
)
SUBJECTS = (_SUBJECT_FORMS, _MORE_SUBJECTS)
DELAY_SUBJECT = re.compile(
    r"delay|warning: (?:message|could not|your|e?-?mail)|delivery warning|still (?:trying|undelivered)|\bdeferred|"
    r"verzögert|retard|différé|retras|demora|ritard|vertraag|atras|opóźni|遅延|遅れ",
    re.IGNORECASE,
)

FAILURE = Phrases(
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
        "levere|levera|nå fram|finns inte|full|okänd|ukendt|ukjent|afvist|avvist|findes ikke|finnes ikke",  # sv, da, no
        r"(?:kunde|kan|kunne) (?:inte|ikke) (?:\S{1,14} ){0,3}?lever|lever\w+ (?:\S{1,14} ){0,3}?(?:misslyck|mislyk|feil|fejl|"
        r"försen|forsink)\w*|"
        r"(?:mottagar|modtager|mottaker|adress|adresse|postboks|brevlåd|inkorg|bruker|bruger|"
        r"användar)\w* (?:\S{1,14} ){0,4}?(?:finns inte|"
        r"findes ikke|finnes ikke|full\b|fuld\b|okänd|ukendt|ukjent|afvist|avvist)|inte (?:\S{1,10} )?levererats?|"
        r"ikke (?:\S{1,10} )?leverer?t",
    ),
    (
        "toimit|vastaanottaja|postilaatikko|osoite",  # fi
        r"ei (?:voitu|voi|voida|ole voitu|onnistunut) (?:\S{1,16} ){0,4}?toimit\w*|toimit\w+ (?:\S{1,16} ){0,3}?(?:epäonnistu|"
        r"viiväst)\w*|"
        r"(?:vastaanottaja|postilaatikko|osoite)\w* (?:\S{1,16} ){0,3}?(?:ei |täynnä|tuntematon)",
    ),
    (
        "doruč|schránka|adresát|příjemc|uživatel",  # cs
        r"ne(?:bylo|lze|může|podařilo|ní|mohla) (?:\S{1,16} ){0,5}?doruč\w*|nedoruč\w*|doruč\w+ (?:\S{1,16} ){0,3}?(?:selha|"
        r"nezdař|zpožd)\w*|"
        r"(?:schránka|adresát|příjemce|uživatel|adresa)\w* (?:\S{1,16} ){0,3}?(?:neexistuje|není|je plná|neznám)\w*",
    ),
    (
        "teslim|iletil|bulunamad|dolu|geçersiz",  # tr
        r"teslim (?:edilem|edileme)\w*|ilet(?:ilem|ileme)\w*|(?:kullanıcı|alıcı|adres|"
        r"posta kutusu)\w* (?:\S{1,16} ){0,3}?(?:bulunamadı|dolu|geçersiz|yok)\w*",
    ),
    (
        "доставл|доставить|не найден|переполнен|не существует|неизвест",  # ru
        r"не (?:было |был |была |может быть |удалось |могло быть )?(?:доставл|доставить)\w*|(?:пользовател|адрес|ящик|"
        r"получател)\w* (?:\S{1,16} ){0,3}?"
        r"(?:не найден|переполнен|не существует|неизвест|заблокирован)\w*",
    ),
    (
        "kézbesít|címzett|postafiók|felhasználó",  # hu
        r"(?:nem|sem) (?:\S{1,16} ){0,3}?kézbesít\w*|kézbesít\w+ (?:\S{1,16} ){0,3}?(?:sikertelen|késik)|(?:címzett|postafiók|"
        r"felhasználó|cím)\w* "
        r"(?:\S{1,16} ){0,3}?(?:nem létezik|megtelt|ismeretlen|nem található)|ismeretlen (?:felhasználó|címzett)",
    ),
    (
        "verzöger|retard|retras|demora|ritard|vertraag|atras|opóźni|existe|esiste|bestaat|istnieje|zugestellt|does not exist|"
        "doesn't exist",
        r"(?:zustell|liefer)\w*(?: \S{1,40}){0,6}? verzöger|bisher nicht|(?:remise|livraison|envoi|consegna|recapito|entrega|"
        r"bezorging|aflevering|dostarcz\w+)(?: \S{1,40}){0,6}? "
        r"(?:est |è |in |está |is |jest )?(?:retard|ritard|retras|demora|vertraag|atras|opóźni)\w*|n'existe (?:pas|plus)|"
        r"no existe|non esiste|não existe|bestaat niet|nie istnieje|"
        r"does(?: not|n't) exist",
    ),
    (
        "niet|kon|onbekend|vol|adresat|skrzynk|odbiorc|recipient|casella|caixa|entregue|entregad|subscriber|blocked|failed|"
        "unknown|rejected|accepted|account",
        r"(?:niet|kon) (?:\S{1,14} ){0,4}?(?:afgeleverd|bezorgd|besteld)|(?:adresat|odbiorc\w+|użytkownik|adres|"
        r"skrzynk\w+) (?:\S{1,40} ){0,2}?nie istnieje|"
        r"brak (?:takiego )?użytkownika|nie (?:została?|udało się) (?:\S{1,14} ){0,2}?(?:dostarcz|doręcz)\w*|não (?:foi|pôde|"
        r"pode) (?:\S{1,10} )?entregue|caixa (?:de correio |postal )?cheia|"
        r"no (?:ha sido|fue|pudo ser) entregad|casella (?:\S{1,10} )?piena|subscriber (?:absent|unknown)|(?:message|"
        r"mail) to \S{3,80}:? failed|unknown mailbox|was blocked by|"
        r"not been delivered|"
        r"could not be (?:reached|sent|relayed)|(?:not|never) accepted by|rejected (?:the|your|it)|"
        r"doesn't have an? \S{1,30} account",
    ),
    (
        "无法|無法|退信|投递|不存在|未送达",  # zh
        r"无法|無法|退信|投递失败|不存在|未送達",
    ),
)
DELAY = re.compile(
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
    r"todavía no|aún no|retras|(?<!no )se (?:seguirá|volverá) |seguiremos|"
    r"non è (?:stato )?ancora|ritard|verrà (?:ritentat|effettuat)|ulteriori tentativ|"
    r"nog niet|vertraag|opnieuw (?:geprobeerd|proberen)|blijven proberen|"
    r"ainda não|atras|continuar\w* tent|tentar\w* novamente|"
    r"jeszcze nie|opóźnion|ponown\w+ pr|kolejn\w+ pr|"
    r"będzie ponawiał|chwilowo|sera retenté|réessa|temporanea|ritenter|"
    r"wordt (?:\S{1,12} ){0,2}?(?:opnieuw|herhaald)|tijdelijk|"
    r"tentará (?:\w{1,12} )?novamente|temporária|försen|forsink|försöker igen|prøver igen|prøver igjen|midlertidig|tillfälli|"
    r"viiväst|yritetään uudelleen|"
    r"zpožd|pokus\w* (?:\S{1,12} ){0,3}?(?:znovu|opakov)|dočasn|gecik|yeniden dene|tekrar dene|geçici|задерж|отложен|временн|"
    r"повторн|késik|késlelt|átmeneti|"
    r"újrapróbál|vorübergehend|wiederholt|temporär|will retry|to retry|retry for|"
    r"まだ配信|遅延|遅れて|再送|再試行|配信を試み|引き続き",
    re.IGNORECASE,
)
FINAL = re.compile(
    r"permanent(?:ly)? |permanent\b|fatal error|given up|giving up|gave up|no(?:t| further|"
    r" more)[^\n.]{0,30} (?:be )?(?:attempt|retr|tried)|"
    r"will not (?:be )?(?:retr|try|attempt|re-?tr)|retry time(?:out)? (?:exceeded|not reached for any host after)|"
    r"too (?:old|long in)|"
    r"time ?limit exceeded|(?:message|delivery|time)(?: has)? expired|could not be delivered for|couldn.t be delivered|"
    r"not going to try|in the queue too long|maximum delivery attempts|after \d+ (?:attempt|failed|day|hour)|aborted after|"
    r"failed \d+ attempts|"
    r"no se volverá|nicht (?:erneut|weiter|mehr|noch einmal) versuch|ne (?:sera|seront) pas (?:retent|renouvel)|"
    r"non verrà ritentat|niet opnieuw|"
    r"não (?:voltará|haverá|será) (?:\w{1,10} )?(?:tent|nova)|nie będzie ponawia|再試行(?:は|しません|されません)|"
    r"endgültig|aufgegeben|dauerhaft|définitive|permanente?\b|definitiv|trwał|恒久|永続",
    re.IGNORECASE,
)
SERVER_WORDS = re.compile(
    r"mail delivery (?:software|system|subsystem)|mail ?server|e-?mail address|smtp|postmaster|mailbox|recipient|"
    r"(?:message|e-?mail|mail) (?:that )?(?:you sent|was not|could not|with subject|has been|you tried|below)|"
    r"(?:your|following) (?:e-?mail|mail|(?:text )?message|sms)|\b5\d\d[ -]5\.\d\.\d|empfänger|mailserver|ihre (?:nachricht|"
    r"e-?mail)|"
    r"destinatair|votre message|"
    r"su mensaje|destinatario|suo messaggio|uw bericht|ontvanger|sua mensagem|destinatário|wiadomoś|odbiorc|"
    r"adresat|メール|邮件|"
    r"ditt meddelande|din besked|meldingen|beskeden|e-post|mottagar|modtager|mottaker|vastaanottaj|viesti|zpráv|"
    r"schránk|adresát|"
    r"iletiniz|e-posta|alıcı|ваше (?:письмо|сообщение)|получател|письмо|üzenet|címzett|messaggio inviato|mensagem para|"
    r"wiadomość|spam firewall|"
    r"mail filter|correo|courriel|bericht aan|user ",
    re.IGNORECASE,
)
ABOUT_ADDRESSES = re.compile(
    r"recipient|address|following|deliver|failed|failure|reach|unknown|rejected|sent to|mail to|message to|"
    r"empfänger|adresse|zugestellt|folgende|destinat|suivant|remis|siguiente|entreg|seguent|recapit|consegn|"
    r"ontvanger|volgende|bezorg|seguinte|odbiorc|następując|dostarcz|adresat|宛先|受信者|アドレス|配信|次の|"
    r"bericht aan|mensagem para|mensaje (?:a|para)|messaggio (?:a|inviato)|message à|nachricht an|wiadomość do|wiadomości do|"
    r"meddelande till|meldingen|besked|"
    r"osoitteeseen|adresáta|adresine|adrese|письмо для|адрес|címzett|címre|afgelever|lever",
    re.IGNORECASE,
)
FAULT = re.compile(
    r"\b[45]\d\d[ :;-]|[45]\.\d\.\d{1,3}|unknown|no such|not found|reject|refus|disabled|invalid|unavailable|quota|full|"
    r"fail|not recogni|"
    r"does ?n.t exist|does not exist|unroute?able|undeliver|cannot|could ?n.t|could not|timed? ?out|error|unbekannt|inconnu|"
    r"desconocid|"
    r"sconosciut|onbekend|desconhecid|nieznan|存在|"
    r"nicht|existe|pleine?|lleno|piena|cheia|pełn|vol\b|full|nie istnieje|niet|não|inte|ikke|ei voitu|neexistuje|edilemedi|"
    r"bulunamadı|не |nem |blocked|absent",
    re.IGNORECASE,
)
NAMED_RECIPIENT = re.compile(
    r"(?:final-recipient|original-recipient|x-actual-recipient|x-failed-recipients?|failed recipients?|"
    r"recipients?(?: address)?|"
    r"empfänger(?:adresse)?|destinataires?|destinatari[oi]s?|ontvangers?|geadresseerden?|odbiorc\w*|adresat\w*|受信者|宛先|"
    r"rcpt to|envelope-to|user|mailbox|address|addressee)[ \t]{0,3}[:=：]",
    re.IGNORECASE,
)
TO_LINE = re.compile(r"[ \t>*|]{0,16}(?:to|an|à|a|para|aan|do|宛先|original-?to)[ \t]{0,3}[:：]", re.IGNORECASE)
NOT_RECIPIENT = re.compile(
    r"[ \t>*|]{0,16}(?:from|sender|return-path|reply-to|message-?id|references|in-reply-to|reporting-mta|mail from|von|de|da|"
    r"van|od|cc|received|x-[a-z-]{1,40}sender|差出人)[ \t]{0,3}[:=：]|mail from:",
    re.IGNORECASE,
)
HELP = re.compile(
    r"contact|question|assistance|help|support|mailto:|inquir|enquir|problem report|forward|send (?:e?-?mail|a message)|"
    r"please e-?mail|"
    r"wenden|hilfe|kontakt|contacter|aide|contacto|ayuda|contatt|assistenza|hulp|contato|ajuda|pomoc|お問い合わせ",
    re.IGNORECASE,
)
DAEMON_LOCAL = re.compile(
    r"(?:mailer-?daemon|postmaster|abuse|mail-?daemon|daemon|hostmaster|webmaster|helpdesk|support|no-?reply|root)(?:[+-].*)?",
    re.IGNORECASE,
)
