"""The words of absence: what out-of-office answers say, in their subjects and in their text.

What people write too counts only together with what only an automatic answer adds; so a buyer on holiday is none.
"""

import re

from supportbot.mail.phrases import Phrases, any_of

# What a subject that begins so says by itself. The end of a word must follow.
ABSENCE_SUBJECT = any_of(
    r"(?:out of (?:the )?office(?=\s?(?:[:(\[]|reply|auto|response|message|notif|notice|alert|re\b))|"
    r"ooo\s?[:!-]|automat(?:ic|ed) (?:reply|response|answer|acknowledge?ment|message|confirmation|out of office)"
    r"(?=\s?(?:$|[:：!.,;()\[\]|–—-]|re\b|from|to your|for|of))|"
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
# A subject that states an absence in words that a person may choose too: what the text says goes before it.
STATED_SUBJECT = any_of(
    r"(?:\S{1,30} ){1,3}is (?:currently )?out(?: of office| today| until .{1,40}| this week)?$",
    r"out of (?:the )?office(?=\s?(?:$|[!.,;)\]–—-]|until|till|from|for |on |today|this|returning|back|and |in |due|\d))",
    r"(?:(?:ich bin|bin) (?:dann )?(?:mal )?(?:weg|im urlaub|nicht da|unterwegs)|wir (?:machen|haben) (?:betriebs)?(?:urlaub|"
    r"ferien)|"
    r"betriebs(?:urlaub|ferien)|(?:wij zijn|we zijn|winkel|kantoor) (?:\S{1,20} )?gesloten|not in the office\b|we(?: are|"
    r"'re) closed|"
    r"office closed|holiday closure|gone fishing|i(?:'m| am) (?:on (?:holiday|leave|vacation)|away)|"
    r"(?:\S{1,30} ){1,3}(?:is|ist|är|er|est|está|è|jest) (?:away|on (?:leave|holiday|vacation)|abwesend|im urlaub|außer haus|"
    r"absente?|ausente|"
    r"assente|nieobecn\w|afwezig|på semester|på ferie)|en congés?(?: |$)|fermeture (?:annuelle|pour)|cerrado por|chiuso per|"
    r"vakantiesluiting|urlop\b|nieczynne)",
    r"(?:inte på kontoret|på semester|semesterstängt|ej på plats|ferie(?:lukket|lukning)?\s?(?:$|[:!-])|på ferie|"
    r"ute av kontoret|ude af kontoret|"
    r"fraværende|feriestengt|poissa(?:ssa)?|lomalla|nepřítomnost|dovolená|na dovolené|ofis dışında|izindeyim|нет в офисе|"
    r"в отпуске|"
    r"házon kívül|szabadságon|távollét|σε άδεια|εκτός γραφείου|în concediu|wedi mynd|odsutan|na dopustu|mimo úrad)",
)
# Words that people begin a subject with too: they count only alone, before a mark, or before a day.
WEAK_ABSENCE_SUBJECT = re.compile(
    r"(?:away|on (?:vacation|holidays?|leave|annual leave)|absence|abwesenheit|abwesend|ausencia|assenza|niet aanwezig|"
    r"afwezig(?:heid)?|ausência|nieobecno[śs][ćc]|nieobecn[ya]|frånvaro)"
    r"(?:\s?[:：|\]-]|$| (?:until|till|from|re:|aw:|bis|vom|du|del|dal|fino|hasta|tot|van|até|od|do) )"
)
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
        r"席を(?:外して|はずして)|退職(?:いた|し|致)|お休みを(?:いただ|頂)|(?:産休|育休|育児休業|有給|夏季休暇|病欠|療養)(?:の?ため|中|に入|を)|"
        r"不在のため(?!荷物|受|持|再|商|配)",
    ),
    # Forms that name no place, or that begin with the absence.
    (
        "course|sick|unavailable|not available|time off|day off|days off|a break|conference|fair|abroad|sabbatical|offline|"
        "part-time|part time|i only work|i work |working days|gone fishing|not be reading|not read|without signal|"
        "unable to |parental|maternity|paternity",
        r"\b(?:i am|i'm|i will be|i'll be|we are|we're|we will be|(?:he|she) is) (?:\S{1,30} ){0,4}?(?:on (?:a|the) (?:course|"
        r"training|break|road)|(?:out|off) sick|sick\b|unavailable|not available|unable to (?:read|check|answer|respond|"
        r"reply)|(?:taking|having|enjoying) (?:\S{1,12} ){0,3}?(?:off|break|holidays?|leave|vacation)|off (?:work|today|until|"
        r"till|this)|at (?:a|the|an) (?:\S{1,20} )?(?:conference|fair|exhibition|seminar)|abroad|on (?:a )?sabbatical|offline|"
        r"without signal|not (?:be )?reading)|\bi (?:only )?work (?:only )?(?:part[- ]time|on )?(?:\S{1,12} )?(?:mon|tues|"
        r"wednes|thurs|fri)days?\b|\bi (?:only )?work part[- ]time|\bmy working days|gone fishing|"
        r"\b(?:maternity|paternity|parental|sick|annual|bereavement) leave\b",
    ),
    (
        "on leave|on holiday|on vacation|on annual|away|out of office|no longer|left us|moved on|retired",
        r"\b(?:is|are|has been|will be) (?:currently |now |presently |still )?(?:on (?:\S{1,12} ){0,2}(?:leave|holidays?|"
        r"vacation)|away (?:until|from|this|on|till|for)|out of (?:the )?office)\b|\bhas (?:now )?(?:retired|moved on|"
        r"left us)\b",
    ),
    (
        "closed",
        r"\b(?:office|shop|store|company|studio|workshop|factory|showroom|practice|business|warehouse|department|team)s?"
        r"(?: \S{1,20}){0,3}? (?:is|are|will be|remains?|stays?) (?:\S{1,14} )?closed\b|\bclosed (?:for|from|until|over|"
        r"between|due) (?:\S{1,12} ){0,3}?(?:christmas|easter|holidays?|vacation|stock|\d|new year|inventory|summer|winter)",
    ),
    (
        "urlaub|elternzeit|mutterschutz|unterwegs|messe|seminar|fortbildung|krank|geschlossen|verhindert|weg |freie tage|"
        "abwesend|nicht da|nicht verfügbar|teilzeit|im mutter|ruhestand|verlassen|ausgeschieden|im ausland|im home|dienstreise",
        r"\b(?:(?:ich|wir|frau \S{1,30}|herr \S{1,30}) (?:bin|sind|ist|befinde mich|befindet sich|genieße|genießen|mache|"
        r"machen|habe|haben|werde|bleibe)|bin|sind) (?:\S{1,30} ){0,9}?(?:(?:im |in |meinen |unseren |den |"
        r"mit )?(?:\w{0,9}urlaub|"
        r"elternzeit|mutterschutz)|unterwegs|auf (?:der |einer |einem )?(?:\w{0,9}messe|seminar|fortbildung|dienstreise)|"
        r"krankgeschrieben|erkrankt|krank|verhindert|nicht da|nicht verfügbar|im ruhestand|im ausland|abwesend|"
        r"freie tage)\b|"
        r"\b(?:praxis|werkstatt|kanzlei|büro|laden|geschäft|firma|betrieb|atelier|filiale|lager|verwaltung)(?: \S{1,20}){0,3} "
        r"(?:bleibt|ist|bleiben|hat) (?:\S{1,30} ){0,9}?geschlossen|\barbeite (?:ich )?(?:nur )?(?:in )?teilzeit|"
        r"(?:das unternehmen|die firma|uns) (?:\S{1,20} ){0,3}?verlassen|ausgeschieden\b|geschlossen (?:vom|bis|wegen|über)|"
        r"\babwesen(?:d|heit) (?:vom|bis|ab|von)\b|im mutterschutz|in elternzeit",
    ),
    (
        "absent|congé|vacances|fermé|fermeture|travaille plus|travaillons plus|plus chez|maternité|maladie|salon|formation|"
        "retraite|indisponible|pas disponible|ne sera plus|quitté|déplacement",
        r"\b(?:absente?s?|en congés?(?: \S{1,12})?|en (?:vacances|déplacement|formation)|fermé\w*|indisponible) (?:du \d|"
        r"depuis|"
        r"jusqu|pour (?:le|la|les|congés?|raison|cause|travaux|inventaire)|à partir|cette semaine|aujourd|entre|ce jour)|"
        r"\b(?:congé|congés) (?:maternité|paternité|parental|maladie|annuels?|d'été)|\b(?:ne )?travaille(?:ons)? plus "
        r"(?:chez|pour|dans|ici|au)|\b(?:suis|serai|sommes|est|sera) (?:\S{1,30} ){0,4}?(?:en (?:congés?|vacances|formation|"
        r"déplacement|arrêt|télétravail|salon)|absente?s?|indisponible|pas disponible|à la retraite|au salon|hors)\b|"
        r"\b(?:atelier|cabinet|agence|entreprise|bureaux|boutique|magasin|équipe|étude|usine|secrétariat)s?(?: \S{1,20}){0,3} "
        r"(?:est|sont|sera|seront|reste|restera|ferme|fermera|fermeront) (?:\S{1,30} ){0,3}?(?:fermé|en congé|du \d|ses|pour)|"
        r"\bfermeture (?:annuelle|estivale|exceptionnelle|pour)",
    ),
    (
        "ya no |vacacion|baja|cerrad|fuera|ausent|jubil|permiso|no estar|no estoy|de viaje|feria|dejado la|no trabaja",
        r"\b(?:ya no (?:forma|trabaj\w+|pertenece|está|presta)|(?:estoy|estaré|está|estará|estamos|encuentro|encuentra|"
        r"he cogido|"
        r"disfruto|disfrutando) (?:\S{1,30} ){0,5}?(?:vacaciones|de baja|de permiso|fuera|ausente|de viaje|jubilad\w|"
        r"en una feria|sin acceso)|(?:ausente|ausencia|vacaciones|cerrado|cerrada|cerramos) (?:del \d|desde|hasta|por|entre)|"
        r"baja (?:por|de|médica|maternal|laboral|paternal)|no (?:estaré|estoy|estará) (?:disponible|en la oficina|en mi puesto|"
        r"localizable)|ha dejado la empresa|(?:permiso|licencia) (?:de|por) (?:maternidad|paternidad))",
    ),
    (
        "assent|ferie|maternità|malattia|chius|lavora più|lavoro più|fuori|congedo|trasferta|fa più parte|non sono|in pensione|"
        "ha lasciato|vacanza|fiera",
        r"\b(?:(?:è|sarà|sono|sarò|siamo|saremo) (?:\S{1,30} ){0,5}?(?:assente|assenti|in ferie|in maternità|in malattia|"
        r"in congedo|in trasferta|in pensione|in vacanza|in fiera|fuori (?:sede|ufficio|città)|non (?:raggiungibile|"
        r"disponibile))|"
        r"non lavor[ao] più|non fa più parte|ha lasciato (?:l'azienda|la società)|chius\w (?:per|dal|fino)|"
        r"(?:resterà|rimarrà|resta|rimane) (?:\S{1,20} ){0,2}?chius\w|non sono (?:in ufficio|raggiungibile|disponibile)|"
        r"congedo (?:di |per )?(?:maternità|paternità|parentale)|chiusura (?:estiva|natalizia|per|annuale))",
    ),
    (
        "even niet|er niet|verlof|werkzaam|vakantie|gesloten|afwezig|niet langer|dicht|ziek|werk niet|niet meer|vrij|beurs|"
        "pensioen",
        r"\b(?:ik ben|ben ik|wij zijn|we zijn) (?:\S{1,30} ){0,6}?(?:er (?:even |nu )?niet|niet beschikbaar|ziek|vrij|even weg|"
        r"op (?:een |de )?(?:beurs|cursus|pad|pensioen)|met pensioen|onderweg)|\b(?:zwangerschaps|ouderschaps|bevallings|"
        r"ziekte)?verlof\b|niet langer (?:werkzaam|in dienst|bij)|werkt niet (?:meer|langer)|uit dienst|"
        r"\b(?:kantoor|winkel|bedrijf|werkplaats|praktijk|zaak|magazijn|atelier) (?:is|blijft|"
        r"zijn) (?:\S{1,30} ){0,7}?(?:dicht|"
        r"gesloten)|\b(?:is|zijn) (?:\S{1,20} ){0,4}?(?:met|op) (?:vakantie|verlof)|gesloten (?:van|wegens|tot|i\.v\.m)|"
        r"\bwerk (?:ik )?niet op",
    ),
    (
        "licença|férias|já não|encerrad|fechad|ausente|baixa|fora d|não estou|não estarei|indisponív|deixou|reform",
        r"\b(?:(?:estou|estarei|encontro-me|está|estará|encontra-se|estamos|estaremos) (?:\S{1,30} ){0,5}?(?:licença|férias|"
        r"de baixa|ausente|fora|indisponível|encerrad\w|fechad\w|em viagem|em formação)|licença (?:de |por |-)?(?:maternidade|"
        r"paternidade|parental|médica)|já não (?:trabalha|está|faz|pertence|presta)|não trabalha mais|deixou a empresa|"
        r"(?:encerrad|fechad)\w (?:para|de|até|por|entre)|não (?:estou|estarei|estará) (?:disponível|no escritório|"
        r"contactável)|"
        r"(?:ausente|férias) (?:de \d|até|entre))",
    ),
    (
        "urlop|nieobecn|nie pracuje|nieczynn|zamknięt|macierzyńsk|zwolnieni|chorob|wyjeździe|delegacji|niedostępn|nie jest już|"
        "poza|przerw",
        r"\b(?:urlop\w{0,4} (?:macierzyńsk|wychowawcz|wypoczynkow|rodzicielsk|do|od)\w*|(?:jestem|jest|będę|będzie|jesteśmy|"
        r"przebywa\w*|w dniach) (?:\S{1,30} ){0,6}?(?:nieobecn\w+|na \w{0,10} ?urlopie|na zwolnieniu|na delegacji|w delegacji|"
        r"na wyjeździe|niedostępn\w+|poza (?:biurem|firmą|zasięgiem))|nie pracuj\w+ (?:już|w|z)|nie jest już (?:pracownik|"
        r"zatrudnion)\w*|(?:sklep|biuro|firma|pracownia|zakład|magazyn)(?: \S{1,20}){0,2} (?:nieczynn|zamknięt)\w+|"
        r"przerwa (?:świąteczna|urlopowa|wakacyjna))",
    ),
    (
        "semester|kontoret|föräldra|stängt|sjuk|tjänsteresa|ledig|frånvar|slutat|inte på plats|på resa|bortrest",
        r"\b(?:jag|vi|(?:han|hon)) (?:är|har|kommer att vara) (?:\S{1,20} ){0,4}?(?:på (?:semester|resa|tjänsteresa|kurs|"
        r"mässa)|"
        r"semester|föräldraledig|ledig|sjuk\w*|borta|bortrest|frånvarande|inte på (?:plats|kontoret)|tillbaka (?:på|den|i))|"
        r"\b(?:är|har) (?:\S{1,20} ){0,2}?(?:på semester|föräldraledig|slutat)|\b(?:kontoret|butiken|verkstaden|lagret|vi) "
        r"(?:är|har|håller) (?:\S{1,20} ){0,4}?stängt|\binte på kontoret|har slutat (?:hos|på|sin)|semesterstängt",
    ),
    (
        "bortrejst|bortreist|ferie|barsel|kontoret|lukket|syg|forretningsrejse|orlov|fratrådt|fraværende|permisjon|stengt|"
        "sluttet|reise|syk|"
        "ikke til stede|ikke tilgjengelig|ikke på arbejde",
        r"\b(?:jeg|vi) (?:er|har|holder|vil være|kommer til å være) (?:\S{1,20} ){0,4}?(?:på (?:ferie|barsel\w*|rejse|reise|"
        r"forretningsrejse|tjenestereise|kursus|kurs|messe|orlov)|ferie\w*|barsels?orlov|i permisjon|permisjon|sy[gk]\w*|"
        r"bortrejst|bortreist|fraværende|ikke (?:på (?:kontoret|arbejde|jobb)|til ?stede|tilgjengelig)|ute av kontoret|"
        r"ude af kontoret|lukket|stengt)|\b(?:kontoret|butikken|værkstedet|verkstedet|lageret) (?:er|holder|har) "
        r"(?:\S{1,20} ){0,4}?(?:lukket|stengt)|(?:er|har) (?:fratrådt|sluttet)|\bu[dt]e (?:af|av) kontoret|"
        r"i foreldrepermisjon",
    ),
    (
        "lomalla|poissa|paikalla|toimisto|vapaalla|työmatkalla|suljettu|sairaslomalla|vanhempainvapaalla|tavoitettavissa|"
        "palveluksessa|en ole",
        r"\b(?:olen|olemme|on) (?:\S{1,25} ){0,4}?(?:\w{0,12}lomalla|poissa|\w{0,16}vapaalla|\w{0,5}matkalla|suljettu)|"
        r"\ben ole (?:\S{1,25} ){0,3}?(?:paikalla|toimistolla|tavoitettavissa|töissä)|ei ole enää (?:\S{1,25} ){0,3}?"
        r"(?:palveluksessa|töissä)",
    ),
    (
        "dovolen|mimo kancelář|nepřítom|služební cest|nemoc|zavřen|mateřsk|rodičovsk|nepracuj|nejsem v",
        r"\b(?:jsem|budu|jsme|budeme|je|bude|máme) (?:\S{1,25} ){0,5}?(?:na (?:\S{1,15} )?(?:dovolené|služební cestě|mateřské|"
        r"rodičovské)|mimo (?:kancelář|provoz)|nepřítom\w+|nemocn\w+|zavřen\w*|v pracovní neschopnosti|dovolenou)|"
        r"\b(?:nejsem|nebudu) (?:\S{1,25} ){0,3}?(?:v kanceláři|v práci|přítom\w+|k dispozici)|již (?:u nás )?nepracuj\w*|"
        r"celozávodní dovolen|čerpám dovolenou",
    ),
    (
        "izinde|izinli|ofis dışı|ofiste değil|tatil|seyahat|kapalı|doğum izni|çalışmamakta|çalışmıyor|ayrılmış|raporlu",
        r"(?:izinde(?:yim|yiz|dir)?|izinli(?:yim|yiz|dir)?|ofis dışında\w*|ofiste değil\w*|tatilde(?:yim|yiz)?|seyahatte(?:yim|"
        r"yiz)?|"
        r"doğum izn\w+|raporluyum|kapalı(?:yız|dır|dir|\b)|artık (?:\S{1,25} ){0,4}?(?:çalışm\w+)|ayrılmıştır)",
    ),
    (
        "отпуск|нет в офисе|командировк|не в офисе|не работает|больничн|закрыт|отсутству|вне офиса|декрет|нет на месте|уволил",
        r"(?:\b(?:в|во) (?:\S{1,25} )?(?:отпуске|отпуск|командировке|декрете|декретном)|на больничном|(?:меня )?нет в офисе|"
        r"(?:не в|вне) офис[еа]|отсутству(?:ю|ет|ем)|больше (?:у нас )?не работает|(?:офис|магазин|склад)(?: \S{1,20}){0,3} "
        r"(?:закрыт|не работает)|нет на (?:рабочем )?месте|уволил)",
    ),
    (
        "szabadság|irodában|zárva|távol|szülési|betegállomány|nem dolgozik|üzleti út|gyes",
        r"(?:szabadságon|szabadságomat|(?:nem (?:vagyok|leszek) (?:\S{1,25} ){0,2}?irodában|irodán kívül)|zárva (?:tart|"
        r"vagyunk|lesz|van)|"
        r"távol (?:vagyok|leszek)|szülési szabadság|betegállomány\w*|(?:már )?nem (?:nálunk )?dolgozik|üzleti ú\w+ vagyok|"
        r"gyesen)",
    ),
)
# What an automatic answer adds: until when; whom to ask; that mail is not read now; when it will be; thanks for it.
AWAY_ADDS: tuple[re.Pattern[str], ...] = (
    any_of(
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
        r"\b(?:back|return\w*|resumes?|reopen\w*) (?:\S{1,10} ){0,2}?(?:on|from|in|the|next|(?:mon|tues|wednes|thurs|fri|satur|"
        r"sun)day|"
        r"\d|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|next working day|wieder |réouverture|rouvr\w+|reaprir\w*|"
        r"a la vuelta|"
        r"\briapr\w+|heropen\w+|reabr\w+|w dniach|po otwarciu|vuelvo|vuelta|de vuelta|no regresso",
        r"\b(?:till och med|t\.?o\.?m|fram till|till den|tillbaka|åter\b|från och med|till (?:den )?\d)",
        r"\b(?:til og med|t\.?o\.?m|til (?:den )?\d|tilbage|tilbake|fra (?:og med|den)|frem til|til (?:mandag|tirsdag|onsdag|"
        r"torsdag|"
        r"fredag))",
        r"\b(?:saakka|asti|palaan|palaamme|takaisin|alkaen|\w{2,14}(?:kuuta|kuun)? (?:saakka|asti))\b",
        r"\b(?:do (?:\d|pondělí|úterý|středy|čtvrtka|pátku)|vrátím|návrat\w*|zpět|opět|od \d)",
        r"(?:['’][ae] kadar|kadar |tarihine|döndüğüm\w*|dönüş\w*|tarihleri arasında|itibaren|geri dön\w+)",
        r"(?:\bдо (?:\d|понедельник|вторник|сред|четверг|пятниц)|вернусь|возвращ\w+|\bс \d|выйду)",
        r"(?:-ig\b|[áé]ig\b|vissza\w*|térek|újra|-től|-tól)",
    ),
    any_of(
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
        r"\b(?:please (?:\S{1,12} )?(?:write to|use|e-?mail|forward (?:your|any)|direct|ring|speak|refer|see|visit|try)|kindly|"
        r"knows everything|will help|is covering|covers? for|stands? in|enquiries to|(?:can't|cannot|can not) wait|ring the)",
        r"\b(?:hilft ihnen|helfen ihnen|übernimmt|hilft dir|vertritt|an (?:die )?(?:info|service|kontakt)@|richten sie|"
        r"ansprechpartner)",
        r"\b(?:voyez avec|écri(?:re|vez) à|pouvez écrire|prend le relais|remplace|appele[rz]|s'adresser|relais|contactez)",
        r"\b(?:dirija|dirijan|escrib[ae]n?|llame|sustituye|atiende|hable con)",
        r"\b(?:rivolgervi|scrivere a|scrivete|chiamare|sostituisce|sostituzione|potete (?:rivolgervi|contattare|scrivere)|"
        r"contattate)",
        r"\b(?:neemt waar|vervangt|mail (?:voortaan |dan )?naar|bel(?:len)? (?:met|naar|dan)|wend|contact opnemen)",
        r"\b(?:ligue\w*|liguem|escreva\w*|dirija\w*|substitu\w+|fale\w* com|falem)",
        r"\b(?:prosimy pisać|proszę (?:pisać|dzwonić|o kontakt|kierować)|dzwonić)",
        r"お電話|お問い合わせは|(?:今後|以後)は|宛にご?連絡|までお願い",
        r"\b(?:brådskande|kontakta|vikarie|ring|hör av (?:dig|er)|akut\w*)\b|\b(?:haste\w*|kontakt|ta kontakt|ring til|ringe|"
        r"vikar|kollega)\b",
        r"\b(?:kiireelli\w+|ota yhteyttä|sijai\w+|kiireiss\w+)|\b(?:naléhav\w+|kontaktuj\w*|zastupuje|kolegyn\w*|obracejte|"
        r"obraťte|urgentní\w*)",
        r"(?:acil|iletişime geç\w*|meslektaş\w*|arayabilir|ulaşabilir)|(?:срочн\w+|обращ\w+|обратит\w+|коллег\w+|замеща\w+|"
        r"пишите|звоните)|"
        r"(?:sürgős\w*|kolléga\w*|kollégá\w*|forduljon|helyettes\w*|keresse|hívja)",
    ),
    any_of(
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
        r"\b(?:patchy|poor) (?:reception|signal|connection)|no longer (?:in use|read|checked|monitored)|will not be read|"
        r"not be reading|"
        r"read my (?:mail|e-?mails?|messages?)|(?:lese|lesen) (?:ich |wir )?(?:meine|keine|unsere) (?:e-?)?(?:mails?|"
        r"nachrichten)|"
        r"prendrai connaissance|(?:ni lu|ni transféré|pas relevé|pas consulté)|leggerò|lees (?:ik )?(?:mijn|geen)|"
        r"(?:läser|leser|læser) (?:\S{1,12} ){0,3}?(?:e-?post|mail\w*|mejl\w*)|(?:en|emme) lue|nebudu (?:číst|mít)|nečtu|"
        r"(?:не читаю|не проверяю|доступ к почте)|nem olvas\w*|e-postaları\w*",
    ),
    any_of(
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
        r"\b(?:will be (?:answered|dealt|read|replied|attended|processed)|i'll read|normal service)|"
        r"sind (?:\S{1,12} ){0,3}?wieder für sie da|"
        r"wird (?:danach|anschließend|nach)|répondrons|répondrai|(?:lira|lirai|lirons)|atenderemos|leeré|contestaremos|"
        r"risponderemo|"
        r"beantwoorden (?:wij|we)|daarna (?:beantwoord|behandel|lees|reageer)\w*|responderemos|odczytamy|odpowiemy|"
        r"odpowiada\w+ po",
        r"\b(?:svarar (?:dig |er )?(?:när|så|efter)|svarer (?:deg |dig )?(?:når|så|efter)|besvar\w+)|\b(?:vastaan|vastaamme)|"
        r"\b(?:odpovím|odpovíme|ozvu se|ozveme)|(?:yanıt ver\w+|yanıtla\w+|cevap\w*|dönüş yap\w+)|(?:отвечу|ответим|свяжусь)|"
        r"(?:válaszol\w*)",
    ),
    any_of(
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
        r"\b(?:danke|dank) für (?:die|ihre|deine|eure) (?:e-?)?(?:mail|nachricht|anfrage)|lieber? absender|\bdear sender|"
        r"cher expéditeur|"
        r"\b(?:tack|takk|tak) (?:\S{1,8} )?for|tack för|\bkiitos (?:viesti|yhteyden|sähkö)\w*|\bděkuj\w+ za|mesajınız|"
        r"teşekkür\w*|"
        r"спасибо за|благодар\w+ за|köszön\w+ (?:a|az|meg)|\bbeste (?:relatie|afzender)|estimado remitente|szanowny nadawco",
    ),
)  # fmt: skip
# Who is out of the office tells colleagues and customers so; who is on holiday may tell anybody.
OFFICE = re.compile(
    r"(?<!was )(?<!were )(?<!been )out of (?:the |my )?office|nicht im (?:büro|haus)|(?:hors|absente?) du bureau|"
    r"fuera de (?:la )?oficina|fuori (?:ufficio|sede)|"
    r"(?:buiten|uit|niet op) kantoor|fora do escritório|poza biurem|不在にして|inte på kontoret|ikke på kontoret|u[dt]e (?:af|"
    r"av) kontoret|"
    r"mimo kancelář|ofis dışında|(?:нет в|не в|вне) офис|irodában|toimistolla|(?:maternity|parental|paternity) leave|"
    r"elternzeit|mutterschutz|"
    r"congé (?:maternité|parental)|maternità|maternidad|zwangerschapsverlof|macierzyńsk|产休|産休|föräldraledig|barsel|"
    r"foreldrepermisjon"
)
