"""The words of people: what somebody who speaks of the trade, asks for something or decides something writes."""

from supportbot.mail.phrases import any_of

# Somebody says what to do with the goods: "send the lamp", "lever den hos naboen". Mail and news are no goods.
_NEWS = (
    r"(?!(?:\S{1,12} )?(?:e-?mails?|mejl|mails?|messages?|nachricht\w*|anfrage\w*|bericht\w*|berichten|besked|melding|"
    r"meddelande|meddelelse|courriel|correos?|mensajes?|messaggi\w?|mensage\w*|wiadomo\w*|informa\w*|details?|documents?|"
    r"invoices?|rechnung\w*|question))"
)
HANDS_OVER = (
    rf"\b(?:(?:please |and |but |just |so |to )(?:send|post|ship|leave|bring|deliver) (?:it|them|the|my|our) {_NEWS}|"
    rf"(?:schicken|senden|liefern|bringen|legen|stellen) sie (?:es|ihn|sie|das|den|die|mir) {_NEWS}|"
    rf"(?:envoyez|livrez|déposez|laissez)[ -](?:le|la|les|l') ?{_NEWS}|"
    rf"(?:env[íi]en?|manden?|entreguen?|dejen?) (?:el|la|los|las) {_NEWS}|"
    rf"(?:spedite|mandate|consegnate|lasciate) (?:il|la|lo|i|le|l') ?{_NEWS}|"
    rf"(?:stuur|lever|bezorg|breng|leg|laat) (?:de|het|hem|ze|maar|gerust) {_NEWS}|"
    rf"(?:enviem?|mandem?|entreguem?|deixem?) (?:o|a|os|as) {_NEWS}|"
    rf"(?:wyślijcie|dostarczcie|zostawcie) {_NEWS}|"
    rf"(?:skicka|leverera|lämna|lever|aflever|læg|legg|send|stil) "
    rf"(?:den|det|gärna|gerne|bare|\w{{4,16}}(?:en|et|an|n)) {_NEWS})"
)

# The trade: somebody who is away and speaks of these may be a person.
TRADE = any_of(
    HANDS_OVER,
    r"\b(?:warehouse|driver|courier|carrier|tracking|dhl|ups|fedex|dpd|gls|hermes|hold it|stop(?:ped)? it|"
    r"too late|the (?:van|"
    r"truck)|concierge|"
    r"neighbou?rs?|sign for|lager (?:nach|noch)|zurückhalten|halte (?:es|ihn|sie)|fahrer|kiste|transporteur|"
    r"livreur|envoi\b|"
    r"envío|mensajer\w+|corriere|"
    r"verzending|koerier|envio|kurier\w*|przewoźnik\w*|発送|倉庫|配送業者|lagret|sändning\w*|sendung\w*)\b",
    r"\b(?:order|parcel|package|deliver\w*|shipp?\w*|item|refund|charg\w+|invoice|accept\w*|agree\w*|cancel\w*|"
    r"re-?bill\w*|"
    r"return it|keep (?:it|them|the)|pay\b|money)",
    r"\b(?:bestell\w+|paket\w*|liefer\w+|sendung|artikel|erstatt\w+|rechnung|einverstanden|akzeptier\w*|"
    r"stornier\w*|"
    r"abbuch\w*|behalt\w*|bezahl\w*|ware)",
    r"\b(?:commande|colis|livr\w+|article|rembours\w+|facture|accepte\w*|d'accord|annul\w+|factur\w+|garde\b|"
    r"payer)",
    r"\b(?:pedido|paquete|entreg\w+|env[íi]\w+|artículo|reembols\w+|factura|acepto|acepta\w*|de acuerdo|"
    r"cancel\w+|cobr\w+|"
    r"quedar\w*|pagar)",
    r"\b(?:ordine|pacco|consegn\w+|spedi\w+|articolo|rimbors\w+|fattura|accett\w+|d'accordo|annull\w+|"
    r"addebit\w+|tengo|pagare)",
    r"\b(?:bestelling|pakket\w*|bezorg\w+|lever\w+|artikel|terugbetal\w+|factuur|akkoord|accepteer|annuleer\w*|"
    r"houd\w*|"
    r"betal\w+)",
    r"\b(?:encomenda|pedido|pacote|entreg\w+|envi\w+|artigo|reembols\w+|fatura|aceito|concordo|cancel\w+|"
    r"cobr\w+|fico com|"
    r"pagar)",
    r"\b(?:zamówieni\w+|paczk\w+|dosta(?:w|rcz)\w+|doręcz\w+|wysył\w+|przesył\w+|zwrot\w*|faktur\w+|akceptuj\w*|zgadzam|"
    r"anuluj\w*|obciąż\w*|"
    r"zatrzym\w*|zapłac\w*)",
    r"\b(?:(?:had |has |have |already )(?:gone|left|been sent|been posted)|went out|posted|handed over|"
    r"picked up|collected)\b",
    r"\b(?:verschickt|versandt|rausgegangen|ging (?:\S{1,12} ){0,2}?(?:raus|weg)|ist (?:\S{1,12} ){0,2}?(?:weg|"
    r"raus)|"
    r"abgeholt)\b",
    r"\b(?:est parti\w*|déjà parti\w*|expédié\w*|salió|ha salido|enviad\w+|è partito|già partito|"
    r"is (?:al )?(?:weg|verzonden|"
    r"vertrokken)|"
    r"já (?:saiu|foi)|wyszł[ao]|wysłan\w+)",
    r"\b(?:beställning\w*|paket\w*|leverans\w*|levering\w*|ordre\w*|bestilling\w*|pakke\w*|varen?|betal\w+|"
    r"fakture?r?\w*|"
    r"refunder\w+|"
    r"tilaus\w*|paketti\w*|toimitus\w*|lasku\w*|objednávk\w+|zásilk\w+|balík\w*|platb\w+|siparişi\w*|kargo\w*|"
    r"paketi\w*|"
    r"fatura\w*|iade\w*)",
    r"(?:заказ|посылк|товар|доставк|оплат|возврат|rendelés|csomag|számla|szállít)",
    r"注文|荷物|配達|配送|商品|返金|請求|同意|承諾|キャンセル|受け取|支払",
)
# A person asks for something; what an automatic answer asks for is to be called, written to, or understood.
ASKS = any_of(
    HANDS_OVER,
    r"\?|？|\b(?:please (?!(?:be aware|be patient|bear with|excuse|accept (?:my|our) apolog|quote|include the|"
    r"click|rate |"
    r"contact|call|reach|e-?mail|direct|send (?:your|an?) (?:e-?mail|urgent)|note|be advised|"
    r"do not reply|"
    r"refer|get in touch|allow|speak|write|resend|expect|feel|forward|visit|see|consider|leave (?:a|"
    r"your) (?:message|"
    r"voicemail)))|"
    r"can you|could you|would you|i would like|i want|i need)",
    r"\b(?:bitte (?!(?:belassen|lassen sie (?:die|diese)|geben sie|nennen sie|antworten sie nicht|klicken|"
    r"sehen sie|bewerten|"
    r"wenden|kontaktieren|rufen|senden sie ihre|schreiben sie|beachten|richten|haben|entschuldigen|melden sie|"
    r"um (?:geduld|verständnis)|an |nehmen sie kontakt|leiten))|ich (?:möchte|will)|können sie)",
    r"\b(?:(?:pouvez|pourriez)-vous|pouvez (?:me|le|la|les|donc) |je (?:voudrais|souhaite|veux)|"
    r"merci de (?!conserver|rappeler|indiquer|noter|cliquer|patienter|ne pas|contacter|vous adresser|votre|"
    r"joindre|"
    r"bien vouloir contacter|prendre contact))",
    r"\b(?:puede(?:n)? (?!contactar|escribir|llamar|dirigirse|comunicarse|ponerse)|podría\w*|quiero|quisiera)",
    r"\b(?:può (?!contattare|rivolgersi|scrivere)|potete (?!rivolgervi|contattare|scrivere|chiamare)|potrebbe|"
    r"vorrei|voglio)",
    r"\b(?:kunt u(?! (?:contact|bellen|terecht|mailen))|ik (?:wil|zou graag)|graag (?:leveren|bezorgen|"
    r"bevestigen))",
    r"\b(?:pode(?:m|ria)? (?!contactar|escrever|ligar|contatar|falar|entrar em)|quero|gostaria)",
    r"\b(?:czy (?:mo|mó)\w+|chc(?:ę|iał)\w*|proszę (?:o (?!kontakt|wiadom|telefon|pilny)|dostarczyć|doręczyć|wysłać|anulować|"
    r"obciążyć|zatrzymać))",
    r"\b(?:kan (?:du|ni|i|dere) |jag vill|jeg vil |voinko|voitteko|haluan|můžete|mohl[ai]? byste|chci |"
    r"chtěl\w? bych|"
    r"alabilir miyim|"
    r"istiyorum|rica ederim|можете|могли бы|я хочу|хотел\w? бы|tudn(?:a|ának)|szeretn[ée]\w*)",
    r"(?:お願い(?:します|いたします|できますか)(?!.{0,20}(?:ご連絡|不在))|ですか|ますか)",
)
DECIDES = any_of(
    r"\b(?:i(?:'ll|'m| will| would| can| have)? (?:gladly |happily |also |still |just )?(?:accept|agree|"
    r"confirm|decline|refuse|"
    r"keep|kept|(?:do not|don't)(?! (?:have|read|check|work|monitor|receive))|cannot pay|wish|consent|"
    r"approve|pay\b)|yes[,.! ]|no[,.] |(?:please |just |go ahead and |can |you may )?(?:charge|bill|"
    r"re-?bill) (?:me|us|my|our)|"
    r"keep(?:ing)? (?:it|them|the(?! (?:number|subject|reference|ticket|case))))",
    r"\b(?:ich (?:akzeptiere|stimme|bin einverstanden|behalte|nehme|zahle|möchte|will)|einverstanden|ja[,.! ]|"
    r"nein[,.! ]|"
    r"(?:buchen|belasten) sie|abbuchen)",
    r"\b(?:j'accepte|je (?:refuse|garde|suis d'accord|souhaite|veux|paie|confirme)|oui[,.! ]|(?:facturez|"
    r"débitez|"
    r"prélevez)[- ])",
    r"\b(?:acepto|no acepto|sí[,.! ]|estoy de acuerdo|me (?:lo|la) quedo|quiero|cóbr\w+|pueden cobrar)",
    r"\b(?:accetto|sì[,.! ]|sono d'accordo|(?:lo|la|mi) tengo|tengo (?:il|la|l')|addebit\w+mi|voglio|rifiuto)",
    r"\b(?:ik (?:accepteer|ga akkoord|houd|hou|wil|betaal|weiger)|ja[,.! ]|nee[,.! ]|akkoord)",
    r"\b(?:aceito|sim[,.! ]|concordo|fico com|quero|podem cobrar)",
    r"\b(?:zgadzam się|akceptuję|tak(?! (?:for|til))[,.! ]|zatrzym\w+|chcę|odmawiam)",
    r"(?:同意|承諾|希望)(?:し|いた)",
    r"\b(?:jag (?:accepterar|godkänner|behåller|tackar nej)|jeg (?:accepterer|aksepterer|beholder)|hyväksyn|"
    r"en hyväksy|"
    r"souhlasím|"
    r"nesouhlasím|kabul ediyorum|согласен|согласна|принимаю|elfogadom|nem fogadom)",
    r"\b(?:(?:you )?(?:may|can) (?:charge|bill)|(?:charge|bill) (?:me|us|my)|don't want|do not want)\b",
    r"\b(?:(?:ich |wir )?behalte\w*|abbuchen|abgebucht|(?:je|nous) (?:le |la |les )?gard\w+|débiter|(?:me|"
    r"nos) lo quedo|"
    r"cóbr\w+|"
    r"(?:lo|la) (?:tengo|acepto)|fico com|cobrem|ik (?:hou|houd|betaal)|zatrzym\w+|nie chcę|non (?:la|"
    r"lo) voglio|je ne (?:le |"
    r"la )?veux)",
)
# Somebody speaks for himself; a notice, a desk and a newsletter do not. "I" alone is no word of other languages here.
FIRST_PERSON = any_of(
    r"\b(?:i|i'm|i've|i'd|i'll|my|me)\b",
    r"\b(?:ich|mir|mich|meine?[mnrs]?)\b",
    r"\bje (?:suis|serai|vous|ne|n'|l|m|peux|garde|prends|veux|reviens|vais|regarde|confirme|pense|crois|viens|"
    r"bloque|souhaite|"
    r"voudrais|refuse)|"
    r"\b(?:moi|mon|mes)\b|\bj'",
    r"\b(?:yo|mío|mía|quiero|acepto|tengo|puedo|estoy|recibí|pedí|he (?:recibido|pedido|pagado))\b",
    r"\b(?:io|mio|mia|miei|voglio|accetto|vorrei|posso|tengo|ho (?:ricevuto|ordinato|pagato))\b",
    r"\b(?:ik|mijn|mij)\b",
    r"\b(?:eu|meu|minha|meus|minhas|quero|aceito|posso|recebi)\b",
    r"\b(?:mnie|mój|moja|chcę|chciał\w+|proszę|mogę|dostał[ae]m|zamówił[ae]m)\b",
    r"私|わたし|僕|俺|(?:たい|ました)(?:です|のですが|が)",
    r"\b(?:jag|mig|mitt|jeg|meg|minä|minun|haluan|můj|benim|istiyorum|я|мой|моя|мне|меня|én|nekem)\b",
)
# Somebody tells what became of the parcel: its number, or that it has gone. No absence does.
FACTS = any_of(
    r"\b(?=[a-z]{0,3}\d)(?:1z[0-9a-z]{14,16}|[a-z]{2}\d{9}[a-z]{2}|(?:jjd|jd)?\d{11,24})\b",
    r"\b(?:has|have|had|it|they|already|parcel|package) (?:already |just )?(?:gone|left|shipped|"
    r"been (?:shipped|sent|posted|handed|picked|collected)|went out|"
    r"went (?:on|with|by))\b|\b(?:ist|sind|ging|gingen|wurde) (?:\S{1,14} ){0,4}?(?:raus|weg|unterwegs zum|"
    r"versandt|verschickt|abgeholt)\b|"
    r"\b(?:est|sont) (?:déjà )?partie?s?\b|\b(?:ha salido|salió|è partit[oa]|is (?:al )?(?:weg|verzonden|"
    r"vertrokken)|já (?:saiu|seguiu)|wyszł[ao])\b|発送済み",
)
# Somebody tells what he did about it.
REPORTS = any_of(
    r"\b(?:i've|i have|we've|we have|i|we) (?:just |already |also )?(?:checked|asked|sent|called|told|spoke|"
    r"stopped|managed|"
    r"pushed|tried|cancelled|passed|"
    r"packed|blocked|paid|ordered|returned|shipped|looked)\b",
    r"\b(?:habe|haben) (?:\S{1,16} ){0,6}?(?:geprüft|gefragt|geschickt|angerufen|gestoppt|storniert|"
    r"nachgesehen|bezahlt|"
    r"gepackt|weitergegeben)\b",
    r"\b(?:j'ai|nous avons|on a) (?:\S{1,10} )?(?:vérifié|demandé|envoyé|appelé|arrêté|annulé|bloqué|payé|"
    r"prévenu|transmis)|"
    r"\b(?:he|hemos) (?:preguntado|enviado|llamado|parado|cancelado|pagado|avisado|comprobado)|\b(?:ho|"
    r"abbiamo) (?:chiesto|"
    r"inviato|chiamato|fermato|"
    r"annullato|pagato|avvisato|controllato)|\b(?:heb|hebben) (?:\S{1,12} ){0,5}?(?:gevraagd|gestuurd|gebeld|"
    r"gestopt|"
    r"geannuleerd|betaald|nagekeken)|"
    r"\b(?:já )?(?:perguntei|enviei|liguei|parei|cancelei|paguei|avisei|verifiquei)\b|\b(?:sprawdził|zapytał|"
    r"wysłał|dzwonił|"
    r"zatrzymał|anulował)[ae]?[mś]",
)
