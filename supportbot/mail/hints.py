"""Hints: single words of absence, of mail, of days, of desks, in seventeen languages. None says anything alone.

A person who answers our mail speaks of the trade, asks, or decides. Where a short text does none of that, a few hints of
different kinds tell a machine's answer whose phrases nobody has written down yet.
"""

from supportbot.mail.phrases import any_of

# Somebody is away, or somewhere is closed.
_ABSENT_HERE = any_of(
    r"\b(?:vacation|holidays?|annual leave|on leave|leave until|maternity|paternity|parental|sabbatical|"
    r"out of (?:the )?office|"
    r"away|abroad|"
    r"travell?ing|business trip|trade (?:show|fair)|conference|closed|reopens?|off sick|sick child|out sick|"
    r"retired|"
    r"left the company|"
    r"no longer (?:works?|with|employed)|out (?:today|until|till)|not at work|days? off|time off|hiking|"
    r"offline|"
    r"no (?:\S{1,10} )?(?:coverage|signal|reception|internet)|my hours|part[- ]time|unavailable|out on|"
    r"stocktaking)\b",
    r"urlaub|\bferien\b|abwesen|nicht im (?:büro|haus)|\bkrank\b|erkrankt|elternzeit|mutterschutz|dienstreise|"
    r"geschäftsreise|"
    r"auf montage|"
    r"messe\b|fortbildung|schulung|geschlossen|nicht besetzt|unbesetzt|feiertag|inventur|betriebsausflug|"
    r"verlassen\b|"
    r"ausgeschieden|"
    r"ruhestand|\bunterwegs\b|außer haus|brückentag|nicht erreichbar|wieder erreichbar",
    r"\bvacances|\bcongés?\b|\babsente?s?\b|déplacement|fermée?s?\b|férié|inventaire|maladie|maternité|"
    r"retraite|a quitté|"
    r"hors du bureau|"
    r"en formation|au salon|réouverture|rouvr",
    r"vacaciones|ausente|ausencia|festivo|cerrad[oa]s?\b|de baja|de viaje|sin conexión|dispongo de (?:conexión|"
    r"acceso|"
    r"internet)|inventario|"
    r"jubilad|ya no (?:trabaja|forma)|\bferia\b|de permiso",
)
_ABSENT_THERE = any_of(
    r"\bferie\b|assent[ei]|chius[oaie]\b|chiusura|\bfiera\b|maternità|malattia|trasferta|fuori (?:sede|"
    r"ufficio)|festiv|"
    r"pensione|rientr|"
    r"riapr|in vacanza",
    r"vakantie|verlof|afwezig|niet aan het werk|gesloten\b|uit dienst|\bziek\b|feestdag|niet op kantoor|"
    r"\bbeurs\b|\bcursus\b|"
    r"op reis",
    r"férias|\bausente|feriado|fechad[oa]\b|encerrad[oa]\b|licença|de baixa|estar(?:ei)? fora|em viagem|"
    r"fora do",
    r"urlop|nieobecn|szkoleniu|nieczynn|zamknięt|delegacj|zwolnieniu|święt|inwentaryzacj",
    r"休暇|休業|定休日|不在(?!通知|票|配)|出張|外出|産休|育休|退職|お休み|祝日|休診",
    r"\bsemester|\bferie\b|\bferien\b|ledig\b|holder fri|barsel|bortreist|bortrejst|bortrest|\bborta\b|\bsjuk|"
    r"\bsyg\b|\bsyk\b|"
    r"stängt|lukket|"
    r"stengt|helgdag|permisjon|inte på kontoret|ikke på kontoret|helligdag",
    r"\b(?:jury duty|honeymoon|bereavement|family emergency|shut|until further notice|winter break|"
    r"summer break|at present|"
    r"won't be looking|"
    r"in the hospital|in hospital|day in|back (?:at|in) (?:my|the) (?:desk|office|shop|studio)|"
    r"not be at my desk)\b|"
    r"wieder (?:am platz|im büro|im haus)|"
    r"de retour (?:au|à mon) (?:bureau|poste)|de vuelta en|di nuovo in ufficio|weer (?:op kantoor|"
    r"aan het werk)|de volta ao|"
    r"z powrotem w biurze|\bin kur\b|trauerfall|\w{4,8}pause\b|bis auf weiteres|bleibt (?:\S{1,20} ){0,6}?zu\b|"
    r"deuil|repos|"
    r"nouvel ordre|"
    r"arrêt de travail|\bpuente\b|\bluto\b|nuevo aviso|\blutto\b|nuovo avviso|\bdicht\b|ziekte|nader order|"
    r"novo aviso|"
    r"não consigo ver|"
    r"konferencj|odwołania|ute och reser|på resande|på rejse",
    r"lomalla|\bpoissa|vapaalla|suljettu|matkoilla|sairaana|dovolen|nepřítom|mimo kancelář|zavřen|"
    r"služební cest|nemocn|"
    r"izin(?:de|li)|\btatil|"
    r"ofis dışı|seyahat|kapalı|отпуск|командировк|отсутств|нет в офисе|закрыт|больничн|праздни|szabadság|"
    r"\btávol|\bzárva|"
    r"irodán kívül|ünnep",
)
ABSENT = (_ABSENT_HERE, _ABSENT_THERE)
# A day, or a stretch of days.
DAY = any_of(
    r"\d{1,2}\. ?(?:\d{1,2}\.|[a-zäöüáéíóúčřžşğ]{3,})|\d{1,2}/\d{1,2}|\d{1,2}(?:st|nd|rd|th)\b|\d月|\d日|\b(?:kw|"
    r"week|uge|uke|"
    r"vecka|semaine|semana) \d|"
    r"\b\d{1,2} (?:de )?(?:jan|feb|fév|mar|mär|mrt|apr|avr|abr|may|mai|mag|maj|mei|jun|jui|giu|cze|jul|lug|lip|"
    r"aug|aoû|ago|sie|"
    r"sep|set|wrz|oct|okt|"
    r"ott|out|paź|nov|nób|lis|dec|dez|déc|dic|gru|ene|gen|sty|lut|kas|янв|фев|мар|апр|мая|июн|июл|авг|сен|окт|"
    r"ноя|дек)\w*",
    r"\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|tomorrow|today|this week|next week|end of the (?:week|"
    r"month))\b",
    r"\b(?:(?:mon|diens|donners|frei|sams|sonn)tags?|mittwochs?|morgen|heute|nächste[rn]? woche|"
    r"diese[rn]? woche)\b",
    r"\b(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|demain|aujourd'hui|cette semaine|lunes|martes|"
    r"miércoles|jueves|"
    r"viernes|mañana|hoy|"
    r"lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domani|oggi|maandag|dinsdag|woensdag|donderdag|vrijdag|"
    r"vandaag|segunda|"
    r"terça|quarta|quinta|"
    r"sexta|amanhã|hoje|poniedział\w+|wtor\w+|środ\w+|czwart\w+|piąt\w+|jutro|dziś|tygodnia)\b",
    r"\b(?:currently|zurzeit|zur zeit|derzeit|momentan|actuellement|actualmente|attualmente|momenteel|"
    r"atualmente|obecnie|"
    r"aktuálně)\b|ただいま|現在|本日|明日|来週|月曜|火曜|水曜|木曜|金曜|以降|まで",
    r"\b(?:måndag|tisdag|onsdag|torsdag|fredag|mandag|tirsdag|i morgen|imorgon|i dag|idag|maanantai\w*|"
    r"huomenna|tänään|pondělí|"
    r"úterý|středu|zítra|dnes|"
    r"pazartesi|yarın|bugün|понедельник\w*|завтра|сегодня|hétfő\w*|holnap|ma)\b",
)
# Mail, and answering it.
MAIL = any_of(
    r"\be?-?mails?\b|\bmessages?\b|\binbox\b|mailbox|\b(?:repl(?:y|ies)|respon(?:d|se|ses)|answer)\b|nachricht|"
    r"postfach|"
    r"antwort|courriel|messagerie|"
    r"répon|\bcorreos?\b|mensajes?|respond|contest|messagg|rispond|\bbericht|\bantwoord|beantwoord|mensage[mn]|"
    r"wiadomoś|odpis|"
    r"odpowi|メール|返信|連絡|"
    r"回答|対応|mejl|e-post|\bsvar|viesti|vasta|zpráv|odpov|e-?posta|yanıt|cevap|dönüş|döneceğ|письм|почт|ответ|"
    r"сообщени|válasz|"
    r"level",
)
# Somebody else to ask: an address or a number in the text, or the words that lead to one.
STAND_IN = any_of(
    r"[\w.+-]{1,60}@[\w-]{1,60}\.|\b0\d[\d \-/.]{6,16}|\+\d[\d \-/().]{7,18}|\b(?:instead|handled by|"
    r"takes? over|looks? after|"
    r"text|ring|call) |"
    r"statt\s?dessen|ansprechpartner|notf[aä]ll|vertret|übernimmt|kümmert sich|remplac|prend (?:le|mon)|"
    r"s'occupe|atender[áa]|"
    r"se ocupa|sustituy|"
    r"sostitui|si occupa|c'è \w|neemt waar|vervang|trata de|substitu|zastęp|代わりに|まで(?:ご連絡|お電話)|sköts av|"
    r"tar över|hoitaa|"
    r"zastupuje|ilgilen|"
    r"замещ|helyettes",
)
# Later, as soon as, with a delay.
LATER = any_of(
    r"\b(?:as soon as|shortly|soon|after that|afterwards|later|delay(?:s|ed)?|upon (?:my )?return|on my return|"
    r"now and then|"
    r"little time|slower|"
    r"patience|bear with)\b|\b(?:back|resume\w*|reopen\w*) |danach|anschließend|sobald|wieder |verzöger|"
    r"sporadisch|schnellst|"
    r"baldmöglich|geduld|"
    r"rückkehr|à mon retour|dès que|à partir d|retard|plus tard|patience|en cuanto|a la vuelta|cuando vuelva|"
    r"regres|vuelv|"
    r"retraso|lo antes|appena|al rientro|"
    r"ritardo|prima possibile|nel frattempo|zodra|zo snel|weer |na \d|logo que|assim que|regress|atraso|"
    r"opóźnieni|po powrocie|"
    r"wracam|najszybciej|"
    r"次第|順次|以降|後日|så snart|så fort|tillbaka|tilbage|tilbake|palaan|co nejdříve|po návratu|dön[eü]|en kısa|"
    r"верну|как можно|"
    r"vissza|hamarosan|amint",
)
# A desk that took something down: what, and that.
TAKEN = any_of(
    r"\b(?:received|arrived|landed|logged|registered|created|opened|raised|assigned|escalated|in our queue|"
    r"important to us|"
    r"reached us|with us|forwarded|passed on|acknowledg\w+)\b|"
    r"angekommen|eingegangen|eingetroffen|weitergegeben|weitergeleitet|erhalten|nous traitons|llegado|arrivat|"
    r"chegou|dotarł|"
    r"受け取り|erfasst|registriert|aufgenommen|zugeteilt|bearbeitung|\breçue?\b|parvenue?\b|enregistré|"
    r"prise? en (?:charge|compte)|"
    r"recibid|registrad|recibimos|asignad|ricevut|registrat|\bapert[oa]\b|in carico|ontvangen|binnengekomen|"
    r"geregistreerd|"
    r"in behandeling|recebid|recebemos|"
    r"registad|receção|recepção|abert[oa]\b|otrzyma|zarejestr|przyjęt|otrzymanie|wpłyn|受け?付け|承り|受信|拝受|確認のうえ|"
    r"mottagit|registrer|"
    r"modtaget|"
    r"mottatt|vastaanot|kirjattu|přijat|obdrž|zaevid|alındı|alınmış|ulaş|kaydedil|получен|зарегистрир|принят|"
    r"megkapt|beérkez|"
    r"rögzít",
)
CASE = any_of(
    r"\b(?:ticket|case|request|enquiry|inquiry|reference|anliegen|anfrage|vorgang|fall|demande|dossier|suivi|"
    r"solicitud|caso|"
    r"consulta|richiesta|pratica|"
    r"segnalazione|vraag|verzoek|melding|zaak|pedido|chamado|protocolo|sprawa|sprawy|zgłoszeni\w+|ärende|sak|"
    r"sag|henvendelse|"
    r"tiketti|pyyntö|požadavek|"
    r"talep|başvuru|заявк\w+|обращени\w+|"
    r"ügy\w*)(?: [^\s\d.]{1,14}){0,3}[ :#(]{1,3}(?:n[ro°º.]{1,3} ?)?#?(?=[\w/-]{0,10}\d)[\w/-]{2,20}|"
    r"(?:nummer|numéro|número|numero|numer|番号|nr\.?|n[°º.]{1,2}|номер|čísl\w|"
    r"sz[áa]m\w*)[ :#]{1,3}(?:\S{1,12} )?(?=[\w/-]{0,10}\d)[\w/-]{2,20}",
)
WAIT = any_of(
    r"\b(?:within|in|up to|under|expected|first response)[: ]{1,2}(?:\S{1,10} ){0,3}?(?:\d+|one|two|three|five|"
    r"a)(?:\s?[-–]\s?\d+)? (?:\S{1,9} )?(?:hours?|days?|"
    r"minutes?)|high demand|within a day|(?:dauert|dauern) (?:\S{1,16} ){0,6}?(?:länger|tage|werktage)|"
    r"von rückfragen|"
    r"orden de llegada|ordine di arrivo|tempo medio|"
    r"volgorde van|ordem de chegada|czas oczekiwania|お返事|délai moyen|référence à rappeler|zo spoedig mogelijk|"
    r"do not answer|"
    r"(?:soon|shortly) \S|(?:bis zu|innerhalb|binnen|in) (?:\S{1,10} ){0,3}?(?:stunden|tage\w*|werktag\w*)|"
    r"werktage|"
    r"jours? ouvrés?|"
    r"sous \d|délai|plus brefs|en \d|horas|días|plazo|entro|ore\b|giorni|binnen|werkdag|zo snel mogelijk|"
    r"dias úteis|"
    r"logo que possível|em breve|"
    r"w ciągu|najszybciej|niezwłocznie|営業日|順次|時間以内|inom|inden for|innen|hverdage|kuluessa|pian|co nejdříve|"
    r"do \d+ hodin|"
    r"saat içinde|en kısa|"
    r"в течение|ожидайте|ближайш|órán|hamarosan",
)
THANKS = any_of(
    r"\b(?:thanks?|thank you|thx) (?:very much |so much )?for (?:your|the|writing|getting|contacting|reaching)|"
    r"dank(?:e)?,? (?:\S{1,10} )?(?:für|dass|voor)|"
    r"merci (?:de|pour|d')|gracias por|grazie per|bedankt|obrigad[oa] (?:por|pel)|agradecemos|dziękujemy|"
    r"ありがとうございま|tack för|"
    r"tak(?:k)? for|kiitos|"
    r"děkujeme|teşekkür|спасибо за|благодар|köszön",
)
# It speaks to us about what we sent: a desk does, and somebody who tells of his own doings need not.
YOUR = any_of(
    r"\b(?:your|ihre[mnrs]?|deine?|votre|vos|su|sua|tu|tua|seu|suo|uw|je|twoj\w|twój|państwa|pani|din|ditt|"
    r"deres|viesti\w*|váš|"
    r"vaš\w*|talebiniz|mesajınız|ваш\w*|"
    r"üzenet\w*|e-?mail|message|mail|request|ticket|case|job)\b|お問い?合わせ|ご連絡|メール",
)
# Somebody else is away, or another house is closed: a person says so.
THIRD_PARTY = any_of(
    r"\b(?:my|our) (?:\S{1,12} )?(?:husband|wife|partner|colleague|boss|son|daughter|neighbou?rs?|guy|mother|"
    r"father|flatmate|"
    r"roommate)\b|post office|"
    r"\b(?:mein|meine|unser|unsere) (?:mann|frau|kollege|kollegin|chef|chefin|nachbar\w*|sohn|tochter)\b|"
    r"\bder kollege|"
    r"\bdie kollegin|"
    r"\b(?:mon|ma|notre) (?:mari|femme|collègue|patron|voisin\w?|fils|fille|associé)\b|\b(?:mi|"
    r"nuestro) (?:marido|mujer|"
    r"compañer\w|jef[ea]|vecin\w|hij[oa])\b|"
    r"\b(?:mio|mia) (?:marito|moglie|collega|figli[oa]|vicin\w)\b|\bmijn (?:man|vrouw|collega|baas|buur\w*|"
    r"zoon|dochter)\b|"
    r"\b(?:meu|minha) (?:marido|mulher|colega|chefe|vizinh\w|filh\w)\b|\bm(?:ój|oja) (?:mąż|żona|kolega|"
    r"koleżanka|szef|"
    r"sąsiad\w*|syn|córka)\b",
)
