"""The words of machines, and of people who speak of the same things: subjects and phrases in nine languages and some more.

Each table is a pattern over lower-case text with single blanks. What people write too counts only together with what only
an automatic answer says; so a buyer on holiday is no out-of-office reply, and a lost parcel is no failed delivery.
"""

import re


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


class Phrases:
    """Patterns of several languages. Each is tried only on a text that holds one of its stems, which costs little to see."""

    def __init__(self, *rows: tuple[str, str]) -> None:
        """Each row: stems with bars between them, and the pattern that needs one of them."""
        self.rows = tuple((tuple(stems.split("|")), re.compile(pattern)) for stems, pattern in rows)

    def found_in(self, text: str) -> bool:
        """Whether one of the phrases stands in `text`: lower case, single blanks."""
        return any(any(stem in text for stem in stems) and pattern.search(text) is not None for stems, pattern in self.rows)


# What a subject that begins so says by itself. The end of a word must follow.
ABSENCE_SUBJECT = _any(
    r"(?:out of (?:the )?office(?=\s?(?:$|[:!.,;()\[\]–—-]|reply|auto|response|message|notif|notice|alert|until|till|from|re\b|"
    r"for |on |today|this|returning|back|and |in |due|\d))|"
    r"ooo\s?[:!-]|automat(?:ic|ed) (?:reply|response|answer|acknowledge?ment|message|confirmation|out)|"
    r"auto[- ]?(?:reply|response|responder|respond|answer)\b|vacation (?:reply|message|notice|response|auto|alert)|"
    r"away (?:from (?:the|my) (?:office|desk|mail)|message|notice)|i(?:'m| am) (?:currently )?(?:out of|away from) (?:the |"
    r"my )?"
    r"(?:office|desk)|(?:\S{1,30} ){1,4}(?:is|am) (?:currently )?out of (?:the )?office|absence (?:notification|notice|message|"
    r"from office)|"
    r"auto: (?:(?:re|aw|sv|rv|tr|fwd?|your|ihre?|out|\S{1,30},? \S{1,30} is)\b))",
    r"(?:automatische (?:antwort|rückantwort|abwesenheit\w*|eingangsbestätigung|empfangsbestätigung|benachrichtigung)|"
    r"autom\. antwort|"
    r"abwesenheits(?:notiz|nachricht|meldung|agent|assistent|info\w*|benachrichtigung)|automatisch (?:erstellte|"
    r"generierte) antwort|"
    r"(?:ich bin |derzeit |zurzeit |zur zeit )?nicht im (?:büro|haus)\b|(?:ich bin )?(?:derzeit )?außer haus\b|"
    r"eingangsbestätigung(?= ?(?:$|[:–-]|ihrer|deiner|für|zu |ihre|re:|\[))|"
    r"im urlaub (?:bis|vom|ab|re:|aw:)|urlaubs(?:notiz|vertretung|benachrichtigung|meldung))",
    r"(?:réponse automatique|message (?:automatique )?d['’]absence|(?:notification|avis) d['’]absence|absence du bureau|"
    r"absent(?:e|\(e\))? du bureau|hors du bureau|accusé de réception automatique|réponse auto\b|absente?s? (?:jusqu|du \d|"
    r"à partir))",
    r"(?:respuesta autom[áa]tica|contestación automática|mensaje autom[áa]tico|fuera de (?:la )?oficina|ausente de la oficina|"
    r"aviso de ausencia|mensaje de ausencia|ausencia de la oficina|autorrespuesta|auto[- ]?respuesta)",
    r"(?:risposta automatica|messaggio automatico|risponditore automatico|fuori ufficio|fuori sede|assente dall['’]ufficio|"
    r"assenza dall['’]ufficio|avviso di assenza|notifica di assenza|ufficio chiuso)",
    r"(?:automatisch(?:e)? (?:antwoord|reactie|bericht|beantwoord\w*)|afwezigheids(?:assistent|bericht|melding)|buiten kantoor|"
    r"niet op kantoor|autoantwoord|bericht bij afwezigheid|ik ben (?:afwezig|niet aanwezig|op vakantie|met vakantie))",
    r"(?:resposta autom[áa]tica|mensagem autom[áa]tica|fora d[oe] escrit[óo]rio|ausente do escrit[óo]rio|"
    r"ausência do escritório|"
    r"aviso de (?:ausência|férias)|auto[- ]?resposta)",
    r"(?:autoodpowied[źz]|automatyczna odpowied[źz]|odpowied[źz] automatyczna|poza biurem|nieobecno[śs][ćc] w (?:biurze|pracy)|"
    r"jestem (?:poza biurem|nieobecn|na urlopie)|informacja o nieobecno)",
    r"(?:【?自動(?:応答|返信|回答|配信)|【?不在(?:通知|連絡|のお知らせ|返信|時)?[】:：]|不在(?:通知|連絡|のお知らせ)\s?(?:$|[:：])|"
    r"【?(?:夏季|冬季|年末年始)?休(?:暇|業)(?:中|のお知らせ)?[】:：]|休暇中\s?(?:$|[:：])|【?外出中|【?自動送信】?)",
    r"(?:autosvar|automatiskt svar|automatisk svar|fraværsmelding|frånvaro(?:meddelande)?\s?(?:$|[:(-])|ikke på kontoret|"
    r"automatická odpověď|mimo kancelář|automatikus válasz|automaattinen vastaus|poissaolo\w*|otomatik yanıt|răspuns automat|"
    r"автоответ|автоматический ответ|αυτόματη απάντηση|自动回复|自動回覆|자동 회신)",
)
# Words that people begin a subject with too: they count only alone, before a mark, or before a day.
WEAK_ABSENCE_SUBJECT = re.compile(
    r"(?:away|on (?:vacation|holidays?|leave|annual leave)|absence|abwesenheit|abwesend|ausencia|assenza|niet aanwezig|"
    r"afwezig(?:heid)?|ausência|nieobecno[śs][ćc]|nieobecn[ya]|frånvaro)"
    r"(?:\s?[:：|\]-]|$| (?:until|till|from|re:|aw:|bis|vom|du|del|dal|fino|hasta|tot|van|até|od|do) )"
)
RECEIPT_SUBJECT = re.compile(
    r"(?:read|gelesen|lue?|leído|letto|gelezen|lida|lido|przeczytano|przeczytane|przeczytana|開封済み|not read|"
    r"ungelesen gelöscht|"
    r"ungelesen|nicht gelesen|non lu|no leído|non letto|niet gelezen|não lida|nie przeczytano|未開封|"
    r"deleted without being read|"
    r"return receipt|read receipt|reading confirmation|message read|read notification|"
    r"lesebestätigung|empfangsbestätigung|gelesen-bestätigung|accusé de lecture|accusé de réception|confirmation de lecture|"
    r"confirmación de lectura|acuse de (?:lectura|recibo)|conferma di lettura|ricevuta di (?:lettura|ritorno)|leesbevestiging|"
    r"ontvangstbevestiging|recibo de leitura|confirmação de leitura|potwierdzenie (?:odczytania|przeczytania|odbioru)|開封確認|"
    r"læst|läst|lest|luettu)"
    r"\s?(?:\([^)]{0,40}\))?\s?(?:[:：](?=\s|$)|(?<=\) )-)|disposition notification|(?:return|read) receipt\s?$|"
    r"開封(?:確認|通知|済み)"
)
DMARC_SUBJECT = re.compile(r"(?:\[\w+\] )?report domain: \S{1,255} submitter: |dmarc (?:aggregate )?report\b")
_THING = (
    r"(?:request|message|e-?mails?|enquiry|inquiry|ticket|case|question|query|support request|submission|feedback|"
    r"correspondence)"
)
TICKET_SUBJECT = re.compile(
    r"(?:\[?(?:ticket|request|case|anfrage|vorgang|incident|issue|demande|dossier|solicitud|caso|richiesta|verzoek|chamado|"
    r"pedido de suporte|"
    r"zgłoszenie|zgłoszenia)\s?(?:id|no\.?|nr\.?|number|n°|"
    r"nº)?\s?[#:-]{0,2}\s?(?=[\w-]{0,19}\d)[\w-]{2,20}\]?.{0,40}(?:received|created|opened|"
    r"registered|logged|acknowledged|eingegangen|erstellt|angelegt|reçue?|créée?|enregistrée?|recibid[oa]|cread[oa]|"
    r"ricevut[oa]|"
    r"apert[oa]|creat[oa]|ontvangen|aangemaakt|recebid[oa]|criad[oa]|przyjęt[eoy]|utworzon[eoy]|zarejestrowan[eoy])\b|"
    r"we(?: have|'ve)? (?:got|received) your "
    + _THING
    + r"|(?:your|we have your) "
    + _THING
    + r" (?:has been |was )?(?:received|created)|"
    r"(?:thank you|thanks) for (?:contacting|your "
    + _THING
    + r"|reaching out|getting in touch|writing to)\b(?! (?:me|and|but))|"
    r"(?:wir haben )?ihre (?:anfrage|nachricht|e-?mail) (?:ist |wurde )?(?:bei uns )?(?:erhalten|eingegangen|empfangen)|"
    r"nous avons (?:bien )?reçu votre|votre (?:demande|message|e-?mail) a (?:bien )?été (?:reçu|enregistr|pris)|"
    r"hemos recibido (?:su|tu) |(?:su|tu) (?:solicitud|mensaje|consulta) (?:ha sido|fue) (?:recibid|registrad)|"
    r"abbiamo ricevuto (?:la (?:sua|tua|vostra) )|we hebben (?:uw|je) |(?:uw|je) (?:bericht|vraag|verzoek) is ontvangen|"
    r"recebemos (?:o |a )?(?:seu|sua|teu|tua) |otrzymaliśmy (?:twoj|twój|państwa|pani)|"
    r"お問い合わせ(?:を|いただき|ありがとう|受付|受け付け)|【受付(?:完了|番号)?】|お問合せ(?:を|受付))"
)
CALENDAR_SUBJECT = re.compile(
    r"(?:accepted|declined|tentative(?:ly accepted)?|canceled|cancelled|new time proposed|zugesagt|abgelehnt|mit vorbehalt|"
    r"unter vorbehalt|"
    r"accepté|refusé|provisoire|aceptado|aceptada|rechazado|rechazada|provisional|accettato|rifiutato|provvisorio|geaccepteerd|"
    r"geweigerd|afgewezen|voorlopig|aceito|aceite|recusado|provisório|zaakceptowano|odrzucono|wstępnie|承諾|辞退|仮承諾|"
    r"accepterat|afvist)\s?[:：]"
)
CALENDAR_WORDS = re.compile(
    r"\b(?:has |hat |a |ha |heeft )?(?:accepted|declined|tentatively accepted|accepté|refusé|aceptado|rechazado|accettato|"
    r"rifiutato) "
    r"(?:this|your|the|cette|votre|esta|su|questo|il suo)? ?(?:invitation|meeting|event|appointment|invito|invitación)|"
    r"(?:einladung|termin|besprechung\w*) (?:angenommen|zugesagt|abgelehnt|mit vorbehalt)|uitnodiging (?:geaccepteerd|"
    r"geweigerd)|"
    r"zaproszenie|google (?:calendar|kalender|agenda)|\bvcalendar\b"
)
CALENDAR_DATE = re.compile(r" @ \w{2,4}\.? |\d{1,2}[:.h]\d{2}")

# Somebody is away now. Up to eight words may stand between.
AWAY = Phrases(
    (
        "out of |ooo|away |leave|vacation|holiday|business t|pto|furlough|travel|not in |not at |out until|out till|"
        "out today|out on|closed",
        r"\b(?:i am|i'm|i’m|i will be|i'll be|we are|we're|we will be|i shall be) (?:\S{1,30} ){0,6}?(?:out of (?:the |my |"
        r"our )?office|ooo\b|"
        r"away (?:from|on|until|till|for|and)|on (?:\S{1,12} ){0,2}(?:leave|vacation|holidays?|business travel|"
        r"a business trip)|on pto|"
        r"on furlough|travell?ing|not (?:in|at) (?:the |my |our )?(?:office|desk|work)|out (?:until|till|today|on)|closed)\b",
    ),
    (
        "out of the office|out of office",
        r"(?<!was )(?<!were )(?<!been )\bout of (?:the )?office\b(?! (?:chair|furniture|supplies|desk))",
    ),
    (
        "closed|on holiday|away",
        r"\b(?:our|the) (?:office|shop|store|company|support team|team|warehouse)s? (?:is|are|will be) (?:currently |"
        r"now )?(?:closed|on holiday|away)",
    ),
    (
        "no longer |left the ",
        r"\b(?:no longer (?:with|works? (?:for|at|here)|employed|part of)|(?:has|have) left the (?:company|organi[sz]ation|"
        r"business|firm))\b",
    ),
    (
        "im büro|im haus|im dienst|abwesend|urlaub|außer haus|ausser haus|erreichbar|zu erreichen|anwesend|arbeitsplatz|"
        "elternzeit|mutterschutz|auf dienstreise|geschäftsreise|auf reisen|krank|im office",
        r"\b(?:bin ich|ich bin|ich befinde mich|befinde ich mich|wir sind|ich werde|"
        r"werde ich)\b (?:\S{1,30} ){0,9}?(?:nicht im (?:büro|haus|dienst|hause)|"
        r"abwesend|in?m? urlaub|außer haus|ausser haus|nicht (?:am arbeitsplatz|erreichbar|zu erreichen|anwesend|im office)|"
        r"in (?:elternzeit|mutterschutz)|auf (?:dienstreise|geschäftsreise|reisen)|krank)\b",
    ),
    (
        "ferien|urlaub|geschlossen|nicht mehr|im büro|im haus",
        r"\b(?:betriebs(?:ferien|urlaub)|(?:büro|geschäft|betrieb|laden|unternehmen|support)\w* (?:ist|bleibt|"
        r"sind) (?:\S{1,30} ){0,8}?geschlossen)|"
        r"nicht mehr (?:\S{1,30} ){0,5}?(?:tätig|beschäftigt|im unternehmen)|nicht im (?:büro|haus)e?\b",
    ),
    (
        "absent|congé|vacances|hors du bureau|déplacement|en arrêt|fermé|plus partie|a quitté",
        r"\b(?:je suis|je serai|nous sommes|nous serons) (?:\S{1,30} ){0,6}?(?:absente?s?\b|absent\(e\)|en congés?|"
        r"en vacances|hors du bureau|en déplacement|"
        r"en arrêt|fermé)|\b(?:bureau|magasin|boutique|société|service)s? (?:est|sont|sera|seront) (?:\S{1,30} ){0,4}?fermé|"
        r"fermés? pour (?:congés|les fêtes)|"
        r"ne (?:fait|fais) plus partie|a quitté (?:la société|l.entreprise)",
    ),
    (
        "oficina|ausente|vacaciones|de baja|de viaje|de permiso|cerrad|ya no ",
        r"\b(?:estoy|estaré|me encuentro|me encontraré|estamos|estaremos) (?:\S{1,30} ){0,6}?(?:fuera de (?:la |"
        r"mi )?oficina|ausente|de vacaciones|"
        r"de baja|de viaje|de permiso|cerrad)|(?:oficina|tienda|empresa)s? (?:está|estará|"
        r"permanecerá) (?:\S{1,30} ){0,3}?cerrad|"
        r"cerrado por vacaciones|ya no (?:trabaja|trabajo|forma)",
    ),
    (
        "fuori |assente|in ferie|in vacanza|maternità|in viaggio|trasferta|malattia|chius|più|rimarr",
        r"\b(?:sono|sarò|siamo|saremo|mi trovo) (?:\S{1,30} ){0,6}?(?:fuori ufficio|fuori sede|fuori dall.ufficio|assente|"
        r"in ferie|in vacanza|in maternità|"
        r"in viaggio|in trasferta|in malattia|chius)|(?:uffici|ufficio|negozio|azienda) (?:\S{1,30} ){0,2}?(?:chius|rimarr)|"
        r"chius[oi] per ferie|"
        r"non (?:lavora|lavoro) più",
    ),
    (
        "afwezig|aanwezig|kantoor|vakantie|verlof|bereikbaar|op reis|gesloten|vrij tot|werkzaam",
        r"\b(?:ik ben|ben ik|wij zijn|we zijn|zijn wij|zijn we) (?:\S{1,30} ){0,8}?(?:afwezig|niet aanwezig|niet op kantoor|"
        r"met vakantie|op vakantie|"
        r"met verlof|niet bereikbaar|buiten kantoor|op reis|gesloten|uit kantoor|vrij tot)|(?:kantoor|winkel|"
        r"bedrijf) is (?:\S{1,30} ){0,5}?gesloten|"
        r"niet (?:meer )?werkzaam",
    ),
    (
        "fora d|ausente|férias|licença|em viagem|de baixa|fechad|encerrad|já não|não trabalh",
        r"\b(?:estou|estarei|encontro-me|estamos|estaremos) (?:\S{1,30} ){0,6}?(?:fora do escritório|fora da empresa|"
        r"ausente|de férias|em férias|de licença|"
        r"em viagem|de baixa|fechad|encerrad)|(?:escritório|loja|empresa) (?:está|estará|"
        r"encontra-se) (?:\S{1,30} ){0,3}?(?:fechad|encerrad)|"
        r"já não (?:trabalh|faz)|não trabalh\w+ mais",
    ),
    (
        "biur|nieobecn|urlop|zwolnieni|podróży|wakacj|niedostępn|nieczynn|zamknięt|nie pracuj",
        r"\b(?:jestem|przebywam|będę|jesteśmy|będziemy) (?:\S{1,30} ){0,6}?(?:poza biurem|nieobecn|na urlopie|na zwolnieniu|"
        r"w podróży służbowej|na wakacjach|"
        r"niedostępn)|(?:biuro|sklep|firma) (?:jest|będzie) (?:\S{1,30} ){0,4}?(?:nieczynn|zamknięt)|nie pracuj\w+ już|"
        r"już nie pracuj",
    ),
    (
        "不在|休|出張|外出|席を|退職",
        r"不在(?:にして(?:おり|い)|です|となり|となって|とさせ|でございます|とな(?:る|っ))|休暇(?:を(?:いただ|頂|取)|中(?:です|のため|につき|で|と))|"
        r"出張(?:中(?:です|のため|につき|で)|のため)|外出(?:中|して)|(?:休業|休み)(?:とさせ|をいただ|を頂|いたし|期間|中(?:です|のため|につき))|"
        r"席を(?:外して|はずして)|退職(?:いた|し|致)|お休みを(?:いただ|頂)",
    ),
)
# What an automatic answer adds: until when; whom to ask; that mail is not read now; when it will be; thanks for it.
AWAY_ADDS: tuple[re.Pattern[str], ...] = (
    _any(
        r"\b(?:until|till|through|back (?:on|in|at|by)|be back|return(?:ing)?\b|between|from) ",
        r"\b(?:bis (?:zum|einschließlich|einschl|voraussichtlich|mitte|ende|anfang|\S{0,12}\d|montag|dienstag|mittwoch|"
        r"donnerstag|freitag)|"
        r"ab dem|ab \w+tag|ab \d|wieder (?:zu |für |im |am |da|zurück|ganz )?|vom \d)",
        r"\b(?:jusqu|de retour|à partir du|du \d|mon retour|retour (?:le|prévu))",
        r"\b(?:hasta|a partir del|regres\w+|mi regreso|a mi vuelta|volver[ée]|desde el|del \d)",
        r"\b(?:fino al?\b|rientr\w+|al mio|dal \d|tornerò|sarò di nuovo|a partire da)",
        r"\b(?:tot(?: en met)?|weer (?:aanwezig|bereikbaar|terug|op)|vanaf|terug op|van \d)",
        r"\b(?:até|regress\w+|retorn\w+|volto|voltarei|a partir de|de \d)",
        r"\b(?:do (?:dnia )?\d|do (?:poniedziałku|wtorku|środy|czwartku|piątku)|do dnia|wracam|wrócę|powro[tc]\w*|"
        r"od (?:dnia )?\d)",
        r"まで|以降|より(?:通常|出社)|に(?:戻|出社|復帰)",
    ),
    _any(
        r"\b(?:urgent|emergency|immediate(?:ly)? |in my absence|contact(?:ed)? |reach (?:out to|my)|call (?:my|our|me|"
        r"\+?\d)|colleague|phone|mobile)",
        r"\b(?:dringend\w*|eilig\w*|notf[aä]ll\w*|in meiner abwesenheit|vertret\w+|wenden sie|kolleg\w+|unter der (?:nummer|"
        r"telefon))",
        r"\b(?:urgen\w+|en mon absence|contacter|joindre|collègue|adresser à)",
        r"\b(?:urgen\w+|en mi ausencia|contact\w+|compañer\w+|dirigirse a|diríjase)",
        r"\b(?:urgen\w+|in mia assenza|contattare|rivolgersi|collega)",
        r"\b(?:dringend\w*|spoed\w*|tijdens mijn|contact (?:op|met)|collega|noodgeval\w*)",
        r"\b(?:urgen\w+|urgên\w+|na minha ausência|contact\w+|contat\w+|colega)",
        r"\b(?:piln\w+|podczas mojej|w trakcie mojej|kontakt\w*|koleg\w+|zastęp\w+|zastępuje)",
        r"緊急|お急ぎ|至急|代わりに|担当者?(?:の|へ|まで)|までご連絡",
    ),
    _any(
        r"\b(?:(?:limited|no|intermittent|restricted|sporadic|without) (?:\S{1,12} )?access|(?:not|"
        r"never) (?:be )?(?:checking|reading|monitor\w*|read|able to (?:read|check|reply|respond|answer))|"
        r"(?:your|this) (?:e-?mail|message) will (?:not )?be|not (?:be )?(?:forwarded|read)|slow to (?:respond|reply)|"
        r"delay(?:s|ed)? (?:in|response|repl))",
        r"\b(?:keinen? zugriff|(?:nicht|weder) (?:gelesen|weitergeleitet|bearbeitet)|weitergeleitet|keine e-?mails|"
        r"unregelmäßig|eingeschränkt|bearbeite[nt]? ihre)",
        r"\b(?:accès (?:limité|restreint)|pas accès|consulte? (?:pas|peu)|ne (?:sera|seront) pas|transféré|pas (?:lu|"
        r"consulter))",
        r"\b(?:acceso (?:limitado|restringido)|sin acceso|no (?:tendré|tengo) acceso|no (?:leeré|será)|reenviad|consultaré)",
        r"\b(?:accesso (?:limitato|alla posta)|non (?:avrò|ho) accesso|non (?:potrò|verrà|leggerò|sarà)|inoltrat)",
        r"\b(?:beperkte? toegang|geen toegang|niet (?:gelezen|doorgestuurd|bereikbaar)|beperkt bereikbaar|"
        r"lees (?:ik )?mijn mail|doorgestuurd|toegang tot)",
        r"\b(?:acesso (?:limitado|restrito|ao e-?mail|aos)|sem acesso|não (?:terei|tenho) acesso|não (?:será|lerei)|"
        r"reencaminhad|encaminhad)",
        r"\b(?:ograniczony dostęp|bez dostępu|nie (?:będę|mam) (?:mieć )?(?:dostępu|czyta|odpowiad|sprawdza)|przekierow|"
        r"nie (?:będzie|będą) czyt)",
        r"メールを確認|メールの確認|確認(?:が|でき)|返信(?:が遅|でき|は)|ご返信が|ご連絡が遅",
    ),
    _any(
        r"\b(?:(?:will|'ll|shall) (?:\S{1,12} ){0,2}?(?:respond|reply|get back|answer|return your|read your|attend|deal|"
        r"review|endeavou?r)|upon my return|on my return|when i (?:return|get back|am back)|as soon as (?:i|possible|we))",
        r"\b(?:nach meiner rückkehr|(?:werde|melde|antworte|beantworte|kümmere|bearbeite) (?:ich |"
        r"mich )?(?:\S{1,20} ){0,6}?(?:nach|danach|zurück|umgehend|schnellst|beantworten|melden|antworten|sobald)|sobald)",
        r"\b(?:à mon retour|dès mon retour|(?:répondrai|répondrons|traiterai|reviendrai)|dans les meilleurs délais|"
        r"dès que possible)",
        r"\b(?:a mi (?:regreso|vuelta)|(?:responder[éeá]\w*|contestar[éeá]\w*|atender[éeá]\w*)|lo antes posible|en cuanto)",
        r"\b(?:al mio (?:rientro|ritorno)|risponder[òàe]\w*|appena possibile|non appena)",
        r"\b(?:na mijn terugkomst|bij terugkomst|(?:beantwoord|reageer|antwoord) (?:ik )?|zo (?:snel|spoedig) mogelijk|zodra)",
        r"\b(?:no meu (?:regresso|retorno)|quando (?:regressar|retornar|voltar)|responder(?:ei|emos)\w*|assim que|logo que|"
        r"o mais breve)",
        r"\b(?:po (?:moim )?powrocie|odpowiem|odpiszę|skontaktuję|najszybciej|jak tylko)",
        r"戻り次第|(?:出社|帰社|復帰|休み明け)(?:次第|後)|(?:返信|回答|対応|連絡)(?:させていただき|いたし|致し|します)",
    ),
    _any(
        r"\b(?:thank you|thanks|thx) (?:very much |so much )?for (?:your |the |contacting|emailing|you )" + r"(?:\S{1,12} )?",
        r"\b(?:danke|dank) für (?:ihre|deine|die) (?:nachricht|e-?mail|mail|anfrage)|ihre (?:nachricht|e-?mail) (?:ist|"
        r"wurde|wird)",
        r"\b(?:merci (?:pour|de) votre (?:message|e-?mail|courriel|mail)|j.ai bien reçu|votre (?:message|mail|courriel) )",
        r"\bgracias por (?:su|tu|contactar|escribir)|(?:he|hemos) recibido (?:su|tu)",
        r"\bgrazie (?:per (?:la (?:sua|tua)|il (?:suo|tuo)|avermi|averci|aver)|del (?:suo|tuo))|(?:ho|"
        r"abbiamo) ricevuto (?:la|il)",
        r"\b(?:bedankt|dank|dank u|hartelijk dank) voor (?:uw|je) ",
        r"\b(?:obrigad[oa] (?:pel|por)|agradeço (?:o|a|pel)|agradecemos)",
        r"\b(?:dziękuj\w+ za (?:wiadomość|maila?|kontakt|e-?mail|państwa|twoj))",
        r"(?:メール|ご連絡|お問い合わせ)(?:を|いただき|を?いただき|をお送り|ありがとう)|自動(?:返信|応答|送信|配信)",
    ),
)  # fmt: skip
# The trade: somebody who is away and speaks of these may be a person.
TRADE = _any(
    r"\b(?:order|parcel|package|deliver\w*|shipp?\w*|item|refund|charg\w+|invoice|accept\w*|agree\w*|cancel\w*|re-?bill\w*|"
    r"return it|keep (?:it|them|the)|pay\b|money)",
    r"\b(?:bestell\w+|paket\w*|liefer\w+|sendung|artikel|erstatt\w+|rechnung|einverstanden|akzeptier\w*|stornier\w*|"
    r"abbuch\w*|behalt\w*|bezahl\w*|ware)",
    r"\b(?:commande|colis|livr\w+|article|rembours\w+|facture|accepte\w*|d'accord|annul\w+|factur\w+|garde\b|payer)",
    r"\b(?:pedido|paquete|entreg\w+|env[íi]\w+|artículo|reembols\w+|factura|acepto|acepta\w*|de acuerdo|cancel\w+|cobr\w+|"
    r"quedar\w*|pagar)",
    r"\b(?:ordine|pacco|consegn\w+|spedi\w+|articolo|rimbors\w+|fattura|accett\w+|d'accordo|annull\w+|addebit\w+|tengo|pagare)",
    r"\b(?:bestelling|pakket\w*|bezorg\w+|lever\w+|artikel|terugbetal\w+|factuur|akkoord|accepteer|annuleer\w*|houd\w*|"
    r"betal\w+)",
    r"\b(?:encomenda|pedido|pacote|entreg\w+|envi\w+|artigo|reembols\w+|fatura|aceito|concordo|cancel\w+|cobr\w+|fico com|"
    r"pagar)",
    r"\b(?:zamówieni\w+|paczk\w+|dostaw\w+|wysył\w+|przesył\w+|zwrot\w*|faktur\w+|akceptuj\w*|zgadzam|anuluj\w*|obciąż\w*|"
    r"zatrzym\w*|zapłac\w*)",
    r"注文|荷物|配達|配送|商品|返金|請求|同意|承諾|キャンセル|受け取|支払",
)
# A person asks for something; what an automatic answer asks for is to be called, written to, or understood.
ASKS = _any(
    r"\?|？|\b(?:please (?!(?:contact|call|reach|e-?mail|direct|send (?:your|an?) (?:e-?mail|urgent)|note|be advised|"
    r"do not reply|"
    r"refer|get in touch|allow|speak|write|resend|expect|feel|forward|visit|see|consider|leave (?:a|your) (?:message|"
    r"voicemail)))|"
    r"can you|could you|would you|i would like|i want|i need)",
    r"\b(?:bitte (?!(?:wenden|kontaktieren|rufen|senden sie ihre|schreiben sie|beachten|richten|haben|entschuldigen|melden sie|"
    r"um (?:geduld|verständnis)|an |nehmen sie kontakt|leiten))|ich (?:möchte|will)|können sie)",
    r"\b(?:(?:pouvez|pourriez)-vous|je (?:voudrais|souhaite|veux)|"
    r"merci de (?!contacter|vous adresser|votre|joindre|bien vouloir contacter|prendre contact))",
    r"\b(?:puede(?:n)? (?:usted|ustedes)?|podría\w*|quiero|quisiera)",
    r"\b(?:può |potete |potrebbe|vorrei|voglio)",
    r"\b(?:kunt u(?! (?:contact|bellen|terecht|mailen))|ik (?:wil|zou graag)|graag (?:leveren|bezorgen|bevestigen))",
    r"\b(?:pode(?:m|ria)? |quero|gostaria)",
    r"\b(?:czy (?:mo|mó)\w+|chc(?:ę|iał)\w*|proszę o (?!kontakt|wiadom|telefon|pilny))",
    r"(?:お願い(?:します|いたします|できますか)(?!.{0,20}(?:ご連絡|不在))|ですか|ますか)",
)
DECIDES = _any(
    r"\b(?:i(?:'ll|'m| will| would| can| have)? (?:gladly |happily |also |still |just )?(?:accept|agree|confirm|decline|refuse|keep|kept|do not|don't|cannot pay|wish|consent|"
    r"approve|pay\b)|yes[,.! ]|no[,.] |(?:please |just |go ahead and |can |you may )?(?:charge|bill|re-?bill) (?:me|us|my|our)|keep(?:ing)? (?:it|them|the))",
    r"\b(?:ich (?:akzeptiere|stimme|bin einverstanden|behalte|nehme|zahle|möchte|will)|einverstanden|ja[,.! ]|nein[,.! ]|(?:buchen|belasten) sie|abbuchen)",
    r"\b(?:j'accepte|je (?:refuse|garde|suis d'accord|souhaite|veux|paie|confirme)|oui[,.! ]|(?:facturez|débitez|prélevez)[- ])",
    r"\b(?:acepto|no acepto|sí[,.! ]|estoy de acuerdo|me (?:lo|la) quedo|quiero|cóbr\w+|pueden cobrar)",
    r"\b(?:accetto|sì[,.! ]|sono d'accordo|(?:lo|la|mi) tengo|tengo (?:il|la|l')|addebit\w+mi|voglio|rifiuto)",
    r"\b(?:ik (?:accepteer|ga akkoord|houd|hou|wil|betaal|weiger)|ja[,.! ]|nee[,.! ]|akkoord)",
    r"\b(?:aceito|sim[,.! ]|concordo|fico com|quero|podem cobrar)",
    r"\b(?:zgadzam się|akceptuję|tak[,.! ]|zatrzym\w+|chcę|odmawiam)",
    r"(?:同意|承諾|希望)(?:し|いた)",
)
# Who is out of the office tells colleagues and customers so; who is on holiday may tell anybody.
OFFICE = re.compile(
    r"(?<!was )(?<!were )(?<!been )out of (?:the |my )?office|nicht im (?:büro|haus)|(?:hors|absente?) du bureau|"
    r"fuera de (?:la )?oficina|fuori (?:ufficio|sede)|"
    r"(?:buiten|uit|niet op) kantoor|fora do escritório|poza biurem|不在にして"
)
AUTOMATIC = Phrases(
    (
        "quarant|quaranten|cuarentena|kwarantann|karantän|隔離",  # a spam filter's digest
        r"\b(?:quarant\w+|cuarentena|kwarantann\w+)\b.{0,200}\b(?:releas|freigeb|freigegeben|libér|débloqu|liberar|rilasci|vrijgev|libert|zwoln|deliver|held|"
        r"trattenut|zurückgehalten|retenu|retenid|retid|zatrzyman|vastgehouden)|(?:held|trattenut\w*|zurückgehalten|retenus?|retenid\w*|retid\w*|zatrzyman\w*|"
        r"vastgehouden) (?:in|en|em|w|im|dans) (?:\S{1,12} )?(?:quarant\w+|cuarentena|kwarantann\w+)|隔離",
    ),
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
        "自動|送信専用|メールへ|メールに|メールは",
        r"このメールは(?:\S{0,20})自動|(?:本|この)メール(?:は|へ|に).{0,20}(?:自動|返信(?:でき|いただ|なさら|しない))|自動(?:返信|送信|配信|応答)(?:メール|です|されて|により|専用|"
        r"システム)|送信専用",
    ),
)
# A desk says that it took something down, and under which number or by when it will answer.
TAKEN_DOWN = Phrases(
    (
        " received|created|opened|logged|registered|assigned|submitted|forwarded|escalated|recorded|has been added|"
        "contacting|in touch|reaching out|for your |for writing|ticket has|case has|receipt|'ve got your|have got your",
        r"\b(?:your|this|the) "
        + _THING
        + r"(?: [^\s.]{1,40}){0,5} (?:has been|was|is now|have been) (?:\S{1,14} )?(?:received|created|opened|logged|"
        r"registered|assigned|submitted|forwarded|escalated|recorded|added)\b|"
        r"\bwe(?: have|'ve|’ve)? (?:\S{1,14} )?(?:received|got|logged|registered) your " + _THING + r"|"
        r"\bthank(?:s| you) for (?:contacting|getting in touch|reaching out|your (?:e-?mail|message|enquiry|inquiry|request|"
        r"interest)|writing)|a (?:support )?(?:ticket|case) has been|"
        r"\b(?:this is|to) (?:to )?(?:confirm|acknowledge)(?: \S{1,14}){0,4} (?:receipt|received)",
    ),
    (
        "erhalten|eingegangen|erstellt|empfangen|angelegt|aufgenommen|weitergeleitet|erfasst|vielen dank für",
        r"\b(?:ihre?|deine?) (?:anfrage|nachricht|e-?mail|mitteilung|ticket|anliegen)(?: \S{1,30}){0,6} (?:erhalten|"
        r"eingegangen|erstellt|empfangen|angelegt|aufgenommen|weitergeleitet|erfasst)|"
        r"vielen dank für (?:ihre|deine) (?:anfrage|nachricht|e-?mail|kontakt)|haben (?:ihre|deine) (?:anfrage|nachricht|"
        r"e-?mail)(?: \S{1,20}){0,3} erhalten",
    ),
    (
        "bien reçu|votre |accusons|nous avoir contact|d'avoir contact",
        r"\b(?:nous avons bien reçu|votre (?:demande|message|e-?mail|courriel)(?: \S{1,20}){0,4} (?:été|bien) (?:reçu|"
        r"enregistr|pris|transmis)|nous accusons réception|merci (?:de nous avoir contact|d'avoir contact))",
    ),
    (
        "recibid|registrad|cread|asignad|gracias por",
        r"\b(?:hemos recibido (?:su|tu)|(?:su|tu) (?:solicitud|mensaje|consulta|correo|ticket)(?: \S{1,20}){0,4} (?:recibid|"
        r"registrad|cread|asignad)|gracias por (?:contactar|ponerse en contacto|escribir))",
    ),
    (
        "ricevut|in carico|registrat|apert|inoltrat|contatt|pres",
        r"\b(?:abbiamo (?:ricevuto|preso in carico)|la (?:sua|tua|vostra) (?:richiesta|e-?mail|"
        r"segnalazione)(?: \S{1,20}){0,4} (?:ricevut|registrat|pres|apert|inoltrat)|grazie per (?:averci|aver) contatt)",
    ),
    (
        "ontvangen|hebben uw|hebben je|aangemaakt|geregistreerd|bedankt",
        r"\b(?:(?:we|wij) hebben (?:uw|je) (?:\S{1,20} ){0,3}?(?:ontvangen|goed)|(?:uw|je) (?:bericht|vraag|verzoek|e-?mail|"
        r"melding|ticket)(?: \S{1,20}){0,4} (?:ontvangen|aangemaakt|geregistreerd)|bedankt (?:voor (?:uw|je) (?:bericht|"
        r"e-?mail|vraag)|dat (?:u|je) contact))",
    ),
    (
        "recebemos|recebid|registad|registrad|criad|abert|entrar em contat|por contactar",
        r"\b(?:recebemos (?:o|a) (?:seu|sua)|(?:o seu|a sua|seu|sua) (?:pedido|mensagem|solicitação|e-?mail|chamado|"
        r"ticket)(?: \S{1,20}){0,4} (?:recebid|registad|registrad|criad|abert)|obrigad[oa] por (?:contactar|entrar em contat))",
    ),
    (
        "otrzymal|przyjęt|otrzyman|zarejestrowan|utworzon|dziękujemy",
        r"\b(?:otrzymaliśmy (?:twoj|twój|państwa|pani|pana)|(?:twoje|państwa|pani|pana) (?:zgłoszenie|wiadomość|"
        r"zapytanie)(?: \S{1,20}){0,4} (?:przyjęt|otrzyman|zarejestrowan|utworzon)|dziękujemy za (?:kontakt|zgłoszenie|"
        r"wiadomość))",
    ),
    (
        "受|お問い合わせ|お問合せ|ご連絡|メールを|ご質問",
        r"(?:お問い?合わせ|ご連絡|メール|ご質問)(?:を|は)?(?:受け?付け|受信|承り|拝受|いただき(?:まして)?)|受付(?:いた|完了|致)",
    ),
)
DESK_NUMBER = _any(
    r"\b(?:ticket|case|reference|request|incident|ref|support)(?: (?:id|no|nr|number|reference|code))?\.?(?: is|"
    r" will be|:| for)?[ #:\[(]{0,4}#?(?=[\w-]{0,12}\d)[\w-]{3,24}",
    r"(?:#|\[#|##-? ?)(?=[\w-]{0,8}\d)[\w-]{3,24}",
    r"\b(?:ticket-?(?:nr|nummer)|vorgangs-?(?:nr|nummer)|fall-?nummer|bearbeitungsnummer|aktenzeichen|"
    r"numéro (?:de )?(?:ticket|dossier|demande|suivi)|número (?:de )?(?:ticket|caso|referencia|solicitud|protocolo|referência)|"
    r"numero (?:di )?(?:ticket|pratica|richiesta|riferimento)|ticketnummer|zaaknummer|referentienummer|protocolo|"
    r"numer (?:zgłoszenia|sprawy)|nr zgłoszenia|(?:受付|お問い?合わせ|問合せ|案件)番号)",
)
DESK_PROMISE = _any(
    r"\b(?:within|in) (?:the next )?(?:\S{1,8} )?(?:\d{1,3}|one|two|three|few)(?:\s?(?:-|to|"
    r"–)\s?\d{1,2})? (?:\S{1,9} )?(?:hours?|(?:business |working )?days?)|as soon as possible|shortly|in the order|(?:next|"
    r"following) (?:business|working) day|"
    r"we(?:'ll| will| shall)? (?:\S{1,12} ){0,2}?(?:reply|respond|get back|answer|be in touch|contact you|look into)|"
    r"high(?:er)? (?:than|volume)|"
    r"(?:agent|representative|member of|our (?:team|staff|support|customer)|someone)(?: \S{1,14}){0,6} (?:will|be in touch|"
    r"review|respond|get back|contact you)",
    r"\b(?:innerhalb (?:von |der )?\S{1,12} (?:stunden|werktag|tag)\w*|schnellstmöglich|nächste[nr] (?:werk|arbeits)tag|"
    r"(?:wir )?(?:melden uns|werden uns|antworten ihnen|werden ihre)|so (?:schnell|bald) wie möglich|in kürze|umgehend|"
    r"\d+ (?:stunden|werktag\w*)|baldmöglichst|bearbeitungszeit)",
    r"\b(?:dans (?:les|un délai)(?: \S{1,14}){0,4}|meilleurs délais|dès que possible|prochain jour ouvré|"
    r"nous (?:vous )?(?:répondrons|reviendrons|recontacterons|contacterons)|sous \d+|prochainement|rapidement)",
    r"\b(?:en (?:un plazo|las próximas|menos de|breve)|lo antes posible|próximo día (?:laborable|hábil)|(?:responder|"
    r"contestar|atender|contactar)emos|\d+ horas|a la (?:mayor )?brevedad)",
    r"\b(?:entro \S{1,10}|prossimo giorno (?:lavorativo|feriale)|(?:risponder|contatter)emo|al più presto|"
    r"il prima possibile|appena possibile|nel più breve)",
    r"\b(?:binnen \S{1,10}(?: \S{1,10})?|volgende werkdag|(?:wij|we) (?:nemen|reageren|beantwoorden|komen|antwoorden)|"
    r"zo (?:snel|spoedig) mogelijk)",
    r"\b(?:em (?:até|breve)|próximo dia útil|(?:responder|entrar|contactar)emos|no prazo|o mais (?:breve|rápido)|\d+ horas|"
    r"dias úteis|assim que possível)",
    r"\b(?:w ciągu|następn\w+ dni\w+ robocz|(?:odpowi|odpis|skontaktuj)emy|najszybciej|wkrótce|niezwłocznie|dni robocz)",
    r"営業日|ご(?:返信|連絡|回答|返答)(?:いたし|致し|させて|申し|差し)|順次|後ほど|追って|折り返し|担当(?:者)?(?:より|から)|時間以内",
)
CHALLENGE = Phrases(
    (
        "to have your |to deliver your |deliver your|to complete |to ensure |to release |to confirm|are human|held|until|"
        "awaits|is waiting|on hold|quarantine|protected|guarded|filtered|verif|sender|list|human|click",
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
        r"(?:one-time|sender) (?:verification|authentication|confirmation)|click (?:on )?(?:the |"
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
        r"sua mensagem(?: \S{1,20}){0,9} (?:retida|aguarda|será entregue|não foi entregue)|filtro anti-?spam|antispam uol|confirm\w+ que (?:você|voce|é uma? pessoa)|"
        r"wiadomość (?:\S{1,20} ){0,4}(?:wstrzyman|zatrzyman|oczekuje))",
    ),
    (
        "送信者|差出人",
        r"(?:送信者|差出人)(?:の)?(?:確認|認証)",
    ),
)
CHALLENGE_SUBJECT = re.compile(
    r"(?:re: |aw: )?\[?(?:please |action required:? ?)?(?:(?:verify|confirm|authenticate) (?:that )?your (?:e-?mail|message|"
    r"e-?mail address|identity as|delivery)|"
    r"(?:sender |e-?mail |message )(?:verification|confirmation|authentication)(?: required| needed| request)?|"
    r"your e-?mail requires (?:verification|confirmation)|unverified e-?mail to|(?:your )?message (?:to .{1,60} )?(?:awaits|"
    r"is awaiting|held for|is being held|requires confirmation)|"
    r"votre message .{0,60}(?:en attente|attend)|\*\*message you sent blocked)"
)
NEWSLETTER = _any(
    r"\bunsubscribe|manage (?:your )?(?:e-?mail )?(?:preferences|subscription)|update your preferences|"
    r"view (?:this (?:e-?mail )?|it )?in (?:your |a )?(?:web )?browser|opt[- ]?out|abmelden|newsletter|abbestellen|austragen|"
    r"désabonn|désinscri|se désinscrire|darse de baja|cancelar (?:la )?suscripción|dejar de recibir|disiscri|"
    r"annulla(?:re)? (?:l.)?iscrizione|cancella(?:ti|re|rsi)|afmeld|uitschrijv|cancelar (?:a )?(?:subscrição|inscrição|"
    r"assinatura)|"
    r"descadastr|wypis|rezygn\w+ z (?:subskrypcji|newslettera)|配信(?:停止|解除)|登録解除|メルマガ|購読",
)
