"""The words of help desks: that something was taken down, under which number, and when somebody will answer."""

import re

from supportbot.mail.phrases import Phrases, any_of

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
    # What else desks say: a number first, a noun for the verb, other verbs.
    (
        "received your|get your|got your|in our queue|let you know that we|for your patience|a copy of your|raised|queued|"
        "reference",
        r"\bwe(?:'ve| have)? (?:just |now |safely )?(?:received|got|logged|registered) (?:your|the|an?) (?:\S{1,14} ){0,2}?"
        + _THING
        + r"|\byour (?:\S{1,14} )?"
        + _THING
        + r" (?:\S{1,20} ){0,3}?(?:is|has been|was) (?:\S{1,12} ){0,2}?(?:queued|in our queue|raised|acknowledged|filed)|"
        r"\b(?:case|ticket|incident|reference)(?: (?:no|number|id|nr))?\.? ?[#:]? ?(?=[\w-]{0,12}\d)[\w-]{2,24} (?:has been|"
        r"was|is now) "
        r"(?:\S{1,12} )?(?:raised|created|opened|logged|registered|assigned)",
    ),
    (
        "erfasst|registriert|aufgenommen|erhalt|eingang|zugeordnet|bestätigen|in bearbeitung|entgegengenommen|danke für",
        r"\b(?:ihre?|deine?) (?:anfrage|nachricht|e-?mail|mitteilung|ticket|anliegen|meldung|schreiben)(?: \S{1,30}){0,9}? "
        r"(?:erfasst|registriert|aufgenommen|zugeordnet|entgegengenommen|in bearbeitung)|wir (?:bestätigen|"
        r"haben) (?:\S{1,20} ){0,3}?"
        r"(?:eingang|erhalt|erhalten)|(?:danke|dank) für (?:ihre|deine) (?:anfrage|nachricht|e-?mail|mail|meldung)",
    ),
    (
        "pris en|prise en|enregistr|transmis|accus|ouvert|merci de|merci pour|reçu",
        r"\b(?:votre|la|le) (?:demande|message|e-?mail|courriel|requête|réclamation|dossier|ticket)(?: \S{1,20}){0,6}? (?:est|"
        r"a|sera) "
        r"(?:\S{1,12} ){0,2}?(?:pris\w? en|enregistr|transmis|reçu|créé|ouvert)|accus\w+ (?:bonne )?réception|merci (?:pour|"
        r"de) votre "
        r"(?:message|demande|e-?mail|courriel|mail)",
    ),
    (
        "hemos registrado|registr|gracias por|en contacto|abierto|asignado|recibimos|recibido|acuse",
        r"\b(?:hemos|se ha|ha sido) (?:\S{1,12} )?(?:registrad\w|abiert\w|asignad\w|recibid\w|cread\w)|recibimos (?:su|tu)|"
        r"gracias por (?:su|tu|ponerse|comunicarse|dirigirse)|acuse de recibo",
    ),
    (
        "in carico|ricevut|registrat|apert|assegnat|grazie per|conferm",
        r"\b(?:è stat[ao]|abbiamo|è in) (?:\S{1,12} )?(?:pres[ao]? in carico|ricevut\w|registrat\w|apert\w|assegnat\w|carico)|"
        r"grazie per (?:il|la|averci|aver)|confermiamo (?:di aver|la ricezione|l'avvenuta)",
    ),
    (
        "ontvangen|geregistreerd|in behandeling|dank voor|bedankt|aangemaakt|ontvangst",
        r"\b(?:uw|je|de) (?:bericht|vraag|verzoek|e-?mail|mail|melding|ticket|aanvraag)(?: \S{1,20}){0,6}? (?:ontvangen|"
        r"geregistreerd|"
        r"in behandeling|aangemaakt)|(?:dank|bedankt|dank u wel) voor (?:uw|je|het)|bevestigen (?:de|"
        r"wij) (?:\S{1,12} )?ontvangst",
    ),
    (
        "registad|registrad|recebemos|recebid|abert|encaminhad|agradecemos|obrigad|criad",
        r"\b(?:foi|está|fica) (?:\S{1,12} )?(?:registad\w|registrad\w|recebid\w|abert\w|encaminhad\w|criad\w)|"
        r"recebemos (?:\S{1,8} )?"
        r"(?:seu|sua|teu|tua|mensagem)|agradecemos (?:o|a|pel)|obrigad[oa] (?:pel[oa]|por) (?:seu|sua|contact\w+|contat\w+|"
        r"mensagem)",
    ),
    (
        "zgłoszeni|otrzyma|zarejestr|przyję|dziękujemy|wpłyn|potwierdzamy",
        r"\b(?:zgłoszeni\w+|wiadomość|zapytani\w+|sprawa)(?: \S{1,20}){0,6}? (?:został[ao]? (?:\S{1,12} )?)?(?:zarejestrowan|"
        r"przyjęt|"
        r"otrzyman|utworzon|przekazan)\w+|otrzymaliśmy|wpłynęł\w+|dziękujemy za|potwierdzamy (?:otrzymanie|przyjęcie)",
    ),
    (
        "tack för|mottagit|mottatt|modtaget|tak for|takk for|ditt ärende|ärende|registrer|kontaktar",
        r"\b(?:tack för|takk for|tak for) (?:\S{1,12} ){0,2}?(?:att du|ditt|din|dit|at du|er|je)|\bvi har (?:nu |"
        r"nå )?(?:mottagit|tagit emot|"
        r"fått|mottatt|modtaget|registrer\w+)|\b(?:ditt|din|dit) (?:ärende|sak|sag|meddelande|henvendelse|e-?post|förfrågan|"
        r"forespørsel|"
        r"besked|mejl|mail)(?: \S{1,20}){0,5}? (?:mottagit\w*|mottatt|modtaget|registrer\w+|fått|fået|oprettet|opprettet|"
        r"skapats)",
    ),
    (
        "vastaanot|kiitos|saanut|kirjattu",
        r"(?:olemme|on) (?:\S{1,20} ){0,2}?(?:vastaanot\w+|saan\w+|kirjattu)|kiitos (?:yhteyden\w+|viesti\w+)|vastaanotettu",
    ),
    (
        "přijat|přijal|obdržel|děkuj|zaregistr|založen",
        r"\b(?:byl[aoy]?|jsme) (?:\S{1,15} ){0,3}?(?:přijat\w*|přijali|obdrž\w+|zaregistr\w+|založen\w*)|děkujeme za|"
        r"obdrželi jsme",
    ),
    (
        "alın|kaydedil|teşekkür|oluşturul|ulaş",
        r"(?:tale[bp]\w*|mesaj\w*|başvuru\w*|e-?posta\w*)(?: \S{1,20}){0,5}? (?:alın|kaydedil|oluşturul|ulaş)\w+|"
        r"teşekkür ederiz",
    ),
    (
        "зарегистрир|получ|принят|создан|спасибо",
        r"(?:ваш\w*|мы) (?:\S{1,20} ){0,5}?(?:зарегистрир|получ|принят|создан)\w*|спасибо за (?:обращение|ваше|письмо)",
    ),
    (
        "megkapt|köszönjük|rögzít|iktat",
        r"megkaptuk|köszönjük|rögzítettük|iktattuk|létrehoz\w+",
    ),
)
# A desk ends a case, or asks how it did. People do not end cases, and answer surveys instead of sending them.
NOTIFIES = Phrases(
    (
        "case|ticket|request|haven't heard|not heard|solved|closed|resolved|no action|not received a reply|this conversation",
        r"\b(?:your|this|the) (?:\S{1,12} ){0,2}?(?:case|ticket|request|issue|enquiry|"
        r"inquiry)(?: [#(]?[\w-]{0,24}\d[\w-]{0,24}\)?)? (?:has been|was|is now|"
        r"will be|is) (?:\S{1,16} )?(?:closed|solved|resolved|merged|reopened|escalated)\b|\b(?:haven't|"
        r"have not) heard (?:back )?from "
        r"you (?:\S{1,12} ){1,8}?(?:closed?|solved|resolved|assume)|\b(?:case|"
        r"ticket) (?=[\w#-]{0,12}\d)[\w#-]{1,20} (?:has been|was|will be) "
        r"(?:\S{1,14} )?(?:closed|solved|resolved)|changed the status to|reply above this line|status of (?:your|"
        r"the) (?:\S{1,14} )?(?:has|is) (?:now )?(?:changed|set)|no (?:further )?action is "
        r"(?:needed|required)|(?:close|closing) this (?:conversation|case|ticket|request)|\b(?:case|ticket|"
        r"request) (?=[\w#-]{0,12}\d)[\w#-]{1,20} (?:has been|was) "
        r"(?:merged|reopened|assigned|escalated)",
    ),
    (
        "survey|recommend|rate |how did we|feedback|satisf|your opinion|how was",
        r"\b(?:please )?(?:rate (?:the (?:support|service|help)|our|your|us)|take (?:\S{1,12} ){0,4}?survey|"
        r"complete (?:\S{1,12} ){0,4}?survey)|"
        r"how (?:likely are you to recommend|did we do|was your (?:experience|support)|would you rate|satisfied (?:are|"
        r"were) you)|good, i'm satisfied|"
        r"we(?:'d| would) (?:love|like|appreciate|value) (?:\S{1,12} ){0,4}?(?:feedback|opinion)",
    ),
    (
        "wie haben wir|wie war|umfrage|zufrieden|bewerten|geschlossen|gelöst|abgeschlossen|feedback",
        r"(?:nehmen sie|teilnahme|füllen sie|zeit für) (?:\S{1,20} ){0,7}?umfrage|wie zufrieden (?:waren|sind)|"
        r"wie haben wir (?:abgeschnitten|uns)|wie war (?:ihr|unser) (?:kontakt|service)|bewerten sie|"
        r"(?:ticket|anfrage|vorgang|fall)(?: \S{1,24}){0,4}? (?:wurde|ist|wird) (?:\S{1,16} ){0,3}?(?:geschlossen|gelöst|"
        r"abgeschlossen)",
    ),
    (
        "enquête|votre avis|évalu|satisfait|clôtur|résolu|notez",
        r"(?:enquête|questionnaire) de satisfaction|(?:donnez|partagez)(?:-nous)? votre avis|évaluez|notez (?:la|notre|cet|"
        r"votre)|êtes-vous satisfait|"
        r"(?:votre|la|le) (?:demande|ticket|dossier)(?: \S{1,24}){0,3}? (?:a été|est) (?:\S{1,14} )?(?:clôtur|résolu|fermé)",
    ),
    (
        "encuesta|valor|cerrado|resuelto|satisf",
        r"encuesta (?:de|sobre)|(?:valore|califique|evalúe) (?:\S{1,12} ){0,3}?(?:atención|servicio|experiencia)|"
        r"(?:su|tu|el) (?:caso|ticket|solicitud|consulta)(?: \S{1,24}){0,3}? (?:ha sido|fue|se ha) (?:\S{1,14} )?(?:cerrad|"
        r"resuelt)",
    ),
    (
        "sondaggio|valut|questionario|chius|risolt",
        r"(?:sondaggio|questionario) (?:di|sulla|per)|(?:valuti|valuta) (?:\S{1,12} ){0,3}?(?:servizio|esperienza|assistenza)|"
        r"(?:richiesta|ticket|segnalazione)(?: \S{1,24}){0,3}? è stat[ao] (?:\S{1,14} )?(?:chius|risolt)",
    ),
    (
        "het gedaan|laten weten|enquête|tevreden|gesloten|beoordeel|opgelost|mening",
        r"(?:korte|onze|deze) enquête|hoe tevreden|hoe hebben (?:wij|we) het gedaan|laten weten hoe (?:dat|het) ging|"
        r"beoordeel (?:ons|onze|uw)|"
        r"(?:vraag|ticket|melding|zaak)(?: \S{1,24}){0,3}? (?:is|werd|wordt) (?:\S{1,14} )?(?:gesloten|opgelost)",
    ),
    (
        "inquérito|pesquisa|avali|encerrad|resolvid",
        r"(?:inquérito|pesquisa) de satisfação|avalie (?:o|a|nosso|nossa)|"
        r"(?:pedido|ticket|chamado|caso)(?: \S{1,24}){0,3}? foi (?:\S{1,14} )?(?:encerrad|resolvid|fechad)",
    ),
    (
        "ankiet|oceń|zamknięt|rozwiązan",
        r"(?:wypełni\w+|ankiet\w+) (?:\S{1,14} ){0,3}?(?:ankiet|satysfakcji|zadowolenia)|oceń (?:\S{1,14} ){0,3}?(?:obsług|"
        r"kontakt)|"
        r"zgłoszenie(?: \S{1,24}){0,3}? zostało (?:\S{1,14} )?(?:zamknięt|rozwiązan)",
    ),
    ("アンケート|満足度|クローズ|完了とさせ", r"アンケート(?:に|へ)|満足度調査|クローズ(?:いたし|させ|しました)|完了とさせて"),
    (
        "undersökning|undersøkelse|kysely|průzkum|anket|опрос|felmérés",
        r"(?:kundundersökning|tilfredshedsundersøgelse|kundeundersøkelse|palautekysely|"
        r"spokojenosti|memnuniyet anketi|оцените (?:качество|работу)|elégedettségi)",
    ),
)
SURVEY_SUBJECT = re.compile(
    r"(?:how (?:did we do|was your|would you rate)|rate (?:your|our)|your (?:feedback|opinion)|tell us (?:what|how)|"
    r"wie (?:zufrieden|war)|ihre meinung|"
    r"votre avis|donnez(?:-nous)? votre avis|su opinión|la (?:sua|tua) opinione|uw mening|a sua opinião|"
    r"twoja opinia|【?アンケート)"
)
# A desk's number in the subject, in brackets: "[#48213]", "[Ticket#2026]", "(Case 77-4)".
TICKET_TAG = re.compile(
    r"[\[(](?:#|##-? ?|(?:ticket|case|request|incident|ref|vorgang|anfrage|fall|dossier|demande|caso|solicitud|richiesta|zaak|"
    r"melding|chamado|pedido|zgłoszenie|ärende|"
    r"sak|sag|tiketti)[ :.#-]{0,3}(?:id|nr|no|n°|nº)?[ :.#]{0,3})(?=[\w-]{0,10}\d)[\w-]{3,30}[\])]"
)
DESK_NUMBER = any_of(
    r"\b(?:the number|die nummer|le numéro|el número|il numero|het nummer|o número|numer) (?=[\w-]{0,10}\d)[\w-]{3,24}",
    r"\b(?:ticket|case|reference|request|incident|ref|support)(?: (?:id|no|nr|number|reference|code))?\.?(?: is|"
    r" will be|:| for)?[ #:\[(]{0,4}#?(?=[\w-]{0,12}\d)[\w-]{3,24}",
    r"(?:#|\[#|##-? ?)(?=[\w-]{0,8}\d)[\w-]{3,24}",
    r"\b(?:ticket-?(?:nr|nummer)|vorgangs-?(?:nr|nummer)|fall-?nummer|bearbeitungsnummer|aktenzeichen|"
    r"numéro (?:de )?(?:ticket|dossier|demande|suivi)|número (?:de )?(?:ticket|caso|referencia|solicitud|protocolo|referência)|"
    r"numero (?:di )?(?:ticket|pratica|richiesta|riferimento)|ticketnummer|zaaknummer|referentienummer|protocolo|"
    r"numer (?:zgłoszenia|sprawy)|nr zgłoszenia|(?:vorgangs?|ticket|fall|vorfall|referenz)-?(?:nummer|nr)|unter der nummer|"
    r"sous (?:la référence|le numéro)|con el número|con il numero|onder nummer|n\.º \d|n[°º] ?\d|zgłoszenie nr|(?:ärende|saks?|"
    r"sags?|tiketti)\w*"
    r"(?:nummer\w*|numero\w*| har fått nummer|:)|\(sak \d|požadavek č|takip numara|обращение №|№ ?\d|ügyszám|číslo požadavku|"
    r"(?:受付|お問い?合わせ|問合せ|案件)番号)",
)
DESK_PROMISE = any_of(
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
    r"\b(?:usually|normally|typically|aim to|try to|strive to) (?:reply|replies|respond|responds|answer|answers)|(?:one|two|"
    r"\d) (?:business|working) days?|"
    r"keep the number|melde[tn] sich|kümmern uns|schnellst|plus brefs délais|y donnerons suite|sous \d|conseiller|"
    r"contestaremos|plazo|"
    r"la contatteremo|entro \d|streven ernaar|krijgt (?:\S{1,12} ){0,4}?antwoord|irá responder|dentro de \d|responderá|"
    r"hamarosan|munkatárs\w+",
    r"\b(?:inom \d|inden for|innen \d|så (?:snart|fort|snabbt) (?:som|vi)|svarar|svarer|vender tilbage|kuluessa|vastaamme|pian|"
    r"ozveme|do \d+ hodin|"
    r"en kısa sürede|dönüş yap\w*|içinde|в течение|ответим|свяж\w+|válaszol\w*|órán belül)",
    r"営業日|ご(?:返信|連絡|回答|返答)(?:いたし|致し|させて|申し|差し)|順次|後ほど|追って|折り返し|担当(?:者)?(?:より|から)|時間以内",
)
