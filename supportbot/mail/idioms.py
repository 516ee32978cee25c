"""How mail programs of each language name what they quote and pass on. Data only: a language is one row.

The nine languages of the house are complete; their neighbours are here because sellers' programs speak them too. Phrases are
written as `layouts.fold_separator` and `layouts.header_field` compare them: case-folded, without dashes and colons.
"""

from dataclasses import dataclass

WHO, WHEN, REST = r"(?P<who>.{2,200}?)", r"(?P<when>.{4,200}?)", r"(?P<rest>.{6,320})"


@dataclass(frozen=True, slots=True)
class Idiom:
    """The words of one language. Alternatives of a label are parted by `|`, months by blanks, their forms by `|`."""

    code: str
    forwarded: tuple[str, ...] = ()  # separators above a message passed on
    original: tuple[str, ...] = ()  # separators above a message answered
    sender: str = ""
    date: str = ""
    to: str = ""
    cc: str = ""
    subject: str = ""
    other: str = ""
    attributions: tuple[str, ...] = ()  # patterns of the whole line above a quote; `rest` holds both who and when
    opens: str = ""  # words such a line begins with
    wrote: str = ""  # verbs such a line holds
    months: str = ""


IDIOMS: tuple[Idiom, ...] = (
    Idiom(
        "en",
        forwarded=(
            "forwarded message", "begin forwarded message", "start of forwarded message", "forwarded mail", "forwarded by",
            "forwarded email", "forwarded e-mail", "message forwarded", "fwd.msg", "forward message", "this is a forwarded message",
        ),
        original=(
            "original message", "original appointment", "original mail", "original email", "original e-mail", "reply message",
            "previous message", "message from customer", "original text", "original post",
            "this is a copy of the message, including all the headers", "below this line is a copy of the message",
            "this is a copy of your message, including all the headers", "below this line is the original message",
            "original message headers", "the original message headers", "returned message follows", "original message follows",
            "unsent message below", "undelivered message", "returned message", "message header follows", "message headers follow",
            "header of original message", "original message text", "original message text follows", "headers of the original message", "header of the original message", "text of original message",
            "a copy of the message follows", "this is a copy of the headers of the original message", "original mail headers",
            "below is a copy of the original message", "message text follows", "the original message was", "start of returned message",
        ),
        sender="from|sender",
        date="date|sent|sent at|sent on|date sent",
        to="to|recipient|recipients",
        cc="cc|bcc|copy",
        subject="subject|topic",
        other="reply-to|reply to|importance|priority|attachments|message-id|organization|organisation|x-mailer|user-agent|mailed-by|"
        "signed-by|sensitivity|resent-from|newsgroups|in-reply-to|references|return-path|list-id",
        attributions=(
            r"(?:[-=_*]{2,} ?)?on " + REST + r" (?:wrote|replied) ?:?",
            r"on " + WHEN + r", at .{3,20}, " + WHO + r" wrote ?:?",
            WHO + r" (?:wrote|writes)(?: (?:on|at) | ?, )?" + WHEN + r" ?:",
            WHO + r" (?:wrote|writes|said|replied) ?:",
            r"(?:in (?:a )?message|in article) .{3,200},? " + WHO + r" (?:wrote|writes) ?:",
            r"at " + WHEN + r",? " + WHO + r" (?:wrote|said) ?:",
            r"quoting " + WHO + r" ?:",
            r"quoting " + WHO + r" ?:",
            r"(?:reply (?:from|by)|message from|from) " + WHO + r" on " + WHEN + r" ?:",
        ),
        opens="on|at|in|quoting",
        wrote="wrote|writes|said|replied|quoting",
        months="january|jan february|feb march|mar april|apr may june|jun july|jul august|aug september|sep|sept october|oct "
        "november|nov december|dec",
    ),
    Idiom(
        "de",
        forwarded=(
            "weitergeleitete nachricht", "anfang der weitergeleiteten nachricht", "weitergeleitete mail", "weitergeleitet von",
            "anfang der weitergeleiteten e-mail", "beginn der weitergeleiteten nachricht", "weitergeleitete e-mail",
            "beginn der weitergeleiteten e-mail", "ursprüngliche nachricht weitergeleitet", "anfang weitergeleitete nachricht",
        ),
        original=(
            "ursprüngliche nachricht", "originalnachricht", "original-nachricht", "ursprüngliche mail", "original nachricht",
            "ursprüngliche e-mail", "original-mail", "originalmail", "vorherige nachricht", "urspruengliche nachricht",
            "antwort nachricht", "antwort-nachricht", "ursprüngliche nachrichtenkopfzeilen",
        ),
        sender="von|absender|gesendet von",
        date="datum|gesendet|gesendet am|datum/uhrzeit|zeit|erhalten|erstellt",
        to="an|empfänger",
        cc="kopie|kopie (cc)|blindkopie",
        subject="betreff|thema",
        other="antwort an|antwort-an|wichtigkeit|priorität|anlagen|anhänge|anlage|vertraulichkeit",
        attributions=(
            r"am " + WHEN + r" schrieb " + WHO + r" ?(?:folgendes)? ?:",
            r"am " + WHEN + r" hat " + WHO + r" (?:folgendes )?geschrieben ?:",
            WHO + r" (?:schrieb|hat) (?:am|um) " + WHEN + r"(?: (?:folgendes )?geschrieben| folgendes)? ?:",
            WHO + r" (?:schrieb|schreibt)(?: folgendes)? ?:",
            r"zitat von " + WHO + r" ?:",
            WHEN + r", " + WHO + r" schrieb ?:",
        ),
        opens="am|zitat von|den",
        wrote="schrieb|geschrieben|schreibt|zitat von",
        months="januar|jan|jänner|jän februar|feb|feber märz|mär|mrz|maerz april|apr mai juni|jun juli|jul august|aug september|sept|sep "
        "oktober|okt november|nov dezember|dez",
    ),
    Idiom(
        "fr",
        forwarded=(
            "message transféré", "début du message transféré", "début du message réexpédié", "message transmis", "transféré par",
            "message réexpédié", "mail transféré", "début du message transmis", "courriel transféré", "message transfere",
            "courrier électronique transféré",
        ),
        original=(
            "message original", "message d'origine", "message d’origine", "message initial", "mail original", "message précédent",
            "courriel original", "courriel d'origine", "en-têtes de message d'origine", "en-têtes du message d'origine", "mail d'origine", "e-mail d’origine", "e-mail d'origine",
        ),
        sender="de|expéditeur|expediteur",
        date="date|envoyé|envoyé le|date d'envoi|date d’envoi|envoye",
        to="à|a|pour|destinataire|destinataires",
        cc="cc|copie|copie à|cci|copie cachée à",
        subject="objet|sujet",
        other="répondre à|pièces jointes|pièce jointe|importance|priorité|organisation",
        attributions=(
            r"(?:le|on) " + REST + r" a [ée]crit ?:?",
            WHO + r" a [ée]crit (?:le )?" + WHEN + r" ?:",
            WHO + r" a [ée]crit ?:",
        ),
        opens="le",
        wrote="écrit|ecrit",
        months="janvier|janv|jan février|févr|fév|fevrier|fevr mars|mar avril|avr mai juin|jun juillet|juil août|aout|aoû "
        "septembre|sept|sep octobre|oct novembre|nov décembre|déc|decembre|dec",
    ),
    Idiom(
        "es",
        forwarded=(
            "mensaje reenviado", "inicio del mensaje reenviado", "mensaje remitido", "reenviado por", "correo reenviado",
            "inicio del mensaje remitido", "comienzo del mensaje reenviado", "comienza el mensaje reenviado",
        ),
        original=("mensaje original", "mensaje de origen", "correo original", "mensaje anterior", "encabezados de mensajes originales", "encabezados del mensaje original"),
        sender="de|remitente",
        date="fecha|enviado|enviado el|enviada|fecha de envío|enviada el",
        to="para|a|destinatario|destinatarios",
        cc="cc|copia|cco",
        subject="asunto|tema",
        other="responder a|adjuntos|datos adjuntos|archivos adjuntos|importancia|prioridad",
        attributions=(
            r"el " + REST + r" (?:escribi[óo]|ha escrito) ?:?",
            WHO + r" (?:escribi[óo]|ha escrito) (?:el )?" + WHEN + r" ?:",
            WHO + r" (?:escribi[óo]|ha escrito) ?:",
        ),
        opens="el",
        wrote="escribió|escribio|escribe|ha escrito",
        months="enero|ene febrero|feb marzo|mar abril|abr mayo|may junio|jun julio|jul agosto|ago septiembre|setiembre|sept|sep|set "
        "octubre|oct noviembre|nov diciembre|dic",
    ),
    Idiom(
        "it",
        forwarded=(
            "messaggio inoltrato", "inizio messaggio inoltrato", "inizio del messaggio inoltrato", "inoltrato da",
            "messaggio rinviato", "email inoltrata", "e-mail inoltrata", "mail inoltrata",
        ),
        original=("messaggio originale", "messaggio originario", "messaggio precedente", "e-mail originale", "messaggio di risposta", "intestazioni originali del messaggio", "intestazioni messaggio originale"),
        sender="da|mittente",
        date="data|inviato|data invio|inviato il|inviata",
        to="a|destinatario|per|destinatari",
        cc="cc|copia|ccn",
        subject="oggetto|ogg",
        other="rispondi a|allegati|allegato|importanza|priorità",
        attributions=(
            r"(?:il(?: giorno)?|in data|alle|nel giorno) " + REST + r" ha scritto ?:?",
            WHO + r" ha scritto (?:il )?" + WHEN + r" ?:",
            WHO + r" ha scritto ?:",
            r"citando " + WHO + r" ?:",
        ),
        opens="il|in data|alle|nel giorno",
        wrote="scritto|scrisse|scrive|citando",
        months="gennaio|gen|genn febbraio|feb|febb marzo|mar aprile|apr maggio|mag|magg giugno|giu luglio|lug agosto|ago "
        "settembre|set|sett ottobre|ott novembre|nov dicembre|dic",
    ),
    Idiom(
        "nl",
        forwarded=(
            "doorgestuurd bericht", "begin doorgestuurd bericht", "doorgezonden bericht", "begin van doorgestuurd bericht",
            "doorgestuurde mail", "doorgestuurde e-mail", "doorgestuurd door", "begin van het doorgestuurde bericht",
        ),
        original=("oorspronkelijk bericht", "origineel bericht", "oorspronkelijke bericht", "vorig bericht", "oorspronkelijke e-mail", "oorspronkelijke berichtkoppen", "antwoordbericht"),
        sender="van|afzender",
        date="datum|verzonden|verzonden op|verstuurd|verzonden om|datum verzonden",
        to="aan|ontvanger|naar",
        cc="cc|kopie",
        subject="onderwerp|betreft|ond",
        other="antwoord aan|bijlagen|bijlage|urgentie|prioriteit",
        attributions=(
            r"op " + WHEN + r" (?:schreef|heeft) " + WHO + r"(?: (?:het volgende )?geschreven| het volgende)? ?:",
            WHO + r" schreef (?:op )?" + WHEN + r" ?:",
            WHO + r" (?:schreef|schrijft) ?:",
        ),
        opens="op",
        wrote="schreef|geschreven",
        months="januari|jan februari|feb|febr maart|mrt|mar april|apr mei juni|jun juli|jul augustus|aug september|sept|sep "
        "oktober|okt november|nov december|dec",
    ),
    Idiom(
        "pt",
        forwarded=(
            "mensagem encaminhada", "mensagem reencaminhada", "início da mensagem encaminhada", "início da mensagem reencaminhada",
            "encaminhado por", "e-mail encaminhado", "email encaminhado", "reencaminhado por",
        ),
        original=("mensagem original", "mensagem de origem", "e-mail original", "mensagem anterior", "cabeçalhos originais da mensagem", "cabeçalhos de mensagens originais", "mensagem de resposta"),
        sender="de|remetente",
        date="data|enviado|enviada|enviado em|enviada em|data de envio",
        to="para|destinatário",
        cc="cc|cópia|cco",
        subject="assunto",
        other="responder a|responder para|anexos|importância|prioridade",
        attributions=(
            r"(?:em|a|no dia|às|na) " + REST + r" escreveu(?: o seguinte)? ?:?",
            WHO + r" escreveu (?:no dia |em |a )?" + WHEN + r" ?:",
            WHO + r" escreveu ?:",
            r"citando " + WHO + r" ?:",
        ),
        opens="em|a|no dia|às|na",
        wrote="escreveu|citando",
        months="janeiro|jan fevereiro|fev março|mar|marco abril|abr maio|mai junho|jun julho|jul agosto|ago setembro|set "
        "outubro|out novembro|nov dezembro|dez",
    ),
    Idiom(
        "pl",
        forwarded=(
            "przekazana wiadomość", "wiadomość przekazana", "początek przekazywanej wiadomości", "treść przekazanej wiadomości",
            "forwardowana wiadomość", "przesłana wiadomość", "wiadomość przesłana dalej", "początek przekazanej wiadomości",
            "wiadomość przekazana dalej", "przesłane przez", "przekazane przez",
        ),
        original=("oryginalna wiadomość", "wiadomość oryginalna", "wiadomość pierwotna", "pierwotna wiadomość", "poprzednia wiadomość", "oryginalne nagłówki wiadomości", "wiadomość zwrotna"),
        sender="od|nadawca",
        date="data|wysłano|data wysłania|wysłane|wysłana|dnia",
        to="do|adresat|odbiorca",
        cc="dw|kopia|udw",
        subject="temat",
        other="odpowiedz do|odpowiedź-do|załączniki|załącznik|ważność|priorytet",
        attributions=(
            r"(?:w dniu|dnia) " + REST + r" (?:napisa[łl]a?|napisał\(a\)|pisze|nadesłał) ?:?",
            REST + r" (?:napisał(?:\(a\)|a|/a)?|nadesłał(?:\(a\))?|pisze) ?:",
            WHO + r" napisał(?:a|\(a\))? (?:w dniu |dnia )?" + WHEN + r" ?:",
        ),
        opens="w dniu|dnia|pon|wt|śr|czw|pt|sob|niedz|ndz",
        wrote="napisał|napisała|napisał(a)|pisze|nadesłał",
        months="stycznia|styczeń|sty lutego|luty|lut marca|marzec|mar kwietnia|kwiecień|kwi maja|maj czerwca|czerwiec|cze "
        "lipca|lipiec|lip sierpnia|sierpień|sie września|wrzesień|wrz października|październik|paź listopada|listopad|lis "
        "grudnia|grudzień|gru",
    ),
    Idiom(
        "ja",
        forwarded=(
            "転送されたメッセージ", "転送メッセージ", "転送メール", "転送されたメール", "以下転送", "メッセージを転送", "転送元メッセージ",
            "転送メールここから", "転送されたメッセージの開始",
        ),
        original=("元のメッセージ", "元のメール", "オリジナルメッセージ", "original message", "引用元メッセージ", "返信元メッセージ"),
        sender="差出人|送信者|発信者|送信元|from",
        date="日付|日時|送信日時|送信日|送信時刻|date",
        to="宛先|送信先|受信者|to",
        cc="cc|写し",
        subject="件名|題名|タイトル",
        other="返信先|添付ファイル|重要度",
        attributions=(
            r"(?:on )?(?P<rest>\d{4}年.{4,320}?)(?: ?のメール| ?さん?(?:は|が)書きました| ?(?:は|が)書きました|"
            r" ?wrote| ?のメッセージ)? ?[:：]",
            r"(?P<rest>\d{4}[/-]\d{1,2}[/-]\d{1,2}.{4,320}?)(?: ?のメール| ?さん?(?:は|が)書きました| ?(?:は|が)書きました)? ?[:：]",
            WHO + r" ?(?:さん)?(?:は|が)書きました ?[:：]",
        ),
        opens="",
        wrote="書きました|のメール",
    ),
    Idiom(
        "sv",
        forwarded=("vidarebefordrat meddelande", "vidarebefordrat mail", "vidarebefordrat mejl", "vidarebefordrat brev"),
        original=("ursprungligt meddelande", "originalmeddelande"),
        sender="från|avsändare",
        date="skickat|datum",
        to="till",
        cc="kopia",
        subject="ämne",
        other="svara till|bilagor",
        attributions=(
            r"(?:den|på|vid) " + REST + r" skrev ?:?",
            r"(?:den|på|vid) " + WHEN + r" skrev " + WHO + r"(?: följande)? ?:",
            WHO + r" skrev (?:den )?" + WHEN + r" ?:",
            WHO + r" skrev ?:",
        ),
        opens="den|på|vid",
        wrote="skrev",
        months="januari|jan februari|feb mars|mar april|apr maj juni|jun juli|jul augusti|aug september|sep|sept oktober|okt "
        "november|nov december|dec",
    ),
    Idiom(
        "da",
        forwarded=(
            "videresendt meddelelse", "videresendt besked", "start på videresendt besked", "videresendt melding",
            "start på videresendt meddelelse", "videresendt e-post",
        ),
        original=("oprindelig meddelelse", "opprinnelig melding", "original meddelelse"),
        sender="fra|afsender|avsender",
        date="sendt|dato",
        to="til|modtager",
        cc="kopi",
        subject="emne",
        other="svar til|vedhæftede filer|vedlegg",
        attributions=(
            r"(?:den|d\.|på|i|man|tir|ons|tor|fre|lør|søn|tirs|tors)\.? ?" + WHEN + r" skrev " + WHO + r" ?:",
            r"(?:den|d\.|på) " + REST + r" skrev ?:",
            WHO + r" skrev (?:følgende )?(?:den )?" + WHEN + r" ?:",
        ),
        opens="den|d|på|man|tir|ons|tor|fre|lør|søn|tirs|tors",
        wrote="skrev",
        months="januar|jan februar|feb marts|mar|mars april|apr maj|mai juni|jun juli|jul august|aug september|sep|sept oktober|okt "
        "november|nov december|dec|desember|des",
    ),
    Idiom(
        "fi",
        forwarded=("välitetty viesti alkaa", "edelleenlähetetty viesti", "välitetty viesti", "välitetty viesti / fwd.msg"),
        original=("alkuperäinen viesti",),
        sender="lähettäjä",
        date="lähetetty|päivämäärä|päiväys",
        to="vastaanottaja",
        cc="kopio",
        subject="aihe",
        other="vastaus",
        attributions=(
            WHO + r" kirjoitti " + WHEN + r" ?:",
            r"(?:on )?" + REST + r" kirjoitti ?:",
        ),
        opens="ma|ti|ke|to|pe|la|su",
        wrote="kirjoitti",
        months="tammikuuta|tammikuu|tammi|tammik helmikuuta|helmikuu|helmi|helmik maaliskuuta|maaliskuu|maalis|maalisk huhtikuuta|huhtikuu|huhti|huhtik "
        "toukokuuta|toukokuu|touko|toukok kesäkuuta|kesäkuu|kesä|kesäk heinäkuuta|heinäkuu|heinä|heinäk elokuuta|elokuu|elo|elok syyskuuta|syyskuu|syys|syysk "
        "lokakuuta|lokakuu|loka|lokak marraskuuta|marraskuu|marras|marrask joulukuuta|joulukuu|joulu|jouluk",
    ),
    Idiom(
        "cs",
        forwarded=("přeposlaná zpráva", "začátek přeposílané zprávy", "přeposlaný e-mail"),
        original=("původní zpráva", "původní e-mail"),
        sender="od|odesílatel",
        date="datum|odesláno",
        to="komu",
        cc="kopie",
        subject="předmět",
        other="odpověď na",
        attributions=(
            r"dne " + WHEN + r",? " + WHO + r" napsal\(?a?\)? ?:?",
            REST + r" (?:odesílatel )?napsal\(?a?\)? ?:",
            WHO + r" píše ?:",
        ),
        opens="dne|po|út|st|čt|pá|so|ne",
        wrote="napsal|napsal(a)|napsala|píše",
        months="ledna|leden|led února|únor|úno března|březen|bře dubna|duben|dub května|květen|kvě června|červen|čvn "
        "července|červenec|čvc srpna|srpen|srp září|zář října|říjen|říj listopadu|listopad|lis prosince|prosinec|pro",
    ),
    Idiom(
        "sk",
        forwarded=("preposlaná správa", "začiatok preposlanej správy", "preposlaná správa forwarded message",
                   "preposlaná správa --- forwarded message"),
        original=("pôvodná správa",),
        sender="od|odosielateľ",
        date="dátum|odoslané",
        to="komu|pre",
        cc="kópia",
        subject="predmet",
        other="odpovedať-pre",
        attributions=(
            WHEN + r",? používateľ " + WHO + r" napísal(?:\(a\)|a)? ?:",
            REST + r" napísal(?:\(a\)|a)? ?:",
        ),
        opens="dňa|po|ut|st|št|pi|so|ne",
        wrote="napísal|napísala|napísal(a)",
        months="januára|január|jan februára|február|feb marca|marec|mar apríla|apríl|apr mája|máj júna|jún júla|júl augusta|august|aug "
        "septembra|september|sep októbra|október|okt novembra|november|nov decembra|december|dec",
    ),
    Idiom(
        "hu",
        forwarded=("továbbított levél kezdete", "továbbított üzenet", "továbbított levél"),
        original=("eredeti üzenet", "eredeti levél"),
        sender="feladó",
        date="dátum|elküldve|küldve",
        to="címzett|címzettek",
        cc="másolat|másolatot kap",
        subject="tárgy",
        other="válaszcím",
        attributions=(
            WHEN + r" időpontban " + WHO + r" ezt írta ?:",
            WHO + r" ezt írta \(időpont: " + WHEN + r"\) ?:",
            REST + r" (?:ezt )?írta ?:",
        ),
        wrote="írta",
        months="január|jan február|feb|febr március|már|márc április|ápr május|máj június|jún július|júl augusztus|aug "
        "szeptember|szept október|okt november|nov december|dec",
    ),
    Idiom(
        "hr",
        forwarded=("proslijeđena poruka", "započni proslijeđenu poruku"),
        original=("izvorna poruka",),
        sender="šalje|pošiljatelj",
        date="datum|poslano",
        to="prima|primatelj",
        cc="kopija",
        subject="naslov|predmet",
        other="odgovori na",
        attributions=(
            r"dana " + WHEN + r",? " + WHO + r" (?:je )?napisa(?:o|la)(?: je)? ?:",
            REST + r" (?:je )?napisa(?:o|la)(?: je)? ?:",
        ),
        opens="dana|pon|uto|sri|čet|pet|sub|ned",
        wrote="napisao|napisala",
        months="siječnja|sij veljače|velj ožujka|ožu travnja|tra svibnja|svi lipnja|lip srpnja|srp kolovoza|kol rujna|ruj "
        "listopada|lis studenoga|stu prosinca|pro",
    ),
    Idiom(
        "ro",
        forwarded=("mesaj redirecționat", "începe mesajul redirecționat", "mesaj redirectionat"),
        original=("mesaj original", "mesajul original"),
        sender="de la|expeditorul|expeditor",
        date="dată|data|trimis",
        to="către|destinatarul|destinatar",
        cc="cc",
        subject="subiect|subiectul",
        other="răspuns către",
        attributions=(
            r"(?:în|pe|la) " + WHEN + r",? " + WHO + r" a scris ?:",
            REST + r" a scris ?:",
        ),
        opens="în|pe|la",
        wrote="scris",
        months="ianuarie|ian februarie|feb martie|mar aprilie|apr mai iunie|iun iulie|iul august|aug septembrie|sept octombrie|oct "
        "noiembrie|noi decembrie|dec",
    ),
    Idiom(
        "ru",
        forwarded=("пересылаемое сообщение", "начало переадресованного сообщения", "перенаправленное сообщение",
                   "пересланное сообщение", "конец переадресованного сообщения"),
        original=("исходное сообщение", "оригинальное сообщение"),
        sender="от|отправитель|от кого",
        date="дата|отправлено",
        to="кому",
        cc="копия",
        subject="тема",
        other="ответ-кому",
        attributions=(
            WHEN + r" пользователь " + WHO + r" написал(?:а)? ?:",
            REST + r" (?:написал(?:а|\(а\))?|пишет) ?:",
            WHO + r" (?:пишет|писал\(а\)) ?:",
        ),
        opens="пн|вт|ср|чт|пт|сб|вс|в",
        wrote="написал|написала|пишет",
        months="января|янв февраля|февр|фев марта|мар апреля|апр мая|май июня|июн июля|июл августа|авг сентября|сент|сен "
        "октября|окт ноября|нояб|ноя декабря|дек",
    ),
    Idiom(
        "uk",
        forwarded=("перенаправлене повідомлення", "початок листа, що пересилається", "переслане повідомлення"),
        original=("оригінальне повідомлення",),
        sender="від|від кого",
        date="дата|відправлено|надіслано",
        to="кому",
        cc="копія",
        subject="тема",
        other="кому відповісти",
        attributions=(REST + r" (?:пише|написав|написала|написав\(ла\)) ?:",),
        wrote="пише|написав|написала",
        months="січня|січ лютого|лют березня|бер квітня|квіт травня|трав червня|черв липня|лип серпня|серп вересня|вер "
        "жовтня|жовт листопада|лист грудня|груд",
    ),
    Idiom(
        "tr",
        forwarded=("i̇letilmiş mesaj", "iletilmiş mesaj", "i̇letilen i̇leti", "iletilen ileti", "i̇leti başlangıcı", "ileti başlangıcı", "i̇letilmiş mesajın başlangıcı", "iletilmiş mesajın başlangıcı"),
        original=("orijinal mesaj", "özgün ileti"),
        sender="kimden|gönderen",
        date="tarih|gönderilen|gönderildi|gönderim tarihi",
        to="kime|alıcı",
        cc="bilgi",
        subject="konu",
        other="yanıt adresi",
        attributions=(
            WHO + r", " + WHEN + r" tarihinde (?:şunu|şöyle) yazdı ?:",
            REST + r" (?:tarihinde )?(?:şunu |şöyle )?yazdı ?:",
        ),
        wrote="yazdı",
        months="ocak|oca şubat|şub mart|mar nisan|nis mayıs|may haziran|haz temmuz|tem ağustos|ağu eylül|eyl ekim|eki kasım|kas "
        "aralık|ara",
    ),
    Idiom(
        "et",
        sender="saatja",
        date="kuupäev|saadetud",
        to="adressaat|saaja",
        subject="teema",
        forwarded=("edastatud kiri", "edastatud sõnum"),
        attributions=(REST + r" kirjutas ?:",),
        wrote="kirjutas",
        months="jaanuar|jaan veebruar|veebr märts aprill|apr mai juuni juuli august|aug september|sept oktoober|okt november|nov "
        "detsember|dets",
    ),
    Idiom(
        "zh",
        forwarded=("转发的邮件", "转发邮件", "轉寄郵件", "已转发的邮件", "開始轉寄郵件", "转发的邮件信息"),
        original=("原始邮件", "原始郵件", "原邮件"),
        sender="发件人|寄件者|寄件人|發件人",
        date="发送时间|日期|寄件日期|发送日期|時間|时间",
        to="收件人|收件者",
        cc="抄送|副本",
        subject="主题|主旨|主題",
        attributions=(
            r"(?P<rest>\d{4}年.{4,320}?) ?(?:写道|寫道|于.{2,60}写道) ?[:：]",
            REST + r" ?(?:写道|寫道) ?[:：]",
        ),
        wrote="写道|寫道",
    ),
    Idiom(
        "el",
        forwarded=("προωθημένο μήνυμα", "μήνυμα που προωθήθηκε", "έναρξη προωθημένου μηνύματος"),
        original=("αρχικό μήνυμα",),
        sender="από|αποστολέας",
        date="στάλθηκε|ημερομηνία|αποστολή",
        to="προς|παραλήπτης",
        cc="κοιν.|κοινοποίηση",
        subject="θέμα",
        attributions=(r"(?:στις|την) " + REST + r" έγραψε ?:",),
        opens="στις|την",
        wrote="έγραψε",
        months="ιανουαρίου|ιαν φεβρουαρίου|φεβ μαρτίου|μαρ απριλίου|απρ μαΐου|μαΐ ιουνίου|ιουν ιουλίου|ιουλ αυγούστου|αυγ "
        "σεπτεμβρίου|σεπ οκτωβρίου|οκτ νοεμβρίου|νοε δεκεμβρίου|δεκ",
    ),
    Idiom(
        "he",
        forwarded=("הודעה שהועברה",),
        original=("הודעה מקורית",),
        sender="מאת",
        date="נשלח|תאריך",
        to="אל",
        cc="עותק",
        subject="נושא",
        months="ינואר|ינו פברואר|פבר מרץ אפריל|אפר מאי יוני יולי אוגוסט|אוג ספטמבר|ספט אוקטובר|אוק נובמבר|נוב דצמבר|דצמ",
    ),
    Idiom(
        "ar",
        forwarded=("رسالة معاد توجيهها", "الرسالة المعاد توجيهها"),
        original=("الرسالة الأصلية",),
        sender="من",
        date="تم الإرسال|التاريخ|تاريخ الإرسال",
        to="إلى",
        cc="نسخة",
        subject="الموضوع",
        months="يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
    ),
    Idiom(
        "ko",
        forwarded=("전달된 메시지", "전달된 메일"),
        original=("원본 메시지", "원본 메일"),
        sender="보낸 사람|보낸사람",
        date="보낸 날짜|날짜|보낸날짜",
        to="받는 사람|받는사람",
        cc="참조",
        subject="제목",
        attributions=(REST + r" ?(?:님이 작성|님이 작성하였습니다|작성) ?[:：]",),
        wrote="작성",
    ),
    Idiom(  # lines of no language, or of one that is not here
        "",
        attributions=(r"(?P<when>\d.{8,60}?),? (?:by|von|par|de|da|door|przez) (?P<who>[^\s@]{1,120}@[^\s@:]{3,120}) ?:",
                      r"(?P<rest>.{6,260}[<\[(][^<>\s\[\]()]{1,120}@[^<>\s\[\]()]{3,120}[>\])])\)?,? ?[:：]",),
    ),
)  # fmt: skip
